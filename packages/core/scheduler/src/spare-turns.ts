/** Work that may wait until the process has nothing more urgent: log lines of runs that have just begun. */
export interface SpareTurns {
  /** Runs `work` soon, in order. The returned function runs it now, if it has not run yet. */
  add(work: () => void): () => void;
}

/** So little at a time that answers from the database and from the API are not kept waiting. */
const PER_TURN = 20;

export function createSpareTurns(perTurn = PER_TURN): SpareTurns {
  let waiting: (() => void)[] = [];
  let at = 0;
  let armed = false;

  function turn(): void {
    for (let n = 0; n < perTurn && at < waiting.length; n++) waiting[at++]?.();
    armed = at < waiting.length;
    if (armed) setImmediate(turn);
    else {
      waiting = [];
      at = 0;
    }
  }

  return {
    add(work) {
      let done = false;
      const once = () => {
        if (done) return;
        done = true;
        work();
      };
      waiting.push(once);
      if (!armed) {
        armed = true;
        setImmediate(turn);
      }
      return once;
    },
  };
}
