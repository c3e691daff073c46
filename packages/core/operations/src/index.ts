export { type AuditOptions, type AuditReport, auditSlots, type LabelCounts } from "./audit.ts";
export {
  type AuditEntry,
  compareSlots,
  expectedSlots,
  type RecordedSlot,
  SLOT_LABELS,
  type SlotLabel,
  type SlotVerdict,
  type Span,
} from "./compare-slots.ts";
export { type JournalLine, operatorJournal } from "./journal.ts";
export { activePauses, type Pause, pauseJobs, resumeJobs } from "./pauses.ts";
