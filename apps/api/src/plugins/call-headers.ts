import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { JobCall } from "#core/job";
import { PermanentError } from "#core/runtime";

const uuid = z.uuid();
const instante = z.iso.datetime({ offset: true });
const chave = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);

/**
 * O que o scheduler diz de uma chamada nos seus cabeçalhos; à mão, nenhum deles vem. Um malformado é
 * `parametro_invalido` que nomeia o cabeçalho, e um `X-Job-Name` que não é desta rota também: catálogo e API de versões
 * diferentes não rodam um job pelo outro.
 */
export function cabecalhosDaChamada(request: FastifyRequest, nomes: readonly string[], signal: AbortSignal): JobCall {
  const ler = <T>(nome: string, esquema: z.ZodType<T>, certo: string): T | null => {
    const valor = request.headers[nome.toLowerCase()];
    if (valor === undefined || valor === "") return null;
    const lido = esquema.safeParse(valor);
    if (lido.success) return lido.data;
    throw new PermanentError("parametro_invalido", `${nome} deve ser ${certo}`, { campo: nome });
  };
  const data = (nome: string) => {
    const texto = ler(nome, instante, "um instante ISO 8601, como 2026-03-02T13:00:00Z");
    return texto === null ? null : new Date(texto);
  };
  ler("X-Job-Name", z.enum(nomes), nomes.join(" ou "));
  return {
    executionId: ler("X-Job-Execution-Id", uuid, "um UUID"),
    scheduledFor: data("X-Scheduled-For"),
    idempotencyKey: ler("Idempotency-Key", chave, "um texto de até 200 caracteres visíveis"),
    deadline: data("X-Job-Deadline"),
    signal,
  };
}
