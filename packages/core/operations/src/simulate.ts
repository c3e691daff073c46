import { nextSlot, slotsBetween } from "#core/cron";
import { durationWords, momentWords } from "#core/runtime";

export interface SimulatedEntry {
  readonly name: string;
  readonly cron: string;
  /** 95th percentile of its durations, ms; null: unknown, then taken as 0. */
  readonly p95Ms: number | null;
}

export interface SimulatedJob {
  job: string;
  slots: number;
  /** Slots that would be skipped because the run before, taking p95, is still going. */
  overlaps: number;
  p95Ms: number | null;
  firstOverlap: Date | null;
}

export interface Simulation {
  from: Date;
  until: Date;
  slots: number;
  overlaps: number;
  perJob: SimulatedJob[];
  /** The minutes with most starts, the earliest first among equals. */
  busiest: { minute: Date; starts: number; jobs: string[] }[];
  /** Most runs under way at once, if each takes its p95, and when. */
  mostAtOnce: { at: Date; runs: number } | null;
  /** Changes of the clock inside the span, and what they do, in words. */
  clockChanges: string[];
}

const MINUTE_MS = 60_000;
const BUSIEST = 10;

/**
 * What the schedules will do in `(from, until]`: pure arithmetic over cron and durations, nothing runs. Cost: one step per
 * slot (35 jobs leave 210,000 in 30 days: a quarter of a second).
 */
export function simulateSchedule(entries: readonly SimulatedEntry[], from: Date, until: Date): Simulation {
  const starts = new Map<number, number>();
  const began: number[] = [];
  const ended: number[] = [];
  const perJob = entries.map((entry): SimulatedJob => {
    const job: SimulatedJob = { job: entry.name, slots: 0, overlaps: 0, p95Ms: entry.p95Ms, firstOverlap: null };
    let busyUntil = Number.NEGATIVE_INFINITY;
    for (const slot of slotsBetween(entry.cron, from, until)) {
      const at = slot.getTime();
      job.slots++;
      if (at < busyUntil) {
        job.overlaps++;
        job.firstOverlap ??= slot;
        continue;
      }
      busyUntil = at + (entry.p95Ms ?? 0);
      starts.set(at, (starts.get(at) ?? 0) + 1);
      began.push(at);
      ended.push(Math.max(busyUntil, at + 1));
    }
    return job;
  });
  const sum = (of: (j: SimulatedJob) => number) => perJob.reduce((n, j) => n + of(j), 0);
  return {
    from,
    until,
    slots: sum((j) => j.slots),
    overlaps: sum((j) => j.overlaps),
    perJob,
    busiest: busiestMinutes(starts, entries),
    mostAtOnce: mostAtOnce(Float64Array.from(began), Float64Array.from(ended)),
    clockChanges: clockChanges(from, until),
  };
}

function busiestMinutes(starts: Map<number, number>, entries: readonly SimulatedEntry[]): Simulation["busiest"] {
  return [...starts]
    .sort(([a, n], [b, m]) => m - n || a - b)
    .slice(0, BUSIEST)
    .map(([at, n]) => {
      const minute = new Date(at);
      const before = new Date(at - 1);
      const jobs = entries.filter((e) => nextSlot(e.cron, before).getTime() === at).map((e) => e.name);
      return { minute, starts: n, jobs };
    });
}

function mostAtOnce(began: Float64Array, ended: Float64Array): Simulation["mostAtOnce"] {
  began.sort();
  ended.sort();
  let over = 0;
  let most: Simulation["mostAtOnce"] = null;
  began.forEach((at, i) => {
    while ((ended[over] ?? Number.POSITIVE_INFINITY) <= at) over++;
    const runs = i + 1 - over;
    if (runs > (most?.runs ?? 0)) most = { at: new Date(at), runs };
  });
  return most;
}

/** São Paulo's clock against UTC, hour by hour. */
function clockChanges(from: Date, until: Date): string[] {
  const words: string[] = [];
  const HOUR_MS = 60 * MINUTE_MS;
  const offsetAt = (at: number) => {
    const [, day, month, year, hour, minute] = /^(\d+)\/(\d+)\/(\d+) (\d+):(\d+)/.exec(momentWords(new Date(at))) ?? [];
    return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`) - Math.floor(at / MINUTE_MS) * MINUTE_MS;
  };
  // Day by day, then the hour within the day that differs: 30 days cost 30 questions and not 720.
  for (let day = from.getTime(); day < until.getTime(); day += 24 * HOUR_MS) {
    const end = Math.min(day + 24 * HOUR_MS, until.getTime());
    if (offsetAt(day) === offsetAt(end)) continue;
    for (let hour = day; hour < end; hour += HOUR_MS) {
      const by = offsetAt(hour + HOUR_MS) - offsetAt(hour);
      if (by === 0) continue;
      const effect =
        by > 0
          ? "adianta: jobs de hora fixa no intervalo rodam logo depois"
          : "atrasa: jobs de hora fixa rodam uma vez";
      words.push(`${momentWords(new Date(hour + HOUR_MS))}: o relógio ${effect} (${durationWords(Math.abs(by))})`);
    }
  }
  return words;
}
