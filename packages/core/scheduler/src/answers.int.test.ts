import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { instantOf } from "#core/runtime";
import { seedEntries } from "./testing/seed-schedule.ts";
import { createWorld, type Reply } from "./testing/world.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

/** What one slot leaves in `job_executions` when the API answers so. */
async function rowOf(reply: Reply) {
  const world = createWorld(t, instantOf("2026-03-02", 10, 0).toISOString(), { direct: true });
  world.replies.heartbeat = reply;
  const node = await world.start(seedEntries("heartbeat"));
  await world.time.advance(0);
  const [row] = await world.rows();
  return { row, log: node.log };
}

test("caso 12: 200 com processados é success, com os itens, sem erro, com duração e fim", async () => {
  const { row, log } = await rowOf({ afterMs: 0, body: '{"status":"ok","processados":7}' });
  expect(row).toMatchObject({ status: "success", response_code: 200, items_processed: 7, error: null, duration_ms: 0 });
  expect(row?.finished_at).toBeInstanceOf(Date);
  expect(log).toContain("OK heartbeat: HTTP 200 em 0 ms processados=7");
});

test.each([
  ['{"processados":null,"count":3}', 3],
  ['{"stats":{"processadas":4}}', 4],
  ['{"ciclo":{"processados":0}}', 0],
  ['{"total":[1,2]}', null],
  ["OK", null],
])("caso 13: o corpo %s dá items_processed %s", async (body, items) => {
  expect((await rowOf({ body })).row).toMatchObject({ status: "success", items_processed: items });
});

test("caso 14: 200 cujo corpo diz error é error, com a mensagem do corpo", async () => {
  const { row, log } = await rowOf({ body: '{"status":"error","message":"falha simulada"}' });
  expect(row).toMatchObject({ status: "error", response_code: 200, error: "falha simulada" });
  expect(log).toContain("FAIL heartbeat: error falha simulada");
});

test("caso 15: 204 sem corpo é success", async () => {
  expect((await rowOf({ status: 204 })).row).toMatchObject({ status: "success", response_code: 204, error: null });
});

test("caso 16: 500 com 2.000 letras guarda 500 caracteres, do começo", async () => {
  const { row } = await rowOf({ status: 500, body: "x".repeat(2000) });
  expect(row).toMatchObject({ status: "error", response_code: 500 });
  expect(String(row?.error)).toMatch(/^HTTP 500: x{490}$/);
});

test("caso 17: 429 é dito por extenso; sem ninguém ouvindo, Connection refused, sem código, e FAIL no log", async () => {
  expect((await rowOf({ status: 429, body: "calma" })).row?.error).toContain("429 Too Many Requests");
  await t.truncateAll();
  const { row, log } = await rowOf({ failure: "ECONNREFUSED" });
  expect(row).toMatchObject({ status: "error", response_code: null, error: "Connection refused: api.test:8000" });
  expect(log.some((l) => l.startsWith("FAIL heartbeat"))).toBe(true);
});
