import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { PermanentError } from "#core/runtime";

/** Quem chama uma ferramenta, e por quanto tempo espera. */
export interface ChamadaOperador {
  /** `X-Operador`: quem diz ser. Só se registra; o acesso é do token. */
  autor: string | null;
  /** Abortado quando quem chamou foi embora antes da resposta. */
  signal: AbortSignal;
}

const Autor = z.string().trim().min(1).max(100);
const Motivo = z.string().trim().min(1).max(500);

/** `X-Operador`; null quando não veio. */
export function autorDe(request: FastifyRequest): string | null {
  return textoDe(request, "X-Operador", Autor, "um nome de até 100 caracteres");
}

/** `X-Motivo`, de quem roda um job à mão por `POST /jobs/*`. */
export function motivoDe(request: FastifyRequest): string | null {
  return textoDe(request, "X-Motivo", Motivo, "um texto de até 500 caracteres");
}

function textoDe(request: FastifyRequest, nome: string, esquema: z.ZodString, certo: string): string | null {
  const valor = request.headers[nome.toLowerCase()];
  if (valor === undefined || valor === "") return null;
  const lido = esquema.safeParse(typeof valor === "string" ? utf8(valor) : valor);
  if (lido.success) return lido.data;
  throw new PermanentError("parametro_invalido", `${nome} deve ser ${certo}`, { campo: nome });
}

/** Um cabeçalho chega byte a byte; quem manda acentos os manda em UTF-8 (curl, a nossa CLI) ou em latin-1. */
function utf8(valor: string): string {
  const lido = Buffer.from(valor, "latin1").toString("utf8");
  return lido.includes("\uFFFD") ? valor : lido;
}

/** Faz algo com um sinal que aborta se quem chamou for embora antes da resposta. */
export async function enquantoEspera<T>(reply: FastifyReply, fazer: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const cliente = new AbortController();
  const aoFechar = () => {
    if (!reply.raw.writableFinished) cliente.abort(new Error("cliente desconectou"));
  };
  reply.raw.once("close", aoFechar);
  try {
    return await fazer(cliente.signal);
  } finally {
    reply.raw.off("close", aoFechar);
  }
}
