import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { instantOf } from "#core/runtime";
import { seedEntries } from "./testing/seed-schedule.ts";
import { createWorld, type World } from "./testing/world.ts";

/** A scheduler that dies around its POST: what the API knows of the key decides what becomes of the row. */

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

/** Monday 2 March 2026, São Paulo. */
const at = (h: number, m: number) => instantOf("2026-03-02", h, m);
const worldAt = (h: number, m: number): World => createWorld(t, at(h, m).toISOString(), { direct: true, honest: true });

const minuteJob = seedEntries("processar_grupos");
const dailyJob = seedEntries("report_manha");

describe("killed after the POST", () => {
  test("twenty times, one second into a job of twenty: each ran once, with its true end and duration, none left running", async () => {
    const world = worldAt(10, 0);
    world.replies.processar_grupos = { afterMs: 20_000, body: '{"status":"ok","processados":7}' };
    const times = 20;
    for (let i = 0; i < times; i++) {
      const node = await world.start(minuteJob);
      await world.time.advance(1000);
      node.kill();
      await world.time.advance(59_000);
    }
    world.replies = {};
    await world.start(minuteJob);
    await world.time.advance(1000);
    expect(world.api?.ran).toHaveLength(times + 1);
    expect(new Set(world.api?.ran).size).toBe(times + 1);
    const rows = (await world.rows()).slice(0, times);
    expect(rows.map((r) => [r.status, r.duration_ms, r.response_code, r.items_processed])).toEqual(
      Array.from({ length: times }, () => ["success", 20_000, 200, 7]),
    );
    expect(await world.skips()).toEqual([]);
  });

  test("the dead run is closed within 30 s of the death, and at once when a lease ends", async () => {
    const world = worldAt(10, 0);
    world.replies.processar_grupos = { afterMs: 5_000 };
    const other = await world.start(seedEntries("heartbeat"));
    const node = await world.start(minuteJob);
    await world.time.advance(1000);
    node.kill();
    await world.time.advance(30_000);
    expect((await world.rows("processar_grupos"))[0]).toMatchObject({ status: "success", duration_ms: 5_000 });
    expect(other.log).toContain("OK processar_grupos: HTTP 200 em 5000 ms processados=1");
  });

  test("a job the API still works on is waited for: its row stays running, and its next slots are overlaps", async () => {
    const world = worldAt(10, 0);
    world.replies.processar_grupos = { afterMs: 130_000 };
    const node = await world.start(minuteJob);
    await world.time.advance(1000);
    node.kill();
    await world.start(minuteJob);
    await world.time.advance(125_000);
    expect(await world.rows()).toMatchObject([{ status: "running" }]);
    expect((await world.skips()).map((s) => s.motivo)).toEqual(["sobreposicao", "sobreposicao"]);
    await world.time.advance(10_000);
    expect(await world.rows()).toMatchObject([{ status: "success", duration_ms: 130_000 }]);
    expect(world.api?.ran).toHaveLength(1);
  });
});

describe("killed between claim and POST", () => {
  test("a daily slot is sent by whoever takes over, in its own row, under the same key, once", async () => {
    const world = worldAt(10, 0);
    await world.start(dailyJob, { diesBeforeSending: true });
    expect([world.received, await world.rows()]).toMatchObject([[], [{ status: "running" }]]);
    await world.time.advance(5000);
    await world.start(dailyJob);
    await world.start(dailyJob);
    await world.time.advance(60_000);
    expect(world.api?.ran).toEqual(["report_manha:2026-03-02T13:00:00.000Z"]);
    expect(await world.rows()).toMatchObject([
      { scheduled_for: at(10, 0), trigger: "catchup", status: "success", error: null },
    ]);
  });

  test("a minute slot is not: its row ends interrompido and the next minute does its work", async () => {
    const world = worldAt(10, 0);
    await world.start(minuteJob, { diesBeforeSending: true });
    await world.time.advance(5000);
    await world.start(minuteJob);
    await world.time.advance(60_000);
    expect(await world.rows()).toMatchObject([
      { status: "error", error: "interrompido: scheduler parou" },
      { scheduled_for: at(10, 1), status: "success" },
    ]);
    expect(world.api?.ran).toEqual(["processar_grupos:2026-03-02T13:01:00.000Z"]);
  });

  test("nor is a daily slot whose grace is over by then", async () => {
    const world = worldAt(10, 0);
    await world.start(dailyJob, { diesBeforeSending: true });
    await world.time.advance(61 * 60_000);
    await world.start(dailyJob);
    await world.time.advance(60_000);
    expect(await world.rows()).toMatchObject([{ status: "error", error: "interrompido: scheduler parou" }]);
    expect(world.received).toEqual([]);
  });
});

