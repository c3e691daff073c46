import { type CallOutcome, classify, type Ledger, pause, type SlotClaim, type Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";
import { lines } from "./log-lines.ts";
import type { SpareTurns } from "./spare-turns.ts";
import type { Trigger } from "./trigger.ts";

/** What a run holds while it lives: whoever renews leases tells it when its own is gone. */
export interface Lease {
  readonly token: string;
  /** Monotonic ms until which nobody else may take this run for dead. */
  validUntilMs: number;
  lost: boolean;
}

export interface RunSlotDeps {
  ledger: Ledger;
  trigger: Trigger;
  clock: Clock;
  timers: Timers;
  log: Logger;
  spare: SpareTurns;
}

/** Waits before another try of a connection that was refused; 240 s in all. */
const RETRY_S = [2, 4, 8, 16, 30, 60, 60, 60];
const RETRY_FROM_PERIOD_S = 3600;
/** As a run whose scheduler died before its call: within its grace, whoever is alive takes the row up again. */
const NEVER_SENT: CallOutcome = { kind: "interrupted", motivo: "scheduler parou" };

/**
 * A claimed slot, from call to closed row. Only connections that certainly reached nobody are tried again, and only for
 * jobs of an hour or more: the others simply have their next slot. A run that ends before anything was sent is not lost.
 *
 * @param stop aborted when the scheduler's grace is over; the row then says so.
 * @param leaving aborted at the first sign of shutdown: no further try.
 */
export async function runSlot(
  deps: RunSlotDeps,
  entry: ScheduleEntry,
  claim: SlotClaim,
  lease: Lease,
  stop: AbortSignal,
  leaving: AbortSignal,
): Promise<void> {
  const { ledger, clock } = deps;
  const startedMs = clock.monotonicMs();
  const calling = call(deps, entry, claim, lease, stop, leaving);
  const agora = clock.now();
  const about = { job: entry.name, execution_id: claim.id, slot: claim.slot.toISOString() };
  // The calls of a tick leave first, then they are told.
  const tell = deps.spare.add(() => {
    if (claim.trigger === "catchup") deps.log.info(about, lines.catchUp(entry.name, claim.slot, agora));
    deps.log.info(about, lines.executing(entry.name, claim.id, claim.slot));
  });
  const outcome = await calling;
  tell();
  const durationMs = Math.round(clock.monotonicMs() - startedMs);
  const verdict = classify(outcome);
  const written = await ledger.finish({ ...verdict, id: claim.id, leaseToken: claim.leaseToken, durationMs });

  const { log } = deps;
  const fields = { ...about, duration_ms: durationMs, items_processed: verdict.itemsProcessed };
  if (verdict.status === "success") {
    log.info(fields, lines.ok(entry.name, verdict.responseCode, durationMs, verdict.itemsProcessed));
  } else log.error(fields, lines.fail(entry.name, verdict.status, verdict.error));
  if (!written) log.warn(fields, `${entry.name}: fim não registrado, a linha já não é deste agendador`);
}

async function call(
  deps: RunSlotDeps,
  entry: ScheduleEntry,
  claim: SlotClaim,
  lease: Lease,
  stop: AbortSignal,
  leaving: AbortSignal,
): Promise<CallOutcome> {
  const { trigger, clock, timers } = deps;
  const request = {
    job: entry.name,
    endpoint: entry.endpoint,
    executionId: claim.id,
    slot: claim.slot,
    timeoutMs: entry.timeoutMs,
  };
  for (let attempt = 0; ; attempt++) {
    // A process that slept since its claim may have been replaced: then it sends nothing.
    if (lease.lost || clock.monotonicMs() >= lease.validUntilMs) {
      deps.log.warn({ job: entry.name, execution_id: claim.id }, `${entry.name}: reserva perdida antes do envio`);
      return NEVER_SENT;
    }
    if (stop.aborted) return NEVER_SENT;
    const outcome = await trigger(request, stop);
    const waitS = RETRY_S[attempt];
    const again = outcome.kind === "network" && !outcome.sent && entry.periodS >= RETRY_FROM_PERIOD_S;
    if (!again || waitS === undefined) return outcome;
    if ((await pause(timers, waitS * 1000, leaving)) === "aborted") return NEVER_SENT;
  }
}
