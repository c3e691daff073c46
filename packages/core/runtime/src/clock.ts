/** The only source of "now". Rules take `agora: Date`; apps and mechanisms take a Clock, so tests move time instead of sleeping. */
export interface Clock {
  /** Wall-clock instant. May jump; never use it to measure a duration. */
  now(): Date;
  /** Monotonic milliseconds, for durations and deadlines. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until told otherwise; for tests and simulations. */
export interface FixedClock extends Clock {
  set(at: string | Date): void;
  advanceMs(ms: number): void;
}

export function fixedClock(at: string | Date): FixedClock {
  let now = new Date(at).getTime();
  let mono = 0;
  if (Number.isNaN(now)) throw new RangeError(`fixedClock: not an instant: ${String(at)}`);
  return {
    now: () => new Date(now),
    monotonicMs: () => mono,
    set(next) {
      const to = new Date(next).getTime();
      mono += Math.max(0, to - now);
      now = to;
    },
    advanceMs(ms) {
      now += ms;
      mono += ms;
    },
  };
}
