import type { Timers } from "#core/executions";
import { delayMs } from "#core/retry";
import {
  AppError,
  type Clock,
  errorMessage,
  isPermanent,
  type Logger,
  safeErrorText,
  TransientError,
} from "#core/runtime";
import {
  type BatchItem,
  type BatchOutcome,
  isReleased,
  parseJson,
  type RunnableTask,
  type TaskLog,
} from "./define-task.ts";
import type { ClaimedTask, DoneTask, EndedTask, TaskLogLine } from "./task-store.ts";

/** What a try became; `aborted`: its lease was lost or handed back, nothing is to be written. */
export type Settled =
  | { kind: "done"; task: ClaimedTask; row: DoneTask }
  | { kind: "failed" | "retry" | "released"; task: ClaimedTask; row: EndedTask }
  | { kind: "aborted"; task: ClaimedTask };

export interface UnitOptions {
  clock: Clock;
  timers: Timers;
  log: Logger;
  /** Receives the lines that handlers log. */
  onLog(line: TaskLogLine): void;
  /** Aborted: give up without an outcome. */
  signal: AbortSignal;
}

/** Whatever an outside service asks for (`Retry-After`), a task waits at most a day. */
const LONGEST_WAIT_MS = 86_400_000;

/** Exactly the text of requirement 003. */
export const TIMEOUT_TEXT = "Job timeout exceeded";

/**
 * One call of a handler with its tasks, all of one function. The time limit counts from here, the start of the try; a handler
 * that ignores its signal is left behind and its late answer dropped. Never rejects; one answer per task, in their order.
 */
export async function runUnit(
  task: RunnableTask,
  tasks: readonly ClaimedTask[],
  options: UnitOptions,
): Promise<Settled[]> {
  const { definition } = task;
  const settled = new Map<string, Settled>();
  const items: BatchItem<never>[] = [];
  const started: ClaimedTask[] = [];
  for (const t of tasks) {
    const args = parseJson(definition.args, t.args);
    if ("problem" in args) {
      settled.set(t.id, ended(t, "failed", `argumentos inválidos: ${args.problem}`, null));
      continue;
    }
    started.push(t);
    items.push({
      args: args.ok as never,
      jobId: t.id,
      leaseToken: t.token,
      attempt: t.tries,
      maxAttempts: t.maxTries,
      log: taskLog(t, definition, options),
    });
  }
  if (started.length > 0) {
    const outcomes = await callHandler(task, items, started, options);
    started.forEach((t, i) => {
      settled.set(t.id, outcomes === "aborted" ? { kind: "aborted", task: t } : settle(task, t, outcomes[i], options));
    });
  }
  return tasks.map((t) => settled.get(t.id) ?? { kind: "aborted", task: t });
}

class TaskTimeout extends Error {}

async function callHandler(
  task: RunnableTask,
  items: BatchItem<never>[],
  tasks: readonly ClaimedTask[],
  { timers, signal }: UnitOptions,
): Promise<(BatchOutcome<unknown> | undefined)[] | "aborted"> {
  const limit = new AbortController();
  const stop = Promise.withResolvers<never>();
  const onAbort = () => {
    limit.abort(signal.reason);
    stop.reject(signal.reason);
  };
  if (signal.aborted) return "aborted";
  signal.addEventListener("abort", onAbort, { once: true });
  const timeoutS = Math.min(...tasks.map((t) => t.timeoutS));
  const cancel = timers.after(timeoutS * 1000, () => {
    const reason = new TaskTimeout(TIMEOUT_TEXT);
    limit.abort(reason);
    stop.reject(reason);
  });
  try {
    const outcomes = await Promise.race([task.run(items, limit.signal), stop.promise]);
    return signal.aborted ? "aborted" : outcomes;
  } catch (err) {
    if (signal.aborted) return "aborted";
    // A handler that gave up because of its signal says so in its own words; the reason is the limit all the same.
    const failed = limit.signal.aborted ? limit.signal.reason : err;
    return tasks.map(() => ({ failed }));
  } finally {
    cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

function settle(
  task: RunnableTask,
  t: ClaimedTask,
  outcome: BatchOutcome<unknown> | undefined,
  { log }: UnitOptions,
): Settled {
  const { definition } = task;
  if (isReleased(outcome)) {
    return ended(t, "released", outcome.reason, Math.min(outcome.delayMs, LONGEST_WAIT_MS));
  }
  if (outcome !== undefined && "ok" in outcome) {
    const result = parseJson(definition.result, outcome.ok);
    if ("ok" in result) return { kind: "done", task: t, row: { id: t.id, token: t.token, result: result.ok ?? null } };
    return ended(t, "failed", `resultado inválido: ${result.problem}`, null);
  }
  const err: unknown =
    outcome === undefined ? new AppError("resultado_invalido", "sem resposta do lote") : outcome.failed;
  const final = err instanceof TaskTimeout || isPermanent(err) || t.tries >= t.maxTries;
  const text = textOf(err);
  const fields = { job: definition.name, item_id: t.id, attempt: t.tries };
  if (final) log.error({ ...fields, err: safeErrorText(text) }, `FAIL ${definition.name}`);
  else log.warn({ ...fields, err: safeErrorText(text) }, `${definition.name} falhou; nova tentativa`);
  if (final) return ended(t, "failed", text, null);
  const asked = err instanceof TransientError ? (err.retryAfterMs ?? 0) : 0;
  const wait = Math.max(asked, delayMs(definition.retry, t.tries));
  return ended(t, "retry", text, Math.round(Math.min(wait, LONGEST_WAIT_MS)));
}

/** Our own errors were worded for people; anything else with the messages of its causes. */
function textOf(err: unknown): string {
  return err instanceof AppError ? err.message : errorMessage(err);
}

/** The end of a task whose own the database refused. */
export function refusedEnd({ task }: Settled, err: unknown): Settled {
  return ended(task, "failed", `resultado recusado pelo banco: ${textOf(err)}`, null);
}

function ended(task: ClaimedTask, kind: EndedTask["fate"], error: string, delay: number | null): Settled {
  const row = { id: task.id, token: task.token, fate: kind, error: safeErrorText(error), delayMs: delay };
  return { kind, task, row };
}

function taskLog(
  task: ClaimedTask,
  { logPrefix: prefix, storeLogs }: { logPrefix: string; storeLogs: boolean },
  { clock, log, onLog }: UnitOptions,
): TaskLog {
  const write = (level: TaskLogLine["level"]) => (message: string) => {
    log[level]({ job: task.function, item_id: task.id, attempt: task.tries }, `[${prefix}] ${message}`);
    if (storeLogs)
      onLog({ id: task.id, at: clock.now().toISOString(), level, prefix, message: safeErrorText(message) });
  };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
