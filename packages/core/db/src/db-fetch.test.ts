import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCircuitBreaker } from "#core/http";
import { fixedClock } from "#core/runtime";
import { createDb } from "./db.ts";
import { createDbFetch } from "./db-fetch.ts";

let answer: { status: number; body: string } = { status: 200, body: "1" };
let calls = 0;
const server = createServer((_req, res) => {
  calls++;
  res.writeHead(answer.status, { "content-type": "application/json" }).end(answer.body);
});
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function setup() {
  calls = 0;
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const circuit = createCircuitBreaker({ name: "supabase", failures: 5, resetS: 60, maxResetS: 120, clock });
  return { circuit, db: createDb({ url, key: "chave", fetch: createDbFetch({ circuit }) }) };
}

test("after five 503 in a row the database is left alone and callers get a 503 of ours", async () => {
  answer = { status: 503, body: '{"message":"fora"}' };
  const { db, circuit } = setup();
  for (let i = 0; i < 6; i++) {
    await expect(db.call("dobra", { p_texto: "x" })).rejects.toMatchObject({ code: "banco_indisponivel", status: 503 });
  }
  expect([calls, circuit.snapshot().estado]).toEqual([5, "open"]);
  await expect(db.call("dobra", { p_texto: "x" })).rejects.toThrow(/circuit open: supabase/);
});

test("deadlock victims do not open the circuit", async () => {
  answer = { status: 500, body: '{"code":"40P01","message":"deadlock detected"}' };
  const { db, circuit } = setup();
  for (let i = 0; i < 3; i++) await expect(db.call("dobra", { p_texto: "x" })).rejects.toThrow();
  expect(circuit.snapshot()).toMatchObject({ estado: "closed", falhas_consecutivas: 0 });
});

test("errors that a function raises on purpose do not count", async () => {
  answer = { status: 409, body: '{"code":"PT409","message":"já existe","details":"p_id"}' };
  const { db, circuit } = setup();
  for (let i = 0; i < 6; i++)
    await expect(db.call("dobra", { p_texto: "x" })).rejects.toMatchObject({ code: "conflito" });
  expect(circuit.snapshot().falhas_consecutivas).toBe(0);
});
