import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockDataDir } from "./data-lock.ts";
import { prepareLikeHosted } from "./hosted-roles.ts";
import { startPostgres } from "./postgres.ts";
import { startRest } from "./rest.ts";
import { loadKeys } from "./stack-keys.ts";

export interface EmbeddedOptions {
  /** Everything lives here: the cluster (`pg/`), the keys, the lock. Made when missing. */
  dataDir: string;
  /** False: no fsync, for tests. Default true. */
  durable?: boolean;
  /** True: the cluster is removed also when this process is killed. Default false. */
  temporary?: boolean;
  /** Lines of PostgreSQL and PostgREST, prefixed. */
  log?: (line: string) => void;
  postgresSettings?: Record<string, string>;
  /** Database connections of PostgREST, default 10. */
  restPoolSize?: number;
  /** A part ended by itself; the stack is of no use any more. */
  onUnexpectedExit?: (reason: string) => void;
}

export interface EmbeddedSupabase {
  /** Project URL for supabase-js. */
  readonly url: string;
  readonly serviceKey: string;
  readonly anonKey: string;
  /** Superuser connection to the project's database, for migrations and tests. */
  readonly databaseUrl: string;
  readonly pids: { readonly postgres: number; readonly postgrest: number };
  /** Stops and starts PostgreSQL on the same port; resolves when the Data API answers again. */
  restartPostgres(mode?: "fast" | "immediate"): Promise<void>;
  /** After a migration: makes the Data API learn the new tables and functions. */
  reloadSchema(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * PostgreSQL 17 and PostgREST behind a key gateway, as a hosted Supabase project offers them, on free ports of 127.0.0.1.
 * The processes end with this one, however it ends.
 */
export async function startEmbeddedSupabase(options: EmbeddedOptions): Promise<EmbeddedSupabase> {
  const dataDir = resolve(options.dataDir);
  const log = options.log ?? (() => undefined);
  mkdirSync(dataDir, { recursive: true });
  const closers: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  const onExit = options.onUnexpectedExit ? { onUnexpectedExit: options.onUnexpectedExit } : {};
  try {
    const lock = await lockDataDir(dataDir, log);
    closers.push(() => lock.release());
    const keys = loadKeys(join(dataDir, "keys.json"));
    const postgres = await startPostgres({
      dataDir,
      password: keys.databasePassword,
      durable: options.durable ?? true,
      temporary: options.temporary ?? false,
      settings: options.postgresSettings ?? {},
      log: (line) => log(`postgres: ${line}`),
      ...onExit,
    });
    closers.push(() => postgres.stop());
    const databaseUrl = postgres.databaseUrl();
    await prepareLikeHosted(databaseUrl);
    const rest = await startRest({
      databaseUrl,
      keys,
      ...(options.restPoolSize === undefined ? {} : { poolSize: options.restPoolSize }),
      log: (line) => log(`postgrest: ${line}`),
      ...onExit,
    });
    closers.push(() => rest.stop());
    return {
      url: rest.url,
      serviceKey: keys.serviceKey,
      anonKey: keys.anonKey,
      databaseUrl,
      get pids() {
        return { postgres: postgres.pid(), postgrest: rest.pid };
      },
      async restartPostgres(mode) {
        await postgres.restart(mode);
        await rest.ready();
      },
      reloadSchema: () => rest.reloadSchema(),
      stop,
    };
  } catch (err) {
    await stop();
    throw err;
  }
}
