import type { Logger } from "#core/runtime";
import type { WorkerDefinition } from "./define-worker.ts";

/** Runs hooks beside everything else; what they do or throw changes no outcome. */
export class Hooks {
  readonly #log: Logger;
  readonly #onEnd: () => void;
  /** Under way. */
  running = 0;

  constructor(log: Logger, onEnd: () => void) {
    this.#log = log;
    this.#onEnd = onEnd;
  }

  run(worker: WorkerDefinition, hook: () => unknown): void {
    this.running++;
    void this.#guarded(worker, hook).then(() => {
      this.running--;
      this.#onEnd();
    });
  }

  async #guarded(worker: WorkerDefinition, hook: () => unknown): Promise<void> {
    try {
      await hook();
    } catch (err) {
      this.#log.error({ worker: worker.name, err }, "gancho do worker falhou; o resultado da mensagem não muda");
    }
  }
}
