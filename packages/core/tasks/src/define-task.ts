import type { z } from "zod";
import { exponential, type RetryPolicy } from "#core/retry";

/** Log lines of one task: to the process's log and, stored, to the task's own page. Ids only, never the texts worked on. */
export interface TaskLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What a handler knows about the task it runs. */
export interface TaskContext {
  jobId: string;
  /** Proves the lease of this try; SQL functions that write a handler's effects compare it with the task's row. */
  leaseToken: string;
  /** 1 for the first try. */
  attempt: number;
  maxAttempts: number;
  /** Aborted at the task's time limit, when its lease is lost, and at the end of a shutdown's grace. */
  signal: AbortSignal;
  log: TaskLog;
}

/** One task of a batch. */
export interface BatchItem<A> extends Omit<TaskContext, "signal"> {
  args: A;
}

const RELEASED = Symbol("released");
/** What `released` answers. */
export interface Released {
  readonly [RELEASED]: true;
  readonly delayMs: number;
  readonly reason: string;
}

/**
 * The task goes back to its queue for `delayMs` (whole milliseconds, at least 1; longer than a day counts as a day) and the try does
 * not count; for a refusal that is nobody's failure. There is no default: a task due again at once can be taken again by the very
 * drain that gave it back, which then counts it twice, uses up its limit on it and asks again what has just refused. Throws
 * RangeError for any other delay.
 */
export function released(reason: string, delayMs: number): Released {
  if (!Number.isSafeInteger(delayMs) || delayMs < 1) {
    throw new RangeError(
      `released: delayMs is ${delayMs}, must be a whole number of milliseconds, at least 1 (${reason})`,
    );
  }
  return { [RELEASED]: true, delayMs, reason };
}

export function isReleased(value: unknown): value is Released {
  return typeof value === "object" && value !== null && RELEASED in value;
}

/** How one task of a batch ended. What a batch handler leaves out counts as failed; what it throws fails every one. */
export type BatchOutcome<R> = { ok: R } | { failed: unknown } | Released;

export interface TaskContract<A extends z.ZodObject, R extends z.ZodType> {
  /** `normalize_appointment`: unique; column `function` of its rows. */
  name: string;
  /** The queue it waits in: tasks of one queue share slots, pauses and figures. */
  queue: string;
  args: A;
  /** The stored result of a success. */
  result: R;
  /** Executions in all, the first included; default 3. */
  maxTries?: number;
  /** Of one try, from its start; default 300. Exceeded: failed for good with `Job timeout exceeded`. */
  timeoutS?: number;
  /** How long the row of a success lives after its end; default 3600. */
  keepResultS?: number;
  /** The same for a failure; default as `keepResultS`. */
  keepFailedS?: number;
  /** Wait after the n-th failure; default 60 s, 120 s, … up to 10 min. An error's `retryAfterMs` wins when longer. */
  retry?: RetryPolicy;
  /** While a task with this key is queued or running, enqueueing answers that one. */
  dedupeKey?: (args: z.output<A>) => string;
  /** Before the text of its log lines: `[enrichment_job]`. Default the name. */
  logPrefix?: string;
  /** Whether its log lines are also stored, for the task's page; default true. Not for thousands a minute. */
  storeLogs?: boolean;
}

/** A task that can be enqueued. `handle` or `handleBatch` makes it one that can be run. */
export interface TaskDefinition<A extends z.ZodObject = z.ZodObject, R extends z.ZodType = z.ZodType>
  extends Required<Omit<TaskContract<A, R>, "dedupeKey">> {
  readonly dedupeKey: ((args: z.output<A>) => string) | null;
  /** One task at a time; `slots` of the queue bound how many such calls are under way. */
  handle(run: (args: z.output<A>, context: TaskContext) => Promise<z.input<R> | Released>): RunnableTask;
  /** Up to `size` tasks in one call, which takes one slot; answers one outcome per item, in their order. */
  handleBatch(
    size: number,
    run: (items: BatchItem<z.output<A>>[], signal: AbortSignal) => Promise<BatchOutcome<z.input<R>>[]>,
  ): RunnableTask;
}

/** A task with its handler, whatever its arguments and result. */
export interface RunnableTask {
  readonly definition: TaskDefinition;
  /** 1: one task per call. */
  readonly batchSize: number;
  run(items: BatchItem<never>[], signal: AbortSignal): Promise<BatchOutcome<unknown>[]>;
}

const DEFAULT_RETRY = exponential(60_000, { maxMs: 600_000 });

/** Throws RangeError for what could never work: an empty name, no tries, no time. */
export function defineTask<A extends z.ZodObject, R extends z.ZodType>(
  contract: TaskContract<A, R>,
): TaskDefinition<A, R> {
  const { keepResultS = 3600, maxTries = 3, timeoutS = 300 } = contract;
  if (!/^[a-z][a-z0-9_]*$/.test(contract.name)) throw new RangeError(`task name: ${contract.name}`);
  if (!/^[a-z][a-z0-9_-]*$/.test(contract.queue)) throw new RangeError(`queue of ${contract.name}: ${contract.queue}`);
  if (maxTries < 1 || timeoutS < 1) throw new RangeError(`${contract.name}: at least one try and one second`);
  const definition: TaskDefinition<A, R> = {
    ...contract,
    maxTries,
    timeoutS,
    keepResultS,
    keepFailedS: contract.keepFailedS ?? keepResultS,
    retry: contract.retry ?? DEFAULT_RETRY,
    dedupeKey: contract.dedupeKey ?? null,
    logPrefix: contract.logPrefix ?? contract.name,
    storeLogs: contract.storeLogs ?? true,
    handle: (run) =>
      runnable(definition, 1, async ([item], signal) => {
        if (item === undefined) return [];
        const { args, ...known } = item;
        const value = await run(args, { ...known, signal });
        return [isReleased(value) ? value : { ok: value }];
      }),
    handleBatch: (size, run) => runnable(definition, size, run),
  };
  return definition;
}

function runnable<A extends z.ZodObject, R extends z.ZodType>(
  definition: TaskDefinition<A, R>,
  batchSize: number,
  run: (items: BatchItem<z.output<A>>[], signal: AbortSignal) => Promise<BatchOutcome<z.input<R>>[]>,
): RunnableTask {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new RangeError(`${definition.name}: batch size ${batchSize}`);
  return { definition: definition as unknown as TaskDefinition, batchSize, run: run as RunnableTask["run"] };
}

/** Arguments or results that a row carries, checked; the message names the field. */
export function parseJson<S extends z.ZodType>(schema: S, value: unknown): { ok: z.output<S> } | { problem: string } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: parsed.data };
  return { problem: parsed.error.issues.map((i) => `${i.path.join(".") || "(raiz)"}: ${i.message}`).join("; ") };
}

export type TaskArgs<D> = D extends TaskDefinition<infer A, z.ZodType> ? z.output<A> : never;
export type TaskInput<D> = D extends TaskDefinition<infer A, z.ZodType> ? z.input<A> : never;
