import type { Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";
import type { Broker } from "./broker.ts";
import type { WorkerDefinition } from "./define-worker.ts";
import type { Tally } from "./tally.ts";

export interface ConsumerOptions {
  broker: Broker;
  workers: readonly WorkerDefinition[];
  clock: Clock;
  log: Logger;
  timers?: Timers;
  /** Lease of the broker's claims, seconds; renewed three times within it, in one call for everything held. */
  leaseSeconds: number;
  /** Longest wait of one call for something to do, ms. Default 1000. */
  idleWaitMs?: number;
}

export interface DrainOptions {
  /** Most deliveries taken. */
  limit: number;
  /** No claim after this long, ms. */
  budgetMs: number;
  /** Only workers for which this is true; default all. */
  only?: (worker: WorkerDefinition) => boolean;
  signal?: AbortSignal;
}

export interface DrainReport {
  tally: Tally;
  /** Executions still under way, under their own leases; they end after the drain. */
  running: number;
  end: "empty" | "limit" | "budget" | "aborted";
}
