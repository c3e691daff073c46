export {
  auditAnswer,
  explainAnswer,
  historyAnswer,
  jobsAnswer,
  journalAnswer,
  nextAnswer,
  pauseAnswer,
  progressAnswer,
  resumeAnswer,
  runAnswer,
  simulateAnswer,
} from "./answers.ts";
export { type AuditOptions, type AuditReport, auditSlots, type LabelCounts } from "./audit.ts";
export {
  SLOT_LABELS,
  type SlotLabel,
  type SlotVerdict,
  type Span,
} from "./compare-slots.ts";
export type { Causa, Explanation } from "./explain.ts";
export { explainJob, explainRetired } from "./explain-job.ts";
export {
  type HistoryLine,
  type JobStatus,
  jobDurations,
  jobHistory,
  jobStatuses,
  type Progress,
} from "./job-status.ts";
export { type JournalLine, operatorJournal } from "./journal.ts";
export { nearNames } from "./near-names.ts";
export { activePauses, type Pause, pauseJobs, resumeJobs } from "./pauses.ts";
export type { ScheduledJob } from "./scheduled-job.ts";
export { type SimulatedEntry, type SimulatedJob, type Simulation, simulateSchedule } from "./simulate.ts";
export type { Run } from "./slot-facts.ts";
