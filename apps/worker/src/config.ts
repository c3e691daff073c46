import { z } from "zod";
import { llmConfigShape } from "#clients/llm";
import { placesConfigShape } from "#clients/places";
import { circuitConfigShape } from "#core/http";
import { appConfigShape, checkProduction } from "#core/runtime";
import { taskConfigShape } from "#core/tasks";
import { brokerConfigShape, checkBroker } from "#core/topics-kafka";
import { configAgendamentos } from "#dominio/agendamentos";
import { conferirEventos, configEventos } from "#dominio/eventos";
import { configGrupos } from "#dominio/grupos";
import { conferirOfertas, configOfertas } from "#dominio/ofertas";

const inteiro = (min: number, max: number, padrao: number, texto: string) =>
  z.coerce.number().int().min(min).max(max).default(padrao).describe(`${texto}, de ${min} a ${max}`);

/** O ambiente do worker, lido uma vez em `main.ts`. */
export const WorkerConfig = z
  .object({
    ...appConfigShape,
    GRUPOS_BATCH_SIZE: inteiro(1, 1000, 200, "itens por estágio e ciclo"),
    GRUPOS_MAX_WORKERS: inteiro(1, 50, 20, "itens simultâneos"),
    WORKER_OCIOSO_MIN_MS: inteiro(10, 60_000, 250, "ms até olhar a fila de novo quando ela está vazia"),
    WORKER_OCIOSO_MAX_MS: inteiro(10, 60_000, 5000, "ms, o mais longo dessas esperas"),
    WORKER_SHUTDOWN_GRACE_MS: inteiro(100, 120_000, 25_000, "ms para terminar"),
    ...llmConfigShape,
    ...placesConfigShape,
    ...circuitConfigShape,
    ...brokerConfigShape,
    ...configEventos,
    ...configGrupos,
    ...configAgendamentos,
    ...taskConfigShape,
    ...configOfertas,
  })
  // `when`: também com outros problemas, para que todos sejam ditos de uma vez.
  .superRefine(conferirConjunto, { when: () => true });
export type WorkerConfig = z.output<typeof WorkerConfig>;

/** O que basta para saber que workers há; `workers` não pede banco. */
export const RegistroConfig = z.object({ EVENTOS_EXEMPLOS: configEventos.EVENTOS_EXEMPLOS });

/** O que uma variável exige de outra. */
function conferirConjunto(c: Record<string, unknown>, ctx: z.RefinementCtx): void {
  if (c.GRUPOS_PROVEDOR === "llm" && !c.OPENAI_API_KEY) {
    ctx.addIssue({ code: "custom", path: ["OPENAI_API_KEY"], message: "obrigatória com GRUPOS_PROVEDOR=llm" });
  }
  if (c.NORMALIZER_PROVIDER === "openai" && !c.OPENAI_API_KEY) {
    ctx.addIssue({ code: "custom", path: ["OPENAI_API_KEY"], message: "obrigatória com NORMALIZER_PROVIDER=openai" });
  }
  conferirOfertas(c, (campo, message) => ctx.addIssue({ code: "custom", path: [campo], message }));
  checkBroker(c, ctx);
  conferirEventos(c, ctx);
  checkProduction(c, ["SUPABASE_URL"], ctx);
}
