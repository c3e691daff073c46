import { pause, systemTimers, type Timers } from "#core/executions";
import { createLeaseKeeper, type LeaseKeeper } from "#core/queue";
import { delayMs, exponential } from "#core/retry";
import { isRefusal } from "#core/runtime";
import type { Delivery } from "./broker.ts";
import type { ConsumerOptions, DrainOptions, DrainReport } from "./consumer-options.ts";
import type { WorkerDefinition } from "./define-worker.ts";
import { type Ended, Execution } from "./execution.ts";
import { Hooks } from "./hooks.ts";
import { intervalsOf } from "./intervals.ts";
import { logFailure } from "./log-failure.ts";
import { RecoveryLoop } from "./recovery-loop.ts";
import { refusal } from "./refusal.ts";
import { shareOut, type Want } from "./share-out.ts";
import { Tally } from "./tally.ts";
import { WorkerSlot } from "./worker-slot.ts";

interface Outcome extends Ended {
  slot: WorkerSlot;
  /** Stands in for a result that the broker refused. */
  substitute?: boolean;
}
interface Drain {
  left: number;
  only: (worker: WorkerDefinition) => boolean;
  tally: Tally;
  end: DrainReport["end"] | null;
  failed: unknown;
  /** A claim for everything, begun after the last settlement, found nothing. */
  dry: boolean;
  finished: () => void;
}

const MAX_BATCH = 1000;
/** Calls at the same time: those that settle or fill, one in the database while another is on its way; and those that wait. */
const LANES = 2;
const WAITERS = 2;
/** A call that waits holds back what the database may clean up; while there is work it waits only this long, ms. */
const BUSY_WAIT_MS = 200;
/** What a dead process held runs again a sixth of a lease after its end at the latest: 35 s after the kill. */
const RECOVERIES_PER_LEASE = 6;
/** A drain waits this long for its last settlements and hooks before it answers; they go on by themselves. */
const QUIET_LIMIT_MS = 10_000;
/** Between questions where there is no place to wait in the database. */
const POLL = exponential(200, { maxMs: 2000, jitter: 0.2 });
const PAUSE_AFTER_FAILURE = exponential(200, { maxMs: 5000, jitter: 0.2 });

/**
 * Executes workers: claims across all of them, runs handlers within each one's concurrency, settles what ended together with the
 * next claim, and renews leases. One per process; continuous (`start`) or on demand (`drain`).
 */
export class Consumer {
  readonly #o: ConsumerOptions;
  readonly #timers: Timers;
  readonly #slots: WorkerSlot[];
  readonly #slotOf = new Map<string, WorkerSlot>();
  readonly #held = new Map<string, Delivery>();
  readonly #keeper: LeaseKeeper;
  readonly #hooks: Hooks;
  #outcomes: Outcome[] = [];
  #calls = 0;
  /** Calls that have settled something. */
  #settles = 0;
  #waiters = 0;
  #failures = 0;
  #polls = 0;
  #resting = false;
  #quietSinceMs: number;
  #continuous = false;
  #drain: Drain | null = null;
  #stopping = false;
  #scheduled = false;
  #quiet: (() => void)[] = [];
  readonly #recovery: RecoveryLoop;