describe("stopped before anything was sent", () => {
  const sentOnce = async (world: World) => {
    expect(world.api?.ran).toEqual(["report_manha:2026-03-02T13:00:00.000Z"]);
    expect(await world.rows()).toMatchObject([{ scheduled_for: at(10, 0), trigger: "catchup", status: "success" }]);
    expect(await world.skips()).toEqual([]);
  };

  test("SIGTERM while it waits for an API that is being deployed too: the next scheduler sends it", async () => {
    const world = worldAt(10, 0);
    world.replies.report_manha = { failure: "ECONNREFUSED" };
    const old = await world.start(dailyJob);
    await world.time.advance(4000);
    const stopped = old.scheduler.stop();
    await world.time.advance(1000);
    await stopped;
    expect(old.log).toContain("FAIL report_manha: error interrompido: scheduler parou");
    expect(await world.rows()).toMatchObject([{ status: "error", error: "interrompido: scheduler parou" }]);
    world.replies = {};
    const next = await world.start(dailyJob);
    await world.time.advance(5000);
    await sentOnce(world);
    expect(next.log.filter((l) => l.startsWith("CATCHUP report_manha"))).toHaveLength(1);
  });

  test("the only scheduler stands still beyond its lease: it takes its own slot up again", async () => {
    const world = worldAt(10, 0);
    world.replies.report_manha = { failure: "ECONNREFUSED" };
    await world.start(dailyJob);
    await world.time.advance(1000);
    await world.time.freeze(90_000);
    world.replies = {};
    await world.time.advance(15_000);
    await sentOnce(world);
  });

  test("not after its grace", async () => {
    const world = worldAt(10, 0);
    world.replies.report_manha = { failure: "ECONNREFUSED" };
    await world.start(dailyJob);
    await world.time.freeze(61 * 60_000);
    const tries = world.received.length;
    await world.time.advance(60_000);
    expect(world.received).toHaveLength(tries);
    expect(await world.rows()).toMatchObject([{ status: "error", error: "interrompido: scheduler parou" }]);
  });
});

describe("a run that was never sent is on record, not in somebody's memory", () => {
  const sendings = (world: World) => world.api?.ran ?? [];

  test("the answer that closed it is lost: it is told and sent all the same, once", async () => {
    const world = worldAt(10, 0);
    await world.start(dailyJob, { diesBeforeSending: true });
    world.database.mute = "bater_scheduler";
    const other = await world.start(dailyJob);
    await world.time.advance(45_000);
    expect(await world.rows()).toMatchObject([{ status: "error", error: "interrompido: scheduler parou" }]);
    expect(other.log.filter((l) => l.startsWith("FAIL"))).toEqual([]);
    world.database.mute = null;
    await world.time.advance(60_000);
    expect(other.log.filter((l) => l.startsWith("FAIL"))).toEqual([
      "FAIL report_manha: error interrompido: scheduler parou",
    ]);
    expect(sendings(world)).toHaveLength(1);
  });

  test("whoever closed it does not know the job, or dies before sending: the next one sends it", async () => {
    const world = worldAt(10, 0);
    await world.start(dailyJob, { diesBeforeSending: true });
    const stranger = await world.start(minuteJob);
    await world.time.advance(40_000);
    expect(stranger.log).toContain("FAIL report_manha: error interrompido: scheduler parou");
    expect(await world.rows("report_manha")).toMatchObject([{ status: "error" }]);
    stranger.kill();
    await world.start(dailyJob);
    await world.time.advance(2000);
    expect(sendings(world)).toContain("report_manha:2026-03-02T13:00:00.000Z");
  });

  test("a pause holds it, for good, and the row says whose", async () => {
    const world = worldAt(10, 0);
    await world.start(dailyJob, { diesBeforeSending: true });
    await world.time.advance(5000);
    await t.sql("select pausar_jobs('{report_manha}', 'manutenção', 'ana', null, $1)", [
      world.time.clock.now().toISOString(),
    ]);
    await world.start(dailyJob);
    await world.time.advance(60_000);
    const paused = {
      status: "error",
      error: expect.stringMatching(/^interrompido: .*; pausado por ana .*: manutenção$/),
    };
    expect(await world.rows()).toMatchObject([paused]);
    await t.sql("select retomar_jobs('{report_manha}', 'pronto', 'ana', $1)", [world.time.clock.now().toISOString()]);
    await world.time.advance(60_000);
    expect(world.received).toEqual([]);
    expect(await world.rows()).toMatchObject([paused]);
    expect(await world.skips()).toEqual([]);
  });
});

test("an API that died in the middle of the job: the row says interrompido and the key is not sent again", async () => {
  const world = worldAt(10, 0);
  world.replies.report_manha = { afterMs: 10_000_000 };
  const node = await world.start(dailyJob);
  await world.time.advance(1000);
  node.kill();
  await t.sql("delete from job_locks"); // its lock ran out with it
  await world.start(dailyJob);
  await world.time.advance(60_000);
  expect(world.api?.ran).toHaveLength(1);
  expect(await world.rows()).toMatchObject([
    { trigger: "schedule", status: "error", error: "interrompido: scheduler parou" },
  ]);
});
