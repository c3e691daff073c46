import type { Ledger } from "#core/executions";
import type { Logger } from "#core/runtime";

/** Errors are kept a year (`decisions.md` §7). */
const ERROR_DAYS = 365;
/** Batches of 5,000 a day; what is left waits for tomorrow. */
const MAX_BATCHES = 200;

/** Deletes old executions and their companions in batches. Never rejects: a failure is logged and tomorrow is another day. */
export async function housekeeping(options: {
  ledger: Ledger;
  log: Logger;
  retentionDays: number;
  signal: AbortSignal;
}): Promise<void> {
  const { ledger, log, retentionDays, signal } = options;
  try {
    let deleted = 0;
    for (const prune of [
      () => ledger.pruneExecutions(retentionDays, ERROR_DAYS),
      () => ledger.pruneRest(retentionDays),
      () => ledger.pruneCircuits(),
    ]) {
      for (let i = 0; i < MAX_BATCHES && !signal.aborted; i++) {
        const n = await prune();
        deleted += n;
        if (n === 0) break;
      }
    }
    log.info({ removidos: deleted }, "retenção de execuções concluída");
  } catch (err) {
    log.error({ err }, "retenção de execuções falhou");
  }
}
