import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { ScheduleEntry } from "./entry.ts";
import { createWorld } from "./testing/world.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const COUNT = 300;
/** As many begin at once. */
const YOUNG = 128;
const entries: ScheduleEntry[] = Array.from({ length: COUNT }, (_, i) => ({
  name: `job_${i}`,
  cron: "* * * * *",
  endpoint: `/jobs/job_${i}`,
  periodS: 60,
  timeoutMs: 300_000,
  misfire: { graceS: 0 },
}));

test("more schedules than calls may begin at once: slow ones hold nobody back, and the order is kept", async () => {
  const world = createWorld(t, "2026-03-02T13:00:00Z", { direct: true });
  for (const e of entries) world.replies[e.name] = { afterMs: 20_000 };
  const node = await world.start(entries);
  expect(world.received).toHaveLength(YOUNG);
  await world.time.advance(300);
  expect(world.received.map((r) => r.job)).toEqual(entries.map((e) => e.name));
  await world.time.advance(21_000);
  const rows = await world.rows();
  expect(rows.map((r) => r.status)).toEqual(Array(COUNT).fill("success"));
  expect(Math.max(...rows.map((r) => Number(r.duration_ms)))).toBeLessThanOrEqual(20_200); // the wait for room included
  expect(node.log.filter((l) => l.includes("Executando job"))).toHaveLength(COUNT);
});

test("stopped while calls wait for room: they are still made, as those under way are still waited for", async () => {
  const world = createWorld(t, "2026-03-02T13:00:00Z", { direct: true });
  for (const e of entries) world.replies[e.name] = { afterMs: 5_000 };
  const node = await world.start(entries);
  expect(world.received).toHaveLength(YOUNG);
  const stopping = node.scheduler.stop();
  await world.time.advance(6_000);
  await stopping;
  expect(world.received).toHaveLength(COUNT);
  expect((await world.rows()).map((r) => r.status)).toEqual(Array(COUNT).fill("success"));
});

test("the grace over before their turn: they are on record as never sent, to be taken up again", async () => {
  const world = createWorld(t, "2026-03-02T13:00:00Z", { direct: true });
  for (const e of entries) world.replies[e.name] = { afterMs: 60_000 };
  const node = await world.start(entries, { graceMs: 50 });
  const stopping = node.scheduler.stop();
  await world.time.advance(1_000);
  await stopping;
  expect(world.received).toHaveLength(YOUNG);
  const errors = (await world.rows()).map((r) => r.error);
  expect(errors.filter((e) => e === "interrompido: shutdown")).toHaveLength(YOUNG);
  expect(errors.filter((e) => e === "interrompido: scheduler parou")).toHaveLength(COUNT - YOUNG);
});
