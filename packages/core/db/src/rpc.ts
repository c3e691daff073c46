import type { z } from "zod";
import type { CallOptions, Db, FunctionName } from "./db.ts";

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
