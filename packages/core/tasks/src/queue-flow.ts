import { pause, type Timers } from "#core/executions";
import { type Clock, errorMessage, isRefusal, type Logger } from "#core/runtime";
import type { RunnableTask } from "./define-task.ts";
import { refusedEnd, runUnit, type Settled } from "./run-unit.ts";
import type { ClaimedTask, TaskLogLine, TaskStore } from "./task-store.ts";

export interface FlowOptions {
  store: TaskStore;
  clock: Clock;
  timers: Timers;
  log: Logger;
  queue: string;
  tasks: ReadonlyMap<string, RunnableTask>;
  /** Handler calls under way at the same time. */
  slots: number;
  /** Tasks taken beyond what the slots can start at once; default 0, so that a lease means a running try. */
  prefetch: number;
  /** Most tasks taken by this flow. */
  limit: number;
  maxRunning: number | null;
  /** Calls to the database in flight. */
  lanes: number;
  /** What to do when nothing is due: end, or wait for more. */
  whenEmpty: "end" | "wait";
  /** From now on the lease is renewed; `lost` is called when it could not be. */
  hold(task: ClaimedTask, lost: () => void): void;
  letGo(task: ClaimedTask): void;
  /** `written`: the end is in the database; false: the lease was lost and the result dropped. */
  onSettled(settled: Settled, written: boolean): void;
}

/** Largest settlement of one call. */
const MOST_SETTLED = 1000;
const MOST_CLAIMED = 1000;
const RESCUE_EVERY_MS = 3_000;
const LONG_POLL_MS = 2_000;
/** Backing off without a long poll (none to be had, or the queue is full or paused). */
const IDLE_MIN_MS = 200;
const IDLE_MAX_MS = 2_000;
const ERROR_MIN_MS = 250;
const ERROR_MAX_MS = 10_000;
/** A settlement that fails this often in a row is given up: the leases are over by then. */
const MOST_FAILURES = 12;

/**
 * Takes tasks of one queue, runs them and settles them. One call does both: while it is in flight, ended tasks gather for the
 * next, so a busy flow batches by itself and an idle one has no timer to wait for. Its states:
 *
 *   claiming → (stopClaiming | limit | nothing due and whenEmpty=end) → finishing → ended
 *
 * While finishing, tasks under way end and are settled; `ended` resolves when nothing is held any more.
 */
export class QueueFlow {
  readonly ended: Promise<void>;
  private readonly o: FlowOptions;
  private readonly stop = new AbortController();
  private ready: ClaimedTask[] = [];
  private outcomes: Settled[] = [];
  private logs: TaskLogLine[] = [];
  /** Handler calls under way, by each of their tasks' tokens. */
  private readonly units = new Map<string, { call: AbortController; size: number }>();
  private unitsUnderWay = 0;
  private givingUp = false;
  private calls = 0;
  /** Settlements written so far: each may have made work due, in this queue too. */
  private settlements = 0;
  /** Taken and not settled, with what claims in flight may still bring. */
  private held = 0;
  private claimed = 0;
  private claiming = true;
  /** The last claim brought less than it asked for. */
  private dry = false;
  /** Waits in a row that said "due" before a claim that took nothing: the queue is full elsewhere. */
  private fruitless = 0;
  private waitSaidDue = false;
  private waiting: Promise<void> | null = null;
  private idleMs = IDLE_MIN_MS;
  private rescuedMs = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private readonly resubmitted = new WeakSet<Settled>();
  /** Pieces of a settlement that the database refused, each to be tried by itself. */
  private refusedParts: Settled[][] = [];
  private readonly substitutes = new WeakSet<Settled>();
  private error: unknown = null;
  private wakers: (() => void)[] = [];

  constructor(options: FlowOptions) {
    this.o = options;
    this.ended = this.run();
    this.ended.catch(() => undefined); // told to whoever awaits it
  }

  /** Tasks taken whose end is not yet written. */
  get underWay(): number {
    return this.held;
  }

  stopClaiming(): void {
    this.claiming = false;
    this.stop.abort();
    this.wake();
  }

  /** Hands back, at once, what has not started; the try does not count. */
  releaseReady(): void {
    for (const task of this.ready.splice(0)) this.giveBack(task);
    this.wake();
  }

  /** Hands back everything, started or not. Handlers get the abort; what they still answer is dropped. */
  releaseAll(): void {
    this.stopClaiming();
    this.givingUp = true;
    this.releaseReady();
    for (const { call } of this.units.values()) call.abort(new Error("encerrando"));
  }

  private giveBack(task: ClaimedTask): void {
    const row = { id: task.id, token: task.token, fate: "released" as const, error: null, delayMs: null };
    this.outcomes.push({ kind: "released", task, row });
  }

