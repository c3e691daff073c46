import type { Db } from "#core/db";
import type { Sql } from "#core/db-testing";

const JSON_ARGUMENTS = new Set(["p_pulados", "p_itens", "p_resposta"]);

/** The same SQL functions without the Data API in between: for tests that make thousands of calls. */
export function directDb(sql: Sql): Db {
  async function call(fn: string, args: object): Promise<unknown> {
    const given = Object.entries(args);
    const list = given.map(([name], i) => `${name} => $${i + 1}`).join(", ");
    const values = given.map(([name, value]) => (JSON_ARGUMENTS.has(name) ? JSON.stringify(value) : value));
    const [row] = await sql<{ answer: unknown }>(`select ${fn}(${list}) as answer`, values);
    return row?.answer;
  }
  return {
    call: call as Db["call"],
    async json(fn, args, schema) {
      return schema.parse(await call(fn, args as object)) as never;
    },
  };
}
