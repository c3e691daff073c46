import type { Timers } from "#core/executions";

/** Paces calls: so many may be young at a time, the others wait in the order they came. */
export interface SendWindow {
  /** Calls `start` when there is room, at once if there is. It calls `leave` when its call is answered. */
  enter(start: (leave: () => void) => void): void;
  /** Calls waiting for room. */
  waiting(): number;
}

export interface SendWindowOptions {
  timers: Timers;
  /** Young calls at a time. More do not leave sooner: each costs memory that the garbage collector copies meanwhile. */
  size: number;
  /** A call that is not answered by then holds nobody back any more: jobs may take minutes. */
  youngMs: number;
  /** The last that waited has begun. */
  onNoneWaiting(): void;
}

export function createSendWindow({ timers, size, youngMs, onNoneWaiting }: SendWindowOptions): SendWindow {
  let room = size;
  let queue: ((leave: () => void) => void)[] = [];
  let first = 0;

  function begin(start: (leave: () => void) => void): void {
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      cancel();
      next();
    };
    const cancel = timers.after(youngMs, leave);
    start(leave);
  }

  /** The room goes from hand to hand. */
  function next(): void {
    const start = queue[first];
    if (start === undefined) {
      room++;
      return;
    }
    first++;
    if (first === queue.length) {
      queue = [];
      first = 0;
    }
    begin(start);
    if (queue.length === 0) onNoneWaiting();
  }

  return {
    enter(start) {
      if (room === 0) {
        queue.push(start);
        return;
      }
      room--;
      begin(start);
    },
    waiting: () => queue.length - first,
  };
}
