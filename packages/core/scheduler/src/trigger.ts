import { randomBytes } from "node:crypto";
import type { CallOutcome, Timers } from "#core/executions";
import type { Send, SendAnswer } from "#core/http";
import { type Clock, errorMessage } from "#core/runtime";

export interface JobCallRequest {
  job: string;
  /** Path with query string. */
  endpoint: string;
  executionId: string;
  slot: Date;
  timeoutMs: number;
}

/** Makes the HTTP call of one slot. Never throws: every end is an outcome. */
export type Trigger = (call: JobCallRequest, stop: AbortSignal) => Promise<CallOutcome>;

export interface TriggerOptions {
  /** With or without trailing slash, with or without a path. */
  apiUrl: string;
  token: string | undefined;
  /** On sockets of its own, with no timeouts of its own: the deadline here is the only one. */
  send: Send;
  clock: Clock;
  timers: Timers;
  maxBodyBytes?: number;
}

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
/** The request certainly never reached the API. */
const BEFORE_SENT = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
]);
/** The API is told to be done a little before we hang up: 5 s of 300. */
const ANNOUNCED_SHARE = 295 / 300;
const INNER_TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/**
 * `POST {baseUrl}{endpoint}` as `domain/scheduler-and-health.md` §1.4 has it: one deadline from sending to the last byte,
 * redirects not followed, at most 1 MiB of body read.
 */
export function createTrigger(options: TriggerOptions): Trigger {
  const { token, send, clock, timers, maxBodyBytes = DEFAULT_MAX_BODY_BYTES } = options;
  const base = options.apiUrl.replace(/\/+$/, "");
  const host = hostOf(base);
  const stops = new WeakMap<AbortSignal, Set<() => void>>();

  return async (call, stop) => {
    const abort = new AbortController();
    let end: "timeout" | "stopped" | null = null;
    const cut = (why: "timeout" | "stopped") => {
      end ??= why;
      abort.abort();
    };
    const onStop = () => cut("stopped");
    const cancelDeadline = timers.after(call.timeoutMs, () => cut("timeout"));
    const atStop = listenersOf(stop);
    atStop.add(onStop);
    if (stop.aborted) onStop();
    let code: number | null = null;
    try {
      const response = await send(`${base}${call.endpoint}`, {
        method: "POST",
        body: "{}",
        headers: headersOf(call),
        redirect: "manual",
        signal: abort.signal,
      });
      code = response.status;
      const { text, truncated } = await readUpTo(response, maxBodyBytes);
      return { kind: "response", code, body: text, truncated, location: response.headers.get("location") };
    } catch (err) {
      if (end === "timeout") return { kind: "timeout", afterMs: call.timeoutMs, code };
      if (end === "stopped") return { kind: "interrupted", motivo: "shutdown" };
      const { system, message } = describe(err);
      if (INNER_TIMEOUTS.has(system)) return { kind: "timeout", afterMs: call.timeoutMs, code };
      return { kind: "network", code: system, message, host, sent: !BEFORE_SENT.has(system) };
    } finally {
      cancelDeadline();
      atStop.delete(onStop);
    }
  };

  /** One listener per signal: ten thousand on it would be compared with each other. */
  function listenersOf(stop: AbortSignal): Set<() => void> {
    let set = stops.get(stop);
    if (set === undefined) {
      set = new Set();
      stops.set(stop, set);
      const all = set;
      stop.addEventListener("abort", () => [...all].forEach((f) => void f()), { once: true });
    }
    return set;
  }

  function headersOf(call: JobCallRequest): Record<string, string> {
    const slot = call.slot.toISOString();
    return {
      "content-type": "application/json",
      accept: "application/json",
      "user-agent": "julia-scheduler",
      "x-job-name": call.job,
      "x-job-execution-id": call.executionId,
      "x-scheduled-for": slot,
      "x-job-deadline": new Date(clock.now().getTime() + call.timeoutMs * ANNOUNCED_SHARE).toISOString(),
      "idempotency-key": `${call.job}:${slot}`,
      // The execution's own id is the trace id, so that a trace is found from the row and back.
      traceparent: `00-${call.executionId.replaceAll("-", "")}-${spanId()}-01`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }
}

const PROCESS = randomBytes(4).toString("hex");
let spans = 0;

/** 16 hex digits, of this process and its call: a span has to be told from the others of its trace, not to be guessed. */
function spanId(): string {
  spans = (spans + 1) % 2 ** 32;
  return PROCESS + spans.toString(16).padStart(8, "0");
}

async function readUpTo(response: SendAnswer, limit: number): Promise<{ text: string; truncated: boolean }> {
  const chunks = response.upTo ? await response.upTo(limit) : await gather(response, limit);
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  const text = Buffer.concat(chunks).subarray(0, limit).toString("utf8");
  return { text, truncated: size > limit };
}

async function gather(response: SendAnswer, limit: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body) {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size > limit) break; // leaving the loop cancels the stream
    }
  }
  return chunks;
}

/** The system code behind whatever `fetch` threw: "fetch failed" says nothing, its cause does. */
function describe(err: unknown): { system: string; message: string } {
  let message = errorMessage(err);
  for (let e: unknown = err, depth = 0; e instanceof Error && depth < 5; depth++) {
    const code = (e as { code?: unknown }).code;
    if (typeof code === "string") {
      if (e.message) message = e.message;
      return { system: code, message };
    }
    e = e instanceof AggregateError && e.errors.length > 0 ? e.errors[0] : e.cause;
  }
  return { system: "ERRO_DE_REDE", message };
}

function hostOf(base: string): string {
  const { hostname, port, protocol } = new URL(base);
  return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}
