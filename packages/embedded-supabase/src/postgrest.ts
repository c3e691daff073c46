import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findPostgrest } from "./postgrest-binary.ts";
import { spawnTied } from "./tied-process.ts";

export interface PostgrestOptions {
  /** Connection string of role `authenticator`. */
  databaseUrl: string;
  jwtSecret: string;
  /** Database connections at most. */
  poolSize: number;
  log: (line: string) => void;
  onUnexpectedExit?: (reason: string) => void;
}

export interface Postgrest {
  readonly pid: number;
  /** It listens on this Unix socket only: no port to find, none that others could reach. */
  readonly socketPath: string;
  /** Resolves when it serves requests with a loaded schema cache (again); rejects after `deadlineMs`. */
  ready(deadlineMs?: number): Promise<void>;
  /** Learns tables and functions made since the start; resolves when it knows them. */
  reloadSchema(): Promise<void>;
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 30_000;
/** As on hosted Supabase, so that an answer cut there is cut here too. */
const MAX_ROWS = 1_000;

/** A real PostgREST process on schema `public`, tied to this one. */
export async function startPostgrest(options: PostgrestOptions): Promise<Postgrest> {
  const folder = mkdtempSync(join(tmpdir(), "julia-rest-"));
  const socketPath = join(folder, "s");
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const server = await spawnTied(findPostgrest(), [], {
    signal: "TERM",
    scratch: folder,
    env: {
      PATH: process.env.PATH,
      PGRST_DB_URI: options.databaseUrl,
      PGRST_DB_SCHEMAS: "public",
      PGRST_DB_EXTRA_SEARCH_PATH: "public,extensions",
      PGRST_DB_ANON_ROLE: "anon",
      PGRST_DB_POOL: String(options.poolSize),
      PGRST_DB_MAX_ROWS: String(MAX_ROWS),
      PGRST_DB_CONFIG: "false",
      PGRST_JWT_SECRET: options.jwtSecret,
      PGRST_SERVER_UNIX_SOCKET: socketPath,
      PGRST_LOG_LEVEL: "error",
    },
  });
  let stopping = false;
  let cacheLoads = 0;
  let said = "";
  for (const stream of [server.child.stdout, server.child.stderr]) {
    stream?.on("data", (chunk) => {
      const text = String(chunk);
      said = (said + text).slice(-4_000);
      for (const line of text.trimEnd().split("\n")) {
        if (line.includes("Schema cache loaded")) cacheLoads++;
        options.log(line);
      }
    });
  }
  void server.exited.then(({ code, signal }) => {
    removeFolder();
    if (!stopping) options.onUnexpectedExit?.(`PostgREST terminou sozinho (${signal ?? `código ${code}`})`);
  });

  async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs: number): Promise<void> {
    const end = performance.now() + deadlineMs;
    while (!(await holds())) {
      if (server.child.exitCode !== null) throw new Error(`PostgREST terminou: ${said}`);
      if (performance.now() > end) throw new Error(`PostgREST: ${what} não veio em ${deadlineMs} ms: ${said}`);
      await sleep(10);
    }
  }

  const rest: Postgrest = {
    pid: server.pid,
    socketPath,
    ready: (deadlineMs = READY_DEADLINE_MS) => until("resposta", () => answers(socketPath), deadlineMs),
    async reloadSchema() {
      // The line about the first load may still be on its way, and is not the one waited for.
      const before = Math.max(cacheLoads, 1);
      server.child.kill("SIGUSR1");
      await until("cache de esquema", () => cacheLoads > before, READY_DEADLINE_MS);
    },
    async stop() {
      stopping = true;
      await server.stop("SIGTERM", 2_000);
    },
  };
  try {
    await rest.ready();
  } catch (err) {
    await rest.stop();
    throw err;
  }
  return rest;
}

/** Any answer but 5xx to a request that has to reach the database: a table that cannot exist, asked for as anon. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const req = request({ socketPath, path: "/%20", timeout: 2_000 }, (res) => {
      res.resume();
      resolve((res.statusCode ?? 500) < 500);
    });
    req.once("error", () => resolve(false));
    req.once("timeout", () => req.destroy());
    req.end();
  });
}
