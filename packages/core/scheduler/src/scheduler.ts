import { randomUUID } from "node:crypto";
import type { Ledger, SlotClaim, SlotSkip, Timers } from "#core/executions";
import { pause } from "#core/executions";
import { type Clock, errorMessage, type Logger, localFields, TIME_ZONE } from "#core/runtime";
import { createClaimer, type OnClaimed } from "./claim-slots.ts";
import { createDeadRuns } from "./dead-runs.ts";
import { checkEntries, type ScheduleEntry } from "./entry.ts";
import { housekeeping } from "./housekeeping.ts";
import { lines } from "./log-lines.ts";
import { type ExpectedMarkers, markerProblem } from "./markers.ts";
import { type EntryState, initialState, nextOf, planEntry, postpone, settle, unplan } from "./plan-slots.ts";
import { createSendWindow } from "./send-window.ts";
import { createSkewGuard } from "./skew-guard.ts";
import { createSlotRuns } from "./slot-runs.ts";
import { createSpareTurns } from "./spare-turns.ts";
import { type Step, startTicker } from "./ticker.ts";
import { createTrigger, type TriggerOptions } from "./trigger.ts";

export interface SchedulerOptions {
  entries: readonly ScheduleEntry[];
  ledger: Ledger;
  clock: Clock;
  timers: Timers;
  log: Logger;
  call: Omit<TriggerOptions, "clock" | "timers">;
  /** How long running calls may finish after `stop`, ms. */
  graceMs: number;
  retentionDays: number;
  /** Compared with the database's markers before anything is written or sent; undefined: not compared. */
  expected?: ExpectedMarkers;
  /** As the ledger's; ms. */
  leaseMs?: number;
  beatEveryMs?: number;
  stepMs?: number;
  /** Called at every step of the loop: the process is alive. */
  onStep?: () => void;
}

export interface Scheduler {
  /** Begins to tick; resolves when stopped. A database that is away is waited for, not died of. */
  run(): Promise<void>;
  /** Stops claiming at once, lets running calls finish for the grace, aborts the rest and closes their rows. */
  stop(): Promise<void>;
}

const REGISTER_EVERY_MS = 5_000;
const WRONG_DATABASE_EVERY_MS = 60_000;
/** Missed slots start one by one, so at most two a second. */
const CATCH_UP_GAP_MS = 500;
/** A dead run is closed as soon as its lease is over, and never asked for more often than this. */
const SOONEST_BEAT_MS = 250;
const AFTER_EXPIRY_MS = 20;
/** Following slots calculated at a time. */
const LOOK_AHEAD = 20;
const HOUSEKEEPING_HOUR = 4;
const MINUTE_MS = 60_000;
/** Fewer leave this process idle between answers, more are copied by the collector; slow ones let 1,280 others begin a second. */
const YOUNG_CALLS = 128;
const YOUNG_MS = 100;
/** After the grace: time to write the ends of what was cut. */
const LAST_WORDS_MS = 5_000;

