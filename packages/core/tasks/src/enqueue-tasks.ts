import { z } from "zod";
import type { Db } from "#core/db";
import { type Clock, PermanentError } from "#core/runtime";
import { parseJson, type TaskDefinition } from "./define-task.ts";
import { atClock, rpc } from "./task-store.ts";

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
  const tasks = args.map((given) => {
    const parsed = parseJson(definition.args, given);
    if ("problem" in parsed) throw new PermanentError("parametro_invalido", `${definition.name}: ${parsed.problem}`);
    const key = definition.dedupeKey?.(parsed.ok);
    return { ...template, args: parsed.ok, ...(key === undefined ? {} : { dedupe_key: key }) };
  });
  const enqueued: EnqueuedTask[] = [];
  for (let at = 0; at < tasks.length; at += CHUNK) {
    const call = { p_tasks: tasks.slice(at, at + CHUNK), ...atClock(deps.clock) };
    for (const t of await rpc(deps.db, "enqueue_tasks", call, Enqueued)) {
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
