import type { z } from "zod";
import { exponential, type RetryPolicy, retry, type Sleep } from "#core/retry";
import { AppError, type Clock, type Logger, PermanentError, TransientError } from "#core/runtime";
import { type Answer, exchange, type Upstream } from "./exchange.ts";
import { httpStatusOf, neverSent, statusError, timeoutError, unusableAnswer } from "./upstream-error.ts";

export interface HttpClientOptions extends Upstream {
  /** With or without trailing slash; paths are appended to it. */
  baseUrl: string;
  /** Of every request, credentials included. Never logged. */
  headers?: Record<string, string>;
  /** The whole call with its retries, ms. */
  timeoutMs: number;
  /** One attempt, ms; default the whole call's. */
  attemptTimeoutMs?: number;
  /** Total executions of a call that may be repeated; default 2. */
  attempts?: number;
  /** Default 1 s doubling to 10 s, half of it jitter. */
  policy?: RetryPolicy;
  clock: Clock;
  log: Logger;
  sleep?: Sleep;
  random?: () => number;
}

export interface HttpRequest<S extends z.ZodType | undefined = undefined> {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Appended to the base URL; segments are encoded by the caller (`encodeURIComponent`). */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  headers?: Record<string, string>;
  /** Parses the JSON body of a 2xx answer. Without it `data` is the body's text. */
  schema?: S;
  /** Repeating does no harm; default true for GET, PUT and DELETE. */
  idempotent?: boolean;
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface HttpAnswer<T> {
  status: number;
  headers: Headers;
  data: T;
}

export interface HttpClient {
  /**
   * Throws TransientError or PermanentError (`details.http` is the numeric status, `httpStatusOf(err)` reads it), or the
   * caller's own reason when its signal was aborted. A call that is not idempotent is repeated only when the first one
   * certainly never reached the other side, or was refused with 429.
   */
  request<S extends z.ZodType>(request: HttpRequest<S> & { schema: S }): Promise<HttpAnswer<z.output<S>>>;
  request(request: HttpRequest): Promise<HttpAnswer<string>>;
}

const REPEATABLE = new Set(["GET", "PUT", "DELETE"]);
const DEFAULT_POLICY = exponential(1000, { maxMs: 10_000, jitter: 0.5 });
const decoder = new TextDecoder();

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { name, clock, log, attempts = 2, policy = DEFAULT_POLICY } = options;

  async function once(request: HttpRequest<z.ZodType>, deadlineAt: number): Promise<HttpAnswer<unknown>> {
    const method = request.method ?? "GET";
    const left = deadlineAt - clock.monotonicMs();
    if (left <= 0) throw timeoutError(name, request.timeoutMs ?? options.timeoutMs);
    const startedAt = clock.monotonicMs();
    const init: RequestInit = {
      method,
      headers: {
        accept: "application/json",
        ...(request.json === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
        ...request.headers,
      },
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
    };
    const limits = { timeoutMs: Math.min(left, options.attemptTimeoutMs ?? left), signal: request.signal };
    const answer = await exchange(options, urlOf(options.baseUrl, request), init, limits);
    const duration_ms = Math.round(clock.monotonicMs() - startedAt);
    log.debug({ upstream: name, method, http: answer.status, duration_ms }, "chamada externa");
    if (answer.status < 200 || answer.status >= 300) throw statusError(name, answer.status, answer.headers, clock);
    return { status: answer.status, headers: answer.headers, data: parseBody(name, answer, request.schema) };
  }

  async function request(req: HttpRequest<z.ZodType>): Promise<HttpAnswer<unknown>> {
    const timeoutMs = req.timeoutMs ?? options.timeoutMs;
    const deadlineAt = clock.monotonicMs() + timeoutMs;
    const idempotent = req.idempotent ?? REPEATABLE.has(req.method ?? "GET");
    return retry(() => once(req, deadlineAt), {
      policy,
      attempts,
      retryable: (err) => repeatable(err, idempotent),
      // What is left when the wait is over would be nothing.
      longestWaitMs: () => deadlineAt - clock.monotonicMs(),
      ...(req.signal ? { signal: req.signal } : {}),
      ...(options.sleep ? { sleep: options.sleep } : {}),
      ...(options.random ? { random: options.random } : {}),
      onRetry: (err, attempt, waitMs) =>
        log.warn({ upstream: name, attempt, espera_ms: waitMs, http: httpStatusOf(err), err }, "nova tentativa"),
    });
  }

  return { request: request as HttpClient["request"] };
}

/** False, true, or the Retry-After in ms. */
function repeatable(err: unknown, idempotent: boolean): boolean | number {
  if (!(err instanceof AppError)) return false;
  // An open circuit stays open for longer than any call waits; a refused credential does not heal meanwhile.
  if (err instanceof PermanentError || err.code === "circuito_aberto") return false;
  const status = httpStatusOf(err);
  if (status === 401 || status === 403) return false;
  if (!idempotent && status !== 429 && !neverSent(err)) return false;
  return (err instanceof TransientError ? err.retryAfterMs : undefined) ?? true;
}

function urlOf(baseUrl: string, request: HttpRequest<z.ZodType>): URL {
  const url = new URL(`${baseUrl.replace(/\/+$/, "")}/${request.path.replace(/^\/+/, "")}`);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return url;
}

function parseBody(upstream: string, answer: Answer, schema: z.ZodType | undefined): unknown {
  const text = decoder.decode(answer.body);
  if (!schema) return text;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusableAnswer(upstream, "não é JSON", answer.status, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Paths only: values may be personal data.
  const fields = parsed.error.issues.slice(0, 5).map((i) => i.path.join(".") || "(raiz)");
  throw unusableAnswer(upstream, `formato inesperado em ${[...new Set(fields)].join(", ")}`, answer.status);
}
