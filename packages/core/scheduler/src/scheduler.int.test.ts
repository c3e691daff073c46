import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { slotsBetween } from "#core/cron";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { instantOf } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";
import { SEED_SCHEDULE, seedEntries } from "./testing/seed-schedule.ts";
import { createWorld, type World } from "./testing/world.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const MINUTE = 60_000;
/** `02 10:00:40` of March 2026, São Paulo; 2 is a Monday. */
function at(text: string): Date {
  const [day = "", time = ""] = text.split(" ");
  const [h = 0, m = 0, s = 0] = time.split(":").map(Number);
  return new Date(instantOf(`2026-03-${day}`, h, m).getTime() + s * 1000);
}
const worldAt = (text: string, direct = true): World => createWorld(t, at(text).toISOString(), { direct });
const names = (world: World, slot: Date) =>
  world.received.filter((r) => r.slot === slot.toISOString()).map((r) => r.job);

/** Executions and skips together are exactly the slots of the span, each once. */
async function audit(world: World, entries: readonly ScheduleEntry[], after: Date, until: Date): Promise<void> {
  for (const e of entries) {
    const expected = slotsBetween(e.cron, after, until).map((s) => s.toISOString());
    const found = [...(await world.rows(e.name)), ...(await world.skips(e.name))]
      .map((r) => (r.scheduled_for as Date).toISOString())
      .filter((s) => s > after.toISOString() && s <= until.toISOString());
    expect(found.sort(), e.name).toEqual(expected);
  }
}

describe("which jobs a tick starts", () => {
  test("caso 1: Monday 10:00 starts exactly 17 of the 32 jobs, all at once", async () => {
    const world = worldAt("02 10:00:00", false); // the rest of this file spares the Data API in between
    await world.start(SEED_SCHEDULE);
    const started = names(world, at("02 10:00"));
    expect(started).toHaveLength(17);
    expect(started).toEqual(expect.arrayContaining(["report_manha", "processar_followups", "reativacao_autonoma"]));
    expect(started).not.toContain("report_semanal");
    expect(await world.rows()).toHaveLength(17);
    expect(new Set(world.received.map((r) => r.at)).size).toBe(1);
  });

  test.each([
    [3, "discovery_autonomo", "07 09:00", false],
    [3, "discovery_autonomo", "06 14:00", true],
    [4, "validar_telefones", "02 19:55", true],
    [4, "validar_telefones", "02 20:00", false],
    [4, "validar_telefones", "02 08:00", true],
    [4, "validar_telefones", "02 07:55", false],
  ])("caso %s: %s at %s: %s", async (_n, job, when, runs) => {
    const world = worldAt(when);
    await world.start(seedEntries(job));
    expect(names(world, at(when))).toEqual(runs ? [job] : []);
  });

  test.each(["0 9 * * MON", "61 * * * *", "* * * *", "*/0 * * * *"])(
    "caso 5: cron %s stops the start, naming the job",
    async (cron) => {
      const world = worldAt("02 10:00:00");
      const bad = { ...(seedEntries("heartbeat")[0] as ScheduleEntry), cron };
      await expect(world.start([bad])).rejects.toThrow(/heartbeat/);
    },
  );
});

describe("overlap", () => {
  test("caso 6: a slow job skips its own slots and nobody else's", async () => {
    const world = worldAt("02 10:00:00");
    world.replies.processar_grupos = { afterMs: 150_000 };
    const node = await world.start(seedEntries("heartbeat", "processar_grupos"));
    await world.time.advance(5 * MINUTE - 1000);
    expect(await world.rows("heartbeat")).toHaveLength(5);
    const grupos = await world.rows("processar_grupos");
    expect(grupos.map((r) => r.scheduled_for)).toEqual([at("02 10:00"), at("02 10:03")]);
    expect(grupos[0]).toMatchObject({ status: "success", duration_ms: 150_000 });
    expect(node.log.filter((l) => l.includes("SKIP processar_grupos"))).toEqual([
      "SKIP processar_grupos: execucao anterior em andamento desde 10:00:00",
      "SKIP processar_grupos: execucao anterior em andamento desde 10:00:00",
      "SKIP processar_grupos: execucao anterior em andamento desde 10:03:00",
    ]);
    expect((await world.skips()).map((s) => s.motivo)).toEqual(["sobreposicao", "sobreposicao", "sobreposicao"]);
  });

  test("a daily slot refused by a manual run is caught up when that ends", async () => {
    const world = worldAt("02 09:59:30");
    await t.sql("insert into job_executions (job_name, started_at, lease_expires_at) values ('report_manha', $1, $2)", [
      at("02 09:59").toISOString(),
      at("02 10:01:30").toISOString(),
    ]);
    await world.start(seedEntries("report_manha"));
    await world.time.advance(3 * MINUTE);
    expect(await world.rows("report_manha")).toMatchObject([
      { scheduled_for: at("02 10:00"), trigger: "catchup", status: "success" },
      { trigger: "manual", status: "error" },
    ]);
    expect(await world.skips()).toEqual([]);
  });
});

