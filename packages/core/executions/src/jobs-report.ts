import { nextSlot } from "#core/cron";
import { isLive, type SlaRule, type Staleness, staleness } from "./sla.ts";
import type { ExecutionSummary, JobSummary } from "./summary.ts";

/** A catalogue entry, as far as its supervision goes. */
export interface WatchedJob extends SlaRule {
  name: string;
  endpoint: string;
  critical: boolean;
}

export type JobStatus = "ok" | "running" | "stale" | "error" | "timeout" | "never_ran";
export type JobSeverity = "none" | "warning" | "critical";
/** Worst last. `unknown`: nothing known is bad, and nobody is there to make it known. */
export type ReportVerdict = "healthy" | "degraded" | "unknown" | "critical";

/** One job of `/health/jobs`; instants are ISO 8601 UTC. */
export interface JobReport {
  status: JobStatus;
  severity: JobSeverity;
  schedule: string;
  endpoint: string;
  is_critical: boolean;
  last_run: string | null;
  last_status: "running" | "success" | "error" | "timeout" | null;
  last_success: string | null;
  runs_24h: number;
  success_24h: number;
  errors_24h: number;
  timeouts_24h: number;
  avg_duration_ms: number;
  total_items_processed: number;
  last_error: string | null;
  sla_seconds: number;
  seconds_since_last_run: number | null;
  is_stale: boolean;
  stale_after: string | null;
  next_expected_run: string;
  running_since: string | null;
  consecutive_failures: number;
  /** Its slots are deliberately not run, until `ate` (null: until resumed): neither late nor missing nor failing. */
  paused: { desde: string; ate: string | null } | null;
}

/** Names of the jobs each alert is about, in catalogue order. */
export interface JobAlerts {
  jobs_with_errors: string[];
  jobs_with_timeouts: string[];
  /** Critical or not. */
  stale_jobs: string[];
  critical_stale: string[];
  missing_critical: string[];
  critical_failing: string[];
  stuck_running: string[];
  no_progress: string[];
}

export interface JobsReport {
  status: ReportVerdict;
  jobs: Record<string, JobReport>;
  alerts: JobAlerts;
  /** No fault of anybody, and not to be forgotten. */
  paused_jobs: string[];
  scheduler: { last_tick_at: string | null; seconds_since_last_tick: number | null; alive: number };
  sla_config: { critical_jobs: string[]; sla_definitions: Record<string, number> };
  period: "24h";
  total_executions: number;
  timestamp: string;
}

/** Ticks come every minute at the latest; after this long without one nobody is watching the clock. */
const TICK_OVERDUE_S = 90;
const FAILING_FROM = 3;

/**
 * The body of `/health/jobs` (`domain/scheduler-and-health.md` §4.4), a pure function of what the ledger says.
 *
 * @param dueSince since when work of a job has been due without interruption, for those of `no_progress_since`; absent or
 *   null: nothing is due, so runs that process nothing are right.
 */
export function reportJobs(
  watched: readonly WatchedJob[],
  summary: ExecutionSummary,
  dueSince: Readonly<Record<string, Date | null>> = {},
): JobsReport {
  const { agora } = summary;
  const byName = new Map(summary.jobs.map((j) => [j.job_name, j]));
  const judged = watched.map((job) => {
    const known = byName.get(job.name);
    // The reader answers every name it was asked for; reporting one it was not asked for as healthy would be inventing.
    if (known === undefined) throw new Error(`resumo sem o job ${job.name}`);
    return judge(job, known, agora, dueSince[job.name] ?? null);
  });
  const where = (holds: (j: Judged) => boolean) => judged.filter(holds).map((j) => j.job.name);
  const alerts: JobAlerts = {
    jobs_with_errors: where((j) => j.known.errors_24h > 0),
    jobs_with_timeouts: where((j) => j.known.timeouts_24h > 0),
    stale_jobs: where((j) => j.staleness.stale),
    critical_stale: where((j) => j.job.critical && j.staleness.stale && j.known.last !== null),
    missing_critical: where((j) => j.missing),
    critical_failing: where((j) => j.failing),
    stuck_running: where((j) => j.stuck),
    no_progress: where((j) => j.noProgress),
  };
  const tickAgeS = summary.last_tick_at === null ? null : ageS(summary.last_tick_at, agora);
  return {
    status: verdictOf(alerts, tickAgeS),
    jobs: Object.fromEntries(judged.map((j) => [j.job.name, j.report])),
    alerts,
    paused_jobs: where((j) => j.known.pause !== null),
    scheduler: {
      last_tick_at: summary.last_tick_at?.toISOString() ?? null,
      seconds_since_last_tick: tickAgeS,
      alive: summary.schedulers,
    },
    sla_config: {
      critical_jobs: watched.filter((w) => w.critical).map((w) => w.name),
      sla_definitions: Object.fromEntries(watched.map((w) => [w.name, w.slaS])),
    },
    period: "24h",
    total_executions: summary.total_executions,
    timestamp: agora.toISOString(),
  };
}

