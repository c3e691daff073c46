import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDb, type Db } from "#core/db";
import { type EmbeddedSupabase, migrate, seed, startEmbeddedSupabase } from "#embedded";
import { removeCluster } from "./remove-cluster.ts";
import { openSql, type Sql } from "./sql-client.ts";
import { MIGRATIONS_DIR, SEED_FILE } from "./test-server.ts";

export interface TestStack extends EmbeddedSupabase {
  readonly db: Db;
  readonly sql: Sql;
}

export interface TestStackOptions {
  /** With the rows of supabase/seed.sql. Default false. */
  seed?: boolean;
  /** True: fsync on, as in production; for benchmarks. Default false. */
  durable?: boolean;
  postgresSettings?: Record<string, string>;
  restPoolSize?: number;
}

/** A server of its own, migrated: for tests that restart or kill PostgreSQL, and for benchmarks. About 1.5 s. */
export async function createTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  const dataDir = mkdtempSync(join(tmpdir(), "julia-stack-"));
  const removeDir = () => removeCluster(dataDir);
  try {
    const stack = await startEmbeddedSupabase({
      dataDir,
      durable: options.durable ?? false,
      temporary: true,
      ...(options.postgresSettings ? { postgresSettings: options.postgresSettings } : {}),
      ...(options.restPoolSize === undefined ? {} : { restPoolSize: options.restPoolSize }),
    });
    try {
      await migrate(stack.databaseUrl, MIGRATIONS_DIR);
      if (options.seed && existsSync(SEED_FILE)) await seed(stack.databaseUrl, SEED_FILE);
      await stack.reloadSchema();
    } catch (err) {
      await stack.stop();
      throw err;
    }
    const client = openSql(stack.databaseUrl);
    return {
      ...stack,
      get pids() {
        return stack.pids; // they change with a restart
      },
      db: createDb({ url: stack.url, key: stack.serviceKey }),
      sql: client.sql,
      async stop() {
        await client.close();
        await stack.stop();
        removeDir();
      },
    };
  } catch (err) {
    removeDir();
    throw err;
  }
}
