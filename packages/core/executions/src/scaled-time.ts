import { type Clock, systemClock } from "#core/runtime";
import { systemTimers, type Timers } from "./timers.ts";

/** A clock of its own pace, shared by processes that are given the same three numbers. For process tests and chaos runs. */
export interface TestClock {
  /** Real instant at which the test's time begins, ms since 1970. */
  realMs: number;
  /** What the test's clock shows then, ms since 1970. */
  virtualMs: number;
  /** Seconds of the test's time in one real second. */
  scale: number;
}

const FORM = /^(\S+)=(\S+)\*(\d{1,4}(?:\.\d{1,3})?)$/;

/** `<real instant>=<test instant>*<scale>`, as `2026-11-25T09:00:00Z=2026-03-02T12:59:50Z*20`; undefined when it is not that. */
export function parseTestClock(text: string): TestClock | undefined {
  const [, real = "", virtual = "", pace = ""] = FORM.exec(text) ?? [];
  const clock = { realMs: Date.parse(real), virtualMs: Date.parse(virtual), scale: Number(pace) };
  const sound = !Number.isNaN(clock.realMs) && !Number.isNaN(clock.virtualMs) && clock.scale > 0;
  return sound ? clock : undefined;
}

/** Everything that waits or asks the time runs at the test's pace; network deadlines inside libraries stay real. */
export function createScaledTime({ realMs, virtualMs, scale }: TestClock): { clock: Clock; timers: Timers } {
  return {
    clock: {
      now: () => new Date(virtualMs + (systemClock.now().getTime() - realMs) * scale),
      monotonicMs: () => systemClock.monotonicMs() * scale,
    },
    timers: {
      after(ms, run) {
        const timer = setTimeout(run, ms / scale);
        return () => clearTimeout(timer);
      },
      soon: systemTimers.soon,
    },
  };
}
