import { type Sleep, systemSleep } from "#core/retry";
import { type Clock, TransientError } from "#core/runtime";

export interface RateLimitOptions {
  name: string;
  /** Most starts in any window. */
  limit: number;
  windowMs: number;
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

/** At most `limit` starts in any `windowMs`, in order of arrival. A sliding window: no double burst at its edges. */
export function createRateLimit(options: RateLimitOptions): RateLimit {
  const { name, limit, windowMs, maxWaitMs, clock, sleep = systemSleep } = options;
  /** Instants of the last `limit` starts, granted or promised, oldest first. */
  const starts: number[] = [];
  return {
    async take(signal) {
      signal?.throwIfAborted();
      const now = clock.monotonicMs();
      const oldest = starts.length < limit ? undefined : starts[0];
      const at = oldest === undefined ? now : Math.max(now, oldest + windowMs);
      if (at - now > maxWaitMs) {
        const message = `limite de ${limit} chamadas a ${name} por ${Math.round(windowMs / 1000)} s atingido`;
        throw new TransientError("muitas_requisicoes", message, {
          retryAfterMs: at - now,
          details: { upstream: name },
        });
      }
      starts.push(at);
      if (starts.length > limit) starts.shift();
      // A turn given up by an abort is not handed on: the limit is kept a little too well.
      if (at > now) await sleep(at - now, signal);
    },
  };
}
