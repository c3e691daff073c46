import { describe, expect, test } from "vitest";
import { slotsBetween } from "#core/cron";
import { instantOf } from "#core/runtime";
import { isLive, type LastRun, staleness } from "./sla.ts";

const CLASSES = {
  "1min": [180, 60],
  "5min": [900, 300],
  "10min": [1800, 600],
  "15min": [2700, 900],
  hora: [7200, 3600],
  dia: [90_000, 86_400],
  semana: [691_200, 604_800],
} as const;
type Class = keyof typeof CLASSES;

const rule = (cron: string, name: Class) => ({ cron, slaS: CLASSES[name][0], periodS: CLASSES[name][1] });
/** `seg 10:00:01` of the week of Monday 2026-03-02, São Paulo. */
function at(text: string): Date {
  const [date = "", time = ""] = text.split(" ");
  const [h = 0, m = 0, s = 0] = time.split(":").map(Number);
  return new Date(instantOf(`2026-${date}`, h, m).getTime() + s * 1000);
}
const ranAt = (text: string): LastRun => {
  const startedAt = at(text);
  return { startedAt, scheduledFor: null, finishedAt: startedAt, running: false, leaseExpiresAt: null };
};

test.each<[string, Class, string, string]>([
  ["* * * * *", "1min", "03-02 10:00:01", "03-02 10:03:01"],
  ["*/5 * * * *", "5min", "03-02 10:00:01", "03-02 10:15:01"],
  ["*/5 8-19 * * *", "5min", "03-06 10:00:01", "03-06 10:15:01"],
  ["*/5 8-19 * * *", "5min", "03-06 19:55:01", "03-07 08:10:00"],
  ["*/10 * * * *", "10min", "03-02 10:00:01", "03-02 10:30:01"],
  ["*/15 * * * *", "15min", "03-02 10:00:01", "03-02 10:45:01"],
  ["0 * * * *", "hora", "03-02 10:00:01", "03-02 12:00:01"],
  ["0 1 * * *", "dia", "03-02 01:00:01", "03-03 02:00:01"],
  ["0 2 * * 0", "semana", "03-01 02:00:01", "03-09 02:00:01"],
  ["0 4 * * 1", "semana", "03-02 04:00:01", "03-10 04:00:01"],
  ["0 8 * * 1-5", "dia", "03-03 08:00:01", "03-04 09:00:01"],
  ["0 8 * * 1-5", "dia", "03-06 08:00:01", "03-09 09:00:00"],
  ["0 9,14 * * 1-5", "dia", "03-02 09:00:01", "03-03 10:00:01"],
  ["0 9,14 * * 1-5", "dia", "03-06 14:00:01", "03-09 10:00:00"],
  ["55 23 * * *", "dia", "03-02 23:55:01", "03-04 00:55:01"],
  ["5 0 * * *", "dia", "03-02 00:05:01", "03-03 01:05:01"],
])("%s (%s) last run %s is stale after %s", (cron, name, last, after) => {
  const run = ranAt(last);
  const staleAfter = at(after);
  expect(staleness(rule(cron, name), run, null, staleAfter)).toMatchObject({ stale: false, staleAfter, live: false });
  expect(staleness(rule(cron, name), run, null, new Date(staleAfter.getTime() + 1)).stale).toBe(true);
});

describe("what anchors the rule", () => {
  const minute = rule("* * * * *", "1min");
  test("a scheduler clock half a second ahead of the database does not alarm all night", () => {
    const startedAt = new Date(at("03-06 19:55:00").getTime() - 500);
    const run = { ...ranAt("03-06 19:55:00"), startedAt, scheduledFor: at("03-06 19:55:00"), finishedAt: startedAt };
    expect(staleness(rule("*/5 8-19 * * *", "5min"), run, null, at("03-07 03:00:00")).stale).toBe(false);
  });
  test("a job that never ran is measured from its registration, and by nothing without one", () => {
    expect(staleness(minute, null, at("03-02 10:00:00"), at("03-02 10:03:01")).stale).toBe(true);
    expect(staleness(minute, null, at("03-02 10:00:00"), at("03-02 10:02:59")).stale).toBe(false);
    expect(staleness(minute, null, null, at("03-02 10:03:01"))).toEqual({
      stale: false,
      staleAfter: null,
      due: null,
      live: false,
    });
  });
  test("while a live execution exists the job is not stale", () => {
    const startedAt = at("03-02 10:00:01");
    const run = { ...ranAt("03-02 10:00:01"), running: true, finishedAt: null, leaseExpiresAt: at("03-02 10:05:00") };
    expect(staleness(minute, run, null, at("03-02 10:04:59"))).toMatchObject({ stale: false, live: true });
    expect(staleness(minute, run, null, at("03-02 10:05:01"))).toMatchObject({ stale: true, live: false });
    expect(isLive({ ...run, leaseExpiresAt: null }, new Date(startedAt.getTime() + 330_000))).toBe(true);
    expect(isLive({ ...run, leaseExpiresAt: null }, new Date(startedAt.getTime() + 330_001))).toBe(false);
    expect(isLive({ ...run, leaseExpiresAt: at("03-03 10:00:00") }, new Date(startedAt.getTime() + 600_001))).toBe(
      false,
    );
  });
});

test("two healthy weeks give no false alarm for windowed and weekly schedules", () => {
  const [from, to] = [at("03-02 00:00:00"), at("03-16 00:00:00")];
  const jobs: [string, Class][] = [
    ["*/5 8-19 * * *", "5min"],
    ["0 8 * * 1-5", "dia"],
    ["0 9,14 * * 1-5", "dia"],
    ["0 4 * * 1", "semana"],
    ["*/10 * * * *", "10min"],
  ];
  for (const [cron, name] of jobs) {
    const slots = slotsBetween(cron, at("02-20 00:00:00"), to);
    // Staleness only grows until the next run, so the last instant before it is the worst one.
    for (const [i, slot] of slots.entries()) {
      const until = new Date((slots[i + 1] ?? to).getTime() - 1);
      if (until < from) continue;
      const run = { startedAt: slot, scheduledFor: slot, finishedAt: slot, running: false, leaseExpiresAt: null };
      expect(staleness(rule(cron, name), run, null, until).stale, `${cron} ${until.toISOString()}`).toBe(false);
    }
  }
});
