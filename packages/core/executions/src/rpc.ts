import { z } from "zod";
import type { CallOptions, Db, FunctionName } from "#core/db";

/** An instant as jsonb carries it. */
export const instant = z.string().transform((text, ctx) => {
  const at = new Date(text);
  if (!Number.isNaN(at.getTime())) return at;
  ctx.addIssue({ code: "custom", message: `não é um instante: ${text}` });
  return z.NEVER;
});

/** `db.json` for functions whose arguments may be null, which the generated types cannot say. */
export function rpc<S extends z.ZodType>(
  db: Db,
  fn: FunctionName,
  args: Record<string, unknown>,
  schema: S,
  options?: CallOptions,
): Promise<z.output<S>> {
  return db.json(fn, args as never, schema, options);
}
