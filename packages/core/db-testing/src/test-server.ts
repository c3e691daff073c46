import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate, newKeys, prepareLikeHosted, type StackKeys, seed, startPostgres } from "#embedded";
import { removeCluster } from "./remove-cluster.ts";
import { makeRestorable } from "./restorable.ts";

const SUPABASE = join(import.meta.dirname, "../../../../supabase");
export const MIGRATIONS_DIR = join(SUPABASE, "migrations");
export const SEED_FILE = join(SUPABASE, "seed.sql");

/** Databases that test databases are cloned from; nobody can connect to them any more. */
export const TEMPLATE = "modelo";
export const SEEDED_TEMPLATE = "modelo_com_seed";

/** What a test process must know of the run's server; plain data, so that vitest can hand it over. */
export interface TestServer {
  adminUrl: string;
  keys: StackKeys;
}

/** One PostgreSQL per run, not durable, migrated once. */
export async function startTestServer(): Promise<TestServer & { stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), "julia-test-"));
  const keys = newKeys();
  const postgres = await startPostgres({
    dataDir,
    password: keys.databasePassword,
    durable: false,
    temporary: true,
    // autovacuum off: a worker of its own in a template would make `create database` wait.
    settings: { autovacuum: "off", max_connections: "400", shared_buffers: "64MB", jit: "off" },
  });
  const stop = async () => {
    await postgres.stop();
    removeCluster(dataDir);
  };
  try {
    await prepareTemplates(postgres.databaseUrl.bind(postgres));
  } catch (err) {
    await stop();
    throw err;
  }
  return { adminUrl: postgres.databaseUrl(), keys, stop };
}

async function prepareTemplates(urlOf: (database?: string) => string): Promise<void> {
  const admin = new pg.Client({ connectionString: urlOf() });
  await admin.connect();
  const freeze = (name: string) => admin.query(`alter database ${name} with allow_connections false is_template true`);
  try {
    await admin.query(`create database ${TEMPLATE}`);
    await prepareLikeHosted(urlOf(TEMPLATE));
    await migrate(urlOf(TEMPLATE), MIGRATIONS_DIR);
    await admin.query(`create database ${SEEDED_TEMPLATE} template ${TEMPLATE}`);
    if (existsSync(SEED_FILE)) await seed(urlOf(SEEDED_TEMPLATE), SEED_FILE);
    for (const name of [TEMPLATE, SEEDED_TEMPLATE]) {
      await makeRestorable(urlOf(name));
      await freeze(name);
    }
  } finally {
    await admin.end();
  }
}
