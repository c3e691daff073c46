import type { z } from "zod";
import type { Json, Jsonable } from "./json.ts";
import { type Backoff, RetryPolicy } from "./retry-policy.ts";
import { checkTopic } from "./topic-name.ts";
import type { HandlerResult, Worker, WorkerContext } from "./worker.ts";

interface CommonOptions<B> {
  /** Where the result goes; without it the result is only told to onSuccess. */
  outputTopic?: string;
  /** Consumer group; default: the worker's name. */
  groupId?: string;
  /** Simultaneous executions in one process, 1..100; default 1. */
  concurrency?: number;
  /** Retries after the first execution, 0..100; default 3. */
  maxRetries?: number;
  /** Default `exponential`. */
  retryBackoff?: B;
  /** Seconds; default 1, for `fixed` 5. */
  initialDelay?: number;
  /** Seconds; default 60. */
  maxDelay?: number;
  /** Default `<topic>.dlq`, none for a topic that is a DLQ itself; false: none. */
  dlqTopic?: string | false;
  /** An execution that takes longer failed; default 30. */
  timeoutSeconds?: number;
}

/** I: what the handler receives; R: what it may return; P: what is published, and what onSuccess sees. */
export interface WorkerOptions<I = Json, R = Jsonable, P = R> extends CommonOptions<Backoff> {
  /** Default: the handler's own name. */
  name?: string;
  topic: string;
  /** The handler receives its output: defaults and coercions applied. */
  inputSchema?: z.ZodType<I>;
  /** The handler returns its input; its output, without unknown keys, is published. */
  outputSchema?: z.ZodType<P, R>;
  /** Where a group that is new begins; default `latest`. */
  startFrom?: "latest" | "earliest";
  onError?(input: unknown, error: Error): Promise<void> | void;
  onSuccess?(input: NoInfer<I>, result: NoInfer<P> | null): Promise<void> | void;
}

/** `static config` of a class worker. Words are checked when it is registered: a static field widens them to `string`. */
export interface ClassOptions<I, O> extends CommonOptions<string> {
  /** Default: the class name. */
  name?: string;
  inputTopic: string;
  inputSchema?: z.ZodType<I>;
  outputSchema?: z.ZodType<unknown, O>;
  startFrom?: string;
}

export interface WorkerClass<I, O> {
  new (): Worker<I, O>;
  readonly name: string;
  readonly config: ClassOptions<I, O>;
}

/** A worker ready to run: every option known and checked. */
export interface WorkerDefinition {
  readonly name: string;
  readonly topic: string;
  readonly outputTopic: string | null;
  readonly groupId: string;
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  readonly dlqTopic: string | null;
  readonly timeoutMs: number;
  readonly startFrom: "latest" | "earliest";
  readonly inputSchema: z.ZodType | null;
  readonly outputSchema: z.ZodType | null;
  process(input: unknown, context: WorkerContext): unknown;
  onError(input: unknown, error: Error): unknown;
  onSuccess(input: unknown, result: unknown): unknown;
}

/** As the handler's literal has it: `const` keeps its words from widening to `string`, and makes its arrays readonly. */
type Frozen<T> = [Jsonable] extends [T]
  ? T
  : T extends Date
    ? T
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;
/** Keys of a result that its schema does not have, which an inferred type would otherwise carry along. */
type UnknownKeys<T, R> = T extends object ? Exclude<keyof T, KeysOf<R>> : never;
type KeysOf<T> = T extends unknown ? keyof T : never;

/**
 * A worker as a function. Input and result are typed by the schemas: a field that the schema does not have, or one of
 * another type, does not compile. Throws RangeError, naming the worker, for options that make no sense.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is `async () => {}`
export function defineWorker<const T extends HandlerResult<Frozen<R>> | void, I = Json, R = Jsonable, P = R>(
  options: WorkerOptions<I, R, P>,
  handler: (input: NoInfer<I>, context: WorkerContext) => Promise<T>,
  // Nothing to be given: with a key too many there is no such argument, and the call does not compile.
  ..._: [UnknownKeys<T, R>] extends [never] ? [] : [fieldNotInSchema: UnknownKeys<T, R>]
): WorkerDefinition {
  const { topic, name = handler.name, onError, onSuccess, ...rest } = options;
  return checked(name, topic, rest, {
    process: (input, context) => handler(input as I, context),
    onError: (input, error) => onError?.(input, error),
    onSuccess: (input, result) => onSuccess?.(input as I, result as P | null),
  });
}

/** A worker from a class: `static config` and one instance, made here. */
export function workerFrom<I, O>(Class: WorkerClass<I, O>): WorkerDefinition {
  const { inputTopic, name = Class.name, ...rest } = Class.config;
  const instance = new Class();
  return checked(name, inputTopic, rest as Unchecked, {
    process: (input, context) => instance.process(input as I, context),
    onError: (input, error) => instance.onError(input, error),
    onSuccess: (input, result) => instance.onSuccess(input as I, result as O | null),
  });
}

type Unchecked = Omit<WorkerOptions<unknown, unknown, unknown>, "name" | "topic" | "onError" | "onSuccess">;
type Handlers = Pick<WorkerDefinition, "process" | "onError" | "onSuccess">;

function checked(name: string, topic: string, o: Unchecked, handlers: Handlers): WorkerDefinition {
  if (typeof name !== "string" || name.trim() === "") {
    throw new RangeError("worker sem nome: dê `name`, ou um nome à função");
  }
  const wrong = (why: string): never => {
    throw new RangeError(`worker "${name}": ${why}`);
  };
  checkTopic(topic, (why) => wrong(`topic ${why}`));
  const { outputTopic = null, groupId = name, concurrency = 1, timeoutSeconds = 30, startFrom = "latest" } = o;
  if (outputTopic !== null) {
    checkTopic(outputTopic, (why) => wrong(`outputTopic ${why}`));
    if (outputTopic === topic) wrong("outputTopic deve ser diferente de topic");
  }
  const dlqTopic = o.dlqTopic === false ? null : (o.dlqTopic ?? (topic.endsWith(".dlq") ? null : `${topic}.dlq`));
  if (dlqTopic !== null) {
    checkTopic(dlqTopic, (why) => wrong(`dlqTopic ${why}`));
    if (dlqTopic === topic || dlqTopic === outputTopic) wrong("dlqTopic deve ser diferente de topic e de outputTopic");
  }
  if (typeof groupId !== "string" || groupId.trim() === "") wrong("groupId não pode ser vazio");
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 100) {
    wrong("concurrency deve ser um inteiro de 1 a 100");
  }
  if (!(timeoutSeconds > 0 && timeoutSeconds <= 3600)) wrong("timeoutSeconds deve ser maior que 0, até 3600");
  if (startFrom !== "latest" && startFrom !== "earliest") wrong("startFrom deve ser latest ou earliest");
  return {
    name,
    topic,
    outputTopic,
    groupId,
    concurrency,
    retry: policyOf(o, wrong),
    dlqTopic,
    timeoutMs: timeoutSeconds * 1000,
    startFrom,
    inputSchema: o.inputSchema ?? null,
    outputSchema: o.outputSchema ?? null,
    ...handlers,
  };
}

function policyOf(o: Unchecked, wrong: (why: string) => never): RetryPolicy {
  try {
    const { maxRetries, retryBackoff: backoff, initialDelay, maxDelay } = o;
    return new RetryPolicy({ maxRetries, backoff, initialDelay, maxDelay });
  } catch (err) {
    return wrong(err instanceof Error ? err.message : String(err));
  }
}
