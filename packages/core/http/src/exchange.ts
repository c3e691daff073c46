import type { CircuitBreaker, CircuitVerdict } from "./circuit-breaker.ts";
import { isTimeout, startDeadline, type Timer } from "./deadline.ts";
import type { UpstreamDispatcher } from "./dispatcher.ts";
import { failureOf, networkError, timeoutError, unusableAnswer, verdictOfStatus } from "./upstream-error.ts";

/** How one upstream is reached; shared by the HTTP client and by the `fetch` that libraries receive. */
export interface Upstream {
  /** Word for messages, logs and errors; never a URL, which may hold a secret. */
  name: string;
  circuit?: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
  /** Longest body read, bytes; default 1 MiB. */
  maxBodyBytes?: number;
  /** What an answer says about the upstream; default by status alone. */
  verdictOf?: (answer: Answer) => CircuitVerdict;
  /** The caller's own `TimeoutError` counts as the upstream's failure (for libraries that own the deadline). */
  callerTimeoutCounts?: boolean;
  /** Tests only. */
  fetch?: typeof fetch;
  timer?: Timer;
}

export interface Answer {
  status: number;
  statusText: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/**
 * One request and its whole body under one deadline, through circuit and dispatcher, no redirects followed. The body is
 * read here, so that a drip or a reset in the middle of it is a failure like any other.
 *
 * Throws: TransientError `circuito_aberto`; TransientError `servico_externo` for network and timeout;
 * `resposta_externa_invalida` for a body above the limit; the caller's own reason when the caller aborted.
 */
export async function exchange(
  upstream: Upstream,
  input: string | URL | Request,
  init: RequestInit,
  limits: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<Answer> {
  limits.signal?.throwIfAborted();
  const permit = upstream.circuit?.enter();
  const deadline = startDeadline(limits.timeoutMs, limits.signal, upstream.timer);
  // Looked up per call: tests replace the global one.
  const send = upstream.fetch ?? globalThis.fetch;
  try {
    const response = await send(input, {
      ...init,
      redirect: "manual",
      signal: deadline.signal,
      ...(upstream.dispatcher ? { dispatcher: upstream.dispatcher.forFetch } : {}),
    });
    const body = await readBody(upstream, response);
    const answer = { status: response.status, statusText: response.statusText, headers: response.headers, body };
    const verdict = (upstream.verdictOf ?? defaultVerdict)(answer);
    permit?.report(verdict, verdict === "failure" ? failureOf(upstream.name, answer.status) : undefined);
    return answer;
  } catch (cause) {
    const error = translate(cause);
    permit?.report(error.verdict, error.thrown);
    throw error.thrown;
  } finally {
    deadline.dispose();
  }

  function translate(cause: unknown): { verdict: CircuitVerdict; thrown: unknown } {
    if (cause instanceof BodyTooLong) {
      return { verdict: "answered", thrown: unusableAnswer(upstream.name, cause.message, cause.status) };
    }
    if (deadline.expired()) {
      return { verdict: "failure", thrown: timeoutError(upstream.name, limits.timeoutMs, cause) };
    }
    if (limits.signal?.aborted) {
      const counts = upstream.callerTimeoutCounts && isTimeout(limits.signal.reason);
      return counts
        ? { verdict: "failure", thrown: timeoutError(upstream.name, null, limits.signal.reason) }
        : { verdict: "unknown", thrown: limits.signal.reason };
    }
    return { verdict: "failure", thrown: networkError(upstream.name, cause) };
  }
}

const defaultVerdict = (answer: Answer) => verdictOfStatus(answer.status);

class BodyTooLong extends Error {
  readonly status: number;
  constructor(limit: number, status: number) {
    super(`corpo maior que ${limit} bytes`);
    this.status = status;
  }
}

async function readBody(upstream: Upstream, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const limit = upstream.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  if (!response.body) return new Uint8Array(0);
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  if (announced > limit) {
    await response.body.cancel();
    throw new BodyTooLong(limit, response.status);
  }
  // The parser holds the sender to its announced length; without one, or compressed, the bytes are counted as they come.
  if (announced >= 0 && !response.headers.has("content-encoding")) return new Uint8Array(await response.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by a throw cancels the stream, which frees the socket.
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw new BodyTooLong(limit, response.status);
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}
