import type { FastifyRequest } from "fastify";
import { PermanentError } from "#core/runtime";

/**
 * Os parâmetros de uma chamada, da query string ou do corpo JSON, os mesmos nomes. Dar um nome duas vezes é erro: ninguém
 * adivinha qual vale. O esquema da rota os confere depois.
 */
export function parametros(request: FastifyRequest): Record<string, unknown> {
  const query = request.query as Record<string, unknown>;
  const corpo = objeto(request.body);
  for (const [campo, valor] of Object.entries(query)) {
    if (Array.isArray(valor)) throw repetido(campo);
    if (Object.hasOwn(corpo, campo)) throw repetido(campo);
  }
  return { ...query, ...corpo };
}

function objeto(corpo: unknown): Record<string, unknown> {
  if (corpo === undefined || corpo === null || corpo === "") return {};
  if (typeof corpo === "object" && !Array.isArray(corpo)) return corpo as Record<string, unknown>;
  throw new PermanentError("parametro_invalido", "o corpo deve ser um objeto JSON", { campo: "corpo" });
}

function repetido(campo: string): PermanentError {
  return new PermanentError("parametro_invalido", `${campo} foi dado mais de uma vez; mande um só valor`, { campo });
}
