import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { systemTimers } from "#core/executions";
import { silentLogger, systemClock } from "#core/runtime";
import { defineTask } from "./define-task.ts";
import { enqueueTasks } from "./enqueue-tasks.ts";
import { queueStats } from "./task-queries.ts";
import { createTaskRunner } from "./task-runner.ts";
import { createTaskStore } from "./task-store.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());

const echo = defineTask({
  name: "echo",
  queue: "default",
  args: z.object({ n: z.int() }),
  result: z.object({ n: z.int() }),
});

test("two processes share a queue without a pause; what arrives while they are idle is found, and all end on close", async () => {
  const seen: number[] = [];
  const handler = echo.handle(async ({ n }) => {
    seen.push(n);
    return { n };
  });
  const runners = ["a", "b"].map((worker) =>
    createTaskRunner({
      store: createTaskStore({ db: t.db, clock: systemClock, worker, leaseS: 30 }),
      clock: systemClock,
      timers: systemTimers,
      log: silentLogger,
      tasks: [handler],
    }),
  );
  for (const r of runners) r.work({ queue: "default", slots: 5, prefetch: 20 });
  const numbers = Array.from({ length: 120 }, (_, i) => i);
  for (const part of [numbers.slice(0, 1), numbers.slice(1, 100), numbers.slice(100)]) {
    await enqueueTasks(
      { db: t.db, clock: systemClock },
      echo,
      part.map((n) => ({ n })),
    );
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThanOrEqual((part.at(-1) ?? 0) + 1);
  }
  await Promise.all(runners.map((r) => r.close(5_000)));
  expect(seen.toSorted((x, y) => x - y)).toEqual(numbers);
  const { default: stats } = await queueStats(t.db, "default", systemClock);
  expect(stats).toMatchObject({
    queued: 0,
    in_progress: 0,
    complete: 120,
    failed: 0,
    success_rate_24h: 100,
    workers_alive: 2,
  });
});
