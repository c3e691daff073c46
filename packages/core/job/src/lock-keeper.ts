import type { JobLocks, Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";

/**
 * Renews every lock the process holds in one call, and tells a run at once when its lock is no longer its own: when a
 * renewal is denied, and, hear from the database or not, when the lease that was last granted is over. From that instant
 * on another process may have the lock.
 */
export interface LockKeeper {
  /** @param askedMs monotonic time before the lock was asked for: the lease runs at the latest from its granting. */
  add(token: string, askedMs: number, onLost: () => void): void;
  remove(token: string): void;
}

interface Held {
  onLost: () => void;
  validUntilMs: number;
  cancelExpiry: () => void;
}

export function createLockKeeper(options: {
  locks: JobLocks;
  clock: Clock;
  timers: Timers;
  log: Logger;
  renewEveryMs: number;
  leaseMs: number;
}): LockKeeper {
  const { locks, clock, timers, log, renewEveryMs, leaseMs } = options;
  // One turn for an answer, a fifth of one until the next attempt: a hanging path costs an attempt, not the lease.
  const retryAfterMs = renewEveryMs / 5;
  const held = new Map<string, Held>();
  let armed = false;

  const arm = (inMs: number) => {
    if (armed || held.size === 0) return;
    armed = true;
    timers.after(inMs, () => {
      void renew().then((renewed) => {
        armed = false;
        arm(renewed ? renewEveryMs : retryAfterMs);
      });
    });
  };

  const lose = (token: string) => {
    const lock = held.get(token);
    if (lock === undefined) return;
    lock.cancelExpiry();
    held.delete(token);
    lock.onLost();
  };

  /** A timer may fire a little early by the monotonic clock; then it is set again for the rest. */
  const expiry = (token: string, validUntilMs: number): (() => void) =>
    timers.after(Math.max(0, validUntilMs - clock.monotonicMs()), () => {
      const lock = held.get(token);
      if (lock === undefined) return;
      if (clock.monotonicMs() >= lock.validUntilMs) lose(token);
      else lock.cancelExpiry = expiry(token, lock.validUntilMs);
    });

  /** True when the database answered. Never throws. */
  const renew = async (): Promise<boolean> => {
    const tokens = [...held.keys()];
    if (tokens.length === 0) return true;
    const askedMs = clock.monotonicMs();
    const leftMs = Math.min(...[...held.values()].map((lock) => lock.validUntilMs - askedMs));
    let kept: Set<string>;
    try {
      kept = await locks.renew(tokens, { timeoutMs: Math.max(1, Math.ceil(Math.min(renewEveryMs, leftMs))) });
    } catch (err) {
      log.warn({ err, travas: tokens.length }, "travas não renovadas; nova tentativa em instantes");
      return false;
    }
    for (const token of tokens) {
      const lock = held.get(token);
      if (lock === undefined) continue;
      if (!kept.has(token)) {
        lose(token);
        continue;
      }
      lock.cancelExpiry();
      lock.validUntilMs = askedMs + leaseMs;
      lock.cancelExpiry = expiry(token, lock.validUntilMs);
    }
    return true;
  };

  return {
    add(token, askedMs, onLost) {
      const validUntilMs = askedMs + leaseMs;
      held.set(token, { onLost, validUntilMs, cancelExpiry: expiry(token, validUntilMs) });
      arm(renewEveryMs);
    },
    remove(token) {
      held.get(token)?.cancelExpiry();
      held.delete(token);
    },
  };
}
