import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";

const PARCELA = 5000;
/** Parcelas por tipo numa execução: 5 milhões de linhas; o resto fica para amanhã. */
const MAX_PARCELAS = 1000;
/** LGPD (`decisions.md` §7): textos e telefones de grupos. */
const RETENCAO_PESSOAL_DIAS = 180;
const RETENCAO_USO_DIAS = 400;

/**
 * Remove da fila o que terminou há mais de `dias`, em parcelas; nunca itens em erro, mensagens ou vagas. Na mesma ronda aplica
 * a retenção dos dados pessoais dos grupos e poda o cache e o registro de uso de IA.
 */
export const limparGruposFinalizados = defineJob({
  name: "limpar_grupos_finalizados",
  params: z.object({
    dias: z.int().min(1).max(365).default(7).describe("um inteiro de 1 a 365 (dias desde o fim do item)"),
  }),
  result: jobResult({ removidos: z.int(), anonimizados: z.int(), podados: z.int(), message: z.string() }),
}).run(async ({ dias }, { db, clock, signal }: Pick<JobContext, "db" | "clock" | "signal">) => {
  const p_agora = clock.now().toISOString();
  let interrompido = false;
  /** Parcelas até uma vir incompleta, o limite, ou o fim do prazo. */
  const emParcelas = async (parcela: () => Promise<number>): Promise<number> => {
    let total = 0;
    for (let i = 0; i < MAX_PARCELAS; i++) {
      if (signal.aborted) {
        interrompido = true;
        break;
      }
      const n = await parcela();
      total += n;
      if (n === 0) break;
    }
    return total;
  };
  const removidos = await emParcelas(() =>
    db.json("fn_grupos_limpar", { p_dias: dias, p_limite: PARCELA, p_agora }, z.int()),
  );
  const anonimizados = await emParcelas(() =>
    db.json("fn_grupos_anonimizar", { p_dias: RETENCAO_PESSOAL_DIAS, p_limite: 2000, p_agora }, z.int()),
  );
  const cache = await emParcelas(() => db.json("podar_cache_llm_grupos", { p_limite: PARCELA, p_agora }, z.int()));
  const uso = await emParcelas(() =>
    db.json("fn_grupos_podar_uso", { p_dias: RETENCAO_USO_DIAS, p_limite: PARCELA, p_agora }, z.int()),
  );
  return {
    status: "ok",
    processados: removidos,
    ...(interrompido ? { parcial: true } : {}),
    removidos,
    anonimizados,
    podados: cache + uso,
    message: `${removidos} itens terminados há mais de ${dias} dias removidos da fila`,
  };
});
