import { setTimeout as wait } from "node:timers/promises";
import { delayMs, type RetryPolicy } from "./retry-policy.ts";

/** Waits `ms`; rejects with the signal's reason when aborted. Tests inject one that only moves their clock. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemSleep: Sleep = async (ms, signal) => {
  try {
    await wait(ms, undefined, signal ? { signal } : {});
  } catch (err) {
    // node wraps the reason in an AbortError; the caller's own reason says more.
    signal?.throwIfAborted();
    throw err;
  }
};

export interface RetryOptions {
  policy: RetryPolicy;
  /** Total executions, the first included. */
  attempts: number;
  /**
   * Asked after every failure but the last: false = give up now, true = wait what the policy says, a number = wait at
   * least that many ms (the other side's Retry-After).
   */
  retryable(err: unknown, failureNumber: number): boolean | number;
  /** No wait begins that would bring all waits together above this many ms. Default: no bound but the attempts. */
  maxTotalWaitMs?: number;
  /** A wait longer than this does not begin: the error is thrown instead. Asked before each wait. Default: any wait. */
  longestWaitMs?: () => number;
  signal?: AbortSignal;
  sleep?: Sleep;
  random?: () => number;
  /** Called before each wait, for one log line. */
  onRetry?(err: unknown, failureNumber: number, waitMs: number): void;
}

/** Runs `work` until it succeeds or gives up with its last error. Never waits after the last attempt. */
export async function retry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, attempts, signal, sleep = systemSleep, maxTotalWaitMs = Number.MAX_SAFE_INTEGER } = options;
  let waited = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (err) {
      if (attempt >= attempts || signal?.aborted) throw err;
      const answer = options.retryable(err, attempt);
      if (answer === false) throw err;
      const asked = typeof answer === "number" ? answer : 0;
      const waitMs = Math.max(asked, delayMs(policy, attempt, options.random));
      if (waited + waitMs > maxTotalWaitMs) throw err;
      if (options.longestWaitMs && waitMs > options.longestWaitMs()) throw err;
      options.onRetry?.(err, attempt, waitMs);
      await sleep(waitMs, signal);
      waited += waitMs;
    }
  }
}
