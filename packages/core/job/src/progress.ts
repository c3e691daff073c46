import type { JobLocks, Timers } from "#core/executions";
import type { Logger } from "#core/runtime";

/** How far a run has come, told by the job as often as it likes. */
export interface JobProgress {
  /** Items done so far. */
  done: number;
  /** All items, as far as is known by now; null: not known. It may grow while the run goes on. */
  total: number | null;
  /** A few words about what is being done. */
  text?: string;
}

export interface ProgressReporter {
  report(progress: JobProgress): void;
  stop(): void;
}

const EVERY_MS = 1_000;

/**
 * Stores what the job says at most once a second, the first time a second after its first word: a run that is over by then
 * costs nothing. Progress is a courtesy: when it cannot be stored, that is logged once and the run goes on.
 */
export function createProgressReporter(options: {
  locks: Pick<JobLocks, "progress">;
  token: string;
  timers: Timers;
  log: Logger;
}): ProgressReporter {
  const { locks, token, timers, log } = options;
  let latest: JobProgress | null = null;
  let cancel: (() => void) | null = null;
  let busy = false;
  let stopped = false;
  let warned = false;

  const arm = () => {
    if (stopped || busy || cancel !== null || latest === null) return;
    cancel = timers.after(EVERY_MS, () => {
      cancel = null;
      void send();
    });
  };
  const send = async () => {
    if (latest === null) return;
    const { done, total, text } = latest;
    latest = null;
    busy = true;
    try {
      await locks.progress(token, {
        done: whole(done),
        total: total === null ? null : whole(total),
        text: text ?? null,
      });
    } catch (err) {
      if (!warned) log.warn({ err }, "progresso não registrado; a execução segue");
      warned = true;
    } finally {
      busy = false;
      arm();
    }
  };

  return {
    report(progress) {
      latest = progress;
      arm();
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}

function whole(n: number): number {
  return Math.min(2_147_483_647, Math.max(0, Math.round(n)));
}
