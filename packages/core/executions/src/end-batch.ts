import { isPermanent, type Logger } from "#core/runtime";
import { pause, type Timers } from "./timers.ts";

/** How long the end of a run is tried to be written before it is given up (its lease then closes the row). */
const GIVE_UP_MS = 600_000;
const MAX_WAIT_MS = 30_000;
const MAX_BATCH = 1_000;

/**
 * Group commit for ends of runs: while one call is under way, further ends gather and go with the next. A thousand runs
 * ending in one second cost a few calls, a lonely one costs one and no delay.
 *
 * @param options.write answers the ids that hold their outcome.
 */
export function createEndBatch<E>(options: {
  timers: Timers;
  log: Logger;
  idOf(end: E): string;
  write(ends: E[]): Promise<Set<string>>;
}): { add(end: E): Promise<boolean> } {
  const { timers, log, idOf, write } = options;
  let waiting: { end: E; done: (written: boolean) => void }[] = [];
  let busy = false;

  async function flush(): Promise<void> {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH);
      waiting = waiting.slice(MAX_BATCH);
      const written = await writeOrGiveUp(batch.map((b) => b.end));
      for (const { end, done } of batch) done(written.has(idOf(end)));
    }
    busy = false;
  }

  async function writeOrGiveUp(ends: E[]): Promise<Set<string>> {
    for (let waitMs = 500, waitedMs = 0; ; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
      try {
        return await write(ends);
      } catch (err) {
        // One end that Postgres refuses must not take the others of its batch with it.
        if (isPermanent(err) && ends.length > 1) return oneByOne(ends);
        const give = isPermanent(err) || waitedMs >= GIVE_UP_MS;
        log[give ? "error" : "warn"]({ err, execucoes: ends.length }, "fim de execução não registrado");
        if (give) return new Set();
        await pause(timers, waitMs);
        waitedMs += waitMs;
      }
    }
  }

  async function oneByOne(ends: E[]): Promise<Set<string>> {
    const written = new Set<string>();
    for (const end of ends) for (const id of await writeOrGiveUp([end])) written.add(id);
    return written;
  }

  return {
    add(end) {
      return new Promise((done) => {
        waiting.push({ end, done });
        void flush();
      });
    },
  };
}
