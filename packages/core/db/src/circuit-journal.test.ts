import { expect, test } from "vitest";
import type { CircuitTransition } from "#core/http";
import { silentLogger, TransientError } from "#core/runtime";
import { createCircuitJournal } from "./circuit-journal.ts";
import type { Db } from "./db.ts";

const transition = (reason: string): CircuitTransition => ({
  circuit_name: "llm",
  from_state: "closed",
  to_state: "open",
  reason,
  falhas_consecutivas: 3,
  tentativas_half_open: 0,
  at: new Date("2026-03-02T13:00:00Z"),
});

function setup(maxBuffered = 1000) {
  const writes: { fn: string; reasons: string[]; ids: string[]; instants: string[] }[] = [];
  const planned: { run: () => void; ms: number }[] = [];
  const state = { down: false };
  const call = async (fn: string, args: { p_itens?: { id: string; reason: string; created_at: string }[] }) => {
    if (state.down) throw new TransientError("banco_indisponivel", "fora");
    const rows = args.p_itens ?? [];
    writes.push({
      fn,
      reasons: rows.map((r) => r.reason),
      ids: rows.map((r) => r.id),
      instants: rows.map((r) => r.created_at),
    });
    return rows.length;
  };
  const journal = createCircuitJournal({
    db: { call } as unknown as Pick<Db, "call">,
    log: silentLogger,
    maxBuffered,
    schedule: (run, ms) => {
      planned.push({ run, ms });
      return () => {};
    },
  });
  return { journal, writes, planned, state };
}

test("transitions that happen together are written in one call, in order", async () => {
  const { journal, writes, planned } = setup();
  for (const reason of ["a", "b", "c"]) journal.record(transition(reason));
  expect(planned).toHaveLength(1);
  planned[0]?.run();
  await journal.flush();
  expect(writes.map((w) => w.reasons)).toEqual([["a", "b", "c"]]);
});

test("while the database is away nothing is thrown, rows keep their ids, and the waits grow", async () => {
  const { journal, writes, planned, state } = setup();
  state.down = true;
  journal.record(transition("a"));
  for (let i = 0; i < 5; i++) {
    planned.at(-1)?.run();
    await journal.flush();
  }
  expect(planned.map((p) => p.ms)).toEqual([1000, 5000, 10_000, 20_000, 40_000, 60_000].slice(0, planned.length));
  state.down = false;
  journal.record(transition("b"));
  await journal.flush();
  expect(writes.at(-1)?.reasons).toEqual(["a", "b"]);
  expect(new Set(writes.at(-1)?.ids).size).toBe(2);
});

test("transitions of one millisecond keep their order by their instants", async () => {
  const { journal, writes } = setup();
  for (const reason of ["a", "b"]) journal.record(transition(reason));
  await journal.flush();
  expect(writes[0]?.instants).toEqual(["2026-03-02T13:00:00.000000Z", "2026-03-02T13:00:00.000001Z"]);
});

test("a full buffer drops the oldest", async () => {
  const { journal, writes, state } = setup(2);
  state.down = true;
  for (const reason of ["a", "b", "c"]) journal.record(transition(reason));
  await journal.flush();
  state.down = false;
  await journal.flush();
  expect(writes.map((w) => w.reasons)).toEqual([["b", "c"]]);
});

test("closing writes what is left; a restart is announced by name", async () => {
  const { journal, writes } = setup();
  await journal.recordRestart(["llm", "evolution"]);
  journal.record(transition("a"));
  await journal.close();
  expect(writes.map((w) => w.fn)).toEqual(["registrar_reinicio_circuitos", "registrar_circuit_transitions"]);
});

test("a restart that cannot be recorded does not stop the start", async () => {
  const { journal, state } = setup();
  state.down = true;
  await expect(journal.recordRestart(["llm"])).resolves.toBeUndefined();
});
