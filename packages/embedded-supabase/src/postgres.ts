import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { freePort } from "./free-port.ts";
import { postgresOsUser } from "./os-user.ts";
import { findPostgres } from "./postgres-binaries.ts";
import { dataDirArgs, ensureCluster, stopLeftover } from "./postgres-cluster.ts";
import { spawnTied, type TiedProcess } from "./tied-process.ts";

export interface PostgresOptions {
  /** Holds the cluster in its subfolder `pg`. The caller makes sure that nobody else uses it. */
  dataDir: string;
  /** Superuser `postgres`; fixed when the cluster is made. */
  password: string;
  /** False trades durability for speed (tests): nothing is flushed to disk. Default true. */
  durable?: boolean;
  /** True: the cluster is of no use after us; removed also when we are killed. Default false. */
  temporary?: boolean;
  /** Server settings, by their PostgreSQL names. */
  settings?: Record<string, string>;
  log?: (line: string) => void;
  /** PostgreSQL ended although nobody asked it to. */
  onUnexpectedExit?: (reason: string) => void;
}

export interface Postgres {
  readonly port: number;
  /** Of the postmaster; changes with `restart`. */
  pid(): number;
  /** Superuser connection string of a database of this server. */
  databaseUrl(database?: string): string;
  /** `fast` rolls back what is open and shuts down cleanly; `immediate` dies at once and recovers on the way up. Same port. */
  restart(mode?: "fast" | "immediate"): Promise<void>;
  stop(): Promise<void>;
}

const START_DEADLINE_MS = 60_000;
const PORT_ATTEMPTS = 5;

/** Commits still reach the kernel before they are acknowledged, so killing PostgreSQL loses nothing; losing the machine does. */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };
const DEFAULTS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  shared_buffers: "128MB",
  max_connections: "100",
  max_wal_size: "1GB",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C", // `ready to accept connections` is waited for
};

/** Starts (making the cluster when there is none) PostgreSQL 17 on a free port of 127.0.0.1, tied to this process. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { password, log = () => undefined } = options;
  const dir = resolve(options.dataDir, "pg");
  mkdirSync(options.dataDir, { recursive: true });
  const user = postgresOsUser();
  const binaries = findPostgres(user);
  await ensureCluster(dir, binaries, user, password);

  // Names this folder on the command line, so that a leftover of ours is told from a stranger with the same pid.
  const clusterName = `julia-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}`;
  await stopLeftover(dir, clusterName);
  const settings = {
    ...DEFAULTS,
    cluster_name: clusterName,
    ...(options.durable === false ? NOT_DURABLE : {}),
    ...options.settings,
  };
  const { dataArg, cwd } = dataDirArgs(dir, user);
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);

  let stopping = false;
  const launch = async (port: number): Promise<TiedProcess> => {
    const args = ["-D", dataArg, "-p", String(port), ...flags];
    const server = await spawnTied(binaries.postgres, args, {
      ...user,
      cwd,
      // Nobody is left to wait for the checkpoint of a clean stop, which a slow disk stretches to many seconds: the next
      // start recovers from the log instead.
      signal: "QUIT",
      ...(options.temporary ? { scratch: dir } : {}),
    });
    await ready(server, log);
    void server.exited.then(({ code, signal }) => {
      if (!stopping) options.onUnexpectedExit?.(`PostgreSQL terminou sozinho (${signal ?? `código ${code}`})`);
    });
    return server;
  };

  let port = 0;
  let server: TiedProcess | undefined;
  for (let attempt = 1; server === undefined; attempt++) {
    port = await freePort();
    try {
      server = await launch(port);
    } catch (err) {
      if (attempt >= PORT_ATTEMPTS || !/Address already in use/.test(String(err))) throw err;
    }
  }
  let current: TiedProcess = server;

  return {
    port,
    pid: () => current.pid,
    databaseUrl: (database = "postgres") => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    async restart(mode = "fast") {
      stopping = true;
      await current.stop(mode === "fast" ? "SIGINT" : "SIGQUIT", 10_000);
      stopping = false;
      current = await launch(port);
    },
    async stop() {
      stopping = true;
      await current.stop("SIGINT", 10_000);
    },
  };
}

/** Resolves at "ready to accept connections", rejects with the server's own words when it ends first. */
async function ready(server: TiedProcess, log: (line: string) => void): Promise<void> {
  let said = "";
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolveReady, reject) => {
      server.child.stdout?.resume();
      server.child.stderr?.on("data", (chunk) => {
        const text = String(chunk);
        for (const line of text.trimEnd().split("\n")) log(line);
        said = (said + text).slice(-4_000);
        if (said.includes("ready to accept connections")) resolveReady();
      });
      // At its close, not its exit: what it said last may still be in the pipe, and a port in use is told from it.
      server.child.once("close", (code) => reject(new Error(`PostgreSQL não subiu (código ${code}): ${said}`)));
      timer = setTimeout(
        () => reject(new Error(`PostgreSQL não subiu em ${START_DEADLINE_MS} ms: ${said}`)),
        START_DEADLINE_MS,
      );
    });
  } catch (err) {
    await server.stop("SIGQUIT", 2_000);
    throw err;
  } finally {
    clearTimeout(timer);
  }
}
