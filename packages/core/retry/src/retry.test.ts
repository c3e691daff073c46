import { expect, test } from "vitest";
import { type RetryOptions, retry } from "./retry.ts";
import { exponential } from "./retry-policy.ts";

function setup(overrides: Partial<RetryOptions> = {}) {
  const waits: number[] = [];
  const options: RetryOptions = {
    policy: exponential(1000),
    attempts: 3,
    retryable: () => true,
    sleep: async (ms) => void waits.push(ms),
    ...overrides,
  };
  return { waits, options };
}

test("it returns the first success and waits what the policy says between attempts", async () => {
  const { waits, options } = setup();
  const answer = await retry(async (attempt) => {
    if (attempt < 3) throw new Error(`failure ${attempt}`);
    return `attempt ${attempt}`;
  }, options);
  expect(answer).toBe("attempt 3");
  expect(waits).toEqual([1000, 2000]);
});

test("after the last attempt it throws the last error without waiting", async () => {
  const { waits, options } = setup({ attempts: 2 });
  let calls = 0;
  await expect(
    retry(async () => {
      throw new Error(`failure ${++calls}`);
    }, options),
  ).rejects.toThrow("failure 2");
  expect(waits).toEqual([1000]);
});

test("an error that is not worth repeating is thrown at once", async () => {
  const { waits, options } = setup({ retryable: () => false });
  let calls = 0;
  await expect(
    retry(async () => {
      calls++;
      throw new Error("no");
    }, options),
  ).rejects.toThrow("no");
  expect([calls, waits]).toEqual([1, []]);
});

test("a wait asked by the other side lengthens the policy's, never shortens it", async () => {
  const asked = [5000, 100];
  const { waits, options } = setup({ retryable: (_err, n) => asked[n - 1] ?? true });
  await expect(
    retry(async () => {
      throw new Error("no");
    }, options),
  ).rejects.toThrow();
  expect(waits).toEqual([5000, 2000]);
});

test("it gives up rather than wait longer in total than the bound", async () => {
  const { waits, options } = setup({ attempts: 10, maxTotalWaitMs: 5000 });
  await expect(
    retry(async () => {
      throw new Error("busy");
    }, options),
  ).rejects.toThrow("busy");
  expect(waits).toEqual([1000, 2000]);
});

test("it gives up rather than begin a wait longer than the bound", async () => {
  const { waits, options } = setup({ retryable: () => 60_000, longestWaitMs: () => 10_000 });
  await expect(
    retry(async () => {
      throw new Error("busy");
    }, options),
  ).rejects.toThrow("busy");
  expect(waits).toEqual([]);
});

test("an abort between attempts stops the loop with the caller's reason", async () => {
  const controller = new AbortController();
  const { options } = setup({
    signal: controller.signal,
    sleep: async () => controller.abort(new Error("encerrando")),
  });
  let calls = 0;
  await expect(
    retry(async () => {
      calls++;
      throw new Error("no");
    }, options),
  ).rejects.toThrow("encerrando");
  expect(calls).toBe(1);
});
