import type { Timers } from "#core/executions";

interface Interval {
  cancel(): void;
  unref?(): void;
}

/** The interval that the lease keeper asks for, on injected timers. */
export function intervalsOf(timers: Timers) {
  return {
    setInterval(run: () => void, ms: number): Interval {
      const timer: Interval = { cancel: () => {} };
      const again = () => {
        timer.cancel = timers.after(ms, () => {
          run();
          again();
        });
      };
      again();
      return timer;
    },
    clearInterval: (timer: Interval) => timer.cancel(),
  };
}
