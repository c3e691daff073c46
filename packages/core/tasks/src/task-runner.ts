import type { Timers } from "#core/executions";
import { createLeaseKeeper } from "#core/queue";
import type { Clock, Logger } from "#core/runtime";
import type { RunnableTask } from "./define-task.ts";
import { QueueFlow } from "./queue-flow.ts";
import type { Settled } from "./run-unit.ts";
import type { ClaimedTask, TaskStore } from "./task-store.ts";

export interface DrainRequest {
  queue: string;
  /** Most tasks of this drain. */
  limit: number;
  /** Handler calls under way in this process at a time. */
  slots: number;
  /** Most tasks of the queue under lease anywhere; default no bound. */
  maxRunning?: number;
  /** The drain answers after this long at the latest; what still runs goes on under its leases. */
  budgetMs: number;
  /** Aborted: take nothing more and answer. */
  signal: AbortSignal;
}

export interface DrainReport {
  claimed: number;
  complete: number;
  failed: number;
  /** Tasks that failed and will be tried again. */
  retries: number;
  /** Given back without a try being counted. */
  released: number;
  /** Tasks whose lease was lost: their results were dropped. */
  lost: number;
  /** Taken by this drain and still running. */
  underWay: number;
  /** The budget or the signal ended it, not the work. */
  cut: boolean;
}

export interface WorkRequest {
  queue: string;
  slots: number;
  maxRunning?: number;
  /** Tasks taken ahead of a free slot; for handlers of a few ms. Default 0. */
  prefetch?: number;
}

export interface TaskRunner {
  /** Empties a queue as far as the request allows. Rejects when the database failed; what was taken is settled all the same. */
  drain(request: DrainRequest, onSettled?: (settled: Settled) => void): Promise<DrainReport>;
  /** Works on a queue until `close`. */
  work(request: WorkRequest): void;
  /** Tasks of this process whose end is not written yet. */
  underWay(): number;
  /**
   * Takes nothing more, hands back at once what has not started, lets what runs go on for `graceMs`, then hands that back too
   * (the try does not count). Resolves when all is written.
   */
  close(graceMs: number): Promise<void>;
}

export interface TaskRunnerOptions {
  store: TaskStore;
  clock: Clock;
  timers: Timers;
  log: Logger;
  tasks: readonly RunnableTask[];
  /** Of leases; default a third of 30 s (`decisions.md` §6). */
  renewEveryMs?: number;
}

const LANES = 2;
/** After the grace only the hand-back is left: one call. */
const LAST_WORDS_MS = 3_000;