/**
 * One timer, any number of replicas, no leader: every replica claims every due slot and the unique key decides. A job starts
 * without waiting for another; what cannot be claimed does not run; each slot ends as a run or as a recorded skip.
 * Throws `configuracao_invalida` for entries it does not understand.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { entries, ledger, clock, timers, log, call } = options;
  const { leaseMs = 30_000, beatEveryMs = 10_000 } = options;
  checkEntries(entries);

  const trigger = createTrigger({ ...call, clock, timers });
  const leaving = new AbortController();
  const cut = new AbortController();
  const dispatches = new Set<Promise<void>>();
  const states = new Map<string, EntryState>();
  const claimer = createClaimer({ ledger, clock, timers, log });
  const spare = createSpareTurns({ timers, busy: () => dispatches.size > 0 || window.waiting() > 0 });
  const window = createSendWindow({ timers, size: YOUNG_CALLS, youngMs: YOUNG_MS, onNoneWaiting: spare.wake });
  const runs = createSlotRuns({
    ...{ ledger, trigger, clock, timers, log, spare, window },
    stop: cut.signal,
    leaving: leaving.signal,
    onTold: (token) => dead.own(token),
  });
  const dead = createDeadRuns({ entryOf: (job) => states.get(job)?.entry, isOurs: runs.has, log });
  const skew = createSkewGuard({ clock, log });
  const stopped = Promise.withResolvers<void>();
  let stopTicker = () => {};
  let registering = false;
  let nextRegisterMs = 0;
  let lastStepMs: number | null = null;
  let lastHour = "";
  let lastHousekeeping = "";
  let nextCatchUpMs = Number.NEGATIVE_INFINITY;
  let nextBeatMs = beatEveryMs;

  // --- start ---------------------------------------------------------------------------------------------------------

  async function register(): Promise<void> {
    registering = true;
    try {
      const wrong = options.expected && markerProblem(await ledger.markers(), options.expected);
      if (wrong) {
        log.error({ motivo: "banco_errado" }, `FAIL scheduler: ${wrong}; nada é despachado`);
        nextRegisterMs = clock.monotonicMs() + WRONG_DATABASE_EVERY_MS;
        return;
      }
      const { agora, jobs } = await ledger.register(entries.map((e) => e.name));
      skew.measure(agora);
      const known = new Map(jobs.map((j) => [j.job_name, j]));
      for (const entry of entries) {
        const job = known.get(entry.name);
        if (job) states.set(entry.name, initialState(entry, job.ultimo_slot, job.registered_at, clock.now()));
      }
    } catch (err) {
      log.error({ err }, `banco de dados não respondeu; nova tentativa em ${REGISTER_EVERY_MS / 1000} s`);
      nextRegisterMs = clock.monotonicMs() + REGISTER_EVERY_MS;
      return;
    } finally {
      registering = false;
    }
    if (leaving.signal.aborted) return;
    onStep({ agora: clock.now(), jumpMs: 0 }); // the minute under way is not to wait for the next step
    // Nor what a stopped scheduler left unsent for the next beat; not at once: the two would meet at the same dead runs.
    await Promise.all(dispatches);
    if (!leaving.signal.aborted) await beat();
  }

  // --- every step ----------------------------------------------------------------------------------------------------

  function onStep({ agora, jumpMs }: Step): void {
    options.onStep?.();
    lastStepMs = clock.monotonicMs();
    if (states.size === 0) {
      if (entries.length > 0 && !registering && lastStepMs >= nextRegisterMs) void register();
      return;
    }
    logHour(agora, false);
    if (jumpMs !== 0) {
      log.warn({ salto_ms: jumpMs }, `relógio saltou ${Math.round(jumpMs / 1000)} s; conferindo com o banco`);
      skew.doubt();
      void beat();
    }
    if (!skew.mayDispatch()) return;
    const due: SlotClaim[] = [];
    const catchUps: SlotClaim[] = [];
    const skips: SlotSkip[] = [];
    for (const state of states.values()) {
      const plan = planEntry(state, agora);
      skips.push(...plan.skips);
      if (plan.due) due.push(claimOf(state.entry, plan.due, "schedule"));
      else if (plan.catchUp) catchUps.push(claimOf(state.entry, plan.catchUp, "catchup"));
    }
    const resent = takeUnsent(agora);
    const paced = resent ? [] : takePaced(catchUps, agora);
    if (due.length + paced.length + skips.length > 0) dispatch([...due, ...paced], skips);
    if (resent) resend(resent);
    // Only now, so that no due slot waits for the calculation of the following ones.
    if (due.length > 0) lookAhead();
    houseKeep(agora);
  }

  function lookAhead(): void {
    const all = [...states.values()];
    for (let i = 0; i < all.length; i += LOOK_AHEAD) spare.add(() => all.slice(i, i + LOOK_AHEAD).forEach(nextOf));
  }

  /** Whether a late slot may start now; the next one may half a second later. */
  function takeTurn(): boolean {
    const nowMs = clock.monotonicMs();
    if (nowMs < nextCatchUpMs) return false;
    nextCatchUpMs = nowMs + CATCH_UP_GAP_MS;
    return true;
  }

  /** Missed slots in the order of the entries, the same one at most once a minute. */
  function takePaced([first]: SlotClaim[], agora: Date): SlotClaim[] {
    if (first === undefined || !takeTurn()) return [];
    postpone(states.get(first.job) as EntryState, first.slot, new Date(agora.getTime() + MINUTE_MS));
    return [first];
  }

  /** A run that was never sent, while its slot may still start: as a missed slot is caught up, but in its own row. */
  function takeUnsent(agora: Date): SlotClaim | null {
    const run = dead.take(agora, takeTurn);
    return run && { ...claimOf(run.entry, run.slot, "catchup"), id: run.id };
  }

  function resend(claim: SlotClaim): void {
    const askedMs = clock.monotonicMs();
    underWay(
      ledger.retake([claim]).then((won) => {
        if (won.has(claim.id)) start((states.get(claim.job) as EntryState).entry, claim, askedMs);
      }),
    );
  }

  function dispatch(claims: SlotClaim[], skips: SlotSkip[]): void {
    underWay(claimer.claim(claims, skips, onClaimed).then(dead.closed));
  }

  function underWay(work: Promise<void>): void {
    const done = work.catch((err: unknown) => log.error({ err }, `FAIL despacho: ${errorMessage(err)}`));
    dispatches.add(done);
    void done.finally(() => {
      dispatches.delete(done);
      spare.wake();
    });
  }

  const onClaimed: OnClaimed = (claim, end, askedMs) => {
    const state = states.get(claim.job) as EntryState;
    if (end === "early") {
      unplan(state, claim.slot);
      skew.doubt();
      void beat();
      return;
    }
    const skip = settle(state, claim.slot, end === "won" ? "accounted" : end, clock.now());
    if (skip) claimer.keep(skip);
    if (end === "won") start(state.entry, claim, askedMs);
  };

  function start(entry: ScheduleEntry, claim: SlotClaim, askedMs: number): void {
    runs.start(entry, claim, { token: claim.leaseToken, validUntilMs: askedMs + leaseMs, lost: false });
  }

  // --- every ten seconds ---------------------------------------------------------------------------------------------

  /** One call renews every lease, shows that we live and compares clocks. */
  async function beat(): Promise<void> {
    const leases = [...runs.leases()];
    const startedMs = clock.monotonicMs();
    try {
      const tokens = leases.map((l) => l.token);
      const answer = await ledger.beat(lastStepMs === null ? null : startedMs - lastStepMs, tokens);
      skew.measure(answer.agora);
      for (const lease of leases) {
        if (answer.renovados.has(lease.token)) lease.validUntilMs = startedMs + leaseMs;
        else lease.lost = true;
      }
      const { proxima_expiracao: expiry } = answer;
      const expiresInMs = expiry === null ? beatEveryMs : expiry.getTime() - answer.agora.getTime() + AFTER_EXPIRY_MS;
      nextBeatMs = Math.min(beatEveryMs, Math.max(SOONEST_BEAT_MS, expiresInMs));
      dead.closed(answer.mortas);
      dead.listed(answer.interrompidas, answer.agora);
    } catch (err) {
      nextBeatMs = beatEveryMs;
      log.warn({ err }, "sinal de vida não registrado; nova tentativa em instantes");
    }
  }

  async function beatLoop(): Promise<void> {
    while (!cut.signal.aborted) {
      if ((await pause(timers, nextBeatMs, cut.signal)) === "aborted") return;
      if (states.size > 0) await beat();
      if (claimer.kept() > 0) dispatch([], []);
    }
  }

  // --- now and then --------------------------------------------------------------------------------------------------

  function logHour(agora: Date, always: boolean): void {
    const hour = agora.toISOString().slice(0, 13);
    if (!always && (hour === lastHour || agora.getUTCMinutes() !== 0)) return;
    lastHour = hour;
    log.info({}, lines.now(agora));
  }

  function houseKeep(agora: Date): void {
    const { date, hour } = localFields(agora);
    if (hour !== HOUSEKEEPING_HOUR || date === lastHousekeeping) return;
    lastHousekeeping = date;
    void housekeeping({ ledger, log, retentionDays: options.retentionDays, signal: leaving.signal });
  }

  return {
    async run() {
      const words = `Scheduler iniciado: API ${call.apiUrl}, Timezone: ${TIME_ZONE}, ${entries.length} jobs configurados`;
      log.info({ jobs: entries.length, tz: process.versions.tz }, words);
      for (const e of entries) log.info({ job: e.name }, `job ${e.name}: ${e.cron} → ${e.endpoint}`);
      logHour(clock.now(), true);
      const { stepMs } = options;
      stopTicker = startTicker({ clock, timers, onStep, ...(stepMs === undefined ? {} : { stepMs }) });
      void beatLoop();
      await stopped.promise;
    },

    async stop() {
      log.info({ em_andamento: runs.size() }, "Scheduler encerrando");
      leaving.abort();
      stopTicker();
      await settled(options.graceMs);
      cut.abort();
      await settled(LAST_WORDS_MS);
      if (states.size > 0) {
        await ledger.goodbye().catch((err: unknown) => log.warn({ err }, "despedida não registrada"));
      }
      stopped.resolve();
    },
  };

  /** Waits for claims under way and the runs they start, at most this long. */
  async function settled(ms: number): Promise<void> {
    const done = new AbortController();
    const all = async () => {
      while (dispatches.size + runs.size() > 0) await Promise.all([...dispatches, runs.over()]);
      done.abort();
    };
    await Promise.race([all(), pause(timers, ms, done.signal)]);
  }
}

function claimOf(entry: ScheduleEntry, slot: Date, trigger: SlotClaim["trigger"]): SlotClaim {
  return { id: randomUUID(), leaseToken: randomUUID(), job: entry.name, slot, trigger };
}
