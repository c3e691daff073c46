export {
  defineJob,
  type Job,
  type JobContext,
  jobResult,
  type SkippedResult,
  skipped,
  skippedResult,
} from "./define-job.ts";
