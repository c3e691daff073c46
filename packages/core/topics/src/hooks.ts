import type { Timers } from "#core/executions";
import type { Logger } from "#core/runtime";
import type { WorkerDefinition } from "./define-worker.ts";

/** A hook has this long, ms; after it, it is left behind and nobody waits for it. */
const HOOK_LIMIT_MS = 30_000;

/** Runs hooks beside everything else; what they do, throw or never finish changes no outcome. */
export class Hooks {
  readonly #log: Logger;
  readonly #timers: Timers;
  readonly #onEnd: () => void;
  /** Under way. */
  running = 0;

  constructor(options: { log: Logger; timers: Timers; onEnd: () => void }) {
    this.#log = options.log;
    this.#timers = options.timers;
    this.#onEnd = options.onEnd;
  }

  run(worker: WorkerDefinition, hook: () => unknown): void {
    this.running++;
    void this.#guarded(worker, hook).then(() => {
      this.running--;
      this.#onEnd();
    });
  }

  async #guarded(worker: WorkerDefinition, hook: () => unknown): Promise<void> {
    const limit = Promise.withResolvers<never>();
    const cancel = this.#timers.after(HOOK_LIMIT_MS, () =>
      limit.reject(new Error(`o gancho não terminou em ${HOOK_LIMIT_MS / 1000} s`)),
    );
    try {
      await Promise.race([hook(), limit.promise]);
    } catch (err) {
      this.#log.error({ worker: worker.name, err }, "gancho do worker falhou; o resultado da mensagem não muda");
    } finally {
      cancel();
    }
  }
}
