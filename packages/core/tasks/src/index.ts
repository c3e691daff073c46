export {
  type BatchItem,
  type BatchOutcome,
  defineTask,
  isReleased,
  type Released,
  type RunnableTask,
  released,
  type TaskArgs,
  type TaskContext,
  type TaskContract,
  type TaskDefinition,
  type TaskInput,
  type TaskLog,
} from "./define-task.ts";
export { type EnqueuedTask, type EnqueueOptions, enqueueTasks, taskTemplate } from "./enqueue-tasks.ts";
export { type Settled, TIMEOUT_TEXT } from "./run-unit.ts";
export { taskConfigShape } from "./task-config.ts";
export {
  listTasks,
  purgeTasks,
  type QueueStats,
  queueCounts,
  queueStats,
  requeueTasks,
  resumeQueue,
  type TaskDetail,
  type TaskStatus,
  type TaskWorker,
  taskDetail,
  taskStatus,
  taskWorkers,
} from "./task-queries.ts";
export {
  createTaskRunner,
  type DrainReport,
  type DrainRequest,
  type TaskRunner,
  type TaskRunnerOptions,
  type WorkRequest,
} from "./task-runner.ts";
export { atClock, createTaskStore, type TaskStore } from "./task-store.ts";
