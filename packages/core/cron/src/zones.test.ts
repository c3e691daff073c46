import { expect, test } from "vitest";
import { nextSlot, slotsBetween } from "./cron.ts";

/** Every expression of the catalogue, and some that lie exactly on the hours that change. */
const EXPRESSIONS = [
  ...["* * * * *", "*/5 * * * *", "*/5 8-19 * * *", "*/10 * * * *", "*/15 * * * *", "0 * * * *", "0 1 * * *"],
  ...["0 2 * * *", "0 2 * * 0", "0 3 * * *", "0 4 * * 1", "0 6 * * *", "0 8 * * 1-5", "0 9 * * 1", "0 9,14 * * 1-5"],
  ...["0 10 * * *", "0 10 * * 1", "0 11 * * *", "0 20 * * *", "55 23 * * *", "5 0 * * *"],
  ...["15 1,2 * * *", "45 1 * * *", "30 2 * * *", "20 23 * * *", "*/20 1-2 * * *", "10 0-3 * * *"],
];

/** Days around a change of the clock: forward or back by an hour, by half an hour, at midnight and at night. */
const SPANS: [zone: string, from: string, to: string][] = [
  ["America/Sao_Paulo", "2017-10-13", "2017-10-17"],
  ["America/Sao_Paulo", "2018-02-16", "2018-02-20"],
  ["America/Sao_Paulo", "2018-11-02", "2018-11-06"],
  ["America/New_York", "2026-03-06", "2026-03-10"],
  ["America/New_York", "2026-10-30", "2026-11-03"],
  ["Europe/London", "2026-03-27", "2026-03-31"],
  ["Europe/London", "2026-10-23", "2026-10-27"],
  ["Australia/Lord_Howe", "2026-04-03", "2026-04-07"],
  ["Australia/Lord_Howe", "2026-10-02", "2026-10-06"],
  ["America/Santiago", "2026-04-03", "2026-04-07"],
  ["America/Santiago", "2026-09-04", "2026-09-08"],
];

const MINUTE_MS = 60_000;
/** What the wall clock of a zone shows in each minute of a span. */
interface Minute {
  t: number;
  /** Minutes since 1970 if the zone's clock were UTC: comparable, and each minute is one more. */
  wall: number;
}

function minutesOf(zone: string, fromMs: number, toMs: number): Minute[] {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  const wallAt = (t: number) => {
    const part = Object.fromEntries(format.formatToParts(new Date(t)).map((p) => [p.type, p.value]));
    return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:00Z`) / MINUTE_MS;
  };
  const minutes: Minute[] = [];
  // Clocks change on a quarter of an hour: between two quarters the wall clock runs as any other.
  for (let t = fromMs; t <= toMs; t += 15 * MINUTE_MS) {
    const wall = wallAt(t);
    for (let i = 0; i < 15; i++) minutes.push({ t: t + i * MINUTE_MS, wall: wall + i });
  }
  return minutes;
}

function allowed(text: string, min: number, max: number): Set<number> {
  const out = new Set<number>();
  for (const item of text.split(",")) {
    const [range = "*", step] = item.split("/");
    const [a, b] = range === "*" ? [min, max] : range.split("-").map(Number);
    for (let v = a ?? min; v <= (b ?? a ?? max); v += step ? Number(step) : 1) out.add(v);
  }
  return out;
}

/** The rule of the page, minute by minute: which instants an expression is due at, from the zone's wall clock alone. */
function oracle(expression: string, span: readonly Minute[]): number[] {
  const [minute = "", hour = "", , , weekday = ""] = expression.split(" ");
  const [minutes, hours, weekdays] = [allowed(minute, 0, 59), allowed(hour, 0, 23), allowed(weekday, 0, 6)];
  const matches = (wall: number) =>
    minutes.has(wall % 60) && hours.has(Math.floor(wall / 60) % 24) && weekdays.has((Math.floor(wall / 1440) + 4) % 7); // 1970 began on a Thursday
  if (/[*/-]/.test(minute + hour)) return span.filter(({ wall }) => matches(wall)).map(({ t }) => t);
  const due = new Set<number>();
  let latest = (span[0]?.wall ?? 0) - 1;
  for (const { t, wall } of span) {
    // A repeated minute was there already; one that the clock jumped over is made up for at the first minute after it.
    for (let w = latest + 1; w <= wall; w++) if (matches(w)) due.add(t);
    latest = Math.max(latest, wall);
  }
  return [...due];
}

test.each(SPANS)(
  "%s from %s to %s: no schedule differs from the oracle, wherever the walk begins",
  (zone, from, to) => {
    const [fromMs, toMs] = [Date.parse(`${from}T00:00:00Z`), Date.parse(`${to}T00:00:00Z`)];
    const span = minutesOf(zone, fromMs - 86_400_000, toMs);
    const iso = (times: number[]) => times.map((t) => new Date(t).toISOString());
    for (const expression of EXPRESSIONS) {
      const expected = oracle(expression, span).filter((t) => t > fromMs && t <= toMs);
      const slots = slotsBetween(expression, new Date(fromMs), new Date(toMs), undefined, zone).map((s) => s.getTime());
      expect(iso(slots), expression).toEqual(iso(expected));
      expect(
        slots.every((slot, i) => slot > (slots[i - 1] ?? 0)),
        `${expression} strictly increasing`,
      ).toBe(true);

      const begun: number[] = [];
      const following: number[] = [];
      for (let t = fromMs + 86_400_000; t < toMs - 86_400_000; t += 29 * MINUTE_MS + 7000) {
        const next = expected.find((slot) => slot > t);
        if (next === undefined) break;
        following.push(next);
        begun.push(nextSlot(expression, new Date(t), zone).getTime());
      }
      expect(iso(begun), `${expression} begun inside`).toEqual(iso(following));
    }
  },
);
