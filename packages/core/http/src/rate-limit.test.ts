import { expect, test } from "vitest";
import { fixedClock, TransientError } from "#core/runtime";
import { createRateLimit } from "./rate-limit.ts";

function setup(overrides: { limit?: number; maxWaitMs?: number } = {}) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    clock.advanceMs(ms);
  };
  const options = { name: "llm", limit: 60, windowMs: 60_000, maxWaitMs: 120_000, clock, sleep, ...overrides };
  return { clock, limit: createRateLimit(options) };
}

test.each([1, 2, 7, 60, 600])("with a limit of %i no window of 60 s ever holds more starts than that", async (n) => {
  const { clock, limit } = setup({ limit: n });
  const starts: number[] = [];
  for (let i = 0; i < n * 4; i++) {
    await limit.take();
    starts.push(clock.monotonicMs());
    clock.advanceMs([0, 0, 900, 20, 7000][i % 5] ?? 0);
  }
  for (const from of starts) expect(starts.filter((s) => s >= from && s < from + 60_000).length).toBeLessThanOrEqual(n);
});

test("a steady caller waits about a second for each turn, never for most of a window", async () => {
  const { clock, limit } = setup();
  const waits: number[] = [];
  for (let i = 0; i < 120; i++) {
    const before = clock.monotonicMs();
    await limit.take();
    waits.push(clock.monotonicMs() - before);
  }
  expect(Math.max(...waits)).toBeLessThan(1200);
  expect(clock.monotonicMs()).toBeLessThan(130_000);
});

test("five callers at once after a pause all start at once", async () => {
  const { clock, limit } = setup();
  for (let i = 0; i < 5; i++) await limit.take();
  expect(clock.monotonicMs()).toBe(0);
});

test("a turn too far away is refused at once, saying how long to wait", async () => {
  const { limit } = setup({ limit: 1, maxWaitMs: 30_000 });
  await limit.take();
  const error = await limit.take().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: "muitas_requisicoes", retryAfterMs: 60_000 });
});

test("callers that wait together get turns one after the other", async () => {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const asked: number[] = [];
  const sleep = async (ms: number) => void asked.push(ms);
  const limit = createRateLimit({ name: "llm", limit: 60, windowMs: 60_000, burst: 1, maxWaitMs: 9999, clock, sleep });
  for (let i = 0; i < 4; i++) await limit.take();
  expect(asked).toEqual([1000, 2000, 3000]);
});

test("an aborted caller gets its own reason", async () => {
  const { limit } = setup();
  await expect(limit.take(AbortSignal.abort(new Error("encerrando")))).rejects.toThrow("encerrando");
});
