import { randomBytes } from "node:crypto";
import { type CallOutcome, pause, type Timers } from "#core/executions";
import { delayMs, stepsMs } from "#core/retry";
import { type Clock, errorMessage } from "#core/runtime";
import type { ScheduleEntry } from "./entry.ts";

export interface TriggerOptions {
  /** Base URL of the API, with or without a slash at the end. */
  apiUrl: string;
  token: string | undefined;
  /** A fetch whose own header and body timeouts are off: our deadline is the one that fires. */
  fetch: typeof fetch;
  clock: Clock;
  timers: Timers;
}

export interface Call {
  entry: ScheduleEntry;
  executionId: string;
  slot: Date;
  trigger: "schedule" | "catchup";
  /** Aborted by the scheduler's stop. */
  signal: AbortSignal;
}

const MAX_BODY_BYTES = 1024 * 1024;
/** The API is told to be done this much before we hang up. */
const DEADLINE_MARGIN_MS = 5000;
/** Only before the API may have the request, and only for jobs of an hour or more (§1.4). */
const RETRY = stepsMs([2000, 4000, 8000, 16_000, 30_000, 60_000]);
const RETRY_TOTAL_MS = 240_000;
const RETRY_FROM_PERIOD_S = 3600;

/** The API certainly has not seen the request. */
const BEFORE_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** One `POST /jobs/*`, and how it ended. Never rejects. */
export async function triggerJob(call: Call, options: TriggerOptions): Promise<CallOutcome> {
  for (let failure = 1, waitedMs = 0; ; failure++) {
    const outcome = await post(call, options);
    const retryable = outcome.kind === "network" && !outcome.sent && call.entry.periodS >= RETRY_FROM_PERIOD_S;
    const waitMs = delayMs(RETRY, failure);
    if (!retryable || waitedMs + waitMs > RETRY_TOTAL_MS) return outcome;
    if ((await pause(options.timers, waitMs, call.signal)) === "aborted")
      return { kind: "interrupted", motivo: "shutdown" };
    waitedMs += waitMs;
  }
}

async function post(
  { entry, executionId, slot, trigger, signal }: Call,
  options: TriggerOptions,
): Promise<CallOutcome> {
  const { clock, timers, token } = options;
  const url = new URL(options.apiUrl.replace(/\/+$/, "") + entry.endpoint);
  const deadline = new AbortController();
  let timedOut = false;
  const cancel = timers.after(entry.timeoutMs, () => {
    timedOut = true;
    deadline.abort(new Error("deadline"));
  });
  let code: number | null = null;
  try {
    const response = await options.fetch(url, {
      method: "POST",
      body: "{}",
      redirect: "manual",
      signal: AbortSignal.any([signal, deadline.signal]),
      headers: {
        "content-type": "application/json",
        "user-agent": "julia-jobs-scheduler",
        "x-job-name": entry.name,
        "x-job-execution-id": executionId,
        "x-scheduled-for": slot.toISOString(),
        "x-trigger": trigger,
        "idempotency-key": `${entry.name}:${slot.toISOString()}`,
        "x-job-deadline": new Date(
          clock.now().getTime() + Math.max(0, entry.timeoutMs - DEADLINE_MARGIN_MS),
        ).toISOString(),
        traceparent: `00-${executionId.replaceAll("-", "")}-${randomBytes(8).toString("hex")}-01`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    code = response.status;
    const { body, truncated } = await readBody(response);
    return { kind: "response", code, body, truncated, location: response.headers.get("location") };
  } catch (err) {
    if (timedOut) return { kind: "timeout", afterMs: entry.timeoutMs, code };
    if (signal.aborted) return { kind: "interrupted", motivo: "shutdown" };
    const systemCode = codeOf(err);
    // A timeout inside the client is a timeout, whoever's clock it was.
    const sent = !BEFORE_SENT.has(systemCode);
    if (sent && /TIMEOUT/.test(systemCode)) return { kind: "timeout", afterMs: entry.timeoutMs, code };
    return { kind: "network", code: systemCode, message: errorMessage(err), host: url.host, sent };
  } finally {
    cancel();
  }
}

/** At most 1 MiB; the rest is not read. */
async function readBody(response: Response): Promise<{ body: string; truncated: boolean }> {
  const reader = response.body?.getReader();
  if (!reader) return { body: "", truncated: false };
  const decoder = new TextDecoder();
  let body = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { body: body + decoder.decode(), truncated: false };
    bytes += value.byteLength;
    if (bytes > MAX_BODY_BYTES) {
      await reader.cancel();
      return { body, truncated: true };
    }
    body += decoder.decode(value, { stream: true });
  }
}

/** The system's code of a failed fetch (`ECONNREFUSED`), however deep it lies. */
function codeOf(err: unknown): string {
  for (let e = err, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    const { code } = e as { code?: unknown };
    if (typeof code === "string") return code;
    if (e instanceof AggregateError) return codeOf(e.errors[0]);
  }
  return "ERRO_DE_REDE";
}
