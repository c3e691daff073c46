/** What the scheduler needs of a catalogue line; an app hands these in, mechanisms never see the catalogue. */
export interface ScheduleEntry {
  name: string;
  cron: string;
  /** Path with its query string, as it is called. */
  endpoint: string;
  /** Nominal period, s: decides the grace and whether a refused connection is retried. */
  periodS: number;
  /** Total time of one call, ms. */
  timeoutMs: number;
  misfire: MisfirePolicy;
}

/** When a slot that nobody claimed within its own minute still runs (`domain/scheduler-and-health.md` §1.6). */
export interface MisfirePolicy {
  graceS: number;
  /** Instead of the grace: until this São Paulo hour of the slot's own date. */
  untilHour?: number;
  /** Caught up only while the São Paulo hour is in [from, to). */
  window?: { from: number; to: number };
}

const GRACE: readonly [periodS: number, graceS: number][] = [
  [60, 0],
  [300, 150],
  [600, 300],
  [900, 450],
  [3600, 1800],
  [86_400, 3600],
  [604_800, 86_400],
];

/** The page's table: half a period up to an hour, then the slack that the SLA leaves; nothing for one-minute jobs. */
export function graceOf(periodS: number): number {
  return GRACE.find(([p]) => p === periodS)?.[1] ?? Math.floor(periodS / 2);
}
