import { describe, expect, test } from "vitest";
import { delayMs, exponential, fixed, linear, type RetryPolicy, steps, stepsMs } from "./retry-policy.ts";

const series = (policy: RetryPolicy, n: number) => Array.from({ length: n }, (_, i) => delayMs(policy, i + 1));

describe("requirement 001", () => {
  test("exponential waits 1, 2, 4, 8, 16 seconds", () => {
    expect(series(exponential(1000), 5)).toEqual([1000, 2000, 4000, 8000, 16_000]);
  });
  test("exponential from 1 s capped at 60 s waits 4 s after the third failure and never more than 60 s", () => {
    const policy = exponential(1000, { maxMs: 60_000 });
    expect(delayMs(policy, 3)).toBe(4000);
    expect([delayMs(policy, 6), delayMs(policy, 7), delayMs(policy, 500)]).toEqual([32_000, 60_000, 60_000]);
  });
  test("linear waits 1, 2, 3, 4, 5 seconds", () => {
    expect(series(linear(1000), 5)).toEqual([1000, 2000, 3000, 4000, 5000]);
  });
  test("fixed waits 5 seconds every time", () => {
    expect(series(fixed(5000), 4)).toEqual([5000, 5000, 5000, 5000]);
  });
});

test("requirement 003: background jobs wait 60 s, then 120 s", () => {
  expect(series(exponential(60_000), 2)).toEqual([60_000, 120_000]);
});

test("the groups queue waits 1 minute, 5 minutes, then 15 minutes for every later failure", () => {
  expect(series(steps([1, 5, 15]), 5).map((ms) => ms / 60_000)).toEqual([1, 5, 15, 15, 15]);
});

test("the scheduler's connection retries wait 2, 4, 8, 16, 30, 60, 60, 60 seconds", () => {
  const policy = stepsMs([2000, 4000, 8000, 16_000, 30_000, 60_000]);
  expect(series(policy, 8).map((ms) => ms / 1000)).toEqual([2, 4, 8, 16, 30, 60, 60, 60]);
});

test("jitter only ever shortens the wait, by at most its share", () => {
  const policy = exponential(1000, { jitter: 0.5 });
  expect(delayMs(policy, 2, () => 0)).toBe(2000);
  expect(delayMs(policy, 2, () => 1)).toBe(1000);
  expect(delayMs(policy, 2, () => 0.5)).toBe(1500);
});

test("a policy or a failure number that makes no sense is refused", () => {
  expect(() => delayMs(fixed(1), 0)).toThrow(RangeError);
  expect(() => delayMs(fixed(1), 1.5)).toThrow(RangeError);
  expect(() => fixed(-1)).toThrow(RangeError);
  expect(() => steps([])).toThrow(RangeError);
  expect(() => exponential(1, { factor: 0.5 })).toThrow(RangeError);
  expect(() => linear(1, { jitter: 2 })).toThrow(RangeError);
});
