import { type Sleep, systemSleep } from "#core/retry";
import { type Clock, TransientError } from "#core/runtime";

export interface RateLimitOptions {
  name: string;
  /** Most starts in any window of `windowMs`, 1 or more. */
  limit: number;
  windowMs: number;
  /** Starts allowed at once after a pause, 1..limit; default a twelfth of the limit. */
  burst?: number;
  /** Longest a caller waits for its turn, ms; above that it is refused at once. */
  maxWaitMs: number;
  clock: Clock;
  sleep?: Sleep;
}

export interface RateLimit {
  /**
   * Resolves when the caller may start. Throws TransientError `muitas_requisicoes` with the wait as `retryAfterMs` when
   * the turn is too far away, or the signal's reason. In-process: two processes have a limit each.
   */
  take(signal?: AbortSignal): Promise<void>;
}

/**
 * Token bucket whose refill leaves room for its burst, so that no window of `windowMs` ever holds more than `limit` starts:
 * `burst` at once, then one every windowMs / (limit − burst + 1). Paced, since a bucket that lets the whole limit go at once
 * would make the next caller wait for most of a window.
 */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { name, limit, windowMs, maxWaitMs, clock, sleep = systemSleep } = options;
  const burst = options.burst ?? Math.max(1, Math.floor(limit / 12));
  if (!(limit >= 1 && burst >= 1 && burst <= limit)) throw new RangeError("rate limit: 1 <= burst <= limit");
  const everyMs = windowMs / (limit - burst + 1);
  let tokens = burst;
  let countedAtMs = clock.monotonicMs();
  return {
    async take(signal) {
      signal?.throwIfAborted();
      const now = clock.monotonicMs();
      tokens = Math.min(burst, tokens + (now - countedAtMs) / everyMs);
      countedAtMs = now;
      const waitMs = tokens >= 1 ? 0 : Math.ceil((1 - tokens) * everyMs);
      if (waitMs > maxWaitMs) {
        const message = `limite de ${limit} chamadas a ${name} por ${Math.round(windowMs / 1000)} s atingido`;
        throw new TransientError("muitas_requisicoes", message, { retryAfterMs: waitMs, details: { upstream: name } });
      }
      // Below zero: turns promised to those who wait. One given up by an abort is not handed on.
      tokens -= 1;
      if (waitMs > 0) await sleep(waitMs, signal);
    },
  };
}
