import type { Db } from "#core/db";
import type { Sql } from "#core/db-testing";
import { createLedger, createVirtualTime, type VirtualTime } from "#core/executions";
import { createLogger, type Logger } from "#core/runtime";
import type { ScheduleEntry } from "../entry.ts";
import type { ExpectedMarkers } from "../markers.ts";
import { createScheduler, type Scheduler } from "../scheduler.ts";
import { directDb } from "./direct-db.ts";
import { createHonestApi, type HonestApi } from "./honest-api.ts";

/** What the stub API does with a call; default: answers `{"status":"ok","processados":1}` at once. */
export interface Reply {
  afterMs?: number;
  status?: number;
  body?: string;
  /** System code: the connection fails instead. */
  failure?: string;
}

export interface Received {
  job: string;
  slot: string;
  at: string;
  headers: Record<string, string>;
}

export interface Node {
  readonly scheduler: Scheduler;
  readonly log: string[];
  /** Stops dead, as kill -9: its timers never fire again and it says no more. */
  kill(): void;
  /** How far this node's own clock is off, ms; may be set at any time. */
  skewMs: number;
}

/** Schedulers on one virtual clock, a real Postgres behind them and a stub API in front. */
export interface World {
  readonly time: VirtualTime;
  readonly received: Received[];
  replies: Record<string, Reply>;
  /** Set by `honest`: the API keeps locks and keys in the database, and works on when its caller is gone. */
  readonly api: HonestApi | null;
  /** Makes the database fail for everyone while it is set; `mute`: this function does its work, and its answer is lost. */
  database: { down: boolean; mute: string | null };
  start(entries: readonly ScheduleEntry[], options?: NodeOptions): Promise<Node>;
  rows(job?: string): Promise<Record<string, unknown>[]>;
  skips(job?: string): Promise<Record<string, unknown>[]>;
}

export interface NodeOptions {
  id?: string;
  graceMs?: number;
  /** This node's own clock is off by so much. */
  skewMs?: number;
  /** Dies between a claim and its call. */
  diesBeforeSending?: boolean;
  expected?: ExpectedMarkers;
}

export interface WorldOptions {
  /** Without the Data API in between, for thousands of calls. */
  direct?: boolean;
  honest?: boolean;
}

export function createWorld(database: { db: Db; sql: Sql }, start: string, options: WorldOptions = {}): World {
  const time = createVirtualTime(start);
  const received: Received[] = [];
  const state: World["database"] = { down: false, mute: null };
  let nodes = 0;

  const guarded = async <T>(fn: string, call: () => Promise<T>): Promise<T> => {
    if (state.down) throw new Error("connection lost");
    const answer = await call();
    if (state.mute === fn) throw new Error("connection lost");
    return answer;
  };
  const real = options.direct ? directDb(database.sql) : database.db;
  const db: Db = {
    call: (fn, args, o) => time.track(guarded(fn, () => real.call(fn, args, o))),
    json: (fn, args, schema, o) => time.track(guarded(fn, () => real.json(fn, args, schema, o))),
  };
  const honest = options.honest ? createHonestApi(db, time) : null;

  const world: World = {
    time,
    received,
    replies: {},
    api: honest,
    database: state,
    async start(entries, { id = `n${nodes++}`, graceMs = 25_000, skewMs = 0, diesBeforeSending, expected } = {}) {
      const log: string[] = [];
      let dead = false;
      const node = {
        scheduler: undefined as unknown as Scheduler,
        log,
        skewMs,
        kill() {
          dead = true;
        },
      };
      const timers: VirtualTime["timers"] = {
        after: (ms, run) => time.timers.after(ms, () => (dead ? undefined : run())),
        soon: (run) => time.timers.soon(() => (dead ? undefined : run())),
      };
      const clock = {
        now: () => new Date(time.clock.now().getTime() + node.skewMs),
        monotonicMs: () => time.clock.monotonicMs(),
      };
      const logger = linesTo(log, () => dead);
      const answer = stub(() => dead);
      const send: typeof fetch = (input, init) => {
        if (diesBeforeSending) dead = true;
        return answer(input, init);
      };
      const scheduler = createScheduler({
        entries,
        ledger: createLedger({ db, instanceId: id, log: logger, timers, clock: time.clock }),
        clock,
        timers,
        log: logger,
        call: { apiUrl: "http://api.test:8000/", token: "segredo-dos-testes", send },
        graceMs,
        retentionDays: 90,
        ...(expected ? { expected } : {}),
      });
      node.scheduler = scheduler;
      void scheduler.run();
      await time.advance(0);
      await time.advance(0);
      return node;
    },
    rows: (job) =>
      database.sql(
        "select * from job_executions where $1::text is null or job_name = $1 order by scheduled_for, started_at, job_name",
        [job ?? null],
      ),
    skips: (job) =>
      database.sql(
        "select * from job_slots_pulados where $1::text is null or job_name = $1 order by scheduled_for, job_name",
        [job ?? null],
      ),
  };
  return world;

  function stub(isDead: () => boolean): typeof fetch {
    return (input, init) => {
      if (isDead()) return new Promise(() => undefined);
      const headers = Object.fromEntries(new Headers(init?.headers));
      const job = headers["x-job-name"] ?? "";
      const at = time.clock.now().toISOString();
      received.push({ job, slot: headers["x-scheduled-for"] ?? "", at, headers: { ...headers, url: String(input) } });
      const { afterMs = 0, status = 200, body = '{"status":"ok","processados":1}', failure } = world.replies[job] ?? {};
      const key = headers["idempotency-key"] ?? "";
      if (honest && failure === undefined) {
        const executionId = headers["x-job-execution-id"] ?? "";
        const handled = honest.handle({ job, executionId, key, afterMs, body });
        return new Promise((resolve, reject) => {
          handled.then((a) => (isDead() ? undefined : resolve(new Response(a.body, { status: a.status }))), reject);
          init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
        });
      }
      return new Promise((resolve, reject) => {
        const cancel = time.timers.after(afterMs, () => {
          if (failure === undefined) resolve(new Response(status === 204 ? null : body, { status }));
          else
            reject(
              Object.assign(new TypeError("fetch failed"), {
                cause: Object.assign(new Error(failure), { code: failure }),
              }),
            );
        });
        init?.signal?.addEventListener("abort", () => {
          cancel();
          reject(new DOMException("aborted", "AbortError"));
        });
      });
    };
  }
}

function linesTo(log: string[], isDead: () => boolean): Logger {
  return createLogger({
    level: "debug",
    destination: {
      write(line: string) {
        if (!isDead()) log.push((JSON.parse(line) as { msg: string }).msg);
      },
    },
  });
}
