import { type CallOutcome, classify, type Ledger, pause, type SlotClaim, type Timers } from "#core/executions";
import { type Clock, errorMessage, type Logger } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";
import { lines } from "./log-lines.ts";
import type { SendWindow } from "./send-window.ts";
import type { SpareTurns } from "./spare-turns.ts";
import type { Trigger } from "./trigger.ts";

/** What a run holds while it lives: whoever renews leases tells it when its own is gone. */
export interface Lease {
  readonly token: string;
  /** Monotonic ms until which nobody else may take this run for dead. */
  validUntilMs: number;
  lost: boolean;
}

/** The claimed slots of this process, from call to closed row. */
export interface SlotRuns {
  start(entry: ScheduleEntry, claim: SlotClaim, lease: Lease): void;
  /** Of the runs that are not over. */
  leases(): Iterable<Lease>;
  /** Whether the run that holds this lease is not over. */
  has(leaseToken: string): boolean;
  size(): number;
  /** Resolves when no run is left. */
  over(): Promise<void>;
}

export interface SlotRunsDeps {
  ledger: Ledger;
  trigger: Trigger;
  clock: Clock;
  timers: Timers;
  log: Logger;
  spare: SpareTurns;
  window: SendWindow;
  /** Aborted when the scheduler's grace is over; the rows then say so. */
  stop: AbortSignal;
  /** Aborted at the first sign of shutdown: no further try. */
  leaving: AbortSignal;
  /** The end of a run is told here, and the record may still list it as a dead one: never sent, or no longer ours. */
  onTold(leaseToken: string): void;
}

interface Run {
  readonly entry: ScheduleEntry;
  readonly claim: SlotClaim;
  readonly lease: Lease;
  readonly startedMs: number;
}

/** Waits before another try of a connection that was refused; 240 s in all. */
const RETRY_S = [2, 4, 8, 16, 30, 60, 60, 60];
const RETRY_FROM_PERIOD_S = 3600;
/** As a run whose scheduler died before its call: within its grace, whoever is alive takes the row up again. */
const NEVER_SENT: CallOutcome = { kind: "interrupted", motivo: "scheduler parou" };

/**
 * Only connections that certainly reached nobody are tried again, and only for jobs of an hour or more: the others simply
 * have their next slot. A run that ends before anything was sent is not lost.
 *
 * The calls of a tick leave first, then they are told, then their ends are seen to. What waits in between is a plain object
 * and not a function under way: of ten thousand of those, the garbage collector would copy more than the calls cost.
 */
export function createSlotRuns(deps: SlotRunsDeps): SlotRuns {
  const { ledger, trigger, clock, timers, log, spare, window, stop, leaving } = deps;
  const runs = new Map<string, Run>();
  let whenOver: (() => void)[] = [];

  function attempt(run: Run, n: number): void {
    window.enter((leave) => void once(run, n, leave).catch((err) => broken(run, err)));
  }

  async function once(run: Run, n: number, leave: () => void): Promise<void> {
    const agora = clock.now();
    if (n === 0) spare.add(() => tellStart(run, agora));
    let outcome: CallOutcome;
    try {
      outcome = await send(run);
    } finally {
      leave();
    }
    const waitS = RETRY_S[n];
    const again = outcome.kind === "network" && !outcome.sent && run.entry.periodS >= RETRY_FROM_PERIOD_S;
    if (!again || waitS === undefined) return answered(run, outcome);
    if ((await pause(timers, waitS * 1000, leaving)) === "aborted") answered(run, NEVER_SENT);
    else attempt(run, n + 1);
  }

  function send({ entry, claim, lease }: Run): Promise<CallOutcome> | CallOutcome {
    // A process that slept since its claim may have been replaced: then it sends nothing.
    if (lease.lost || clock.monotonicMs() >= lease.validUntilMs) {
      log.warn({ job: entry.name, execution_id: claim.id }, `${entry.name}: reserva perdida antes do envio`);
      return NEVER_SENT;
    }
    if (stop.aborted) return NEVER_SENT;
    const { name: job, endpoint, timeoutMs } = entry;
    return trigger({ job, endpoint, executionId: claim.id, slot: claim.slot, timeoutMs }, stop);
  }

  function answered(run: Run, outcome: CallOutcome): void {
    const durationMs = Math.round(clock.monotonicMs() - run.startedMs);
    spare.add(() => void conclude(run, outcome, durationMs).catch((err) => broken(run, err)));
  }

  async function conclude(run: Run, outcome: CallOutcome, durationMs: number): Promise<void> {
    const { entry, claim } = run;
    const verdict = classify(outcome);
    const written = await ledger.finish({ ...verdict, id: claim.id, leaseToken: claim.leaseToken, durationMs });
    const fields = { ...about(run), duration_ms: durationMs, items_processed: verdict.itemsProcessed };
    if (verdict.status === "success") {
      log.info(fields, lines.ok(entry.name, verdict.responseCode, durationMs, verdict.itemsProcessed));
    } else log.error(fields, lines.fail(entry.name, verdict.status, verdict.error));
    if (!written) log.warn(fields, `${entry.name}: fim não registrado, a linha já não é deste agendador`);
    if (!written || outcome.kind === "interrupted") deps.onTold(claim.leaseToken);
    end(run);
  }

  function tellStart(run: Run, agora: Date): void {
    const { entry, claim } = run;
    if (claim.trigger === "catchup") log.info(about(run), lines.catchUp(entry.name, claim.slot, agora));
    log.info(about(run), lines.executing(entry.name, claim.id, claim.slot));
  }

  function broken(run: Run, err: unknown): void {
    log.error({ err, job: run.entry.name }, `FAIL ${run.entry.name}: ${errorMessage(err)}`);
    end(run);
  }

  function end(run: Run): void {
    runs.delete(run.lease.token);
    if (runs.size > 0) return;
    for (const resolve of whenOver) resolve();
    whenOver = [];
  }

  return {
    start(entry, claim, lease) {
      const run = { entry, claim, lease, startedMs: clock.monotonicMs() };
      runs.set(lease.token, run);
      attempt(run, 0);
    },
    *leases() {
      for (const run of runs.values()) yield run.lease;
    },
    has: (token) => runs.has(token),
    size: () => runs.size,
    over: () => (runs.size === 0 ? Promise.resolve() : new Promise((resolve) => whenOver.push(resolve))),
  };
}

function about({ entry, claim }: Run) {
  return { job: entry.name, execution_id: claim.id, slot: claim.slot.toISOString() };
}