describe("replicas, restarts, deaths", () => {
  test("caso 7: two schedulers for ten minutes: one row and one call per slot", async () => {
    const world = worldAt("02 09:55:30");
    await world.start(SEED_SCHEDULE);
    await world.start(SEED_SCHEDULE);
    await world.time.advance(10 * MINUTE);
    const keys = world.received.map((r) => `${r.job}:${r.slot}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(await world.rows()).toHaveLength(keys.length);
    expect(world.received.every((r) => r.headers["idempotency-key"] === `${r.job}:${r.slot}`)).toBe(true);
    await audit(world, SEED_SCHEDULE, at("02 09:54:59"), at("02 10:05:30"));
    expect(await world.skips()).toEqual([]);
  });

  test("caso 8: a restart inside the minute runs no slot twice", async () => {
    const world = worldAt("02 09:59:30");
    const first = await world.start(SEED_SCHEDULE);
    await world.time.advance(60_000);
    await first.scheduler.stop();
    await world.time.advance(10_000);
    await world.start(SEED_SCHEDULE);
    await world.time.advance(10_000);
    expect(await world.rows("report_manha")).toHaveLength(1);
    expect(world.received.filter((r) => r.job === "report_manha")).toHaveLength(1);
  });

  test("caso 9: killed in mid-run: the row ends interrompido and the job starts again within 90 s", async () => {
    const world = worldAt("02 10:00:00");
    world.replies.processar_grupos = { afterMs: 200_000 };
    const first = await world.start(seedEntries("processar_grupos"));
    await world.time.advance(20_000);
    first.kill();
    world.replies = {};
    await world.time.advance(5000);
    const second = await world.start(seedEntries("processar_grupos"));
    await world.time.advance(85_000);
    const [old, next] = await world.rows();
    expect(old).toMatchObject({ status: "error", error: "interrompido: scheduler parou" });
    expect(next).toMatchObject({ scheduled_for: at("02 10:01"), status: "success" });
    expect(second.log.some((l) => l.startsWith("FAIL processar_grupos: error interrompido"))).toBe(true);
  });

  test("the only scheduler dead for seven minutes: every slot is a run or says why not", async () => {
    const world = worldAt("02 09:56:00");
    const first = await world.start(SEED_SCHEDULE);
    await world.time.advance(3 * MINUTE + 59_000);
    first.kill();
    await world.time.advance(7 * MINUTE);
    await world.start(SEED_SCHEDULE);
    await world.time.advance(2000);
    await audit(world, seedEntries("heartbeat", "processar_grupos"), at("02 09:56"), at("02 10:06:30"));
    await world.time.advance(30_000);
    await audit(world, SEED_SCHEDULE, at("02 09:55:59"), at("02 10:06:30"));
    expect((await world.rows("report_manha"))[0]).toMatchObject({ trigger: "catchup", status: "success" });
  });

  test("a scheduler that slept through its lease sends nothing under it; the slot is taken up again by the record", async () => {
    const world = worldAt("02 10:00:30");
    const entries = seedEntries("sincronizar_briefing");
    world.replies.sincronizar_briefing = { failure: "ECONNREFUSED" };
    const node = await world.start(entries);
    expect(world.received).toHaveLength(1);
    await world.time.freeze(90_000);
    expect(world.received).toHaveLength(1);
    const [lost] = await world.rows();
    expect(lost).toMatchObject({ status: "error", error: "interrompido: scheduler parou" });
    world.replies = {};
    await world.time.advance(15_000);
    expect(await world.rows()).toMatchObject([{ id: lost?.id, trigger: "catchup", status: "success" }]);
    expect(world.received).toHaveLength(2);
    expect(node.log.filter((l) => l.startsWith("FAIL"))).toEqual([
      "FAIL sincronizar_briefing: error interrompido: scheduler parou",
    ]);
  });
});

describe("missed slots", () => {
  const ranYesterday = (job: string, slot: string) =>
    t.sql(
      `insert into job_executions (job_name, scheduled_for, trigger, started_at, finished_at, status)
       values ($1, $2, 'schedule', $2, $2, 'success')`,
      [job, at(slot).toISOString()],
    );

  test("caso 10: report_manha missed at 10:00 runs once at 10:30 as a catch-up", async () => {
    await ranYesterday("report_manha", "01 10:00");
    const world = worldAt("02 10:30:00");
    const node = await world.start(seedEntries("report_manha"));
    await world.time.advance(5 * MINUTE);
    const rows = await world.rows();
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ trigger: "catchup", scheduled_for: at("02 10:00"), status: "success" });
    expect(node.log).toContain("CATCHUP report_manha: slot 2026-03-02T13:00:00.000Z atrasado 00:30:00");
  });

  test("caso 10: at 11:01 it does not run that day, and the ledger says why", async () => {
    await ranYesterday("report_manha", "01 10:00");
    const world = worldAt("02 11:01:00");
    await world.start(seedEntries("report_manha"));
    await world.time.advance(MINUTE);
    expect(await world.rows()).toHaveLength(1);
    expect(await world.skips()).toMatchObject([{ scheduled_for: at("02 10:00"), motivo: "perdido" }]);
  });

  test("caso 11: the first start ever catches nothing up", async () => {
    const world = worldAt("02 10:30:00");
    await world.start(SEED_SCHEDULE);
    await world.time.advance(3 * MINUTE);
    expect((await world.rows()).filter((r) => r.trigger === "catchup")).toEqual([]);
    expect(await world.skips()).toEqual([]);
  });

  test("many catch-ups start one by one, half a second apart, in the order of the entries", async () => {
    const daily = SEED_SCHEDULE.filter((e) => e.periodS === 86_400 && e.cron.startsWith("0 "));
    for (const e of daily) await ranYesterday(e.name, "02 00:00");
    const entries = daily.map((e) => ({ ...e, misfire: { graceS: 86_400 } }));
    const world = worldAt("02 21:00:30");
    await world.start(entries);
    await world.time.advance(MINUTE);
    expect(world.received.map((r) => r.job)).toEqual(entries.map((e) => e.name).slice(0, world.received.length));
    expect(world.received.length).toBeGreaterThan(8);
    const starts = world.received.map((r) => Date.parse(r.at));
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
  });
});

describe("clocks", () => {
  test("a clock stepping back ten minutes runs nothing twice and goes on afterwards", async () => {
    const world = worldAt("02 10:00:30");
    const entries = seedEntries("heartbeat");
    await world.start(entries);
    await world.time.advance(2 * MINUTE);
    world.time.jump(-10 * MINUTE);
    await world.time.advance(15 * MINUTE);
    const rows = await world.rows();
    expect(rows.map((r) => r.scheduled_for)).toEqual(slotsBetween("* * * * *", at("02 09:59:59"), at("02 10:07:30")));
  });

  test("a clock jumping forward is downtime: the slots passed over are accounted for", async () => {
    const world = worldAt("02 10:00:30");
    const entries = seedEntries("heartbeat", "verificar_whatsapp");
    await world.start(entries);
    world.time.jump(10 * MINUTE);
    await world.time.advance(2 * MINUTE);
    await audit(world, entries, at("02 09:59:59"), at("02 10:12:30"));
  });

  test("a scheduler a minute ahead of the database dispatches nothing and says so; the other goes on", async () => {
    const world = worldAt("02 10:00:30");
    const wrong = await world.start(seedEntries("heartbeat"), { skewMs: MINUTE });
    await world.time.advance(3 * MINUTE);
    expect(world.received).toEqual([]);
    expect(wrong.log.some((l) => /^FAIL scheduler: relógio 60 s adiantado/.test(l))).toBe(true);
    await world.start(seedEntries("heartbeat"));
    await world.time.advance(MINUTE);
    expect(world.received.length).toBeGreaterThan(0);
    await audit(world, seedEntries("heartbeat"), at("02 09:59:59"), at("02 10:04:30"));
  });
});

describe("failures on the way", () => {
  test("caso 19: a claim that cannot be written sends no call; once the database is back all goes on", async () => {
    const world = worldAt("02 09:59:50");
    const entries = seedEntries("heartbeat", "processar_grupos");
    const node = await world.start(entries);
    await world.time.advance(5000);
    world.database.down = true;
    world.received.length = 0;
    await world.time.advance(45_000);
    expect(world.received).toEqual([]);
    expect(node.log).toContain("FAIL heartbeat: nao foi possivel registrar execucao");
    world.database.down = false;
    await world.time.advance(2 * MINUTE);
    expect(await world.rows("heartbeat")).toHaveLength(3);
    await audit(world, entries, at("02 09:58:59"), at("02 10:02:30"));
    expect(await world.skips("heartbeat")).toMatchObject([{ scheduled_for: at("02 10:00"), motivo: "perdido" }]);
  });

  test("a database away at the start is waited for", async () => {
    const world = worldAt("02 10:00:10");
    world.database.down = true;
    await world.start(seedEntries("heartbeat"));
    await world.time.advance(30_000);
    world.database.down = false;
    await world.time.advance(6000);
    expect(await world.rows()).toMatchObject([{ scheduled_for: at("02 10:00"), status: "success" }]);
  });

  test("the API down: each due slot gets its error row, on cadence; hourly jobs try the connection again", async () => {
    const world = worldAt("02 10:00:00");
    world.replies.heartbeat = { failure: "ECONNREFUSED" };
    world.replies.sincronizar_briefing = { failure: "ECONNREFUSED" };
    const node = await world.start(seedEntries("heartbeat", "sincronizar_briefing"));
    await world.time.advance(20_000);
    world.replies.sincronizar_briefing = {};
    await world.time.advance(160_000);
    const beats = await world.rows("heartbeat");
    expect(beats).toHaveLength(4);
    expect(beats[0]).toMatchObject({
      status: "error",
      error: "Connection refused: api.test:8000",
      response_code: null,
    });
    expect(node.log).toContain("FAIL heartbeat: error Connection refused: api.test:8000");
    expect(await world.rows("sincronizar_briefing")).toMatchObject([{ status: "success", duration_ms: 30_000 }]);
  });

  test("caso 18: an endpoint that never answers is a timeout after exactly its limit", async () => {
    const world = worldAt("02 10:00:00");
    world.replies.heartbeat = { afterMs: 10 * MINUTE };
    const node = await world.start(seedEntries("heartbeat"));
    await world.time.advance(300_000);
    expect((await world.rows())[0]).toMatchObject({
      status: "timeout",
      error: "Timeout apos 300s",
      duration_ms: 300_000,
    });
    expect(node.log).toContain("FAIL heartbeat: timeout Timeout apos 300s");
  });
});

describe("stop", () => {
  test("caso 20: claims no more, waits for what runs, and leaves a success", async () => {
    const world = worldAt("02 10:00:55");
    world.replies.heartbeat = { afterMs: 8000 };
    const node = await world.start(seedEntries("heartbeat"));
    const stopped = node.scheduler.stop();
    await world.time.advance(20_000);
    await stopped;
    expect(await world.rows()).toMatchObject([{ status: "success", duration_ms: 8000 }]);
    expect(node.log).toContain("Scheduler encerrando");
    expect((await t.sql("select stopped_at from scheduler_instances"))[0]?.stopped_at).not.toBeNull();
  });

  test("aborts after the grace and says interrompido: shutdown", async () => {
    const world = worldAt("02 10:00:00");
    world.replies.heartbeat = { afterMs: 200_000 };
    const node = await world.start(seedEntries("heartbeat"));
    const stopped = node.scheduler.stop();
    await world.time.advance(25_000);
    await stopped;
    expect(await world.rows()).toMatchObject([
      { status: "error", error: "interrompido: shutdown", duration_ms: 25_000 },
    ]);
  });
});

test("caso 39: the words operators grep for", async () => {
  const world = worldAt("02 09:59:30");
  world.replies.processar_grupos = { status: 500, body: "x".repeat(2000) };
  const node = await world.start(seedEntries("heartbeat", "processar_grupos"));
  await world.time.advance(61 * MINUTE);
  const has = (text: string) => node.log.filter((l) => l.includes(text));
  expect(has("Scheduler iniciado")[0]).toMatch(
    /API http:\/\/api\.test:8000\/, Timezone: America\/Sao_Paulo, 2 jobs configurados/,
  );
  expect(has("Hora atual")).toEqual([
    "Hora atual: 2026-03-02 09:59:30 BRT (12:59:30 UTC)",
    "Hora atual: 2026-03-02 10:00:00 BRT (13:00:00 UTC)",
    "Hora atual: 2026-03-02 11:00:00 BRT (14:00:00 UTC)",
  ]);
  expect(has("Executando job: processar_grupos").length).toBeGreaterThan(59);
  expect(has("FAIL processar_grupos: error HTTP 500: xxx").length).toBeGreaterThan(59);
  expect(has("OK heartbeat: HTTP 200 em 0 ms processados=1").length).toBeGreaterThan(59);
  expect(has("processar_grupos").length).toBeGreaterThan(1);
});

test("a call as the API receives it", async () => {
  const world = worldAt("02 10:00:00");
  await world.start([
    { ...(seedEntries("report_manha")[0] as ScheduleEntry), endpoint: "/jobs/report-periodo?tipo=manha" },
  ]);
  const [row] = await world.rows();
  expect(world.received[0]?.headers).toEqual({
    url: "http://api.test:8000/jobs/report-periodo?tipo=manha",
    accept: "application/json",
    authorization: "Bearer segredo-dos-testes",
    "content-type": "application/json",
    "idempotency-key": "report_manha:2026-03-02T13:00:00.000Z",
    traceparent: expect.stringMatching(new RegExp(`^00-${String(row?.id).replaceAll("-", "")}-[0-9a-f]{16}-01$`)),
    "user-agent": "julia-scheduler",
    "x-job-deadline": "2026-03-02T13:04:55.000Z",
    "x-job-execution-id": row?.id,
    "x-job-name": "report_manha",
    "x-scheduled-for": "2026-03-02T13:00:00.000Z",
  });
});
