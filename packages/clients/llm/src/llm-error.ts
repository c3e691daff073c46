import { APIConnectionTimeoutError, APIError, OpenAIError } from "openai";
import { httpStatusOf, retryAfterOf } from "#core/http";
import { AppError, type Clock, TransientError } from "#core/runtime";
import type { LlmUsage } from "./llm-client.ts";

/** The provider answered and was paid, but the answer cannot be used. */
export class LlmAnswerError extends TransientError {
  constructor(motivo: string, uso: LlmUsage, cause?: unknown) {
    super("resposta_externa_invalida", `resposta do LLM inutilizável: ${motivo}`, {
      cause,
      details: { upstream: "llm", motivo, uso },
    });
  }
}

/** A request the provider does not accept in this form, and the parameter it blames; null for any other failure. */
export function refusedStatus(err: unknown): { param: string | null } | null {
  if (!(err instanceof APIError) || (err.status !== 400 && err.status !== 422)) return null;
  return { param: typeof err.param === "string" ? err.param : null };
}

/**
 * Whatever the openai package threw as a TransientError of ours, decided by type and number. Our own errors, thrown inside
 * the `fetch` it was given, come back as its `cause`. Never carries the provider's message: it may quote the request. What is
 * neither the provider's nor ours is a fault of the code and is answered as it is.
 */
export function translateLlmError(err: unknown, clock: Clock): unknown {
  const ours = ownCause(err);
  if (ours instanceof TransientError) return ours;
  if (ours) {
    const http = httpStatusOf(ours);
    const details = { upstream: "llm", ...(http === null ? {} : { http }) };
    return new TransientError("servico_externo", ours.message, { cause: ours, details });
  }
  // A 200 whose body is not JSON: thrown by the library's parser, bare.
  if (err instanceof SyntaxError) return new LlmAnswerError("corpo não é JSON", { input: 0, output: 0 });
  if (!(err instanceof OpenAIError)) return err;
  if (err instanceof APIError && typeof err.status === "number") {
    const retryAfterMs = err.headers ? retryAfterOf(err.headers, clock) : null;
    return new TransientError("servico_externo", `llm respondeu HTTP ${err.status}`, {
      details: { upstream: "llm", http: err.status, tipo: err.type ?? null, param: err.param ?? null },
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    });
  }
  // The library takes anything that reads like a timeout for its own, and drops the cause.
  const motivo = err instanceof APIConnectionTimeoutError ? "timeout" : "conexao";
  return new TransientError("servico_externo", `llm não respondeu (${motivo})`, {
    cause: err,
    details: { upstream: "llm", motivo },
  });
}

function ownCause(err: unknown): AppError | null {
  for (let e: unknown = err, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if (e instanceof AppError) return e;
  }
  return null;
}
