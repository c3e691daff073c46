import { AppError, type Clock, PermanentError, TransientError } from "#core/runtime";
import type { CircuitVerdict } from "./circuit-breaker.ts";

/** Failures that happen before the other side has the request: repeating cannot do anything twice. */
const BEFORE_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** The numeric HTTP status an upstream answered with, or null when there was no answer. */
export function httpStatusOf(err: unknown): number | null {
  const status = err instanceof AppError ? err.details?.http : undefined;
  return typeof status === "number" ? status : null;
}

/** True when the request certainly never reached the other side. */
export function neverSent(err: unknown): boolean {
  if (!(err instanceof AppError)) return false;
  return err.code === "circuito_aberto" || BEFORE_SENT.has(String(err.details?.motivo));
}

/** What a status says about the upstream itself (§5.1): numbers decide, never words of a message. */
export function verdictOfStatus(status: number): CircuitVerdict {
  if (status >= 500 || status === 401 || status === 403 || status === 408) return "failure";
  if (status === 429) return "unknown";
  return status >= 400 ? "answered" : "success";
}

/** No answer: `motivo` is the system's code (`ECONNREFUSED`, `ECONNRESET` …) or `timeout`. */
export function networkError(upstream: string, cause: unknown): TransientError {
  const motivo = systemCode(cause);
  const message = motivo === "ECONNREFUSED" ? "recusou a conexão (Connection refused)" : `não respondeu (${motivo})`;
  return new TransientError("servico_externo", `${upstream} ${message}`, { cause, details: { upstream, motivo } });
}

export function timeoutError(upstream: string, ms: number | null, cause?: unknown): TransientError {
  const within = ms === null ? "" : ` em ${ms} ms`;
  return new TransientError("servico_externo", `${upstream} não respondeu${within}`, {
    cause,
    details: { upstream, motivo: "timeout" },
  });
}

/** The answer came but cannot be used: not JSON, wrong shape, too long. Worth another try later. */
export function unusableAnswer(upstream: string, motivo: string, status: number, cause?: unknown): TransientError {
  return new TransientError("resposta_externa_invalida", `resposta de ${upstream} inutilizável: ${motivo}`, {
    cause,
    details: { upstream, motivo, http: status },
  });
}

/**
 * A status that is not 2xx as an error of ours. 5xx, 408, 425, 429: transient. 401 and 403: transient too, since it is our
 * credential that is wrong and not what was asked; the circuit counts them. Redirects and other 4xx: permanent.
 */
export function statusError(upstream: string, status: number, headers: Headers, clock: Clock): AppError {
  const details = { upstream, http: status };
  if (status >= 300 && status < 400) {
    return new PermanentError("servico_externo", `${upstream}: HTTP ${status}, redirect não seguido`, { details });
  }
  const message = `${upstream} respondeu HTTP ${status}`;
  const transient = status >= 500 || [401, 403, 408, 425, 429].includes(status);
  if (!transient) return new PermanentError("servico_externo", message, { details });
  const retryAfterMs = retryAfterOf(headers, clock);
  return new TransientError("servico_externo", message, {
    details,
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/** A bad status as the circuit is told of it. */
export function failureOf(upstream: string, status: number): TransientError {
  return new TransientError("servico_externo", `${upstream} respondeu HTTP ${status}`, { details: { http: status } });
}

/** `Retry-After` (seconds or HTTP date) or `retry-after-ms`, in ms from now; null when absent or unreadable. */
export function retryAfterOf(headers: Headers, clock: Clock): number | null {
  const ms = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const value = headers.get("retry-after")?.trim();
  if (!value) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - clock.now().getTime());
}

/** First system code in the chain of causes; `fetch` hides it below "fetch failed". */
function systemCode(err: unknown): string {
  for (let e: unknown = err, depth = 0; e instanceof Error && depth < 6; e = e.cause, depth++) {
    const code = (e as NodeJS.ErrnoException).code;
    if (typeof code === "string") return code;
    if (e instanceof AggregateError && e.errors.length > 0) return systemCode(e.errors[0]);
  }
  return err instanceof Error ? err.name : "desconhecido";
}
