/**
 * Errors are what the caller could not expect; a normal outcome is data. `code` is the only thing code branches on;
 * `status` is what the HTTP door answers. Wrap where you add knowledge, keep the `cause`.
 */

/** Every code of the product, with the HTTP status of its answer. A test holds that no door invents another. */
export const ERROR_CODES = {
  parametro_invalido: 400,
  json_invalido: 400,
  nao_autorizado: 401,
  rota_desconhecida: 404,
  nao_encontrado: 404,
  metodo_nao_permitido: 405,
  job_em_execucao: 409,
  conflito: 409,
  corpo_grande_demais: 413,
  tipo_de_conteudo: 415,
  dados_ilegiveis: 422,
  muitas_requisicoes: 429,
  erro_interno: 500,
  resultado_invalido: 500,
  tempo_esgotado: 500,
  encerrando: 503,
  banco_indisponivel: 503,
  circuito_aberto: 503,
  servico_externo: 502,
  resposta_externa_invalida: 502,
  configuracao_invalida: 500,
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

export interface AppErrorOptions {
  cause?: unknown;
  /** The parameter or column at fault, when there is one. */
  campo?: string;
  /** Machine-readable extras for logs; never personal data. */
  details?: Record<string, unknown>;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly campo: string | undefined;
  readonly details: Record<string, unknown> | undefined;
  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.campo = options.campo;
    this.details = options.details;
  }
  get status(): number {
    return ERROR_CODES[this.code];
  }
}

/** May succeed if tried again later: network, timeout, 429, 5xx, lost database. */
export class TransientError extends AppError {
  /** How long the other side asked us to wait. */
  readonly retryAfterMs: number | undefined;
  constructor(code: ErrorCode, message: string, options: AppErrorOptions & { retryAfterMs?: number } = {}) {
    super(code, message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Trying again cannot help: bad data, integrity violation, refused request. */
export class PermanentError extends AppError {}

/** Retried: transient errors and anything unknown. Not retried: permanent ones. */
export function isPermanent(err: unknown): boolean {
  return err instanceof PermanentError;
}

/** The other side took the call, and would refuse it again: what it carried is at fault, not the way there. */
export function isRefusal(err: unknown): boolean {
  return isPermanent(err) || (err as { code?: unknown } | null)?.code === "erro_interno";
}

/** Message of anything thrown, with the messages of its causes. */
export function errorMessage(err: unknown): string {
  const parts: string[] = [];
  for (let e: unknown = err, depth = 0; e !== undefined && e !== null && depth < 5; depth++) {
    const message = (e as { message?: unknown }).message;
    parts.push(e instanceof Error ? e.message || e.name : typeof message === "string" ? message : String(e));
    e = e instanceof Error ? e.cause : undefined;
  }
  return parts.filter((p, i) => p !== "" && p !== parts[i - 1]).join(": ");
}
