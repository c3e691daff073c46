import type { Logger } from "#core/runtime";
import type { Json, Jsonable } from "./json.ts";

export interface PublishOptions {
  /** Messages of one key run in publish order inside each group. */
  key?: string;
  headers?: Record<string, string>;
  /** Within the retention, a second message of this topic and key is not published. */
  dedupeKey?: string;
  delaySeconds?: number;
  correlationId?: string;
}

/** What a handler knows of the message beside its payload. */
export interface WorkerContext {
  readonly messageId: string;
  readonly topic: string;
  readonly groupId: string;
  /** 1 for the first execution. */
  readonly attempt: number;
  /** Inherited by everything this execution publishes. */
  readonly correlationId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted at the time limit, and when a shutdown waits no longer. */
  readonly signal: AbortSignal;
  /** With `worker`, `topic` and `attempt`. */
  readonly log: Logger;
  /** Staged: it goes out in the transaction that completes this execution, or not at all. Rejects what is not a message. */
  publish(topic: string, payload: Jsonable, options?: PublishOptions): Promise<void>;
}

/** `null` and `undefined`: done, with nothing to publish and nothing to retry. */
export type HandlerResult<O> = O | null | undefined;

/**
 * A worker as a class: helpers, shared state, hooks, and `new OrderProcessor().process(order)` in a unit test. One
 * instance per process serves all concurrent executions. Its options are `static config`.
 */
export abstract class Worker<I = Json, O = Jsonable> {
  /** Throwing means failure: it is tried again, unless a PermanentError says that it cannot help. */
  abstract process(input: I, context: WorkerContext): Promise<HandlerResult<O>>;

  /** Once, after the last retry, or at once for a message that its schema refuses (`input` is then as received). */
  async onError(_input: unknown, _error: Error): Promise<void> {}

  /** After the success is durable. `result` is what the handler returned, as its schema parsed it; null for nothing. */
  async onSuccess(_input: I, _result: O | null): Promise<void> {}
}
