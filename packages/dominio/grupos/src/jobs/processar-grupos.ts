import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { processarCiclo } from "../ciclo.ts";
import type { DepsGrupos } from "../deps.ts";
import { esquemaFila } from "../fila.ts";

type ContextoProcessar = Pick<JobContext, "db" | "clock" | "log" | "signal" | "progress" | "scheduledFor"> & {
  grupos: DepsGrupos;
};

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
}).run(async (params, contexto: ContextoProcessar) => {
  const { db, clock, log, signal, grupos } = contexto;
  const { ciclo, fila } = await processarCiclo({
    db,
    clock,
    log,
    signal,
    deps: grupos,
    batchSize: params.batch_size,
    maxWorkers: params.max_workers,
    aoAvancar: await avisarProgresso(params.batch_size, contexto),
  });
  return {
    status: "ok",
    processados: ciclo.processados,
    ...(ciclo.interrompido_por_tempo ? { parcial: true } : {}),
    ciclo,
    fila,
  };
});

/**
 * Diz a quem acompanha até onde o ciclo chegou. O total cresce com as vagas que as mensagens trazem; de quanto se parte só
 * se pergunta numa execução à mão, em que alguém espera.
 */
async function avisarProgresso(
  limite: number,
  { db, clock, progress, scheduledFor }: ContextoProcessar,
): Promise<((terminados: number, vagas: number) => void) | undefined> {
  if (progress === undefined) return undefined;
  const prontos =
    scheduledFor === null
      ? await db.call("contar_prontos_fila_grupos", { p_limite: limite, p_agora: clock.now().toISOString() })
      : null;
  return (terminados, vagas) => {
    const total = prontos === null ? null : Math.max(terminados, prontos + vagas);
    progress({ done: terminados, total, text: `${vagas} vagas` });
  };
}
