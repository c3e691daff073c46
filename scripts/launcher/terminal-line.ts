import { z } from "zod";

const LogLine = z.looseObject({
  level: z.string(),
  msg: z.string(),
  motivo: z.string().optional(),
  err: z.looseObject({ message: z.string() }).optional(),
});

const ALWAYS = new Set(["warn", "error", "fatal"]);
/** The words operators grep: what ran and how it ended. */
const MILESTONE = /^(Executando job|OK|FAIL|SKIP|CATCHUP|REQ FAIL)\b/;

/** What of a child's log line is worth a line in the terminal (the file has it all); undefined: nothing. */
export function terminalLine(name: string, line: string): string | undefined {
  if (line.trim() === "") return undefined;
  const parsed = parse(line);
  if (parsed === undefined) return `${name.padEnd(9)} ${line}`; // not a log line: a stack trace, a word of the runtime
  if (!ALWAYS.has(parsed.level) && !MILESTONE.test(parsed.msg)) return undefined;
  const level = ALWAYS.has(parsed.level) ? `${parsed.level.toUpperCase()} ` : "";
  const more = [parsed.motivo, parsed.err?.message].filter((part) => part !== undefined);
  return `${name.padEnd(9)} ${level}${parsed.msg}${more.length > 0 ? ` (${more.join(": ")})` : ""}`;
}

function parse(line: string): z.infer<typeof LogLine> | undefined {
  try {
    return LogLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
