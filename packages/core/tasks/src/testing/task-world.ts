import type { Db } from "#core/db";
import type { Sql } from "#core/db-testing";
import { createVirtualTime, type VirtualTime } from "#core/executions";
import { createLogger } from "#core/runtime";
import type { RunnableTask } from "../define-task.ts";
import { createTaskRunner, type DrainReport, type DrainRequest, type TaskRunner } from "../task-runner.ts";
import { createTaskStore } from "../task-store.ts";

/** Processes that drain tasks, on one virtual clock over a real Postgres. */
export interface TaskWorld {
  readonly time: VirtualTime;
  readonly db: Db;
  /** Makes the database fail for everyone while it is set. */
  readonly state: { down: boolean };
  /** Log lines of all processes. */
  readonly log: string[];
  process(name: string, tasks: readonly RunnableTask[]): TaskProcess;
  rows(): Promise<Record<string, unknown>[]>;
}

export interface TaskProcess {
  readonly runner: TaskRunner;
  /** Starts a drain and lets `ms` go by; the report comes when time has moved that far, or later. */
  drain(request?: Partial<DrainRequest>): Promise<DrainReport>;
  /** Stops dead, as kill -9: its timers never fire again and the database hears no more of it. */
  kill(): void;
}

export function createTaskWorld(database: { db: Db; sql: Sql }, start = "2026-03-10T12:00:00Z"): TaskWorld {
  const time = createVirtualTime(start);
  const state = { down: false };
  const log: string[] = [];
  const guarded = <T>(call: () => Promise<T>): Promise<T> =>
    time.track(state.down ? Promise.reject(new Error("connection lost")) : call());
  const db: Db = {
    call: (fn, args, o) => guarded(() => database.db.call(fn, args, o)),
    json: (fn, args, schema, o) => guarded(() => database.db.json(fn, args, schema, o)),
  };
  return {
    time,
    db,
    state,
    log,
    process(name, tasks) {
      let dead = false;
      const never = () => new Promise<never>(() => undefined);
      const mine: Db = {
        call: (fn, args, o) => (dead ? never() : db.call(fn, args, o)),
        json: (fn, args, schema, o) => (dead ? never() : db.json(fn, args, schema, o)),
      };
      const runner = createTaskRunner({
        store: createTaskStore({ db: mine, clock: time.clock, worker: name, leaseS: 30 }),
        clock: time.clock,
        timers: {
          after: (ms, run) => time.timers.after(ms, () => (dead ? undefined : run())),
          soon: (run) => time.timers.soon(() => (dead ? undefined : run())),
        },
        log: createLogger({
          level: "debug",
          destination: { write: (line: string) => void log.push((JSON.parse(line) as { msg: string }).msg) },
        }),
        tasks,
      });
      return {
        runner,
        drain: (request = {}) =>
          runner.drain({
            queue: "default",
            limit: 100,
            slots: 10,
            budgetMs: 50_000,
            signal: new AbortController().signal,
            ...request,
          }),
        kill() {
          dead = true;
        },
      };
    },
    rows: () => database.sql("select * from background_jobs order by enqueue_time, args::text, job_id"),
  };
}
