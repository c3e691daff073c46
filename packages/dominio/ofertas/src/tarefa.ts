import { z } from "zod";
import { defineTask } from "#core/tasks";
import type { ConfigOfertas } from "./config.ts";

export const DESFECHOS = ["enriquecida", "sem_desconto", "indisponivel"] as const;
export type Desfecho = (typeof DESFECHOS)[number];

/** O resultado guardado de uma oferta lida. */
export const ResultadoOferta = z.object({
  offer_id: z.uuid(),
  outcome: z.enum(DESFECHOS),
  old_price_cents: z.int().nullable(),
  discount_pct: z.int().nullable(),
  affiliate: z.boolean(),
});

const UMA_HORA_S = 3600;
const SETE_DIAS_S = 7 * 86_400;

export type TarefaOfertas = ReturnType<typeof tarefaEnriquecer>;

/** A tarefa `enrich_offer` (§4.4): uma por oferta, uma execução; quem falhou espera que alguém a reprocesse. */
export function tarefaEnriquecer(config: ConfigOfertas) {
  return defineTask({
    name: "enrich_offer",
    queue: config.ENRICHMENT_QUEUE_NAME,
    args: z.object({ offer_id: z.uuid(), url: z.string(), current_price_cents: z.int().positive() }),
    result: ResultadoOferta,
    maxTries: 1,
    timeoutS: config.ENRICHMENT_JOB_TIMEOUT,
    keepResultS: UMA_HORA_S,
    keepFailedS: SETE_DIAS_S,
    dedupeKey: (args) => args.offer_id,
    logPrefix: "enrichment_job",
  });
}
