import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type FixedClock, fixedClock, silentLogger } from "#core/runtime";
import { createLedger, type Ledger, type SlotClaim } from "./ledger.ts";

let t: TestDatabase;
let clock: FixedClock;
let a: Ledger;
let b: Ledger;

beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  clock = fixedClock("2026-03-02T13:00:00Z");
  a = createLedger({ db: t.db, instanceId: "a", log: silentLogger, clock });
  b = createLedger({ db: t.db, instanceId: "b", log: silentLogger, clock });
});

const SLOT = new Date("2026-03-02T13:00:00Z");
const minute = (n: number) => new Date(SLOT.getTime() + n * 60_000);
const claimOf = (job: string, slot = SLOT, trigger: SlotClaim["trigger"] = "schedule"): SlotClaim => ({
  id: randomUUID(),
  leaseToken: randomUUID(),
  job,
  slot,
  trigger,
});
/** Of each slot: null when won. */
const claim = async (ledger: Ledger, ...slots: SlotClaim[]) => {
  const { recusados } = await ledger.claim(slots, []);
  return slots.map((s) => recusados.get(s.id) ?? { motivo: null });
};
const success = (c: SlotClaim, durationMs = 100) => ({
  id: c.id,
  leaseToken: c.leaseToken,
  durationMs,
  status: "success" as const,
  responseCode: 200,
  error: null,
  itemsProcessed: 3,
});
const rows = () => t.sql("select * from job_executions order by job_name, scheduled_for");
const skips = () => t.sql("select * from job_slots_pulados order by job_name, scheduled_for");

describe("claim", () => {
  test("a slot belongs to exactly one of many claimers", async () => {
    const jobs = Array.from({ length: 20 }, (_, i) => `job_${i}`);
    const ledgers = Array.from({ length: 6 }, (_, i) =>
      createLedger({ db: t.db, instanceId: `s${i}`, log: silentLogger, clock }),
    );
    const shuffled = (i: number) => (i % 2 ? [...jobs] : [...jobs].reverse());
    const answers = await Promise.all(ledgers.map((l, i) => claim(l, ...shuffled(i).map((j) => claimOf(j)))));
    expect(answers.flat().filter((r) => r.motivo === null)).toHaveLength(20);
    expect(new Set(answers.flat().map((r) => r.motivo))).toEqual(new Set([null, "ja_reivindicado"]));
    expect(await rows()).toHaveLength(20);
    expect(await skips()).toEqual([]);
  });

  test("repeating a claim after a lost answer finds the same row won", async () => {
    const mine = claimOf("x");
    await claim(a, mine);
    expect(await claim(a, mine)).toMatchObject([{ motivo: null }]);
    expect(await rows()).toHaveLength(1);
  });

  test("a run still going refuses the next slot, which is recorded as sobreposicao", async () => {
    const first = claimOf("x");
    await claim(a, first);
    clock.set(minute(1));
    await a.beat(0, [first.leaseToken]);
    expect(await claim(b, claimOf("x", minute(1)))).toMatchObject([
      { motivo: "em_execucao", em_andamento: first.id, desde: SLOT },
    ]);
    expect(await skips()).toMatchObject([{ job_name: "x", motivo: "sobreposicao", instance_id: "b" }]);
  });

  test("an overlapped slot is final for its own minute, but a later catch-up may win it and then the skip is gone", async () => {
    const first = claimOf("x");
    await claim(a, first);
    clock.set(minute(0.4));
    await claim(a, claimOf("x", minute(0.4)));
    await a.finish(success(first));
    expect(await claim(b, claimOf("x", minute(0.4)))).toMatchObject([{ motivo: "ja_pulado" }]);
    expect(await claim(b, claimOf("x", minute(0.4), "catchup"))).toMatchObject([{ motivo: null }]);
    expect(await skips()).toEqual([]);
    expect(await rows()).toMatchObject([{ status: "success" }, { trigger: "catchup", status: "running" }]);
  });

  test("a slot given up is never run, and one that ran is never recorded as given up", async () => {
    clock.set(minute(1));
    const skip = { job: "x", slot: SLOT, motivo: "perdido" as const, detalhe: null };
    await a.recordSkips([skip, { ...skip, slot: minute(1) }]);
    expect(await skips(), "a slot still in its minute is not given up").toHaveLength(1);
    expect(await claim(b, claimOf("x", SLOT, "catchup"))).toMatchObject([{ motivo: "ja_pulado" }]);
    await claim(b, claimOf("y"));
    expect(await a.recordSkips([{ ...skip, job: "y" }, skip])).toBe(0);
    expect(await skips()).toHaveLength(1);
  });

  test("skips of a tick and its claims are one transaction, the claim of the next slot included", async () => {
    const older = { job: "x", slot: minute(-1), motivo: "coalescido" as const, detalhe: "até 13:00" };
    const { recusados } = await a.claim([claimOf("x")], [older]);
    expect(recusados.size).toBe(0);
    expect(await rows()).toMatchObject([{ job_name: "x", scheduled_for: SLOT, status: "running" }]);
    expect(await skips()).toMatchObject([{ scheduled_for: minute(-1), motivo: "coalescido", detalhe: "até 13:00" }]);
  });

  test("a scheduler whose clock is ahead cannot take slots of the future", async () => {
    expect(await claim(a, claimOf("x", minute(10)))).toMatchObject([{ motivo: "slot_no_futuro" }]);
    expect(await rows()).toEqual([]);
    expect(await skips()).toEqual([]);
  });

  test("a manual run in progress refuses the slot as an overlap", async () => {
    await t.sql("insert into job_executions (job_name, started_at, lease_expires_at) values ('x', $1, $2)", [
      SLOT.toISOString(),
      minute(5).toISOString(),
    ]);
    expect(await claim(a, claimOf("x"))).toMatchObject([{ motivo: "em_execucao" }]);
    expect((await skips())[0]?.detalhe).toContain("(manual)");
  });

  test("a thousand slots are one call", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => claimOf(`job_${i}`));
    expect((await claim(a, ...many)).every((r) => r.motivo === null)).toBe(true);
    expect(await t.sql("select count(*)::int as n from job_executions where status = 'running'")).toEqual([
      { n: 1000 },
    ]);
  });
});

