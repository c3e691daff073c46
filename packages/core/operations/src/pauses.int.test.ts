import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createJobLocks, createLedger, type Ledger } from "#core/executions";
import { type FixedClock, fixedClock, silentLogger } from "#core/runtime";
import { operatorJournal } from "./journal.ts";
import { activePauses, pauseJobs, resumeJobs } from "./pauses.ts";

let t: TestDatabase;
let clock: FixedClock;
let ledger: Ledger;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  clock = fixedClock("2026-03-02T13:00:00Z");
  ledger = createLedger({ db: t.db, instanceId: "a", log: silentLogger, clock });
});

const minute = (n: number) => new Date(Date.parse("2026-03-02T13:00:00Z") + n * 60_000);
const claim = async (n: number, ...jobs: string[]) => {
  clock.set(minute(n));
  const trigger = "schedule" as const;
  const slots = jobs.map((job) => ({ id: randomUUID(), leaseToken: randomUUID(), job, slot: minute(n), trigger }));
  const { recusados } = await ledger.claim(slots, []);
  return slots.map((s) => recusados.get(s.id)?.motivo ?? "rodou");
};
const pause = (jobs: string[], ate: Date | null, motivo = "manutenção", autor = "ana") =>
  pauseJobs(t.db, { jobs, motivo, autor, ate }, clock.now());
const skips = () => t.sql("select job_name, scheduled_for, motivo, detalhe from job_slots_pulados order by 2, 1");

describe("a paused job", () => {
  test("is not claimed, its slots say by whom, until when and why; it expires alone", async () => {
    await pause(["x"], minute(2));
    expect(await claim(0, "x", "y")).toEqual(["ja_pulado", "rodou"]);
    expect(await claim(1, "x")).toEqual(["ja_pulado"]);
    expect(await claim(2, "x"), "its end is exclusive").toEqual(["rodou"]);
    expect(await skips()).toMatchObject([
      {
        job_name: "x",
        scheduled_for: minute(0),
        motivo: "pausado",
        detalhe: "pausado por ana até 02/03/2026 10:02: manutenção",
      },
      { scheduled_for: minute(1), motivo: "pausado" },
    ]);
    expect([...(await activePauses(t.db, minute(1))).keys()]).toEqual(["x"]);
    expect([...(await activePauses(t.db, minute(2))).keys()]).toEqual([]);
  });

  test("without an end stays paused until somebody resumes it", async () => {
    await pause(["x"], null);
    expect(await claim(1, "x")).toEqual(["ja_pulado"]);
    expect(await skips()).toMatchObject([{ detalhe: "pausado por ana até ser retomado: manutenção" }]);
    clock.set(minute(1.5));
    expect(await resumeJobs(t.db, { jobs: ["x", "y"], motivo: null, autor: "bia" }, clock.now())).toMatchObject([
      { job: "x", before: { autor: "ana", motivo: "manutenção" } },
      { job: "y", before: null },
    ]);
    expect(await claim(2, "x")).toEqual(["rodou"]);
  });

  test("is not caught up for a slot that fell into the pause, after the pause either", async () => {
    await pause(["x"], minute(2));
    clock.set(minute(10));
    const late = {
      id: randomUUID(),
      leaseToken: randomUUID(),
      job: "x",
      slot: minute(1),
      trigger: "catchup" as const,
    };
    expect((await ledger.claim([late], [])).recusados.get(late.id)).toMatchObject({ motivo: "ja_pulado" });
    expect(await skips()).toMatchObject([{ scheduled_for: minute(1), motivo: "pausado" }]);
  });

  test("may still be run by hand", async () => {
    await pause(["x"], null);
    const locks = createJobLocks({ db: t.db, instanceId: "api", leaseMs: 30_000, clock });
    const start = { job: "x", token: randomUUID(), executionId: null, newExecutionId: randomUUID() };
    expect(await locks.start({ ...start, idempotencyKey: null })).toMatchObject({
      resultado: "iniciado",
      manual: true,
    });
  });

  test("gets the new terms when it is paused again", async () => {
    await pause(["x"], minute(2));
    clock.set(minute(1));
    const [again] = await pause(["x"], minute(60), "mais tempo", "bia");
    expect(again).toMatchObject({ before: { autor: "ana", ate: minute(2) }, after: { autor: "bia", ate: minute(60) } });
    expect(await claim(5, "x")).toEqual(["ja_pulado"]);
    clock.set(minute(61));
    expect(await pause(["x"], null), "an expired pause is nothing to replace").toMatchObject([{ before: null }]);
  });

  test("cannot be paused into the past", async () => {
    await expect(pause(["x"], minute(0))).rejects.toMatchObject({ code: "parametro_invalido", campo: "ate" });
  });
});

describe("the journal", () => {
  test("has who, when, what, why, before and after of every pause and resume, newest first", async () => {
    await pause(["x", "y"], minute(30));
    clock.set(minute(1));
    await resumeJobs(t.db, { jobs: ["x", "z"], motivo: "pronto", autor: "bia" }, clock.now());
    const lines = await operatorJournal(t.db, { limit: 10 });
    expect(lines.map((l) => [l.autor, l.acao, l.alvo, l.motivo])).toEqual([
      ["bia", "retomar", "x", "pronto"],
      ["ana", "pausar", "y", "manutenção"],
      ["ana", "pausar", "x", "manutenção"],
    ]);
    expect(lines[0]).toMatchObject({ em: minute(1), antes: { motivo: "manutenção" }, depois: null });
    expect(lines[1]).toMatchObject({ antes: null, depois: { autor: "ana" } });
    expect(await operatorJournal(t.db, { target: "x", beforeId: lines[0]?.id, limit: 10 })).toHaveLength(1);
  });

  test("only grows: no line changes or goes", async () => {
    await pause(["x"], null);
    for (const change of ["update auditoria_operacional set autor = 'outra'", "delete from auditoria_operacional"]) {
      await expect(t.sql(change)).rejects.toThrow("só cresce");
    }
  });
});
