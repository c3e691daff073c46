import type { Clock } from "#core/runtime";

/**
 * The system's clock, slowed down: a second of it is `factor` seconds. For tests on a store with real timers, whose "not
 * before" must hold on a machine that stands still for a moment.
 */
export function slowClock(factor: number): Clock {
  const startMs = Date.now();
  const from = performance.now();
  const elapsedMs = () => (performance.now() - from) / factor;
  return { now: () => new Date(startMs + elapsedMs()), monotonicMs: elapsedMs };
}
