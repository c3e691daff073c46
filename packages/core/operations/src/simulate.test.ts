import { expect, test } from "vitest";
import { simulateSchedule } from "./simulate.ts";

const day = { from: new Date("2026-03-02T02:59:59Z"), until: new Date("2026-03-03T02:59:59Z") };
const simulate = (entries: [string, string, number | null][], span = day) =>
  simulateSchedule(
    entries.map(([name, cron, p95Ms]) => ({ name, cron, p95Ms })),
    span.from,
    span.until,
  );

test("a day has the slots that its schedules say, and the busiest minute the jobs that meet there", () => {
  const s = simulate([
    ["minuto", "* * * * *", 500],
    ["dez_em_dez", "*/10 * * * *", 500],
    ["manha", "0 10 * * *", 500],
  ]);
  expect(s).toMatchObject({ slots: 1440 + 144 + 1, overlaps: 0, mostAtOnce: { runs: 3 } });
  expect(s.busiest[0]).toEqual({
    minute: new Date("2026-03-02T13:00:00Z"),
    starts: 3,
    jobs: ["minuto", "dez_em_dez", "manha"],
  });
  expect(s.busiest[1]).toMatchObject({ minute: new Date("2026-03-02T03:00:00Z"), starts: 2 });
});

test("a job that takes longer than its period loses the slots in between", () => {
  const [job] = simulate([["lento", "* * * * *", 150_000]]).perJob;
  expect(job).toEqual({
    job: "lento",
    slots: 1440,
    overlaps: 960,
    p95Ms: 150_000,
    firstOverlap: new Date("2026-03-02T03:01:00Z"),
  });
});

test("a job that just fits loses none, and one whose duration nobody knows either", () => {
  expect(
    simulate([
      ["justo", "* * * * *", 60_000],
      ["novo", "* * * * *", null],
    ]),
  ).toMatchObject({ overlaps: 0, mostAtOnce: { runs: 2 } });
});

test("a change of the clock is announced", () => {
  const span = { from: new Date("2018-02-16T00:00:00Z"), until: new Date("2018-02-20T00:00:00Z") };
  expect(simulate([["minuto", "* * * * *", null]], span).clockChanges).toEqual([
    "17/02/2018 23:00: o relógio atrasa: jobs de hora fixa rodam uma vez (1 h)",
  ]);
  expect(simulate([["minuto", "* * * * *", null]]).clockChanges).toEqual([]);
});
