export type { Database, Json } from "./database.gen.ts";
export {
  type CallOptions,
  createDb,
  type Db,
  type DbOptions,
  type FunctionArgs,
  type FunctionName,
  type FunctionReturns,
} from "./db.ts";
export { translateDbError } from "./db-error.ts";
