import type { Settlement } from "./broker.ts";
import type { WorkerDefinition } from "./define-worker.ts";

export interface WorkerCounts {
  ok: number;
  dead: number;
  retries: number;
}

/** What was settled, as counted for one drain or one log line. */
export class Tally {
  ok = 0;
  dead = 0;
  retries = 0;
  published = 0;
  readonly byWorker = new Map<string, WorkerCounts>();

  add(worker: WorkerDefinition, settlement: Settlement): void {
    const counts = this.byWorker.get(worker.name) ?? { ok: 0, dead: 0, retries: 0 };
    this.byWorker.set(worker.name, counts);
    switch (settlement.kind) {
      case "complete":
        this.ok++;
        counts.ok++;
        this.published += settlement.out.length;
        break;
      case "bury":
        this.dead++;
        counts.dead++;
        if (settlement.dlq) this.published++;
        break;
      case "retry":
        this.retries++;
        counts.retries++;
        break;
      case "release":
        break;
    }
  }
}
