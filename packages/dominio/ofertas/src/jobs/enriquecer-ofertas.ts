import { z } from "zod";
import { defineJob, type JobContext, jobResult, skipped } from "#core/job";
import { atClock, purgeTasks, queueCounts, taskTemplate } from "#core/tasks";
import type { CanalSlack } from "#dominio/alertas";
import { alertarBloqueio, estadoBloqueio } from "../alerta-bloqueio.ts";
import type { OfertasComTarefas } from "../criar-ofertas.ts";
import { camposPedidos } from "../ofertas.ts";
import { ResultadoOferta } from "../tarefa.ts";

const MAX_POR_DRENAGEM = 5000;
const A_PODAR = 1000;

/**
 * Põe na fila as ofertas a que falta algo e drena a fila (§4.6). Responde em `tempo_max_s`: o que ainda roda continua sob a sua reserva.
 * A falha de uma oferta nunca é a do job.
 */
export const enriquecerOfertas = defineJob({
  name: "enriquecer_ofertas",
  params: z.object({
    limite: z.int().min(1).max(1000).default(100).describe("um inteiro de 1 a 1000 (ofertas postas na fila)"),
    concorrencia: z.int().min(1).max(20).optional().describe("um inteiro de 1 a 20 (ofertas simultâneas)"),
    delay_s: z.number().min(0).max(60).optional().describe("segundos entre pedidos a um mesmo host, de 0 a 60"),
    missing_old_price: z.boolean().default(true).describe("true ou false (falta o preço anterior)"),
    missing_discount: z.boolean().default(true).describe("true ou false (falta o desconto)"),
    missing_affiliate_link: z.boolean().default(true).describe("true ou false (falta o link de afiliado)"),
    reprocessar_falhas: z.boolean().default(false).describe("true ou false (inclui as que falharam)"),
    tempo_max_s: z.int().min(1).max(240).default(50).describe("um inteiro de 1 a 240 (segundos até responder)"),
  }),
  result: jobResult({
    enfileiradas: z.int(),
    finalizadas: z.int(),
    falhas: z.int(),
    sem_desconto: z.int(),
    indisponiveis: z.int(),
    bloqueadas: z.int(),
    em_andamento: z.int(),
    na_fila: z.int(),
    pausada_ate: z.string().nullable(),
  }),
}).run(
  async (
    params,
    ctx: Pick<JobContext, "db" | "clock" | "log" | "signal"> & { ofertas: OfertasComTarefas; slack: CanalSlack },
  ) => {
    const { db, clock, log, signal, ofertas } = ctx;
    const { config, tarefa, tarefas } = ofertas;
    const fila = tarefa.queue;
    await db.call("sincronizar_ofertas", atClock(clock));
    const antes = await alertarBloqueio(fila, ctx);
    if (antes.pausada_ate !== null) {
      return skipped(
        "fila_pausada",
        `a fila ${fila} está pausada até ${antes.pausada_ate}: a loja bloqueou as leituras`,
      );
    }

    const enfileiradas = await db.call("enfileirar_ofertas_pendentes", {
      p_limite: params.limite,
      ...camposPedidos(
        {
          missingOldPrice: params.missing_old_price,
          missingDiscount: params.missing_discount,
          missingAffiliateLink: params.missing_affiliate_link,
        },
        ofertas.afiliado !== null,
      ),
      p_recheck_h: config.ENRICHMENT_RECHECK_H,
      p_falhas: params.reprocessar_falhas,
      p_tarefa: taskTemplate(tarefa),
      ...atClock(clock),
    });
    if (enfileiradas > 0) log.info({ fila, enfileiradas }, `[queue] ${enfileiradas} ofertas na fila ${fila}`);

    ofertas.vez.definirIntervalo((params.delay_s ?? config.ENRICHMENT_REQUEST_DELAY_S) * 1000);
    const desfechos = { enriquecida: 0, sem_desconto: 0, indisponivel: 0 };
    const drenagem = await tarefas.drain(
      {
        queue: fila,
        limit: MAX_POR_DRENAGEM,
        slots: params.concorrencia ?? config.ENRICHMENT_WORKER_CONCURRENCY,
        budgetMs: params.tempo_max_s * 1000,
        signal,
      },
      (fim) => {
        const resultado = fim.kind === "done" ? ResultadoOferta.safeParse(fim.row.result).data : undefined;
        if (resultado) desfechos[resultado.outcome]++;
      },
    );
    // Antes de as tarefas vencidas sumirem, e com elas o erro de quem ninguém pôde avisar.
    await db.call("sincronizar_ofertas", atClock(clock));
    await purgeTasks(db, A_PODAR, clock);
    await alertarBloqueio(fila, ctx);
    const [estado, numeros] = await Promise.all([estadoBloqueio(db, fila, clock), queueCounts(db, fila, clock)]);
    return {
      status: "ok" as const,
      processados: drenagem.complete + drenagem.failed,
      ...(drenagem.cut && drenagem.underWay > 0 ? { parcial: true } : {}),
      enfileiradas,
      finalizadas: drenagem.complete,
      falhas: drenagem.failed,
      sem_desconto: desfechos.sem_desconto,
      indisponiveis: desfechos.indisponivel,
      bloqueadas: drenagem.released,
      em_andamento: drenagem.underWay,
      na_fila: numeros.queued,
      pausada_ate: estado.pausada_ate,
    };
  },
);
