import { describe, expect, test } from "vitest";
import { nextSlot, slotsBetween } from "#core/cron";
import { type LastRun, staleness } from "#core/executions";
import { instantOf } from "#core/runtime";
import { SEED_SCHEDULE } from "./testing/seed-schedule.ts";

/** SLA of a nominal period, seconds (`domain/scheduler-and-health.md` §3.1). */
const SLA_S: Record<number, number> = {
  60: 180,
  300: 900,
  600: 1800,
  900: 2700,
  3600: 7200,
  86400: 90_000,
  604800: 691_200,
};
/** The 32 of requirement 002 and the three of `decisions.md` §1. */
const JOBS = [
  ...SEED_SCHEDULE.map(({ name, cron, periodS }) => ({ name, cron, periodS })),
  { name: "processar_eventos", cron: "* * * * *", periodS: 60 },
  { name: "normalizar_agendamentos", cron: "* * * * *", periodS: 60 },
  { name: "enriquecer_ofertas", cron: "*/5 * * * *", periodS: 300 },
].map((job) => ({ ...job, slaS: SLA_S[job.periodS] ?? 0 }));

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Monday. */
const FROM = instantOf("2026-03-02").getTime();
const UNTIL = FROM + 14 * DAY;

const known = new Map<string, Run[]>();
/** Two weeks and what came before; many schedules share an expression. */
function twoWeeks({ cron, periodS }: { cron: string; periodS: number }): Run[] {
  const runs = known.get(cron) ?? healthy(cron, FROM - lookBackMs(periodS), UNTIL);
  known.set(cron, runs);
  return runs;
}

/** Far enough back to hold the run before: a weekend for a daily schedule of weekdays. */
const lookBackMs = (periodS: number) => (periodS >= 604_800 ? 8 : periodS >= 86_400 ? 4 : 1) * DAY;

interface Run {
  slot: Date;
  startMs: number;
  endMs: number;
}

/** Deterministic scatter in [0, 1): the fractional part of the golden ratio's multiples. */
const scatter = (n: number) => (n * 0.618_033_988_749_895) % 1;

/** A healthy history: one run per slot, each within its second; one in twelve is slow, up to four minutes. */
function healthy(cron: string, fromMs: number, untilMs: number): Run[] {
  const runs: Run[] = [];
  let busyUntilMs = Number.NEGATIVE_INFINITY;
  for (const [n, slot] of slotsBetween(cron, new Date(fromMs - 1), new Date(untilMs)).entries()) {
    const startMs = slot.getTime() + 200 + Math.floor(800 * scatter(n));
    if (startMs < busyUntilMs) continue; // overlap: the slot is skipped
    const lastsMs = n % 12 === 5 ? 30_000 + 210_000 * scatter(n + 1) : 50 + 1_500 * scatter(n + 2);
    busyUntilMs = startMs + lastsMs;
    runs.push({ slot, startMs, endMs: busyUntilMs });
  }
  return runs;
}

/** What the ledger says of a run at `nowMs`. */
function asRow(run: Run | undefined, nowMs: number): LastRun | null {
  if (run === undefined) return null;
  const running = nowMs < run.endMs;
  return {
    startedAt: new Date(run.startMs),
    scheduledFor: run.slot,
    finishedAt: running ? null : new Date(run.endMs),
    running,
    leaseExpiresAt: new Date(nowMs + 20_000),
  };
}

test("there are 35 schedules, each with an SLA", () => {
  expect(JOBS).toHaveLength(35);
  expect(JOBS.filter((j) => j.slaS <= j.periodS)).toEqual([]);
});

describe("two weeks, minute by minute", () => {
  test("a healthy system never looks stale", () => {
    const alarms: string[] = [];
    let questions = 0;
    for (const job of JOBS) {
      const runs = twoWeeks(job);
      let last = -1;
      for (let nowMs = FROM; nowMs < UNTIL; nowMs += MINUTE) {
        while ((runs[last + 1]?.startMs ?? Number.POSITIVE_INFINITY) <= nowMs) last++;
        questions++;
        if (!staleness(job, asRow(runs[last], nowMs), null, new Date(nowMs)).stale) continue;
        alarms.push(`${job.name} ${new Date(nowMs).toISOString()}`);
      }
    }
    expect(alarms).toEqual([]);
    expect(questions).toBe(35 * 14 * 24 * 60);
  }, 60_000);

  test("nor does one that has just begun and has run nothing yet", () => {
    const registeredAt = new Date(FROM - 30_000);
    const alarms: string[] = [];
    for (const job of JOBS) {
      const firstMs = twoWeeks(job).find((r) => r.startMs >= FROM)?.startMs ?? UNTIL;
      for (let nowMs = FROM; nowMs < firstMs; nowMs += MINUTE) {
        if (staleness(job, null, registeredAt, new Date(nowMs)).stale)
          alarms.push(`${job.name} ${new Date(nowMs).toISOString()}`);
      }
    }
    expect(alarms).toEqual([]);
  }, 60_000);
});

describe("a job that stops", () => {
  const EVERY_MS = 15_000;

  test.each(JOBS)("$name is found out within its grace + 15 s of the first slot it misses", (job) => {
    const graceMs = (job.slaS - job.periodS) * 1000;
    // Several moments, in and out of the windows of hours and weekdays.
    for (const stopMs of [2.1, 4.45, 5.9, 6.3].map((days) => FROM + days * DAY)) {
      const last = healthy(job.cron, stopMs - lookBackMs(job.periodS), stopMs).at(-1) as Run;
      const quick = { ...last, endMs: last.startMs + 500 };
      const missedMs = nextSlot(job.cron, last.slot).getTime();
      const staleAt = (ms: number) => staleness(job, asRow(quick, ms), null, new Date(ms)).stale;
      // As a monitor asks: every 15 s, from the missed slot on.
      let nowMs = missedMs;
      while (!staleAt(nowMs) && nowMs < missedMs + 10 * DAY) nowMs += EVERY_MS;
      const word = `${job.name}: last run ${quick.slot.toISOString()}`;
      // discovery_autonomo runs twice a day with a daily SLA: the seed's number, counted from its last run, is the later one.
      const allowedMs = Math.max(graceMs, quick.endMs + job.slaS * 1000 - missedMs);
      expect(nowMs - missedMs, word).toBeLessThanOrEqual(allowedMs + EVERY_MS);
      if (job.cron !== "0 9,14 * * 1-5") expect(nowMs - missedMs, word).toBeLessThanOrEqual(graceMs + EVERY_MS);
      expect(nowMs - missedMs, word).toBeGreaterThanOrEqual(graceMs);
    }
  });
});
