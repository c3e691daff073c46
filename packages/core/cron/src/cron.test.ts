import { describe, expect, test } from "vitest";
import { addDays, instantOf, type LocalFields, localDay, localFields, weekdayOf } from "#core/runtime";
import { nextSlot, parseCron, previousSlot, slotsBetween } from "./cron.ts";

const iso = (slots: Date[]) => slots.map((s) => s.toISOString());
const between = (expression: string, after: string, until: string) =>
  iso(slotsBetween(expression, new Date(after), new Date(until)));

/** The grammar once more, naively: which numbers a field allows. */
function allowed(text: string, min: number, max: number): Set<number> {
  const out = new Set<number>();
  for (const item of text.split(",")) {
    const [range = "*", step] = item.split("/");
    const [a, b] = range === "*" ? [min, max] : range.split("-").map(Number);
    for (let v = a ?? min; v <= (b ?? a ?? max); v += step ? Number(step) : 1) out.add(v);
  }
  return out;
}

const fieldsAt = new Map<number, LocalFields>();
function fieldsOf(t: number): LocalFields {
  const fields = fieldsAt.get(t) ?? localFields(new Date(t));
  fieldsAt.set(t, fields);
  return fields;
}

/** By brute force: every minute of the span for interval jobs, every local date for fixed-time jobs. */
function oracle(expression: string, after: Date, until: Date): string[] {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expression.split(" ");
  const [minutes, hours] = [allowed(minute, 0, 59), allowed(hour, 0, 23)];
  const [days, months] = [allowed(day, 1, 31), allowed(month, 1, 12)];
  const weekdays = new Set([...allowed(weekday, 0, 6)].map((d) => d % 7));
  const dateMatches = (date: string) => {
    const byDay = days.has(Number(date.slice(8)));
    const byWeekday = weekdays.has(weekdayOf(date));
    const both = day !== "*" && weekday !== "*";
    return months.has(Number(date.slice(5, 7))) && (both ? byDay || byWeekday : byDay && byWeekday);
  };
  const hits = new Set<number>();
  if (/[*/-]/.test(minute + hour)) {
    for (let t = Math.floor(after.getTime() / 60_000 + 1) * 60_000; t <= until.getTime(); t += 60_000) {
      const f = fieldsOf(t);
      if (minutes.has(f.minute) && hours.has(f.hour) && dateMatches(f.date)) hits.add(t);
    }
  } else {
    for (let d = addDays(localDay(after), -1); d <= addDays(localDay(until), 1); d = addDays(d, 1)) {
      if (!dateMatches(d)) continue;
      for (const h of hours) for (const m of minutes) hits.add(instantOf(d, h, m).getTime());
    }
  }
  return [...hits]
    .filter((t) => t > after.getTime() && t <= until.getTime())
    .sort((a, b) => a - b)
    .map((t) => new Date(t).toISOString());
}

const EXPRESSIONS = [
  ...["* * * * *", "*/5 * * * *", "*/5 8-19 * * *", "*/10 8-18 * * *", "*/15 * * * *", "0 * * * *", "0 1 * * *"],
  ...["0 2 * * 0", "0 4 * * 1", "0 8 * * 1-5", "0 9,14 * * 1-5", "55 23 * * *", "5 0 * * *", "0 9 * * 7"],
  ...["0,30 0,23 * * *", "0 22-23 * * *", "15 0-1 * * *", "7-37/10 */6 * * *", "30 12 1,15 * *", "0 6 13 * 5"],
  ...["59 23 31 12 *", "0 0 29 2 *", "0 10 */7 1-6 *", "*/20 0 * * 6,0"],
];

const SPANS: [string, string, string][] = [
  ["two ordinary weeks", "2026-02-26T00:00:00Z", "2026-03-12T00:00:00Z"],
  ["the end of daylight saving in 2018", "2018-02-15T00:00:00Z", "2018-02-21T00:00:00Z"],
  ["the start of daylight saving in 2018", "2018-11-01T00:00:00Z", "2018-11-07T00:00:00Z"],
  ["the turn of a year", "2027-12-28T12:34:56Z", "2028-01-03T00:00:00Z"],
];

