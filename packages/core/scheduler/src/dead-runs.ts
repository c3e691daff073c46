import type { DeadRun } from "#core/executions";
import type { Logger } from "#core/runtime";
import { catchUpDeadline, inCatchUpWindow, type ScheduleEntry } from "./entry.ts";
import { lines } from "./log-lines.ts";

/** Runs of schedulers that died: each is told once, and those that never reached the API wait here to be sent. */
export interface DeadRuns {
  /** This process has told the end of this claim itself. */
  own(leaseToken: string): void;
  /** Closed by a call of ours. */
  closed(runs: readonly DeadRun[]): void;
  /** All that are on record without a known end: the record decides, not what this process happens to remember. */
  listed(runs: readonly DeadRun[], agora: Date): void;
  /** A run that may start now, as a missed slot would; `mayStart` is asked only if there is one. */
  take(agora: Date, mayStart: () => boolean): { entry: ScheduleEntry; slot: Date; id: string } | null;
}

/** An older end was told when it came. */
const TELL_WITHIN_MS = 5 * 60_000;
const MAX_TOLD = 20_000;

/**
 * @param entryOf undefined: a job this scheduler does not know; another one sends it.
 * @param isOurs the claim's run is not over in this process, which will tell its end.
 */
export function createDeadRuns(options: {
  entryOf: (job: string) => ScheduleEntry | undefined;
  isOurs: (leaseToken: string) => boolean;
  log: Logger;
}): DeadRuns {
  const { entryOf, isOurs, log } = options;
  let waiting = new Map<string, DeadRun>();
  /** Leases, so that a run that dies a second time is told again. */
  const told = new Set<string>();

  function remember(key: string): void {
    told.add(key);
    if (told.size <= MAX_TOLD) return;
    for (const oldest of told) {
      told.delete(oldest);
      break;
    }
  }

  function tell(d: DeadRun): void {
    const key = d.lease_token ?? d.id;
    if (told.has(key) || isOurs(key)) return;
    remember(key);
    const fields = { job: d.job_name, execution_id: d.id, instance_id: d.instance_id };
    if (d.status === "success")
      log.info(fields, lines.ok(d.job_name, d.response_code, d.duration_ms, d.items_processed));
    else log.error(fields, lines.fail(d.job_name, d.status, d.error));
  }

  /** The slot of a run that was never sent and whose grace is not over. */
  function sendable(d: DeadRun, agora: Date): { entry: ScheduleEntry; slot: Date; id: string } | null {
    const entry = entryOf(d.job_name);
    const slot = d.scheduled_for;
    if (!d.nunca_chegou || entry === undefined || slot === null || agora > catchUpDeadline(entry, slot)) return null;
    return { entry, slot, id: d.id };
  }

  return {
    own: remember,
    closed(runs) {
      for (const d of runs) {
        tell(d);
        if (d.nunca_chegou) waiting.set(d.id, d);
      }
    },
    listed(runs, agora) {
      waiting = new Map(runs.filter((d) => sendable(d, agora) !== null).map((d) => [d.id, d]));
      for (const d of runs) {
        if (waiting.has(d.id) || agora.getTime() - d.finished_at.getTime() < TELL_WITHIN_MS) tell(d);
      }
    },
    take(agora, mayStart) {
      for (const d of waiting.values()) {
        const run = sendable(d, agora);
        if (run === null) waiting.delete(d.id);
        else if (inCatchUpWindow(run.entry, agora)) {
          if (!mayStart()) return null;
          waiting.delete(d.id);
          return run;
        }
      }
      return null;
    },
  };
}
