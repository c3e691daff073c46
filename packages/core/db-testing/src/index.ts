export type { Sql } from "./sql-client.ts";
export { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from "./test-database.ts";
export { createTestPostgres, type TestPostgres } from "./test-postgres.ts";
export { createTestStack, type TestStack, type TestStackOptions } from "./test-stack.ts";
