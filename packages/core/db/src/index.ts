export { type CircuitJournal, type CircuitJournalOptions, createCircuitJournal } from "./circuit-journal.ts";
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
export { createDbFetch, type DbFetchOptions } from "./db-fetch.ts";
export { type OpenSupabase, type OpenSupabaseOptions, openSupabase } from "./open-supabase.ts";
export { rpc } from "./rpc.ts";
export { SCHEMA_VERSION } from "./schema.gen.ts";
export { readSchemaState, type SchemaState } from "./schema-state.ts";