describe("leases", () => {
  test("renewing keeps a run alive, the owner that stops renewing is closed as interrompido", async () => {
    const [mine, lost] = [claimOf("mine"), claimOf("lost")];
    await claim(a, mine, lost);
    clock.advanceMs(20_000);
    expect([...(await a.beat(0, [mine.leaseToken])).renovados]).toEqual([mine.leaseToken]);
    clock.advanceMs(10_001);
    const { mortas } = await b.beat(0, []);
    expect(mortas).toMatchObject([{ id: lost.id, job_name: "lost", instance_id: "a" }]);
    expect((await rows())[0]).toMatchObject({
      status: "error",
      error: "interrompido: scheduler parou",
      finished_at: new Date(SLOT.getTime() + 30_000),
      duration_ms: 30_000,
    });
    expect((await rows())[1]).toMatchObject({ status: "running" });
  });

  test("claiming closes dead runs first, so the slot after a crash is not an overlap", async () => {
    await claim(a, claimOf("x"));
    clock.set(minute(1));
    expect(await claim(b, claimOf("x", minute(1)))).toMatchObject([{ motivo: null }]);
  });

  test("no lease: live for 330 s; any lease: live for 600 s", async () => {
    await t.sql("insert into job_executions (job_name, started_at) values ('x', $1)", [SLOT.toISOString()]);
    const y = claimOf("y");
    await claim(a, y);
    for (let s = 10; s <= 600; s += 10) {
      clock.set(new Date(SLOT.getTime() + s * 1000));
      const { renovados } = await a.beat(0, [y.leaseToken]);
      expect([s, renovados.size]).toEqual([s, 1]);
    }
    expect(await rows()).toMatchObject([
      { job_name: "x", status: "error", error: "interrompido: API parou", duration_ms: 300_000 },
      { job_name: "y", status: "running" },
    ]);
    clock.advanceMs(1000);
    await a.beat(0, [y.leaseToken]);
    expect((await rows())[1]).toMatchObject({ status: "error", duration_ms: 601_000 });
  });

  test("the heartbeat tells when the last tick was, by the database's clock", async () => {
    await a.register(["x"]);
    await a.beat(2500, []);
    const [row] = await t.sql("select * from scheduler_instances");
    expect(row).toMatchObject({ instance_id: "a", jobs: 1, last_tick_at: new Date(SLOT.getTime() - 2500) });
    await a.goodbye();
    expect((await t.sql("select stopped_at from scheduler_instances"))[0]?.stopped_at).toEqual(SLOT);
  });
});

