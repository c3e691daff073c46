import type { Clock } from "#core/runtime";
import type { Timers } from "./timers.ts";

/** A clock and its timers that move only when told: the true code runs a week in seconds. For tests and simulations. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Lets `ms` go by, firing timers in order; real I/O they start is waited for before time goes on. */
  advance(ms: number): Promise<void>;
  /** The wall clock is set, by `ms` (negative: back); elapsed time is not affected. */
  jump(ms: number): void;
  /** The process stands still for `ms`, as under SIGSTOP: nothing fires meanwhile, then everything overdue does. */
  freeze(ms: number): Promise<void>;
  /** Counts `work` as I/O under way. */
  track<T>(work: Promise<T>): Promise<T>;
}

/**
 * @param quietTurns turns of the event loop in which nothing was under way, before time goes on. One is enough where all I/O is
 * tracked and all that is put off is put off by these timers.
 */
export function createVirtualTime(start: string | Date, { quietTurns = 3 } = {}): VirtualTime {
  let wallMs = new Date(start).getTime();
  let monoMs = 0;
  let sequence = 0;
  let underWay = 0;
  let onIdle = () => {};
  const queue: { atMs: number; sequence: number; run: () => void }[] = [];

  const move = (ms: number) => {
    wallMs += ms;
    monoMs += ms;
  };

  const done = () => {
    underWay--;
    if (underWay === 0) onIdle();
  };

  async function settle(): Promise<void> {
    // Promises chained on finished I/O may start more of it.
    for (let quiet = 0; quiet < quietTurns; ) {
      if (underWay > 0) {
        quiet = 0;
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
      await new Promise((resolve) => setImmediate(resolve));
      quiet = underWay === 0 ? quiet + 1 : 0;
    }
  }

  async function advance(ms: number): Promise<void> {
    const endMs = monoMs + ms;
    await settle();
    for (;;) {
      let first: (typeof queue)[number] | undefined;
      for (const t of queue) {
        if (!first || t.atMs < first.atMs || (t.atMs === first.atMs && t.sequence < first.sequence)) first = t;
      }
      if (first === undefined || first.atMs > endMs) break;
      queue.splice(queue.indexOf(first), 1);
      move(Math.max(0, first.atMs - monoMs));
      first.run();
      await settle();
    }
    move(endMs - monoMs);
  }

  return {
    clock: { now: () => new Date(wallMs), monotonicMs: () => monoMs },
    timers: {
      after(ms, run) {
        const timer = { atMs: monoMs + Math.max(0, ms), sequence: sequence++, run };
        queue.push(timer);
        return () => {
          const at = queue.indexOf(timer);
          if (at >= 0) queue.splice(at, 1);
        };
      },
      soon(run) {
        underWay++;
        setImmediate(() => {
          try {
            run();
          } finally {
            done();
          }
        });
      },
    },
    advance,
    jump(ms) {
      wallMs += ms;
    },
    async freeze(ms) {
      move(ms);
      await advance(0);
    },
    track(work) {
      underWay++;
      return work.finally(done);
    },
  };
}
