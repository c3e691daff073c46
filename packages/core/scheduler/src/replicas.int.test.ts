import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { instantOf } from "#core/runtime";
import { type ScheduleEntry, slotsOf } from "./entry.ts";
import { seedEntries } from "./testing/seed-schedule.ts";
import { createWorld, type World } from "./testing/world.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const MINUTE = 60_000;
const NINE_TO = instantOf("2026-03-02", 9, 59).getTime();
const worldAt = (ms: number): World => createWorld(t, new Date(ms).toISOString(), { direct: true });

/** Runs and skips of an entry are together exactly its slots in (after, until]; the API was called once for each run. */
async function audit(world: World, entries: readonly ScheduleEntry[], after: Date, until: Date): Promise<void> {
  const rows = [...(await world.rows()), ...(await world.skips())];
  for (const e of entries) {
    const expected = slotsOf(e, after, until).map((s) => s.toISOString());
    const found = rows
      .filter((r) => r.job_name === e.name)
      .map((r) => (r.scheduled_for as Date).toISOString())
      .filter((s) => s > after.toISOString() && s <= until.toISOString());
    expect(found.sort(), e.name).toEqual(expected);
  }
  const keys = world.received.map((r) => `${r.job}:${r.slot}`);
  expect(new Set(keys).size).toBe(keys.length);
}

test("three replicas, ten schedules of one second, two minutes: as many rows as slots, each executed once", async () => {
  const entries: ScheduleEntry[] = Array.from({ length: 10 }, (_, i) => ({
    ...(seedEntries("heartbeat")[0] as ScheduleEntry),
    name: `segundo_${i}`,
    everyS: 1,
  }));
  const world = worldAt(NINE_TO);
  for (let i = 0; i < 3; i++) await world.start(entries);
  await world.time.advance(2 * MINUTE - 1);
  const slots = 10 * 120;
  expect(world.received).toHaveLength(slots);
  expect(new Set(world.received.map((r) => r.headers["idempotency-key"])).size).toBe(slots);
  const [rows] = await t.sql<{ n: number; slots: number; ok: number }>(
    `select count(*) as n, count(distinct (job_name, scheduled_for)) as slots,
            count(*) filter (where status = 'success') as ok from job_executions`,
  );
  expect(rows).toEqual({ n: slots, slots, ok: slots });
  expect(await world.skips()).toEqual([]);
}, 300_000);

test("sixty rolling restarts in an hour, at any second, 59.99 among them: no slot lost, none twice", async () => {
  const entries = seedEntries("heartbeat", "processar_grupos", "verificar_whatsapp");
  const world = worldAt(NINE_TO);
  world.replies.processar_grupos = { afterMs: 3000 };
  let node = await world.start(entries);
  for (let i = 0; i < 60; i++) {
    const offsetMs = i % 6 === 5 ? 59_990 : (i * 7_919) % 59_000;
    await world.time.advance(offsetMs);
    const stopping = node.scheduler.stop();
    node = await world.start(entries); // the deploy's new process, while the old one finishes
    await world.time.advance(MINUTE - offsetMs);
    await stopping;
  }
  await world.time.advance(5000);
  const until = new Date(NINE_TO + 60 * MINUTE);
  await audit(world, entries, new Date(NINE_TO - 1), until);
  expect(await world.skips()).toEqual([]);
  expect((await world.rows()).filter((r) => r.status !== "success")).toEqual([]);
}, 300_000);

describe("one replica's own clock jumps, the database's does not", () => {
  test.each([90_000, -90_000, 600_000, -600_000, 10_800_000, -10_800_000])(
    "by %d ms for five minutes, and back: every slot is accounted for, none ran twice",
    async (jumpMs) => {
      const entries = seedEntries("heartbeat", "verificar_whatsapp");
      const world = worldAt(NINE_TO + 30_000);
      const node = await world.start(entries);
      await world.time.advance(2 * MINUTE);
      node.skewMs = jumpMs;
      await world.time.advance(5 * MINUTE);
      const during = world.received.length;
      node.skewMs = 0;
      await world.time.advance(3 * MINUTE);
      expect(
        node.log.some((l) => /^FAIL scheduler: relógio \d+ s (adiantado|atrasado).*nada é despachado/.test(l)),
      ).toBe(true);
      expect(node.log.some((l) => /relógio saltou/.test(l))).toBe(true);
      expect(world.received.length).toBeGreaterThan(during);
      await world.time.advance(MINUTE);
      await audit(world, entries, new Date(NINE_TO - 1), new Date(NINE_TO + 10 * MINUTE));
    },
  );
});

test("a scheduler on the wrong database sends and writes nothing, says FAIL each minute, and begins when it is put right", async () => {
  await t.sql("insert into app_settings (key, value) values ('environment', 'production')");
  const world = worldAt(NINE_TO + 30_000);
  const node = await world.start(seedEntries("heartbeat"), { expected: { environment: "test", projectRef: "abc" } });
  await world.time.advance(3 * MINUTE);
  expect(node.log.filter((l) => l.startsWith("FAIL scheduler: este banco é de environment='production'"))).toHaveLength(
    4,
  );
  expect([world.received, await world.rows(), await t.sql("select * from scheduler_instances")]).toEqual([[], [], []]);
  await t.sql("update app_settings set value = 'test' where key = 'environment'");
  await world.time.advance(MINUTE);
  expect(world.received.length).toBeGreaterThan(0);
});

test("at four in the morning old executions, skips and transitions of circuits are pruned", async () => {
  const world = worldAt(instantOf("2026-03-02", 3, 59).getTime());
  await t.sql(
    `insert into circuit_transitions (circuit_name, from_state, to_state, reason, created_at)
     select 'evolution', 'closed', 'open', 'x', $1::timestamptz - n * interval '1 day' from unnest('{29,31,400}'::int[]) n`,
    [world.time.clock.now().toISOString()],
  );
  await t.sql(
    `insert into job_slots_pulados (job_name, scheduled_for, motivo) values ('x', $1::timestamptz - interval '91 days', 'perdido')`,
    [world.time.clock.now().toISOString()],
  );
  const node = await world.start(seedEntries("heartbeat"));
  await world.time.advance(2 * MINUTE);
  expect(await t.sql("select count(*) as n from circuit_transitions")).toEqual([{ n: 1 }]);
  expect(await world.skips("x")).toEqual([]);
  expect(node.log).toContain("retenção de execuções concluída");
});