  private async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.o.lanes }, () => this.lane()));
    this.stop.abort();
    if (this.error !== null) throw this.error;
  }

  private async lane(): Promise<void> {
    for (;;) {
      const part = this.refusedParts.shift();
      const want = part ? 0 : this.wanted();
      if (part) await this.exchange(0, part);
      else if (this.outcomes.length > 0 || want > 0) await this.exchange(want, this.outcomes.splice(0, MOST_SETTLED));
      else if (!this.mayClaim() && this.held === 0) return this.wake();
      else await new Promise<void>((resolve) => this.wakers.push(resolve));
    }
  }

  private mayClaim(): boolean {
    return this.claiming && this.claimed < this.o.limit;
  }

  /** How many tasks the next call asks for. None while the queue is dry, unless something is to be settled anyway. */
  private wanted(): number {
    const settling = Math.min(this.outcomes.length, MOST_SETTLED);
    if (!this.mayClaim() || (this.dry && settling === 0)) return 0;
    const room = this.capacity() - this.held + settling;
    // A claim of a handful costs as much as one of many: not worth a call of its own while much is under way.
    if (settling === 0 && this.held > 0 && room < this.capacity() / 4) return 0;
    return Math.max(0, Math.min(room, this.o.limit - this.claimed, MOST_CLAIMED));
  }

  private capacity(): number {
    return this.o.slots * Math.max(...[...this.o.tasks.values()].map((t) => t.batchSize)) + this.o.prefetch;
  }

  private async exchange(want: number, settling: Settled[]): Promise<void> {
    const { store, queue, tasks, maxRunning, clock } = this.o;
    const logs = this.logs.splice(0);
    const rescue = want > 0 && clock.monotonicMs() - this.rescuedMs >= RESCUE_EVERY_MS;
    if (rescue) this.rescuedMs = clock.monotonicMs();
    this.held += want;
    this.claimed += want;
    this.calls++;
    const settlementsBefore = this.settlements;
    try {
      const { claimed, lost } = await store.exchange({
        queue,
        limit: want,
        functions: [...tasks.keys()],
        // Sorted: two calls that meet the same rows meet them in the same order.
        done: settling.flatMap((s) => (s.kind === "done" ? [s.row] : [])).sort(byId),
        ended: settling.flatMap((s) => (s.kind === "done" || s.kind === "aborted" ? [] : [s.row])).sort(byId),
        logs,
        maxRunning,
        rescue,
      });
      this.failures = 0;
      this.held += claimed.length - want;
      this.claimed += claimed.length - want;
      this.tellSettled(settling, new Set(lost));
      for (const task of claimed) this.o.hold(task, () => this.lose(task));
      this.ready.push(...claimed);
      if (want > 0) this.noteClaim(claimed.length, want, this.settlements !== settlementsBefore);
      if (settling.length > 0) this.settlements++;
      this.pump();
    } catch (err) {
      this.held -= want;
      this.claimed -= want;
      this.logs.unshift(...logs);
      if (settling.length > 0 && isRefusal(err)) {
        this.split(settling, err);
      } else {
        for (const s of settling) this.resubmitted.add(s);
        this.outcomes.unshift(...settling);
        await this.noteFailure(err);
      }
    } finally {
      this.calls--;
      this.lookOnceMore();
      this.wake();
    }
  }

  /** What the database refuses goes in halves, down to the task at fault, which then fails with the reason. */
  private split(settling: Settled[], err: unknown): void {
    const [only] = settling;
    if (settling.length > 1) {
      const half = Math.ceil(settling.length / 2);
      this.refusedParts.push(settling.slice(0, half), settling.slice(half));
    } else if (only && !this.substitutes.has(only)) {
      this.o.log.error(
        { job: only.task.function, item_id: only.task.id, err },
        "o banco recusa o fim desta tarefa; ela falha",
      );
      const substitute = refusedEnd(only, err);
      this.substitutes.add(substitute);
      this.refusedParts.push([substitute]);
    } else {
      this.drop(settling, err); // not even that
    }
  }

  /** Ends that could not be written: the leases expire, and the tasks are taken again. */
  private drop(settling: Settled[], err: unknown): void {
    const erro = errorMessage(err);
    const { log, queue } = this.o;
    log.error({ queue, tarefas: settling.length, erro }, "fins de tarefas não gravados; as reservas vencem");
    this.held -= settling.length;
    for (const s of settling) {
      this.o.letGo(s.task);
      this.o.onSettled(s, false);
    }
  }

  /** A claim that came back empty while another call was still settling proved nothing about the end of the queue. */
  private lookOnceMore(): void {
    if (this.o.whenEmpty === "end" && this.held === 0 && this.calls === 0 && this.outcomes.length === 0)
      this.dry = false;
  }

  private tellSettled(settled: Settled[], lost: ReadonlySet<string>): void {
    this.held -= settled.length;
    for (const s of settled) {
      this.o.letGo(s.task);
      // A call whose answer was lost may have written it: the repeated one then finds the lease gone.
      const written = s.kind !== "aborted" && (!lost.has(s.task.id) || this.resubmitted.has(s));
      this.o.onSettled(s, written);
    }
  }

  /** `outdated`: another call has settled since this one was asked. */
  private noteClaim(got: number, want: number, outdated: boolean): void {
    this.dry = got < want;
    if (got > 0) {
      this.fruitless = 0;
      this.idleMs = IDLE_MIN_MS;
    } else if (this.waitSaidDue) this.fruitless++;
    this.waitSaidDue = false;
    if (!this.dry) return;
    if (this.o.whenEmpty === "wait") this.waitForMore();
    // Nothing came, nothing is held, and no other call can bring anything or has made anything due: the queue is done.
    else if (got === 0 && !outdated && this.held === 0 && this.calls === 1 && this.outcomes.length === 0)
      this.claiming = false;
  }

  /** One wait at a time; its end lets the next claim be made. */
  private waitForMore(): void {
    this.waiting ??= this.idle().finally(() => {
      this.waiting = null;
      this.dry = false;
      this.wake();
    });
  }

  private async idle(): Promise<void> {
    const { store, queue, tasks, timers, log } = this.o;
    if (this.fruitless < 2 && !this.stop.signal.aborted) {
      try {
        const due = await store.wait(queue, [...tasks.keys()], LONG_POLL_MS, this.stop.signal);
        this.waitSaidDue = due === true;
        if (due !== null) return;
      } catch (err) {
        if (!this.stop.signal.aborted)
          log.debug({ queue, err }, "espera longa falhou; a fila é olhada de tempos em tempos");
      }
    } else {
      this.waitSaidDue = true;
    }
    await pause(timers, this.idleMs, this.stop.signal);
    this.idleMs = Math.min(this.idleMs * 2, IDLE_MAX_MS);
  }

  private async noteFailure(err: unknown): Promise<void> {
    this.failures++;
    const { log, queue, timers } = this.o;
    log.warn({ queue, err, seguidas: this.failures }, "a fila de tarefas não respondeu; nova tentativa em instantes");
    if (this.o.whenEmpty === "end") {
      // A drain says what failed; what it holds is still settled if the database comes back in time.
      this.error ??= err;
      this.claiming = false;
    }
    if (this.failures > MOST_FAILURES && this.outcomes.length > 0) {
      this.drop(this.outcomes.splice(0), err);
    }
    await pause(timers, Math.min(ERROR_MIN_MS * 2 ** Math.min(this.failures - 1, 10), ERROR_MAX_MS));
  }

  /** Starts what the slots have room for: units of one function, as many tasks as its handler takes at once. */
  private pump(): void {
    while (!this.givingUp && this.unitsUnderWay < this.o.slots) {
      const first = this.ready[0];
      if (first === undefined) return;
      const task = this.o.tasks.get(first.function);
      if (task === undefined) throw new Error(`no handler for ${first.function}`); // claims name their functions
      void this.start(task, this.takeUnit(first, task.batchSize));
    }
  }

  private takeUnit(first: ClaimedTask, size: number): ClaimedTask[] {
    if (size === 1) {
      this.ready.shift();
      return [first];
    }
    const unit: ClaimedTask[] = [];
    this.ready = this.ready.filter((t) => {
      const mine = t.function === first.function && unit.length < size;
      if (mine) unit.push(t);
      return !mine;
    });
    return unit;
  }

  private async start(task: RunnableTask, unit: ClaimedTask[]): Promise<void> {
    this.unitsUnderWay++;
    const call = new AbortController();
    for (const t of unit) this.units.set(t.token, { call, size: unit.length });
    const { clock, timers, log } = this.o;
    const onLog = (line: TaskLogLine) => this.logs.push(line);
    const settled = await runUnit(task, unit, { clock, timers, log, signal: call.signal, onLog });
    for (const s of settled) {
      this.units.delete(s.task.token);
      if (s.kind === "aborted" && this.givingUp) this.giveBack(s.task);
      else this.outcomes.push(s);
    }
    this.unitsUnderWay--;
    this.pump();
    this.wake();
  }

  /** Of a batch a lost lease takes only its own task, whose result will be refused; of a single task it ends the call. */
  private lose(task: ClaimedTask): void {
    const unit = this.units.get(task.token);
    if (unit?.size === 1) unit.call.abort(new Error("reserva perdida"));
  }

  private wake(): void {
    const wakers = this.wakers;
    this.wakers = [];
    for (const run of wakers) run();
  }
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
