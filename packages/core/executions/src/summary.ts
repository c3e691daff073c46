import { z } from "zod";
import { type Db, rpc } from "#core/db";
import type { Clock } from "#core/runtime";
import { instant } from "./instant.ts";

const execution = z
  .object({
    started_at: instant,
    scheduled_for: instant.nullable(),
    finished_at: instant.nullable(),
    status: z.enum(["running", "success", "error", "timeout"]),
    lease_expires_at: instant.nullable(),
  })
  .transform((e) => ({
    startedAt: e.started_at,
    scheduledFor: e.scheduled_for,
    finishedAt: e.finished_at,
    status: e.status,
    running: e.status === "running",
    leaseExpiresAt: e.lease_expires_at,
  }));

const jobSummary = z.object({
  job_name: z.string(),
  registered_at: instant.nullable(),
  pause: z.object({ desde: instant, ate: instant.nullable() }).nullable(),
  last_pause_end: instant.nullable(),
  last: execution.nullable(),
  running: execution.nullable(),
  last_finished: z.enum(["success", "error", "timeout"]).nullable(),
  last_success: instant.nullable(),
  consecutive_failures: z.int(),
  runs_24h: z.int(),
  success_24h: z.int(),
  errors_24h: z.int(),
  timeouts_24h: z.int(),
  avg_duration_ms: z.int(),
  total_items_processed: z.int(),
  last_error: z.string().nullable(),
  no_progress_since: instant.nullable(),
});

const summary = z.object({
  agora: instant,
  last_tick_at: instant.nullable(),
  schedulers: z.int(),
  total_executions: z.int(),
  jobs: z.array(jobSummary),
});

/** What the ledger says of one job; see `resumir_execucoes` in supabase/migrations for each part. */
export type JobSummary = z.output<typeof jobSummary>;
export type ExecutionSummary = z.output<typeof summary>;

export interface SummaryRequest {
  /** Every one is in the answer, also those that never ran, in this order. */
  jobs: readonly string[];
  /** Jobs whose runs that process nothing are to be noticed. */
  progressJobs?: readonly string[];
}

/** Last run and last 24 h per job, in one call: for health, score and dashboard. */
export interface SummaryReader {
  /** Throws when the ledger cannot be read: nobody is to be told that all is well. */
  read(request: SummaryRequest): Promise<ExecutionSummary>;
}

export interface SummaryReaderOptions {
  db: Db;
  /** Deadline of the call, ms. */
  timeoutMs?: number;
  /** When given, SQL compares with its instants instead of the database's clock: tests and simulations. */
  clock?: Clock;
}

export function createSummaryReader({ db, clock, timeoutMs = 5000 }: SummaryReaderOptions): SummaryReader {
  return {
    read({ jobs, progressJobs = [] }) {
      const args = {
        p_jobs: jobs,
        p_progresso: progressJobs,
        ...(clock ? { p_agora: clock.now().toISOString() } : {}),
      };
      return rpc(db, "resumir_execucoes", args, summary, { timeoutMs });
    },
  };
}
