import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, newKeys, prepareLikeHosted, startPostgres } from "#embedded";
import { removeCluster } from "./remove-cluster.ts";
import { openSql, type Sql } from "./sql-client.ts";
import { MIGRATIONS_DIR } from "./test-server.ts";

export interface TestPostgres {
  /** Superuser; through a Unix socket where its path is short enough, which takes a third off a round trip. */
  readonly databaseUrl: string;
  readonly sql: Sql;
  stop(): Promise<void>;
}

/** What the kernel takes for the address of a socket, less what PostgreSQL adds to the folder (`/.s.PGSQL.65535`). */
const MAX_SOCKET_FOLDER = 100 - 16;

/** A migrated PostgreSQL of its own and nothing else: no Data API before it, nothing flushed to disk. For simulations. */
export async function createTestPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const dataDir = mkdtempSync(join(tmpdir(), "julia-pg-"));
  const removeDir = () => removeCluster(dataDir);
  try {
    const folder = join(dataDir, "pg");
    const bySocket = Buffer.byteLength(folder) <= MAX_SOCKET_FOLDER;
    const postgres = await startPostgres({
      dataDir,
      password: newKeys().databasePassword,
      durable: false,
      temporary: true,
      settings: { ...(bySocket ? { unix_socket_directories: "." } : {}), ...settings },
    });
    const url = new URL(postgres.databaseUrl());
    if (bySocket) url.searchParams.set("host", folder);
    const databaseUrl = url.href;
    try {
      await prepareLikeHosted(databaseUrl);
      await migrate(databaseUrl, MIGRATIONS_DIR);
    } catch (err) {
      await postgres.stop();
      throw err;
    }
    const client = openSql(databaseUrl);
    return {
      databaseUrl,
      sql: client.sql,
      async stop() {
        await client.close();
        await postgres.stop();
        removeDir();
      },
    };
  } catch (err) {
    removeDir();
    throw err;
  }
}
