import { minuteOf, nextSlot } from "#core/cron";

/** What the ledger knows of a job's most recent execution, whatever its status. */
export interface LastRun {
  startedAt: Date;
  scheduledFor: Date | null;
  finishedAt: Date | null;
  running: boolean;
  leaseExpiresAt: Date | null;
}

export interface SlaRule {
  cron: string;
  slaS: number;
  /** Nominal period; SLA − period is the slack a slot has. */
  periodS: number;
}

export interface Staleness {
  stale: boolean;
  /** The instant after which the job is (or will be) stale; null when nothing anchors it. */
  staleAfter: Date | null;
  /** The first slot after the last sign of the job; null when there is none. */
  due: Date | null;
  /** A live execution exists: never stale while it lives. */
  live: boolean;
}

const NO_LEASE_LIVE_MS = 330_000;
const MAX_LIVE_MS = 600_000;

/**
 * A running row that still has an owner: lease not over (without one: started at most 330 s ago), and in any case started
 * at most 600 s ago (240 s of connection retries plus 300 s of work fit).
 */
export function isLive(run: LastRun, agora: Date): boolean {
  if (!run.running) return false;
  const ageMs = agora.getTime() - run.startedAt.getTime();
  if (ageMs > MAX_LIVE_MS) return false;
  return run.leaseExpiresAt === null ? ageMs <= NO_LEASE_LIVE_MS : run.leaseExpiresAt.getTime() >= agora.getTime();
}

/**
 * Overdue, not merely old: `agora − R > SLA` and `agora > D + (SLA − period)`, where R is the last sign of the job and D
 * its first slot after R. For a uniform schedule that is exactly the SLA; a window of hours or weekdays stays quiet while
 * it is closed. (`domain/scheduler-and-health.md` §3.2)
 *
 * @param last most recent execution; null when the job never ran, and then `registeredAt` anchors the rule.
 * @param pauseEnd when its last pause ended: until the first slot after it nothing was expected of the job.
 */
export function staleness(
  rule: SlaRule,
  last: LastRun | null,
  registeredAt: Date | null,
  agora: Date,
  pauseEnd: Date | null = null,
): Staleness {
  const signs = last === null ? [registeredAt] : [last.startedAt, last.scheduledFor, last.finishedAt];
  // Without any other sign nobody has ever expected it to run.
  if (signs.some((s) => s !== null)) signs.push(pauseEnd);
  const reference = Math.max(...signs.map((s) => s?.getTime() ?? Number.NEGATIVE_INFINITY));
  if (reference === Number.NEGATIVE_INFINITY) return { stale: false, staleAfter: null, due: null, live: false };
  // Slots are whole minutes, so the minute asks the same question; and jobs of one schedule then ask it together.
  const due = nextSlot(rule.cron, minuteOf(new Date(reference)));
  const staleAfter = Math.max(reference + rule.slaS * 1000, due.getTime() + (rule.slaS - rule.periodS) * 1000);
  const live = last !== null && isLive(last, agora);
  return { stale: !live && agora.getTime() > staleAfter, staleAfter: new Date(staleAfter), due, live };
}
