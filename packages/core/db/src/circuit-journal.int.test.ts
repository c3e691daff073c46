import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createCircuitRegistry } from "#core/http";
import { fixedClock, silentLogger } from "#core/runtime";
import { createCircuitJournal } from "./circuit-journal.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const entry = z.object({ from: z.string(), to: z.string(), reason: z.string(), falhas: z.int(), at: z.string() });
const historySchema = z.object({
  circuit_filter: z.string().nullable(),
  period_hours: z.int(),
  total_transitions: z.int(),
  by_circuit: z.record(z.string(), z.array(entry)),
  transitions: z.array(entry.extend({ circuit_name: z.string() })),
  timestamp: z.string(),
});

function setup() {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const journal = createCircuitJournal({ db: t.db, log: silentLogger, schedule: () => () => {} });
  const registry = createCircuitRegistry({ clock, log: silentLogger, onTransition: journal.record });
  const fail = (name: "llm" | "evolution", times: number) => {
    for (let i = 0; i < times; i++) registry.get(name).enter().report("failure");
  };
  const history = (args: { p_circuit_name?: string; p_horas?: number } = {}) =>
    t.db.json("obter_historico_circuitos", { ...args, p_agora: clock.now().toISOString() }, historySchema);
  return { clock, journal, registry, fail, history };
}

test("the history shows what a circuit went through, newest first, by circuit too", async () => {
  const { clock, journal, registry, fail, history } = setup();
  fail("evolution", 5);
  clock.advanceMs(60_000);
  registry.get("evolution").enter().report("failure");
  clock.advanceMs(120_000);
  registry.get("evolution").enter().report("success");
  fail("llm", 3);
  await journal.flush();
  const all = await history();
  expect(all).toMatchObject({ circuit_filter: null, period_hours: 24, total_transitions: 6 });
  expect(all.by_circuit.evolution?.map((e) => e.reason)).toEqual([
    "recuperado",
    "timeout_reset_120s",
    "falha_half_open_tentativa_1",
    "timeout_reset_60s",
    "muitas_falhas_5",
  ]);
  expect(all.by_circuit.llm).toEqual([
    { from: "closed", to: "open", reason: "muitas_falhas_3", falhas: 3, at: "2026-03-02T13:03:00.000Z" },
  ]);
  const one = await history({ p_circuit_name: "evolution", p_horas: 1 });
  expect([one.total_transitions, Object.keys(one.by_circuit)]).toEqual([5, ["evolution"]]);
});

test("the total is a real count, the list is the newest 50", async () => {
  await t.sql(`insert into circuit_transitions (circuit_name, from_state, to_state, reason, created_at)
    select 'llm', 'closed', 'open', 'n' || i, timestamptz '2026-03-02T12:00:00Z' - make_interval(secs => i)
      from generate_series(1, 1500) i`);
  const h = await setup().history();
  expect([h.total_transitions, h.transitions.length, h.by_circuit.llm?.length]).toEqual([1500, 50, 50]);
  expect(h.transitions[0]?.reason).toBe("n1");
});

test("an unknown circuit has an empty history; hours outside 1..720 are refused by name", async () => {
  const { history } = setup();
  expect(await history({ p_circuit_name: "nenhum" })).toMatchObject({
    total_transitions: 0,
    by_circuit: {},
    transitions: [],
  });
  for (const p_horas of [0, 721]) {
    await expect(history({ p_horas })).rejects.toMatchObject({ code: "parametro_invalido", campo: "horas" });
  }
});

test("a restart closes on record only the circuits that were not closed, once", async () => {
  const { clock, journal, registry, fail, history } = setup();
  fail("llm", 3);
  fail("evolution", 5);
  registry.reset("evolution");
  await journal.flush();
  clock.advanceMs(1000);
  const restart = () =>
    t.db.call("registrar_reinicio_circuitos", {
      p_nomes: ["llm", "evolution", "supabase"],
      p_agora: clock.now().toISOString(),
    });
  expect([await restart(), await restart()]).toEqual([1, 0]);
  const { transitions } = await history();
  expect(transitions[0]).toMatchObject({ circuit_name: "llm", from: "open", to: "closed", reason: "reinicio" });
});

test("a batch written twice is there once", async () => {
  const row = {
    id: "00000000-0000-4000-8000-000000000001",
    circuit_name: "llm",
    from_state: "closed",
    to_state: "open",
    reason: "muitas_falhas_3",
    falhas_consecutivas: 3,
    tentativas_half_open: 0,
    created_at: "2026-03-02T13:00:00Z",
  };
  const write = () => t.db.call("registrar_circuit_transitions", { p_itens: [row] });
  expect([await write(), await write()]).toEqual([1, 0]);
});

test("pruning takes rows older than 30 days, at most as many as asked", async () => {
  await t.sql(`insert into circuit_transitions (circuit_name, from_state, to_state, reason, created_at)
    select 'llm', 'closed', 'open', 'r', timestamptz '2026-03-02T13:00:00Z' - make_interval(days => d)
      from unnest(array[29, 31, 32, 33]) d`);
  const prune = (p_limite: number) =>
    t.db.call("podar_circuit_transitions", { p_limite, p_agora: "2026-03-02T13:00:00Z" });
  expect([await prune(2), await prune(5000), await prune(5000)]).toEqual([2, 1, 0]);
});
