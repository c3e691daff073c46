import { z } from "zod";
import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import type { JobProgress } from "./progress.ts";

/** What the runner gives every job; the app adds clients and settings. */
export interface JobContext {
  db: Db;
  clock: Clock;
  /** Child logger with `job` and `execution_id`. */
  log: Logger;
  /**
   * Aborted when the job must start nothing more: 240 s budget used, caller's deadline near, caller gone, shutdown. Work
   * under way is finished or its leases are handed back.
   */
  signal: AbortSignal;
  /** The slot this run stands for; null for a manual run. A job whose result names a period uses it, not the clock. */
  scheduledFor: Date | null;
  executionId: string;
  /** Tells operators how far the run has come; as often as the job likes. Absent where nobody listens. */
  progress?: (progress: JobProgress) => void;
}

/** Deliberately nothing to do (`decisions.md` §2): HTTP 200 and a success for the scheduler. */
export const skippedResult = z.object({
  status: z.literal("skipped"),
  motivo: z.string(),
  message: z.string(),
  processados: z.literal(0),
});
export type SkippedResult = z.infer<typeof skippedResult>;

export function skipped(motivo: string, message: string): SkippedResult {
  return { status: "skipped", motivo, message, processados: 0 };
}

const okShape = {
  status: z.literal("ok"),
  /** Feeds `job_executions.items_processed`. */
  processados: z.int().min(0),
  /** True when the time budget ended the run before the work did. */
  parcial: z.boolean().optional(),
};

/** The job's own answer: what every job answers plus the job's fields, flat. */
export function jobResult<S extends z.ZodRawShape>(shape: S) {
  return z.object({ ...okShape, ...shape });
}

export interface Job<P extends z.ZodObject = z.ZodObject, R extends z.ZodObject = z.ZodObject, C = never> {
  /** `processar_grupos`: the name in rows, logs and JSON. */
  readonly name: string;
  /** Strict: unknown parameters are refused. */
  readonly params: P;
  readonly result: R;
  run(params: z.output<P>, context: C): Promise<z.input<R> | SkippedResult>;
}

/**
 * A job in two steps, so that TypeScript checks the body's literals against the contract. Not when it runs: that is the
 * catalogue's.
 */
export function defineJob<P extends z.ZodRawShape, R extends z.ZodObject>(contract: {
  name: string;
  params: z.ZodObject<P>;
  result: R;
}): JobContract<P, R> {
  const params: StrictObject<P> = contract.params.strict();
  return {
    run: (body) => ({ name: contract.name, params, result: contract.result, run: body }),
  };
}

type StrictObject<P extends z.ZodRawShape> = z.ZodObject<P, z.core.$strict>;

export interface JobContract<P extends z.ZodRawShape, R extends z.ZodObject> {
  run<C>(
    body: (params: z.output<StrictObject<P>>, context: C) => Promise<z.input<R> | SkippedResult>,
  ): Job<StrictObject<P>, R, C>;
}
