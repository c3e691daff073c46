import { z } from "zod";
import { type Db, rpc } from "#core/db";
import type { Clock } from "#core/runtime";
import { atClock } from "./task-store.ts";

/** Health reports stand on these: nobody waits for them longer, ms. */
const READ_MS = 5_000;
const instant = z.string().transform((text) => new Date(text));
const TaskStatus = z.object({
  job_id: z.string(),
  queue: z.string(),
  function: z.string(),
  args: z.unknown(),
  status: z.enum(["queued", "in_progress", "complete", "failed"]),
  tries: z.int(),
  max_tries: z.int(),
  enqueue_time: instant,
  /** Of the last try; null before the first. */
  start_time: instant.nullable(),
  finish_time: instant.nullable(),
  available_at: instant,
  result: z.unknown(),
  error: z.string().nullable(),
});
export type TaskStatus = z.infer<typeof TaskStatus>;
const LogLine = z.object({ ts: instant, level: z.string(), prefix: z.string(), message: z.string() });
const TaskDetail = TaskStatus.extend({ logs: z.array(LogLine) });
export type TaskDetail = z.infer<typeof TaskDetail>;

const count = z.int();
const ms = z.object({ avg: z.number().nullable(), p95: z.number().nullable() });
const QueueStats = z.object({
  queued: count,
  /** Of `queued`, those not due yet. */
  waiting_retry: count,
  in_progress: count,
  complete: count,
  failed: count,
  oldest_queued_age_s: z.number().nullable(),
  ended_per_minute_15m: z.number(),
  /** Percent of what ended, null when nothing did. */
  error_rate_1h: z.number().nullable(),
  success_rate_24h: z.number().nullable(),
  duration_ms: ms,
  latency_ms: ms,
  paused_until: z.string().nullable(),
  workers_alive: count,
});
export type QueueStats = z.infer<typeof QueueStats>;

const TaskWorker = z.object({
  worker: z.string(),
  queues: z.array(z.string()),
  running: count,
  rss_mb: z.number().nullable(),
  cpu_pct: z.number().nullable(),
  last_drain_at: z.string().nullable(),
  seen_at: z.string(),
});
export type TaskWorker = z.infer<typeof TaskWorker>;

/** Null when unknown, or expired: from that second on, whether purged or not. */
export function taskStatus(db: Db, jobId: string, clock: Clock): Promise<TaskStatus | null> {
  return rpc(db, "task_status", { p_job_id: jobId, ...atClock(clock) }, TaskStatus.nullable());
}

/** The same with its log lines, oldest first, at most 200. */
export function taskDetail(db: Db, jobId: string, clock: Clock): Promise<TaskDetail | null> {
  return rpc(db, "task_detail", { p_job_id: jobId, ...atClock(clock) }, TaskDetail.nullable());
}

const ListedTask = TaskStatus.omit({ queue: true, result: true });
/** Tasks of a queue, newest first; 1000 at most. */
export function listTasks(
  db: Db,
  queue: string,
  page: { status?: TaskStatus["status"] | undefined; limit: number; offset: number },
  clock: Clock,
): Promise<z.infer<typeof ListedTask>[]> {
  const args = { p_queue: queue, p_status: page.status ?? null, p_limit: page.limit, p_offset: page.offset };
  return rpc(db, "list_tasks", { ...args, ...atClock(clock) }, z.array(ListedTask));
}

/** Figures per queue; of every queue that ever had a task when none is named. */
export function queueStats(db: Db, queue: string | null, clock: Clock): Promise<Record<string, QueueStats>> {
  return rpc(db, "queue_stats", { p_queue: queue, ...atClock(clock) }, z.record(z.string(), QueueStats), {
    timeoutMs: READ_MS,
  });
}

const QueueCounts = z.object({ queued: count, due: count, in_progress: count, paused_until: z.string().nullable() });
/** What is open in a queue; cheap however many ended tasks are kept. `due` is the part of `queued` whose time has come. */
export function queueCounts(db: Db, queue: string, clock: Clock): Promise<z.infer<typeof QueueCounts>> {
  return rpc(db, "queue_counts", { p_queue: queue, ...atClock(clock) }, QueueCounts);
}

/** Processes that drained tasks in the last 15 minutes. */
export function taskWorkers(db: Db, queue: string | null, clock: Clock): Promise<TaskWorker[]> {
  return rpc(db, "list_workers", { p_queue: queue, ...atClock(clock) }, z.array(TaskWorker), { timeoutMs: READ_MS });
}

/** Deletes up to `limit` expired tasks; answers how many. */
export function purgeTasks(db: Db, limit: number, clock: Clock): Promise<number> {
  return db.call("purge_tasks", { p_limit: limit, ...atClock(clock) });
}

/** The pause of a queue ends now, and what led to it is forgotten. False: it was not paused. */
export function resumeQueue(db: Db, queue: string, clock: Clock): Promise<boolean> {
  return db.call("resume_queue", { p_queue: queue, ...atClock(clock) });
}

/** Failed tasks back to their queue with the tries forgotten: the given ids, else the oldest failures. Answers which went. */
export function requeueTasks(
  db: Db,
  queue: string,
  which: { ids?: string[]; limit?: number },
  clock: Clock,
): Promise<string[]> {
  const args = { p_queue: queue, p_ids: which.ids ?? null, p_limit: which.limit ?? 100 };
  return rpc(db, "requeue_tasks", { ...args, ...atClock(clock) }, z.array(z.string()));
}
