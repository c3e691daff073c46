import { z } from "zod";
import type { CallOptions, Db } from "#core/db";
import { esquemaFila } from "./fila.ts";

const DEGRADADA_ACIMA_DE = 100;
const DOENTE_ACIMA_DE = 500;

const Lida = z.object({
  fila: esquemaFila,
  travados: z.object({
    count: z.int(),
    por_estagio: z.record(z.string(), z.int()),
    mais_antigo_em: z.string().nullable(),
  }),
  erros_24h: z.int(),
  ciclo_em_andamento: z.boolean(),
  ultimo_ciclo_em: z.string().nullable(),
});

export type Saude = "healthy" | "degraded" | "unhealthy";

/** Travado é o que espera há mais de uma hora; os limites são estritos (§10). */
export function vereditoGrupos(travados: number): Saude {
  if (travados > DOENTE_ACIMA_DE) return "unhealthy";
  return travados > DEGRADADA_ACIMA_DE ? "degraded" : "healthy";
}

/** O corpo de `/health/grupos` e `/health/grupos-worker`: cada leitor usa a sua parte. Lança se o banco não responde. */
export async function saudeGrupos(db: Db, agora: Date, opcoes: CallOptions = {}) {
  const lida = await db.json("fn_grupos_saude", { p_agora: agora.toISOString() }, Lida, opcoes);
  return {
    status: vereditoGrupos(lida.travados.count),
    fila: lida.fila,
    travados: {
      count: lida.travados.count,
      threshold_degraded: DEGRADADA_ACIMA_DE,
      threshold_unhealthy: DOENTE_ACIMA_DE,
      por_estagio: lida.travados.por_estagio,
      mais_antigo_em: lida.travados.mais_antigo_em,
    },
    metrics: { pendentes: lida.fila.pendente, travados: lida.travados.count, erros_24h: lida.erros_24h },
    ciclo_em_andamento: lida.ciclo_em_andamento,
    ultimo_ciclo_em: lida.ultimo_ciclo_em,
    timestamp: agora.toISOString(),
  };
}

/** Desde quando há, sem interrupção, trabalho vencido na fila; null se não há nenhum (`no_progress` de `/health/jobs`). */
export async function filaVencidaDesde(db: Db, agora: Date, opcoes: CallOptions = {}): Promise<Date | null> {
  const args = { p_agora: agora.toISOString() };
  const desde = await db.json("fn_grupos_vencida_desde", args, z.string().nullable(), opcoes);
  return desde === null ? null : new Date(desde);
}
