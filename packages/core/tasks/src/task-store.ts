import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { type Clock, systemClock } from "#core/runtime";

/** A task under lease. */
export interface ClaimedTask {
  id: string;
  /** New for every claim; guards every write about the task. */
  token: string;
  function: string;
  args: unknown;
  /** 1 for the first try. */
  tries: number;
  maxTries: number;
  timeoutS: number;
}

export interface DoneTask {
  id: string;
  token: string;
  result: unknown;
}

export interface EndedTask {
  id: string;
  token: string;
  /** `retry` fails when no try is left; `released` does not count the try. */
  fate: "failed" | "retry" | "released";
  error: string | null;
  /** Null: keep the task's place. */
  delayMs: number | null;
}

export interface TaskLogLine {
  id: string;
  at: string;
  level: "info" | "warn" | "error";
  prefix: string;
  message: string;
}

export interface ExchangeRequest {
  queue: string;
  /** Most tasks to take; 0 only settles. */
  limit: number;
  functions: readonly string[];
  done: readonly DoneTask[];
  ended: readonly EndedTask[];
  logs: readonly TaskLogLine[];
  /** Most tasks of the queue under lease anywhere; null: no bound. */
  maxRunning: number | null;
  /** Also look for tasks whose process was lost. */
  rescue: boolean;
}

export interface ExchangeAnswer {
  claimed: ClaimedTask[];
  /** Ids whose lease was no longer held: nothing of theirs was written. */
  lost: string[];
  pausedUntil: Date | null;
}

/** The engine's SQL, one method a round trip. See `supabase/migrations/*_tarefas.sql`. */
export interface TaskStore {
  exchange(request: ExchangeRequest): Promise<ExchangeAnswer>;
  /** Extends leases; answers the ids that are no longer held. */
  renew(held: readonly { id: string; token: string }[]): Promise<string[]>;
  /** Long poll: true when work is due, false after `ms`, null when the caller must poll by itself. */
  wait(queue: string, functions: readonly string[], ms: number, signal: AbortSignal): Promise<boolean | null>;
  beat(life: { queues: string[]; running: number; rssMb: number; cpuPct: number; drained: boolean }): Promise<void>;
}

/** Written by `exchange_tasks` alone and read a thousand rows at a time: the columns are checked, not each value. */
const Column = z.custom<unknown[]>(Array.isArray, "esperava uma coluna (lista)");
const Answer = z.object({
  claimed: z.tuple([Column, Column, Column, Column, Column, Column, Column]).nullable(),
  lost: z.array(z.string()),
  paused_until: z.string().nullable(),
});

/** Between two looks of a long poll: an index look-up of a few µs each. */
const WAIT_STEP_MS = 3;

/**
 * `p_agora`, for clocks that tests move. With the system clock the database's own is used: leases and waits of all processes
 * are then measured by one clock, however wrong a machine's is.
 */
export function atClock(clock: Clock): { p_agora?: string } {
  return clock === systemClock ? {} : { p_agora: clock.now().toISOString() };
}

export function createTaskStore(options: { db: Db; clock: Clock; worker: string; leaseS: number }): TaskStore {
  const { db, clock, worker, leaseS } = options;
  return {
    async exchange(r) {
      const answer = await rpc(
        db,
        "exchange_tasks",
        {
          p_queue: r.queue,
          p_limit: r.limit,
          p_functions: r.functions,
          p_worker: worker,
          p_done_ids: r.done.map((d) => d.id),
          p_done_tokens: r.done.map((d) => d.token),
          p_results: r.done.map((d) => d.result),
          p_ended: r.ended.map(({ delayMs, ...e }) => ({ ...e, delay_ms: delayMs })),
          p_logs: r.logs,
          p_max_running: r.maxRunning,
          p_rescue: r.rescue,
          p_lease_s: leaseS,
          ...atClock(clock),
        },
        Answer,
      );
      const until = answer.paused_until;
      return {
        claimed: tasksOf(answer.claimed),
        lost: answer.lost,
        pausedUntil: until === null ? null : new Date(until),
      };
    },
    async renew(held) {
      const args = { p_ids: held.map((h) => h.id), p_tokens: held.map((h) => h.token), p_lease_s: leaseS };
      return db.call("renew_tasks", { ...args, ...atClock(clock) });
    },
    wait(queue, functions, ms, signal) {
      const args = { p_queues: [queue], p_functions: functions, p_ms: ms, p_step_ms: WAIT_STEP_MS };
      return rpc(db, "wait_for_tasks", args, z.boolean().nullable(), { timeoutMs: ms + 5_000, signal });
    },
    async beat({ queues, running, rssMb, cpuPct, drained }) {
      await db.call("beat_worker", {
        p_worker: worker,
        p_queues: queues,
        p_running: running,
        p_rss_mb: rssMb,
        p_cpu_pct: cpuPct,
        p_drained: drained,
        ...atClock(clock),
      });
    },
  };
}

function tasksOf(columns: z.output<typeof Answer>["claimed"]): ClaimedTask[] {
  if (columns === null) return [];
  const [ids, tokens, functions, args, tries, maxTries, timeouts] = columns;
  return ids.map((id, i) => ({
    id: id as string,
    token: tokens[i] as string,
    function: functions[i] as string,
    args: args[i],
    tries: tries[i] as number,
    maxTries: maxTries[i] as number,
    timeoutS: timeouts[i] as number,
  }));
}
