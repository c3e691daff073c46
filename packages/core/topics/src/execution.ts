import type { z } from "zod";
import type { Timers } from "#core/executions";
import { type Clock, isPermanent, type Logger } from "#core/runtime";
import type { Delivery, OutgoingMessage, Settlement } from "./broker.ts";
import { deadLetter, storedError } from "./dead-letter.ts";
import type { WorkerDefinition } from "./define-worker.ts";
import type { Jsonable } from "./json.ts";
import { toMessage } from "./publish.ts";
import type { PublishOptions, WorkerContext } from "./worker.ts";

/** What an execution needs of its process. */
export interface ExecutionDeps {
  clock: Clock;
  timers: Timers;
  log: Logger;
}

/** How an execution ended: what to settle, and the hook to run once that is durable. */
export interface Ended {
  settlement: Settlement;
  hook: (() => unknown) | null;
}

class InputValidationError extends Error {
  override name = "InputValidationError";
}
class OutputValidationError extends Error {
  override name = "OutputValidationError";
}
class HandlerTimeout extends Error {
  override name = "TimeoutError";
}
class WorkerLost extends Error {
  override name = "WorkerLost";
}

/** One execution of one delivery: the normative order of domain/filas-e-workers.md §2.2, steps 2 to 6. */
export class Execution {
  readonly delivery: Delivery;
  readonly #worker: WorkerDefinition;
  readonly #deps: ExecutionDeps;
  readonly #context: DeliveryContext;
  #abandon: (() => void) | null = null;

  constructor(worker: WorkerDefinition, delivery: Delivery, deps: ExecutionDeps) {
    this.#worker = worker;
    this.delivery = delivery;
    this.#deps = deps;
    this.#context = new DeliveryContext(worker, delivery, deps.log);
  }

  /** Never rejects: every end is a settlement. */
  async run(): Promise<Ended> {
    const { delivery } = this;
    const worker = this.#worker;
    let input: unknown = delivery.payload;
    // Lost with its process after its last retry: not run again, or a message that kills processes would do so for ever.
    if (delivery.attempt > worker.retry.maxRetries + 1) {
      return this.#bury(new WorkerLost("Worker lost"), delivery.attempt - 2, input);
    }
    try {
      if (worker.inputSchema) {
        const parsed = await worker.inputSchema.safeParseAsync(input);
        if (!parsed.success) {
          const why = `Input validation failed: ${issuesOf(parsed.error)}`;
          return this.#bury(new InputValidationError(why), 0, input);
        }
        input = parsed.data;
      }
      let result = await this.#process(input);
      if (result === ABANDONED) return { settlement: { kind: "release", delivery }, hook: null };
      if (result !== null && result !== undefined && worker.outputSchema) {
        const parsed = await worker.outputSchema.safeParseAsync(result);
        if (!parsed.success) {
          const why = `Output validation failed: ${issuesOf(parsed.error)}`;
          return this.#bury(new OutputValidationError(why), delivery.attempt - 1, input);
        }
        result = parsed.data;
      }
      return this.#complete(input, result ?? null);
    } catch (thrown) {
      return this.#fail(input, thrown instanceof Error ? thrown : new Error(String(thrown)));
    } finally {
      this.#context.close();
    }
  }

  /** A shutdown waits no longer: the signal is aborted, and the delivery goes back without blame. */
  abandon(): void {
    this.#context.abort(new Error("encerrando"));
    this.#abandon?.();
  }

  /** The handler, no longer than its time limit, even if it ignores its signal. */
  #process(input: unknown): Promise<unknown> {
    const { timeoutMs } = this.#worker;
    return new Promise((resolve, reject) => {
      const cancel = this.#deps.timers.after(timeoutMs, () => {
        const late = new HandlerTimeout(`Handler timed out after ${timeoutMs / 1000} s`);
        this.#context.abort(late);
        reject(late);
      });
      this.#abandon = () => {
        cancel();
        resolve(ABANDONED);
      };
      const done = (end: (value: unknown) => void) => (value: unknown) => {
        cancel();
        end(value);
      };
      // Called inside a promise, so that a handler that throws before its first await rejects as well.
      Promise.resolve(input)
        .then((given) => this.#worker.process(given, this.#context))
        .then(done(resolve), done(reject));
    });
  }

  #complete(input: unknown, result: unknown): Ended {
    const { delivery } = this;
    const worker = this.#worker;
    const out = this.#context.staged;
    if (result !== null && worker.outputTopic !== null) out.unshift(this.#own(toMessage(worker.outputTopic, result)));
    return {
      settlement: { kind: "complete", delivery, out },
      hook: () => worker.onSuccess(input, result),
    };
  }

  #fail(input: unknown, error: Error): Ended {
    const { delivery } = this;
    const retries = delivery.attempt - 1;
    const { retry } = this.#worker;
    if (isPermanent(error) || retries >= retry.maxRetries) return this.#bury(error, retries, input);
    const delayMs = retry.getDelay(retries + 1) * 1000;
    const settlement: Settlement = { kind: "retry", delivery, delayMs, error: storedError(error) };
    return { settlement, hook: null };
  }

  #bury(error: Error, retries: number, input: unknown): Ended {
    const { delivery } = this;
    const dlq = deadLetter(this.#worker, delivery, { error, retries, at: this.#deps.clock.now() });
    return {
      settlement: { kind: "bury", delivery, dlq, error: storedError(error) },
      hook: () => this.#worker.onError(input, error),
    };
  }

  #own(message: OutgoingMessage): OutgoingMessage {
    return this.#context.inherit(message);
  }
}

const ABANDONED = Symbol("abandoned");

/** Signal and logger are made when asked for: most handlers use neither, and a message is a few microseconds of work. */
class DeliveryContext implements WorkerContext {
  readonly staged: OutgoingMessage[] = [];
  readonly #delivery: Delivery;
  readonly #worker: WorkerDefinition;
  readonly #log: Logger;
  #controller: AbortController | null = null;
  #reason: Error | null = null;
  #child: Logger | null = null;
  #closed = false;

  constructor(worker: WorkerDefinition, delivery: Delivery, log: Logger) {
    this.#worker = worker;
    this.#delivery = delivery;
    this.#log = log;
  }

  get messageId(): string {
    return this.#delivery.messageId;
  }
  get topic(): string {
    return this.#delivery.topic;
  }
  get groupId(): string {
    return this.#delivery.groupId;
  }
  get attempt(): number {
    return this.#delivery.attempt;
  }
  get correlationId(): string {
    return this.#delivery.correlationId;
  }
  get headers(): Record<string, string> {
    return this.#delivery.headers;
  }
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }
  get log(): Logger {
    const { topic, attempt } = this.#delivery;
    this.#child ??= this.#log.child({ worker: this.#worker.name, topic, attempt });
    return this.#child;
  }

  async publish(topic: string, payload: Jsonable, options?: PublishOptions): Promise<void> {
    // What a handler says after its end belongs to no transaction.
    if (this.#closed) throw new Error("ctx.publish depois do fim da execução");
    this.staged.push(this.inherit(toMessage(topic, payload, options)));
  }

  inherit(message: OutgoingMessage): OutgoingMessage {
    const { correlationId, messageId } = this.#delivery;
    return { correlationId, ...message, causationId: messageId };
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  close(): void {
    this.#closed = true;
  }
}

/** `<path>: <message>`, joined by `; `. An issue of the whole value has no path. */
function issuesOf(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`))
    .join("; ");
}