describe("finish", () => {
  test("writes the outcome with the duration measured by the caller", async () => {
    const c = claimOf("x");
    await claim(a, c);
    clock.advanceMs(5000);
    expect(await a.finish(success(c, 1234.4))).toBe(true);
    expect(await rows()).toMatchObject([
      {
        status: "success",
        duration_ms: 1234,
        response_code: 200,
        items_processed: 3,
        error: null,
        finished_at: new Date(SLOT.getTime() + 1234),
      },
    ]);
    expect(await a.finish(success(c, 1234.4)), "repeating is harmless").toBe(true);
  });

  test("the real outcome replaces the verdict of whoever took its owner for dead", async () => {
    const c = claimOf("x");
    await claim(a, c);
    clock.advanceMs(90_000);
    await b.beat(0, []);
    expect((await rows())[0]).toMatchObject({ status: "error" });
    expect(await a.finish(success(c, 80_000))).toBe(true);
    expect((await rows())[0]).toMatchObject({ status: "success", error: null, duration_ms: 80_000 });
  });

  test("nobody else can write it: another instance, another token, a row closed for good", async () => {
    const c = claimOf("x");
    await claim(a, c);
    expect(await b.finish(success(c))).toBe(false);
    expect(await a.finish({ ...success(c), leaseToken: randomUUID() })).toBe(false);
    await a.finish({ ...success(c), status: "timeout", error: "Timeout apos 300s" });
    expect(await a.finish(success(c))).toBe(false);
    expect((await rows())[0]).toMatchObject({ status: "timeout" });
  });

  test("many ends at once share few calls and each gets its own answer", async () => {
    const many = Array.from({ length: 300 }, (_, i) => claimOf(`job_${i}`));
    await claim(a, ...many);
    const ends = await Promise.all(many.map((c, i) => a.finish({ ...success(c), itemsProcessed: i })));
    expect(ends.every(Boolean)).toBe(true);
    const [sum] = await t.sql("select sum(items_processed) as n from job_executions where status = 'success'");
    expect(sum?.n).toBe((299 * 300) / 2);
  });
});

describe("catalogue and watermarks", () => {
  test("a job is registered once and knows its last slot, run or skipped", async () => {
    expect((await a.register(["x", "y"])).jobs).toMatchObject([
      { job_name: "x", registered_at: SLOT, ultimo_slot: null },
      { job_name: "y", ultimo_slot: null },
    ]);
    await claim(a, claimOf("x"));
    clock.set(minute(9));
    await a.recordSkips([{ job: "x", slot: minute(1), motivo: "perdido", detalhe: null }]);
    const { agora, jobs } = await b.register(["x"]);
    expect(agora).toEqual(minute(9));
    expect(jobs).toEqual([{ job_name: "x", registered_at: SLOT, ultimo_slot: minute(1) }]);
  });
});

describe("retention", () => {
  test("prunes by age and status in batches, keeping the last row and the last success of every job", async () => {
    await t.sql(
      `insert into job_executions (job_name, started_at, finished_at, status)
       select 'x', $1::timestamptz - n * interval '1 day', $1::timestamptz - n * interval '1 day',
              case when n % 2 = 0 then 'success' else 'error' end
         from generate_series(0, 400) n
       union all
       select 'velho', $1::timestamptz - n * interval '1 day', $1::timestamptz - n * interval '1 day',
              case when n > 705 then 'success' else 'error' end
         from generate_series(700, 710) n`,
      [SLOT.toISOString()],
    );
    let total = 0;
    for (let n = await a.pruneExecutions(90, 365); n > 0; n = await a.pruneExecutions(90, 365)) total += n;
    const [left] = await t.sql(
      `select count(*) filter (where job_name = 'x' and status = 'success') as ok,
              count(*) filter (where job_name = 'x' and status = 'error') as erros,
              array_agg(status || ' ' || ($1::date - started_at::date) order by started_at desc)
                filter (where job_name = 'velho') as velho from job_executions`,
      [SLOT.toISOString()],
    );
    expect(left).toEqual({ ok: 46, erros: 183, velho: ["error 700", "success 706"] });
    expect(total).toBe(401 + 11 - 46 - 183 - 2);
  });

  test("skips, requests and silent instances go too", async () => {
    await a.register([]);
    const skip = { job: "x", motivo: "perdido" as const, detalhe: null };
    await a.recordSkips([
      { ...skip, slot: minute(-91 * 1440) },
      { ...skip, slot: minute(-89 * 1440) },
    ]);
    clock.advanceMs(8 * 86_400_000);
    expect(await a.pruneRest(90 + 8)).toBe(2);
    expect(await skips()).toHaveLength(1);
  });
});
