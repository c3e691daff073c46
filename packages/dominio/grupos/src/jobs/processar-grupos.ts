import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { processarCiclo } from "../ciclo.ts";
import type { DepsGrupos } from "../deps.ts";
import { esquemaFila } from "../fila.ts";

const Contagem = z.object({ processados: z.int(), erros: z.int() });

/**
 * Leva as mensagens de grupos um ciclo adiante no pipeline: da entrada à vaga importada.
 *
 * Roda a cada minuto; um ciclo interrompido por tempo continua no seguinte, e a falha de um item nunca é a do job.
 */
export const processarGrupos = defineJob({
  name: "processar_grupos",
  params: z.object({
    batch_size: z.int().min(1).max(1000).default(200).describe("um inteiro de 1 a 1000 (itens por estágio e ciclo)"),
    max_workers: z.int().min(1).max(50).default(20).describe("um inteiro de 1 a 50 (itens simultâneos)"),
  }),
  result: jobResult({
    ciclo: z.object({
      processados: z.int(),
      itens_distintos: z.int(),
      erros: z.int(),
      descartados: z.int(),
      finalizados: z.int(),
      vagas_criadas: z.int(),
      leases_recuperados: z.int(),
      por_estagio: z.record(z.string(), Contagem),
      duracao_ms: z.int(),
      interrompido_por_tempo: z.boolean(),
    }),
    fila: esquemaFila,
  }),
}).run(async (params, contexto: Pick<JobContext, "db" | "clock" | "log" | "signal"> & { grupos: DepsGrupos }) => {
  const { db, clock, log, signal, grupos } = contexto;
  const { ciclo, fila } = await processarCiclo({
    db,
    clock,
    log,
    signal,
    deps: grupos,
    batchSize: params.batch_size,
    maxWorkers: params.max_workers,
  });
  return {
    status: "ok",
    processados: ciclo.processados,
    ...(ciclo.interrompido_por_tempo ? { parcial: true } : {}),
    ciclo,
    fila,
  };
});