function verdictOf(alerts: JobAlerts, tickAgeS: number | null): ReportVerdict {
  const { critical_stale, missing_critical, critical_failing } = alerts;
  if (critical_stale.length + missing_critical.length + critical_failing.length > 0) return "critical";
  if (tickAgeS === null || tickAgeS > TICK_OVERDUE_S) return "unknown";
  return Object.values(alerts).some((names) => names.length > 0) ? "degraded" : "healthy";
}

interface Judged {
  job: WatchedJob;
  known: JobSummary;
  staleness: Staleness;
  missing: boolean;
  failing: boolean;
  stuck: boolean;
  noProgress: boolean;
  report: JobReport;
}

function judge(job: WatchedJob, known: JobSummary, agora: Date, dueSince: Date | null): Judged {
  const live = known.running !== null && isLive(known.running, agora);
  // A live run anchors the rule even if a later row was written by hand beside it.
  const found = staleness(job, live ? known.running : known.last, known.registered_at, agora, known.last_pause_end);
  const { pause } = known;
  const s: Staleness = pause === null ? found : { ...found, stale: false, staleAfter: null };
  const expected = job.critical && pause === null;
  const missing = expected && known.last === null && (known.registered_at === null || s.stale);
  const successAgeS = known.last_success === null ? Number.POSITIVE_INFINITY : ageS(known.last_success, agora);
  const failing = expected && known.consecutive_failures >= FAILING_FROM && successAgeS > job.slaS;
  const status = statusOf(known, s, live);
  return {
    job,
    known,
    staleness: s,
    missing,
    failing,
    stuck: known.running !== null && !live,
    noProgress: known.no_progress_since !== null && dueSince !== null && dueSince <= known.no_progress_since,
    report: {
      status,
      severity: severityOf(status, job.critical, missing || failing),
      schedule: job.cron,
      endpoint: job.endpoint,
      is_critical: job.critical,
      last_run: known.last?.startedAt.toISOString() ?? null,
      last_status: known.last?.status ?? null,
      last_success: known.last_success?.toISOString() ?? null,
      runs_24h: known.runs_24h,
      success_24h: known.success_24h,
      errors_24h: known.errors_24h,
      timeouts_24h: known.timeouts_24h,
      avg_duration_ms: known.avg_duration_ms,
      total_items_processed: known.total_items_processed,
      last_error: known.last_error,
      sla_seconds: job.slaS,
      seconds_since_last_run: known.last === null ? null : ageS(known.last.startedAt, agora),
      is_stale: s.stale,
      stale_after: s.staleAfter?.toISOString() ?? null,
      next_expected_run: (s.due !== null && s.due > agora ? s.due : nextSlot(job.cron, agora)).toISOString(),
      running_since: live && known.running ? known.running.startedAt.toISOString() : null,
      consecutive_failures: known.consecutive_failures,
      paused: pause && { desde: pause.desde.toISOString(), ate: pause.ate?.toISOString() ?? null },
    },
  };
}

/** The first that applies. */
function statusOf(known: JobSummary, s: Staleness, live: boolean): JobStatus {
  if (s.stale) return "stale";
  if (live) return "running";
  if (known.last === null) return "never_ran";
  return known.last_finished === "error" || known.last_finished === "timeout" ? known.last_finished : "ok";
}

function severityOf(status: JobStatus, critical: boolean, missingOrFailing: boolean): JobSeverity {
  if (missingOrFailing || (critical && status === "stale")) return "critical";
  return status === "stale" || status === "error" || status === "timeout" ? "warning" : "none";
}

/** Whole seconds; an instant ahead of the clock is 0 old. */
function ageS(at: Date, agora: Date): number {
  return Math.max(0, Math.floor((agora.getTime() - at.getTime()) / 1000));
}
