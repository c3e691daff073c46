import { AppError, type ErrorCode, PermanentError, TransientError } from "#core/runtime";

interface PostgrestLike {
  message?: string;
  code?: string;
  details?: string | null;
  hint?: string | null;
}

/** `RAISE … ERRCODE 'PTnnn'` (PostgREST's way to choose the HTTP status) → our code. */
const PT_CODES: Record<string, ErrorCode> = {
  PT400: "parametro_invalido",
  PT404: "nao_encontrado",
  PT409: "conflito",
  PT422: "parametro_invalido",
};

/** Worth another try: connection class 08, resources 53, operator intervention 57, deadlock/serialization/lock timeout. */
const TRANSIENT_STATE = /^(08|53|57)|^(40001|40P01|55P03)$|^PGRST00[0-3]$/;

/**
 * supabase-js returns its errors and answers a dead network with status 0; here they become typed ones, classified by
 * number and never by words. `details.sqlstate` keeps the SQLSTATE.
 */
export function translateDbError(fn: string, raw: unknown, status: number): AppError {
  const e = (raw ?? {}) as PostgrestLike;
  const sqlstate = e.code ?? "";
  const details = { sqlstate, funcao: fn, http: status };
  const message = e.message || `HTTP ${status}`;
  const pt = PT_CODES[sqlstate];
  // Ours: the message is written for people and DETAIL names the parameter.
  if (pt) return new PermanentError(pt, message, { details, ...(e.details ? { campo: e.details } : {}) });
  if (status === 0 || status >= 502 || TRANSIENT_STATE.test(sqlstate)) {
    // Without an answer the words are our own side's: `circuit open: supabase …`, or the network's.
    const why = status === 0 && e.message ? `: ${e.message}` : "";
    return new TransientError("banco_indisponivel", `Banco de dados não respondeu a ${fn}${why}`, {
      cause: raw,
      details,
    });
  }
  if (/^23/.test(sqlstate)) return new PermanentError("conflito", `${fn}: ${message}`, { cause: raw, details });
  return new AppError("erro_interno", `${fn}: ${message}`, { cause: raw, details });
}
