import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { type Clock, PermanentError } from "#core/runtime";
import { parseJson, type TaskDefinition } from "./define-task.ts";
import { atClock } from "./task-store.ts";

export interface EnqueueOptions {
  timeoutS?: number;
  keepResultS?: number;
  keepFailedS?: number;
  maxTries?: number;
  /** Not before this long from now, ms. */
  delayMs?: number;
}

export interface EnqueuedTask {
  jobId: string;
  /** False: an active task with the same key was there already; `jobId` is its id. */
  created: boolean;
}

type Limits = Pick<TaskDefinition, "queue" | "name" | "maxTries" | "timeoutS" | "keepResultS" | "keepFailedS">;

/** Largest number of tasks of one call, which is one transaction. */
const CHUNK = 5000;
const Ids = z.array(z.string());
const Enqueued = z.array(z.object({ job_id: z.string(), created: z.boolean() }));

/**
 * Enqueues one task per element of `args`; answers in their order. Up to 5000 in one transaction. Throws
 * `PermanentError("parametro_invalido")` that names the field when arguments do not fit the definition.
 */
export async function enqueueTasks<A extends z.ZodObject, R extends z.ZodType>(
  deps: { db: Db; clock: Clock },
  definition: TaskDefinition<A, R>,
  args: readonly z.input<A>[],
  options: EnqueueOptions = {},
): Promise<EnqueuedTask[]> {
  const template = taskTemplate(definition, options);
  const parsed = args.map((given) => {
    const p = parseJson(definition.args, given);
    if ("problem" in p) throw new PermanentError("parametro_invalido", `${definition.name}: ${p.problem}`);
    return p.ok;
  });
  const { dedupeKey } = definition;
  const enqueued: EnqueuedTask[] = [];
  for (let at = 0; at < parsed.length; at += CHUNK) {
    const chunk = parsed.slice(at, at + CHUNK);
    const now = atClock(deps.clock);
    if (dedupeKey === null) {
      // No keys to meet: what the tasks share is sent once.
      const ids = await rpc(deps.db, "enqueue_batch", { p_template: template, p_args: chunk, ...now }, Ids);
      for (const jobId of ids) enqueued.push({ jobId, created: true });
      continue;
    }
    const tasks = chunk.map((a) => ({ ...template, args: a, dedupe_key: dedupeKey(a) }));
    for (const t of await rpc(deps.db, "enqueue_tasks", { p_tasks: tasks, ...now }, Enqueued)) {
      enqueued.push({ jobId: t.job_id, created: t.created });
    }
  }
  return enqueued;
}

/**
 * The columns that all tasks of a definition share, for SQL functions that enqueue in their own transaction:
 * `enqueue_tasks(jsonb_agg(p_template || jsonb_build_object('args', …, 'dedupe_key', …)))`.
 */
export function taskTemplate(definition: Limits, options: EnqueueOptions = {}) {
  return {
    queue: definition.queue,
    function: definition.name,
    max_tries: options.maxTries ?? definition.maxTries,
    timeout_s: options.timeoutS ?? definition.timeoutS,
    keep_result_s: options.keepResultS ?? definition.keepResultS,
    keep_failed_s: options.keepFailedS ?? definition.keepFailedS,
    ...(options.delayMs === undefined ? {} : { delay_ms: Math.round(options.delayMs) }),
  };
}
