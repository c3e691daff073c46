import { afterEach, expect, test } from "vitest";
import { fixedClock } from "#core/runtime";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { type CreateFetchOptions, createFetch } from "./create-fetch.ts";
import { closeLoopbacks, loopback, manualTimer } from "./testing/loopback.ts";

function setup(overrides: Partial<CreateFetchOptions> = {}) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const circuit = createCircuitBreaker({ name: "supabase", failures: 2, resetS: 60, maxResetS: 120, clock });
  return { circuit, fetch: createFetch({ name: "supabase", circuit, timeoutMs: 10_000, ...overrides }) };
}

afterEach(closeLoopbacks);

test("any status resolves, as with fetch; 5xx counts for the circuit", async () => {
  const server = await loopback((_req, res) => void res.writeHead(503).end('{"message":"x"}'));
  const { circuit, fetch } = setup();
  const response = await fetch(`${server.url}/x`);
  expect([response.status, await response.json()]).toEqual([503, { message: "x" }]);
  expect(circuit.snapshot().falhas_consecutivas).toBe(1);
});

test("an answer without a body has none", async () => {
  const server = await loopback((_req, res) => void res.writeHead(204).end());
  const response = await setup().fetch(server.url);
  expect([response.status, response.body]).toEqual([204, null]);
});

test("a timeout of the library's own signal counts only when the library owns the deadline", async () => {
  for (const [callerTimeoutCounts, failures] of [
    [true, 1],
    [false, 0],
  ] as const) {
    const server = await loopback(() => {});
    const { circuit, fetch } = setup({ callerTimeoutCounts, timer: manualTimer().timer });
    const controller = new AbortController();
    const call = fetch(server.url, { signal: controller.signal }).catch((e: unknown) => e);
    await server.arrived(1);
    controller.abort(new DOMException("10 s", "TimeoutError"));
    await call;
    expect(circuit.snapshot().falhas_consecutivas).toBe(failures);
  }
});
