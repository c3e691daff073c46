export {
  defineJob,
  type Job,
  type JobContext,
  jobResult,
  type SkippedResult,
  skipped,
  skippedResult,
} from "./define-job.ts";
export { errorAnswer, type JobAnswer } from "./job-answer.ts";
export { parseParams } from "./parse-params.ts";
export type { JobProgress } from "./progress.ts";
export { createJobRunner, type JobCall, type JobRunner, type JobRunnerOptions, type RunnableJob } from "./run-job.ts";
