import type { JobLocks, Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";

/** Renews every lock the process holds in one call, and tells a run at once when its lock is no longer its own. */
export interface LockKeeper {
  add(token: string, onLost: () => void): void;
  remove(token: string): void;
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
  const held = new Map<string, { onLost: () => void; validUntilMs: number }>();
  let armed = false;

  const arm = () => {
    if (armed || held.size === 0) return;
    armed = true;
    timers.after(renewEveryMs, () => {
      void renew().finally(() => {
        armed = false;
        arm();
      });
    });
  };

  const renew = async () => {
    const tokens = [...held.keys()];
    if (tokens.length === 0) return;
    const startedMs = clock.monotonicMs();
    let kept: Set<string> | undefined;
    try {
      kept = await locks.renew(tokens);
    } catch (err) {
      log.warn({ err, travas: tokens.length }, "travas não renovadas; nova tentativa em instantes");
    }
    for (const token of tokens) {
      const lock = held.get(token);
      if (lock === undefined) continue;
      if (kept?.has(token)) lock.validUntilMs = startedMs + leaseMs;
      // Not answered for a whole lease: another process may have it by now.
      else if (kept !== undefined || clock.monotonicMs() >= lock.validUntilMs) {
        held.delete(token);
        lock.onLost();
      }
    }
  };

  return {
    add(token, onLost) {
      held.set(token, { onLost, validUntilMs: clock.monotonicMs() + leaseMs });
      arm();
    },
    remove: (token) => void held.delete(token),
  };
}
