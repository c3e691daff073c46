import { describe, expect, test } from "vitest";
import { RetryPolicy } from "./retry-policy.ts";

const delays = (policy: RetryPolicy, n: number) => Array.from({ length: n }, (_, i) => policy.getDelay(i + 1));

describe("caso 1: the delays of requirement 001", () => {
  test("exponential waits 1, 2, 4, 8, 16, 32, 60, 60 s", () => {
    expect(delays(new RetryPolicy(), 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
  test("linear waits 1, 2, 3, 4, 5 s; fixed 5, 5, 5 s", () => {
    expect(delays(new RetryPolicy({ backoff: "linear" }), 5)).toEqual([1, 2, 3, 4, 5]);
    expect(delays(new RetryPolicy({ backoff: "fixed" }), 3)).toEqual([5, 5, 5]);
  });
  test("the text's own policy waits 4 s before the third retry, and 60 s, never Infinity, before the thousandth", () => {
    const policy = new RetryPolicy({ maxRetries: 5, backoff: "exponential", initialDelay: 1.0, maxDelay: 60.0 });
    expect(policy.getDelay(3)).toBe(4.0);
    expect(policy.getDelay(5000)).toBe(60);
  });
  test("from 60 s up to 600 s it waits 60, 120, 240 s; retry 0 does not exist", () => {
    const policy = new RetryPolicy({ initialDelay: 60, maxDelay: 600 });
    expect(delays(policy, 3)).toEqual([60, 120, 240]);
    expect(() => policy.getDelay(0)).toThrow(RangeError);
  });
});

test("what makes no sense is refused with the option's name", () => {
  expect(() => new RetryPolicy({ maxRetries: 101 })).toThrow("maxRetries");
  expect(() => new RetryPolicy({ maxRetries: 1.5 })).toThrow("maxRetries");
  expect(() => new RetryPolicy({ initialDelay: 0 })).toThrow("initialDelay");
  expect(() => new RetryPolicy({ initialDelay: 90 })).toThrow("maxDelay");
  expect(() => new RetryPolicy({ backoff: "random" as "linear" })).toThrow("retryBackoff");
});
