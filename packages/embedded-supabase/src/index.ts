export { freePort } from "./free-port.ts";
export { prepareLikeHosted } from "./hosted-roles.ts";
export { migrate, seed } from "./migrate.ts";
export { type Postgres, type PostgresOptions, startPostgres } from "./postgres.ts";
export { type Rest, type RestOptions, startRest } from "./rest.ts";
export { type Statement, splitSql } from "./split-sql.ts";
export { type EmbeddedOptions, type EmbeddedSupabase, startEmbeddedSupabase } from "./stack.ts";
export { newKeys, type StackKeys } from "./stack-keys.ts";
export { spawnTied, type TiedOptions, type TiedProcess } from "./tied-process.ts";
