import { expect, test } from "vitest";
import { fixedClock, TransientError } from "#core/runtime";
import { createRateLimit } from "./rate-limit.ts";

function setup(maxWaitMs = 120_000) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const sleep = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted();
    clock.advanceMs(ms);
  };
  const limit = createRateLimit({ name: "llm", limit: 60, windowMs: 60_000, maxWaitMs, clock, sleep });
  return { clock, limit };
}

test("no window of 60 s ever holds more than 60 starts", async () => {
  const { clock, limit } = setup();
  const starts: number[] = [];
  for (let i = 0; i < 200; i++) {
    await limit.take();
    starts.push(clock.monotonicMs());
    clock.advanceMs(i % 7 === 0 ? 900 : 0);
  }
  for (const from of starts)
    expect(starts.filter((s) => s >= from && s < from + 60_000).length).toBeLessThanOrEqual(60);
});

test("a turn too far away is refused at once, saying how long to wait", async () => {
  const { limit } = setup(30_000);
  for (let i = 0; i < 60; i++) await limit.take();
  const error = await limit.take().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(TransientError);
  expect(error).toMatchObject({ code: "muitas_requisicoes", retryAfterMs: 60_000 });
});

test("an aborted caller gets its own reason", async () => {
  const { limit } = setup();
  await expect(limit.take(AbortSignal.abort(new Error("encerrando")))).rejects.toThrow("encerrando");
});
