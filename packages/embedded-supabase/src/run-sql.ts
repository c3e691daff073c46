import pg from "pg";
import { lineOf, splitSql } from "./split-sql.ts";

/**
 * Runs the statements of one SQL file, one after the other, in the transaction that the caller opened.
 *
 * @returns the statements run.
 * @throws Error `file:line: message`, with the database's error as cause.
 */
export async function runSql(client: pg.Client, file: string, sql: string): Promise<string[]> {
  const statements = splitSql(sql);
  for (const { text, line } of statements) {
    try {
      await client.query(text);
    } catch (cause) {
      throw new Error(describe(cause, file, text, line), { cause });
    }
  }
  return statements.map((statement) => statement.text);
}

function describe(err: unknown, file: string, text: string, line: number): string {
  if (!(err instanceof pg.DatabaseError)) return `${file}:${line}: ${String(err)}`;
  // `position` counts characters of the statement, comments before its first word included.
  const firstLine = line - (lineOf(text, leadingNoise(text)) - 1);
  const at = err.position ? firstLine + lineOf(text, Number(err.position) - 1) - 1 : line;
  const more = [err.detail, err.hint, err.where].filter((part) => part !== undefined && part !== "");
  return [`${file}:${at}: ${err.message} (${err.code})`, ...more].join("\n  ");
}

/** Length of the spaces and comments before a statement's first word. */
function leadingNoise(text: string): number {
  return /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/.exec(text)?.[0].length ?? 0;
}
