import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { PermanentError } from "#core/runtime";
import { isTopic, type WorkerDefinition } from "#core/topics";
import type { DepsEventos } from "../deps.ts";

/** Mensagens fora do prazo de retenção que uma drenagem remove. */
const A_REMOVER = 1000;

/**
 * Drena as entregas devidas quando nenhum processo de `RUN_MODE=worker` o faz, ou para ajudá-lo
 * (domain/filas-e-workers.md §2.8). Uma cadeia de tópicos anda inteira na mesma execução, enquanto houver tempo.
 *
 * A falha de uma mensagem nunca é a do job: retries e mortes são contados. O que ainda roda no fim do tempo continua sob a sua reserva.
 */
export const processarEventos = defineJob({
  name: "processar_eventos",
  params: z.object({
    limite: z.int().min(1).max(5000).default(500).describe("um inteiro de 1 a 5000 (entregas)"),
    topico: z.string().optional().describe("o nome de um tópico"),
    worker: z.string().optional().describe("o nome de um worker"),
    tempo_max_s: z.int().min(1).max(240).default(50).describe("um inteiro de 1 a 240 (segundos até responder)"),
  }),
  result: jobResult({
    sucesso: z.int(),
    mortas: z.int(),
    retries_agendados: z.int(),
    publicadas: z.int(),
    em_andamento: z.int(),
    pendentes_restantes: z.int(),
    sem_consumidor: z.int(),
    por_worker: z.record(z.string(), z.object({ sucesso: z.int(), mortas: z.int(), retries: z.int() })),
  }),
}).run(async (params, { eventos, signal }: Pick<JobContext, "signal"> & { eventos: DepsEventos }) => {
  const { broker, consumidor, workers } = eventos;
  const escolhidos = escolher(workers, params);
  const { tally, running, end } = await consumidor.drain({
    limit: params.limite,
    budgetMs: params.tempo_max_s * 1000,
    only: (worker) => escolhidos.has(worker),
    signal,
  });
  await broker.admin?.purge(A_REMOVER);
  const grupos = [...escolhidos].map(({ topic, groupId }) => ({ topic, groupId }));
  const resto = (await broker.admin?.backlog(grupos)) ?? { due: 0, withoutConsumer: 0 };
  const devidas = grupos.length === 0 ? 0 : resto.due;
  return {
    status: "ok" as const,
    processados: tally.ok + tally.dead,
    ...(end === "budget" && devidas + running > 0 ? { parcial: true } : {}),
    sucesso: tally.ok,
    mortas: tally.dead,
    retries_agendados: tally.retries,
    publicadas: tally.published,
    em_andamento: running,
    pendentes_restantes: devidas,
    sem_consumidor: resto.withoutConsumer,
    por_worker: Object.fromEntries(
      [...tally.byWorker].map(([nome, n]) => [nome, { sucesso: n.ok, mortas: n.dead, retries: n.retries }]),
    ),
  };
});

function escolher(
  workers: readonly WorkerDefinition[],
  { topico, worker }: { topico?: string | undefined; worker?: string | undefined },
): Set<WorkerDefinition> {
  if (topico !== undefined && !isTopic(topico))
    recusar("topico", "topico deve ser um nome de tópico, como orders.created");
  const escolhidos = workers.filter(
    (w) => (topico === undefined || w.topic === topico) && (worker === undefined || w.name === worker),
  );
  if (worker !== undefined && !workers.some((w) => w.name === worker)) {
    recusar("worker", `worker "${worker}" não existe; há ${workers.map((w) => w.name).join(", ") || "nenhum"}`);
  }
  return new Set(escolhidos);
}

function recusar(campo: string, message: string): never {
  throw new PermanentError("parametro_invalido", message, { campo });
}
