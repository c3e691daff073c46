export { createJobLocks, type JobEnd, type JobLocks, type JobStart, type JobStartAnswer } from "./job-locks.ts";
export { pause, systemTimers, type Timers } from "./timers.ts";
