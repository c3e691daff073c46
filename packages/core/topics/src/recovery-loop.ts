import type { Timers } from "#core/executions";
import { errorMessage, type Logger } from "#core/runtime";
import type { Broker } from "./broker.ts";

/** Makes what dead processes held due again, from the start and then every `everyMs`. */
export class RecoveryLoop {
  readonly #broker: Pick<Broker, "recover">;
  readonly #timers: Timers;
  readonly #log: Logger;
  readonly #everyMs: number;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(options: { broker: Pick<Broker, "recover">; timers: Timers; log: Logger; everyMs: number }) {
    this.#broker = options.broker;
    this.#timers = options.timers;
    this.#log = options.log;
    this.#everyMs = options.everyMs;
  }

  start(): void {
    if (this.#stopped) return;
    this.#broker
      .recover()
      .then((n) => n > 0 && this.#log.warn({ items_processed: n }, "entregas de processos mortos voltaram à espera"))
      .catch((err: unknown) => this.#log.warn({ motivo: errorMessage(err) }, "recuperação de entregas falhou"))
      .finally(() => {
        if (!this.#stopped) this.#cancel = this.#timers.after(this.#everyMs, () => this.start());
      });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}