export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { store, clock, timers, log, renewEveryMs = 10_000 } = options;
  const flows = new Set<QueueFlow>();
  const leases = new Map<string, { task: ClaimedTask; lost: () => void }>();
  const queuesAtWork = new Set<string>();
  const life = lifeSigns({ store, clock, log });
  let stopBeat: (() => void) | null = null;
  let stopRenewing = () => {};
  let closed = false;

  const keeper = createLeaseKeeper({
    everyMs: renewEveryMs,
    log,
    async renew(tokens) {
      const held = tokens.flatMap((token) => leases.get(token)?.task ?? []);
      const gone = new Set(await store.renew(held));
      const lost = held.filter((t) => gone.has(t.id));
      for (const t of lost) {
        log.warn({ item_id: t.id, job: t.function }, "reserva perdida; o resultado será descartado");
        leases.get(t.token)?.lost();
      }
      return lost.map((t) => t.token);
    },
    setInterval(run, ms) {
      stopRenewing = every(timers, ms, run);
      return {};
    },
  });

  function start(
    request: Omit<WorkRequest, "prefetch"> & Partial<DrainRequest> & { prefetch?: number },
    kind: "end" | "wait",
    onSettled: (s: Settled, written: boolean) => void,
  ): QueueFlow {
    const tasks = new Map(
      options.tasks.filter((t) => t.definition.queue === request.queue).map((t) => [t.definition.name, t]),
    );
    if (tasks.size === 0) throw new RangeError(`no task of queue ${request.queue} has a handler here`);
    const flow = new QueueFlow({
      store,
      clock,
      timers,
      log,
      queue: request.queue,
      tasks,
      slots: request.slots,
      prefetch: request.prefetch ?? 0,
      limit: request.limit ?? Number.POSITIVE_INFINITY,
      maxRunning: request.maxRunning ?? null,
      lanes: LANES,
      whenEmpty: kind,
      hold(task, lost) {
        leases.set(task.token, { task, lost });
        keeper.hold([task]);
      },
      letGo(task) {
        leases.delete(task.token);
        keeper.release([task]);
      },
      onSettled,
    });
    flows.add(flow);
    void flow.ended.catch(() => undefined).then(() => flows.delete(flow));
    return flow;
  }

  return {
    async drain(request, onSettled) {
      const report = { claimed: 0, complete: 0, failed: 0, retries: 0, released: 0, lost: 0 };
      let answered = false;
      const flow = start(request, "end", (s, written) => {
        if (answered) return;
        report.claimed++;
        if (!written) report.lost++;
        else if (s.kind === "done") report.complete++;
        else if (s.kind === "failed") report.failed++;
        else if (s.kind === "retry") report.retries++;
        else report.released++;
        if (written) onSettled?.(s);
      });
      const cut = Promise.withResolvers<"cut">();
      const onAbort = () => cut.resolve("cut");
      request.signal.addEventListener("abort", onAbort, { once: true });
      if (request.signal.aborted || closed) onAbort();
      const cancel = timers.after(request.budgetMs, onAbort);
      try {
        const end = await Promise.race([flow.ended, cut.promise]);
        flow.stopClaiming();
        flow.releaseReady();
        const underWay = flow.underWay;
        await life.beat([request.queue], leases.size, true);
        return { ...report, claimed: report.claimed + underWay, underWay, cut: end === "cut" };
      } finally {
        answered = true;
        cancel();
        request.signal.removeEventListener("abort", onAbort);
        flow.stopClaiming();
      }
    },
    work(request) {
      if (closed) return;
      queuesAtWork.add(request.queue);
      start(request, "wait", () => undefined);
      const beat = () => void life.beat([...queuesAtWork], leases.size, false);
      beat();
      stopBeat ??= every(timers, renewEveryMs, beat);
    },
    underWay: () => leases.size,
    async close(graceMs) {
      closed = true;
      stopBeat?.();
      for (const flow of flows) {
        flow.stopClaiming();
        flow.releaseReady();
      }
      const all = () => Promise.allSettled([...flows].map((f) => f.ended));
      if (!(await within(timers, graceMs, all()))) {
        log.warn({ tarefas: leases.size }, "tarefas devolvidas à fila: o prazo do encerramento acabou");
        for (const flow of flows) flow.releaseAll();
        await within(timers, LAST_WORDS_MS, all());
      }
      stopRenewing();
    },
  };
}

/** Tells the database now and then that this process lives, with its memory and CPU share; a failure is only logged. */
function lifeSigns({ store, clock, log }: { store: TaskStore; clock: Clock; log: Logger }) {
  let before = { cpu: process.cpuUsage(), ms: clock.monotonicMs() };
  return {
    async beat(queues: string[], running: number, drained: boolean): Promise<void> {
      const now = { cpu: process.cpuUsage(), ms: clock.monotonicMs() };
      const usedMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1000;
      const cpuPct = now.ms > before.ms ? Math.round((1000 * usedMs) / (now.ms - before.ms)) / 10 : 0;
      before = now;
      const rssMb = Math.round(process.memoryUsage().rss / 2 ** 20);
      await store
        .beat({ queues, running, rssMb, cpuPct, drained })
        .catch((err: unknown) => log.debug({ err }, "sinal de vida não gravado"));
    },
  };
}

/** Calls `run` every `ms` until the returned function is called. */
function every(timers: Timers, ms: number, run: () => void): () => void {
  let cancel: () => void;
  const arm = () => {
    cancel = timers.after(ms, () => {
      run();
      arm();
    });
  };
  arm();
  return () => cancel();
}

/** False when `work` took longer. */
async function within(timers: Timers, ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const cancel = timers.after(ms, () => late.resolve(false));
  try {
    return await Promise.race([work.then(() => true), late.promise]);
  } finally {
    cancel();
  }
}
