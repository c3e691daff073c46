import { safeErrorText, safeText } from "#core/runtime";

/** How one `POST /jobs/*` ended, as the scheduler saw it. */
export type CallOutcome =
  /** `truncated`: the body was longer than what is read of it. */
  | { kind: "response"; code: number; body: string; truncated: boolean; location: string | null }
  /** Our deadline, or any timeout inside the HTTP client. `code` when the headers had arrived. */
  | { kind: "timeout"; afterMs: number; code: number | null }
  /** Never connected, or cut. `code` is the system's (`ECONNREFUSED`). `sent`: the API may have received the request. */
  | { kind: "network"; code: string; message: string; host: string; sent: boolean }
  /** Scheduler stopped in the middle. */
  | { kind: "interrupted"; motivo: string };

/** The end of a run as `job_executions` stores it. */
export interface Verdict {
  status: "success" | "error" | "timeout";
  responseCode: number | null;
  error: string | null;
  itemsProcessed: number | null;
}

/** Error text of a run that met the previous one still holding the job's lock: not a success, else a hang looks healthy. */
export const BUSY = "job_em_execucao";

/** The tables of `domain/scheduler-and-health.md` §1.4. */
export function classify(outcome: CallOutcome): Verdict {
  switch (outcome.kind) {
    case "response":
      return classifyResponse(outcome);
    case "timeout":
      return failed("timeout", outcome.code, `Timeout apos ${outcome.afterMs / 1000}s`);
    case "network": {
      // Not masked as free text is: a host such as 100.100.100.100 would be taken for a phone number.
      const { code, host, message } = outcome;
      const error = code === "ECONNREFUSED" ? `Connection refused: ${host}` : `${code} ${host}: ${message}`;
      return { status: "error", responseCode: null, error: safeText(error, 500), itemsProcessed: null };
    }
    case "interrupted":
      return failed("error", null, `interrompido: ${outcome.motivo}`);
  }
}

function classifyResponse(r: Extract<CallOutcome, { kind: "response" }>): Verdict {
  const body = r.truncated ? undefined : parseObject(r.body);
  if (r.code >= 200 && r.code < 300) {
    const itemsProcessed = body ? extractItems(body) : null;
    if (body?.status === "error") {
      const text = [body.message, body.error].find((t) => typeof t === "string" && t !== "");
      return { ...failed("error", r.code, typeof text === "string" ? text : "status=error"), itemsProcessed };
    }
    if (body?.status === "skipped" && isBusy(body)) return { ...failed("error", r.code, BUSY), itemsProcessed };
    return { status: "success", responseCode: r.code, error: null, itemsProcessed };
  }
  if (r.code >= 300 && r.code < 400) {
    return failed("error", r.code, `HTTP ${r.code} redirect nao seguido: ${r.location ?? ""}`);
  }
  if (r.code === 409 && body && isBusy(body)) return failed("error", r.code, BUSY);
  const reason = r.code === 429 ? "429 Too Many Requests" : String(r.code);
  return failed("error", r.code, r.body.trim() === "" ? `HTTP ${reason}` : `HTTP ${reason}: ${r.body}`);
}

function isBusy(body: Record<string, unknown>): boolean {
  return [body.motivo, body.reason, body.codigo].includes(BUSY);
}

function failed(status: "error" | "timeout", responseCode: number | null, error: string): Verdict {
  return { status, responseCode, error: safeErrorText(error), itemsProcessed: null };
}

const ITEM_KEYS = ["processados", "count", "total", "processadas", "total_processados", "items_processed"];
const MAX_INT = 2_147_483_647;

/**
 * The number of items an answer speaks of: the first whole number from 0 to 2147483647 (or a string of digits) under the
 * known names, at the top level, then inside `stats`, `ciclo`, `result`, `resultado`. Other values do not stop the search.
 */
export function extractItems(body: Record<string, unknown>): number | null {
  for (const place of [body, body.stats, body.ciclo, body.result, body.resultado]) {
    if (!isObject(place)) continue;
    for (const key of ITEM_KEYS) {
      const value = place[key];
      const n = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
      if (typeof n === "number" && Number.isInteger(n) && n >= 0 && n <= MAX_INT) return n;
    }
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // not JSON is a normal answer: classified by its status code
  }
}