  constructor(options: ConsumerOptions) {
    this.#o = options;
    this.#timers = options.timers ?? systemTimers;
    this.#quietSinceMs = options.clock.monotonicMs();
    this.#slots = options.workers.map((w) => new WorkerSlot(w));
    const { broker, log } = options;
    const timers = this.#timers;
    this.#hooks = new Hooks({ log, timers, onEnd: () => this.#quiet.length > 0 && this.#schedule() });
    const everyMs = (options.leaseSeconds * 1000) / RECOVERIES_PER_LEASE;
    this.#recovery = new RecoveryLoop({ broker, timers, log, everyMs });
    for (const slot of this.#slots) this.#slotOf.set(`${slot.worker.topic} ${slot.worker.groupId}`, slot);
    this.#keeper = createLeaseKeeper({
      renew: (tokens) => options.broker.extend(tokens.flatMap((t) => this.#held.get(t) ?? [])),
      everyMs: (options.leaseSeconds * 1000) / 3,
      log: options.log,
      ...(options.timers ? intervalsOf(options.timers) : {}),
    });
  }

  /** Declares the groups of the workers; before it, a publish would not reach them. */
  async register(): Promise<void> {
    const { broker, workers } = this.#o;
    await broker.register(
      workers.map((w) => ({ topic: w.topic, groupId: w.groupId, worker: w.name, startFrom: w.startFrom })),
    );
  }

  /** Executes whatever comes, until `stop`. */
  start(): void {
    this.#continuous = true;
    this.#recovery.start();
    this.#schedule();
  }

  /** Executes what is due, and what that publishes, until nothing is due, the limit or the time is used. */
  async drain(options: DrainOptions): Promise<DrainReport> {
    if (this.#drain || this.#continuous) throw new Error("este processo já está consumindo");
    const { promise, resolve } = Promise.withResolvers<void>();
    const drain: Drain = {
      left: options.limit,
      only: options.only ?? (() => true),
      tally: new Tally(),
      end: null,
      failed: null,
      dry: !this.#slots.some((slot) => options.only?.(slot.worker) ?? true), // nobody to claim for
      finished: resolve,
    };
    const finish = (end: DrainReport["end"]) => {
      drain.end ??= end;
      resolve();
    };
    const onAbort = () => finish("aborted");
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    const cancel = this.#timers.after(options.budgetMs, () => finish("budget"));
    this.#drain = drain;
    try {
      await this.#o.broker.recover();
      this.#schedule();
      await promise;
    } finally {
      cancel();
      options.signal?.removeEventListener("abort", onAbort);
      this.#drain = null;
    }
    if (drain.failed) throw drain.failed;
    this.#handBack();
    const running = this.#slots.reduce((sum, slot) => sum + slot.running.size, 0);
    // What was handed back, and hooks of what ended: quick, and the answer counts them.
    if (running === 0) await this.#untilQuiet(QUIET_LIMIT_MS);
    return { tally: drain.tally, running, end: drain.end ?? "empty" };
  }

  /** Claims nothing more, lets executions end for `graceMs`, hands back the rest. Resolves when everything is settled. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#recovery.stop();
    this.#handBack();
    const cancelGrace = this.#timers.after(graceMs, () => {
      for (const slot of this.#slots) for (const execution of slot.running.values()) execution.abandon();
    });
    await this.#untilQuiet();
    cancelGrace();
    this.#keeper.stop();
  }

  #handBack(): void {
    for (const slot of this.#slots) {
      for (const delivery of slot.takeAll()) {
        this.#outcomes.push({ slot, settlement: { kind: "release", delivery }, hook: null });
      }
    }
    this.#schedule();
  }

  /** Resolves when nothing runs, nothing is to be settled, and no hook is under way; at the latest after `limitMs`. */
  async #untilQuiet(limitMs?: number): Promise<void> {
    let late = false;
    const leave = () => {
      late = true;
      for (const resolve of this.#quiet.splice(0)) resolve();
    };
    const cancel = limitMs === undefined ? () => {} : this.#timers.after(limitMs, leave);
    while (!late && !this.#isQuiet()) {
      await new Promise<void>((resolve) => {
        this.#quiet.push(resolve);
        this.#schedule();
      });
    }
    cancel();
  }

  #isQuiet(): boolean {
    const busy = this.#outcomes.length + this.#calls + this.#waiters + this.#hooks.running;
    return busy === 0 && this.#slots.every((slot) => slot.running.size === 0 && slot.queued === 0);
  }

  /** Soon, once: what ends in the same turn of the event loop travels in the same call. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#resting) return;
    while (this.#calls < LANES && this.#outcomes.length > 0) {
      void this.#exchange(this.#outcomes.splice(0, MAX_BATCH), this.#wants(), 0);
    }
    if (this.#isQuiet()) for (const resolve of this.#quiet.splice(0)) resolve();
    if (this.#drain) this.#pumpDrain(this.#drain);
    else if (this.#continuous && !this.#stopping && this.#waiters < WAITERS) {
      const wants = this.#wants();
      if (wants.length > 0) void this.#exchange([], wants, this.#waitMs());
    }
  }

  #pumpDrain(drain: Drain): void {
    if (drain.end !== null || this.#calls > 0 || this.#outcomes.length > 0) return;
    const idle = this.#slots.every((slot) => slot.running.size === 0 && slot.queued === 0);
    if (idle && (drain.dry || drain.left <= 0)) {
      drain.end = drain.dry ? "empty" : "limit";
      drain.finished();
      return;
    }
    const wants = drain.dry ? [] : this.#wants();
    if (wants.length > 0) void this.#exchange([], wants, 0);
  }

  #waitMs(): number {
    const quietMs = this.#o.clock.monotonicMs() - this.#quietSinceMs;
    return quietMs < 2000 ? BUSY_WAIT_MS : (this.#o.idleWaitMs ?? 1000);
  }

  #wants(): Want[] {
    const drain = this.#drain;
    if (this.#stopping || !(this.#continuous || drain?.end === null)) return [];
    const slots = drain ? this.#slots.filter((slot) => drain.only(slot.worker)) : this.#slots;
    return shareOut(slots, Math.min(MAX_BATCH, drain?.left ?? MAX_BATCH));
  }

  async #exchange(outcomes: Outcome[], wants: Want[], waitMs: number): Promise<void> {
    const drain = this.#drain;
    const isWaiter = waitMs > 0;
    if (isWaiter) this.#waiters++;
    else this.#calls++;
    for (const { slot, request } of wants) slot.asked += request.max;
    const wanted = wants.reduce((sum, { request }) => sum + request.max, 0);
    if (drain) drain.left -= wanted;
    const startedMs = this.#o.clock.monotonicMs();
    const settlesBefore = this.#settles;
    let taken = 0;
    try {
      const {
        lost,
        deliveries,
        full = false,
      } = await this.#o.broker.exchange({
        settle: outcomes.map((o) => o.settlement),
        claim: wants.map((w) => w.request),
        waitMs,
      });
      this.#failures = 0;
      taken = deliveries.length;
      if (outcomes.length > 0 || taken > 0) this.#quietSinceMs = startedMs;
      if (outcomes.length > 0) this.#settles++;
      // What was settled since the question was asked may have published more.
      if (drain && this.#settles !== settlesBefore) drain.dry = false;
      else if (drain && wanted > 0) drain.dry = taken === 0;
      this.#settled(outcomes, new Set(lost));
      this.#received(deliveries);
      if (!full || taken > 0) this.#polls = 0;
      // A broker that does not wait must not be asked in a tight loop.
      if (isWaiter && taken === 0) {
        await this.#atLeast(startedMs, full ? delayMs(POLL, ++this.#polls) : Math.min(waitMs, 10));
      }
    } catch (err) {
      this.#failed(err, outcomes, drain);
    } finally {
      if (drain) drain.left += wanted - taken;
      for (const { slot, request } of wants) slot.asked -= request.max;
      if (isWaiter) this.#waiters--;
      else this.#calls--;
      this.#schedule();
    }
  }

  async #atLeast(startedMs: number, ms: number): Promise<void> {
    const leftMs = ms - (this.#o.clock.monotonicMs() - startedMs);
    if (leftMs > 0) await pause(this.#timers, leftMs);
  }

  #settled(outcomes: readonly Outcome[], lost: ReadonlySet<string>): void {
    for (const { slot, settlement, hook } of outcomes) {
      const { delivery } = settlement;
      this.#held.delete(delivery.token);
      const { worker } = slot;
      if (lost.has(delivery.token)) {
        const fields = { worker: worker.name, topic: worker.topic, attempt: delivery.attempt };
        this.#o.log.warn(fields, "reserva perdida, resultado descartado");
        continue;
      }
      this.#drain?.tally.add(worker, settlement);
      if (hook) this.#hooks.run(worker, hook);
    }
    this.#keeper.release(outcomes.map((o) => o.settlement.delivery));
  }

  #received(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    for (const d of deliveries) this.#held.set(d.token, d);
    this.#keeper.hold(deliveries);
    for (const [name, mine] of Map.groupBy(deliveries, (d) => `${d.topic} ${d.groupId}`)) {
      this.#slotOf.get(name)?.add(mine);
    }
    if (this.#stopping || (this.#drain === null && !this.#continuous)) this.#handBack();
    else for (const slot of this.#slots) this.#fill(slot);
  }

  #fill(slot: WorkerSlot): void {
    for (let delivery = slot.take(); delivery !== undefined; delivery = slot.take()) {
      if (this.#keeper.isLost(delivery.token)) {
        this.#keeper.release([delivery]);
        this.#held.delete(delivery.token);
        continue;
      }
      const execution = new Execution(slot.worker, delivery, {
        clock: this.#o.clock,
        timers: this.#timers,
        log: this.#o.log,
      });
      slot.running.set(delivery.token, execution);
      void this.#execute(slot, execution);
    }
  }

  async #execute(slot: WorkerSlot, execution: Execution): Promise<void> {
    const startedMs = this.#o.clock.monotonicMs();
    const ended = await execution.run();
    slot.running.delete(execution.delivery.token);
    slot.measure(this.#o.clock.monotonicMs() - startedMs);
    this.#outcomes.push({ slot, ...ended });
    logFailure(this.#o.log, slot.worker, ended.settlement);
    this.#schedule();
    this.#fill(slot);
  }

  /** The broker did not answer: what the call carried is sent again after a pause. */
  #failed(err: unknown, outcomes: Outcome[], drain: Drain | null): void {
    if (isRefusal(err) && outcomes.length > 0) {
      this.#refused(err, outcomes);
      return;
    }
    this.#outcomes.unshift(...outcomes);
    this.#o.log.error({ err }, "corretor de mensagens não respondeu; nova tentativa em instantes");
    if (drain && drain.end === null) {
      drain.failed = err;
      drain.end = "aborted";
      drain.finished();
    }
    this.#resting = true;
    void pause(this.#timers, delayMs(PAUSE_AFTER_FAILURE, ++this.#failures)).then(() => {
      this.#resting = false;
      this.#schedule();
    });
  }

  /** A batch that the broker refuses goes in halves, down to the one at fault, which then counts as a failed execution. */
  #refused(err: unknown, outcomes: Outcome[]): void {
    const half = Math.ceil(outcomes.length / 2);
    if (outcomes.length > 1) {
      for (const part of [outcomes.slice(0, half), outcomes.slice(half)]) void this.#exchange(part, [], 0);
      return;
    }
    const [{ slot, settlement, substitute }] = outcomes as [Outcome];
    this.#o.log.error(
      { worker: slot.worker.name, err },
      "o corretor recusa este resultado; a execução conta como falha",
    );
    if (!substitute) {
      const end = refusal(slot.worker, settlement.delivery, err);
      this.#outcomes.unshift({ slot, settlement: end, hook: null, substitute: true });
      return;
    }
    // Not even that: the delivery comes again when its lease ends.
    this.#held.delete(settlement.delivery.token);
    this.#keeper.release([settlement.delivery]);
  }
}
