import { expect, test } from "vitest";
import { createVirtualTime } from "#core/executions";
import { silentLogger } from "#core/runtime";
import { createProgressReporter } from "./progress.ts";

function reporter(fail = false) {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const stored: [number, number, number | null][] = [];
  const warnings: string[] = [];
  const start = time.clock.monotonicMs();
  const r = createProgressReporter({
    token: "t",
    timers: time.timers,
    log: Object.assign(Object.create(silentLogger), { warn: (_: object, msg: string) => warnings.push(msg) }),
    locks: {
      progress: async (_, p) => {
        stored.push([time.clock.monotonicMs() - start, p.done, p.total]);
        if (fail) throw new Error("fora");
        return true;
      },
    },
  });
  return { time, stored, warnings, ...r };
}

test("however often a job speaks, its last word is stored at most once a second", async () => {
  const r = reporter();
  for (let i = 1; i <= 300; i++) {
    r.report({ done: i, total: 300 });
    await r.time.advance(10);
  }
  await r.time.advance(5_000);
  expect(r.stored).toEqual([
    [1_000, 100, 300],
    [2_000, 200, 300],
    [3_000, 300, 300],
  ]);
});

test("a run that is over within a second stores nothing", async () => {
  const r = reporter();
  r.report({ done: 1, total: null });
  await r.time.advance(500);
  r.stop();
  await r.time.advance(5_000);
  expect(r.stored).toEqual([]);
});

test("a database that is away costs one warning and not the run", async () => {
  const r = reporter(true);
  for (let i = 1; i <= 3; i++) {
    r.report({ done: i, total: 3 });
    await r.time.advance(1_000);
  }
  expect([r.stored.length, r.warnings.length]).toEqual([3, 1]);
});
