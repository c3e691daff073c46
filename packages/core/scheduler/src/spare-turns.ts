import type { Timers } from "#core/executions";

/** Work that may wait until the process has nothing more urgent: log lines and ends of runs, while others are yet to start. */
export interface SpareTurns {
  /** Runs `work` soon, in order. */
  add(work: () => void): void;
  /** Something urgent is over. */
  wake(): void;
}

export interface SpareTurnsOptions {
  timers: Timers;
  /** There is something more urgent. */
  busy(): boolean;
  /** Work waits no longer than this for what is more urgent; default 2 s. */
  holdMs?: number;
  /** So little at a time that answers from the database and from the API are not kept waiting; default 20. */
  perTurn?: number;
}

export function createSpareTurns({ timers, busy, holdMs = 2_000, perTurn = 20 }: SpareTurnsOptions): SpareTurns {
  let waiting: (() => void)[] = [];
  let at = 0;
  let armed = false;
  let cancelHold: (() => void) | null = null;
  let overdue = false;

  function arm(): void {
    if (armed) return;
    armed = true;
    timers.soon(turn);
  }

  function turn(): void {
    armed = false;
    if (busy() && !overdue) {
      cancelHold ??= timers.after(holdMs, () => {
        overdue = true;
        arm();
      });
      return;
    }
    for (let n = 0; n < perTurn && at < waiting.length; n++) waiting[at++]?.();
    if (at < waiting.length) {
      arm();
      return;
    }
    waiting = [];
    at = 0;
    overdue = false;
    cancelHold?.();
    cancelHold = null;
  }

  return {
    add(work) {
      waiting.push(work);
      if (cancelHold === null || overdue) arm();
    },
    wake() {
      if (at < waiting.length && !busy()) arm();
    },
  };
}
