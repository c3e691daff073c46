export { BUSY, type CallOutcome, classify, type Verdict } from "./classify.ts";
export { instant } from "./instant.ts";
export {
  createJobLocks,
  type JobEnd,
  type JobLocks,
  type JobStart,
  type JobStartAnswer,
  type ManualRun,
} from "./job-locks.ts";
export {
  type JobAlerts,
  type JobReport,
  type JobSeverity,
  type JobStatus,
  type JobsReport,
  type ReportVerdict,
  reportJobs,
  type WatchedJob,
} from "./jobs-report.ts";
export {
  type ClaimRefusal,
  createLedger,
  type DeadRun,
  type Ledger,
  type LedgerOptions,
  type Markers,
  type Refusal,
  type RegisteredJob,
  type Retake,
  type RunEnd,
  type SkipReason,
  type SlotClaim,
  type SlotSkip,
} from "./ledger.ts";
export { createScaledTime, parseTestClock, type TestClock } from "./scaled-time.ts";
export { type LastRun, type SlaRule, type Staleness, staleness } from "./sla.ts";
export {
  createSummaryReader,
  type ExecutionSummary,
  type JobSummary,
  type SummaryReader,
  type SummaryReaderOptions,
  type SummaryRequest,
} from "./summary.ts";
export { pause, systemTimers, type Timers } from "./timers.ts";
export { createVirtualTime, type VirtualTime } from "./virtual-time.ts";
