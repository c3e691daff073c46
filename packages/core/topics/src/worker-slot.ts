import type { Delivery } from "./broker.ts";
import type { WorkerDefinition } from "./define-worker.ts";
import type { Execution } from "./execution.ts";

/** Work kept at hand, in time: enough to bridge one round trip, too little to keep another process waiting for it. */
const AT_HAND_MS = 50;
/** Two batches: one is executed while the next is fetched. */
const MAX_AT_HAND = 2000;
/** Most bytes of payloads kept at hand. */
const MAX_AT_HAND_BYTES = 8 * 1024 * 1024;
/** Share of the newest measurement in the moving average. */
const NEWEST = 0.1;

/** One worker in one process: what runs, what is at hand, and how much more it could use. */
export class WorkerSlot {
  readonly worker: WorkerDefinition;
  readonly running = new Map<string, Execution>();
  /** Wanted by calls under way. */
  asked = 0;
  #queue: Delivery[] = [];
  #next = 0;
  #averageMs = Number.POSITIVE_INFINITY;
  #averageBytes = 0;

  constructor(worker: WorkerDefinition) {
    this.worker = worker;
  }

  get queued(): number {
    return this.#queue.length - this.#next;
  }

  /** Deliveries to ask for now. */
  get wanted(): number {
    return Math.max(0, this.#capacity() - this.running.size - this.queued - this.asked);
  }

  add(deliveries: readonly Delivery[]): void {
    const [first] = deliveries;
    if (!first) return;
    const bytes = JSON.stringify(first.payload).length;
    this.#averageBytes += (bytes - this.#averageBytes) * (bytes > this.#averageBytes ? 1 : NEWEST);
    this.#queue =
      this.#next === 0 ? [...this.#queue, ...deliveries] : [...this.#queue.slice(this.#next), ...deliveries];
    this.#next = 0;
  }

  /** The next delivery to execute, if there is one and room for it. */
  take(): Delivery | undefined {
    if (this.running.size >= this.worker.concurrency || this.queued === 0) return undefined;
    return this.#queue[this.#next++];
  }

  /** Everything not begun. */
  takeAll(): Delivery[] {
    const rest = this.#queue.slice(this.#next);
    this.#queue = [];
    this.#next = 0;
    return rest;
  }

  measure(ms: number): void {
    const before = this.#averageMs;
    this.#averageMs = Number.isFinite(before) ? before + (ms - before) * NEWEST : ms;
  }

  /**
   * As many as may run, and what they will take up within `AT_HAND_MS`. A worker without retries keeps nothing at hand: the
   * attempt of what its process lost unstarted would be its only one.
   */
  #capacity(): number {
    const { concurrency, retry } = this.worker;
    if (retry.maxRetries === 0 || !Number.isFinite(this.#averageMs)) return concurrency;
    const byTime = (AT_HAND_MS * concurrency) / Math.max(this.#averageMs, 0.01);
    const bySize = MAX_AT_HAND_BYTES / Math.max(this.#averageBytes, 1);
    return concurrency + Math.floor(Math.min(byTime, bySize, MAX_AT_HAND));
  }
}