describe("against an oracle that walks every minute", () => {
  for (const [name, from, to] of SPANS) {
    test(`all slots of ${name} agree, strictly increasing`, { timeout: 60_000 }, () => {
      for (const expression of EXPRESSIONS) {
        const slots = between(expression, from, to);
        expect(slots, expression).toEqual(oracle(expression, new Date(from), new Date(to)));
        expect(new Set(slots).size).toBe(slots.length);
      }
    });
  }

  test("previousSlot is the inverse of nextSlot, inside the repeated hour too", () => {
    for (const expression of EXPRESSIONS) {
      const slots = between(expression, "2018-02-16T00:00:00Z", "2018-02-19T12:00:00Z");
      for (const [i, slot] of slots.slice(1).entries()) {
        expect(iso([previousSlot(expression, new Date(slot))]), expression).toEqual([slots[i]]);
        expect(iso([previousSlot(expression, new Date(Date.parse(slot) + 1))]), expression).toEqual([slot]);
      }
    }
  });

  test("starting the walk at any second inside the repeated hour gives the same next slot", () => {
    for (const expression of EXPRESSIONS) {
      for (
        let t = Date.parse("2018-02-18T00:59:00Z");
        t < Date.parse("2018-02-18T03:01:00Z");
        t += 7 * 60_000 + 13_000
      ) {
        const until = new Date(t + 2 * 86_400_000);
        const expected = oracle(expression, new Date(t), until)[0];
        if (expected) expect(nextSlot(expression, new Date(t)).toISOString(), expression).toBe(expected);
      }
    }
  });
});

describe("daylight saving, written down", () => {
  test("a minute job goes on through both passes of the repeated hour", () => {
    expect(between("* * * * *", "2018-02-18T00:59:00Z", "2018-02-18T03:00:00Z")).toHaveLength(121);
  });
  test("a fixed-time job in the repeated hour runs once, on the first pass", () => {
    expect(between("30 23 * * *", "2018-02-17T12:00:00Z", "2018-02-18T12:00:00Z")).toEqual([
      "2018-02-18T01:30:00.000Z",
    ]);
  });
  test("a fixed time that does not exist becomes the first minute after the gap", () => {
    expect(between("5 0 * * *", "2018-11-03T12:00:00Z", "2018-11-04T12:00:00Z")).toEqual(["2018-11-04T03:00:00.000Z"]);
  });
  test("an hourly job runs once at the end of the gap", () => {
    expect(between("0 * * * *", "2018-11-04T01:30:00Z", "2018-11-04T04:30:00Z")).toEqual([
      "2018-11-04T02:00:00.000Z",
      "2018-11-04T03:00:00.000Z",
      "2018-11-04T04:00:00.000Z",
    ]);
  });
});

describe("grammar", () => {
  test("only minute and hour made of numbers and lists are fixed-time", () => {
    expect(parseCron("0 9,14 * * 1-5").fixedTime).toBe(true);
    for (const e of ["0 * * * *", "0 8-18 * * *", "*/5 9 * * *"]) expect(parseCron(e).fixedTime, e).toBe(false);
  });

  test.each([
    ["* * * *", "cinco campos"],
    ["* * * * * *", "cinco campos"],
    ["", "cinco campos"],
    ["61 * * * *", "fora de 0–59"],
    ["* 24 * * *", "fora de 0–23"],
    ["0 0 0 * *", "fora de 1–31"],
    ["0 0 * 13 *", "fora de 1–12"],
    ["0 0 * * 8", "fora de 0–7"],
    ["*/0 * * * *", "passo inválido"],
    ["*/60 * * * *", "passo inválido"],
    ["5/10 * * * *", "passo só depois"],
    ["0 9 * * MON", '"MON" não vale'],
    ["0 9 * JAN *", '"JAN" não vale'],
    ["@daily", "cinco campos"],
    ["0 9 L * *", '"L" não vale'],
    ["0 9 ? * *", '"?" não vale'],
    ["0 9 * * 1#2", "não vale"],
    ["1,,2 * * * *", '"" não vale'],
    ["20-10 * * * *", "invertido"],
    ["-5 * * * *", "não vale"],
    ["0 0 30 2 *", "nenhuma data"],
    ["0 0 31 4,6 *", "nenhuma data"],
  ])("%j is refused with a reason", (expression, reason) => {
    expect(() => parseCron(expression)).toThrow(reason);
    expect(() => parseCron(expression)).toThrow(expect.objectContaining({ code: "configuracao_invalida" }));
  });

  test("29 de fevereiro waits for a leap year and an impossible day still runs by its day of week", () => {
    expect(nextSlot("0 0 29 2 *", new Date("2026-01-01T00:00:00Z")).toISOString()).toBe("2028-02-29T03:00:00.000Z");
    expect(nextSlot("0 0 30 2 1", new Date("2026-01-01T00:00:00Z")).toISOString()).toBe("2026-02-02T03:00:00.000Z");
  });

  test("asking for more slots than the bound is an error, not a long wait", () => {
    expect(() => slotsBetween("* * * * *", new Date("2026-01-01T00:00Z"), new Date("2026-01-02T00:00Z"), 100)).toThrow(
      RangeError,
    );
  });
});
