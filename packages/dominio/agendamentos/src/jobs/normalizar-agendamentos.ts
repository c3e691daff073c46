import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { purgeTasks, queueCounts } from "#core/tasks";
import type { DepsComTarefas } from "../deps.ts";
import { FILA } from "../tarefa.ts";

const REPAROS_POR_EXECUCAO = 100;
const PODAS_POR_EXECUCAO = 1000;

/**
 * Drena a fila de normalizações (domain/filas-e-workers.md §3.8): reserva o que está na hora, conserta agendamentos que ficaram sem
 * tarefa, apaga resultados vencidos.
 *
 * Responde até `tempo_max_s`; o que ainda roda continua sob a sua reserva, no processo da API, e aparece em `em_andamento`. A falha
 * de uma normalização nunca é a do job.
 */
export const normalizarAgendamentos = defineJob({
  name: "normalizar_agendamentos",
  params: z.object({
    limite: z.int().min(1).max(2000).default(200).describe("um inteiro de 1 a 2000 (tarefas reservadas)"),
    max_jobs: z
      .int()
      .min(1)
      .max(200)
      .optional()
      .describe("um inteiro de 1 a 200 (normalizações simultâneas; padrão ARQ_MAX_JOBS)"),
    tempo_max_s: z.int().min(1).max(240).default(50).describe("um inteiro de 1 a 240 (segundos até responder)"),
  }),
  result: jobResult({
    completos: z.int(),
    falhas: z.int(),
    ignorados: z.int(),
    retries_agendados: z.int(),
    reparados: z.int(),
    em_andamento: z.int(),
    na_fila: z.int(),
  }),
}).run(async (params, contexto: Pick<JobContext, "db" | "clock" | "signal"> & { agendamentos: DepsComTarefas }) => {
  const { db, clock, signal, agendamentos: deps } = contexto;
  const maxJobs = params.max_jobs ?? deps.config.ARQ_MAX_JOBS;
  let ignorados = 0;
  const dreno = await deps.tarefas.drain(
    {
      queue: FILA,
      limit: params.limite,
      slots: maxJobs,
      maxRunning: deps.maximoEmCurso(maxJobs),
      budgetMs: params.tempo_max_s * 1000,
      signal,
    },
    (fim) => {
      if (fim.kind === "done" && semPartes(fim.row.result)) ignorados++;
    },
  );
  const reparados = await deps.agendamentos.reparar(REPAROS_POR_EXECUCAO);
  await purgeTasks(db, PODAS_POR_EXECUCAO, clock);
  const fila = await queueCounts(db, FILA, clock);
  return {
    status: "ok",
    processados: dreno.complete + dreno.failed,
    // O tempo acabou com trabalho por reservar; o que já roda não conta.
    ...(dreno.cut && fila.due > 0 ? { parcial: true } : {}),
    completos: dreno.complete,
    falhas: dreno.failed,
    ignorados,
    retries_agendados: dreno.retries,
    reparados,
    em_andamento: fila.in_progress,
    na_fila: fila.queued,
  };
});

/** Nada havia a normalizar quando a tarefa rodou: os sinalizadores foram desligados, ou os textos apagados. */
function semPartes(resultado: unknown): boolean {
  const partes = (resultado as { fields_normalized?: unknown } | null)?.fields_normalized;
  return Array.isArray(partes) && partes.length === 0;
}
