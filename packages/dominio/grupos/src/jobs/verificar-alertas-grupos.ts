import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { AppError } from "#core/runtime";
import { type CanalSlack, notificarAlertas } from "#dominio/alertas";
import type { DepsGrupos } from "../deps.ts";
import { alertasDeGrupos, TIPOS_ALERTA_GRUPOS } from "../regras/alertas.ts";

const Fatos = z.object({
  erros: z.int().nullable(),
  custo_usd: z.number().nullable(),
  pendentes_antigos: z.int().nullable(),
  pendentes: z.int().nullable(),
  pendente_mais_antigo_em: z.string().nullable(),
  ultimo_ciclo_em: z.string().nullable(),
  erros_regras: z.array(z.object({ regra: z.enum(TIPOS_ALERTA_GRUPOS), erro: z.string() })),
});

const AlertaAtivo = z.object({
  tipo: z.string(),
  mensagem: z.string(),
  severidade: z.string(),
  valor: z.number().nullable(),
  /** Esta execução o entregou. */
  enviado: z.boolean(),
});

/**
 * Avalia os alertas do pipeline e entrega os que a espera e a janela deixam. Todo alerta ativo é sempre respondido; um Slack fora
 * do ar é registrado e não derruba o job.
 */
export const verificarAlertasGrupos = defineJob({
  name: "verificar_alertas_grupos",
  params: z.object({}),
  result: jobResult({
    alertas: z.array(AlertaAtivo),
    /** Regras que não puderam ser avaliadas; as outras valem. */
    erros_regras: z.array(z.object({ regra: z.string(), erro: z.string() })),
  }),
}).run(
  async (
    _params,
    ctx: Pick<JobContext, "db" | "clock" | "log" | "signal"> & { grupos: DepsGrupos; slack: CanalSlack },
  ) => {
    const { db, clock, log, signal } = ctx;
    const { config } = ctx.grupos;
    const agora = clock.now();
    const fatos = await db.json(
      "fn_grupos_fatos",
      { p_pendentes_horas: config.ALERTA_PENDENTES_HORAS, p_agora: agora.toISOString() },
      Fatos,
    );
    const falharam = new Set<string>(fatos.erros_regras.map((e) => e.regra));
    if (falharam.size > 0) log.error({ motivo: fatos.erros_regras }, "regras de alerta que não puderam ser avaliadas");
    if (falharam.size === TIPOS_ALERTA_GRUPOS.length) {
      throw new AppError("erro_interno", "Nenhuma regra de alerta pôde ser avaliada", {
        details: { erros_regras: fatos.erros_regras },
      });
    }
    const limites = {
      erros: config.ALERTA_ERROS,
      custoUsd: config.ALERTA_CUSTO_USD,
      pendentesHoras: config.ALERTA_PENDENTES_HORAS,
      pendentesQtd: config.ALERTA_PENDENTES_QTD,
    };
    const ativos = alertasDeGrupos(fatos, limites, agora);
    const rodada = await notificarAlertas(
      {
        grupo: "grupos",
        agora,
        alertas: ativos,
        tiposAvaliados: TIPOS_ALERTA_GRUPOS.filter((t) => !falharam.has(t)),
        signal,
      },
      { db, slack: ctx.slack, log },
    );
    return {
      status: "ok",
      processados: ativos.length,
      ...(falharam.size > 0 ? { parcial: true } : {}),
      alertas: ativos.map((a, i) => ({
        tipo: a.tipo,
        mensagem: a.mensagem,
        severidade: a.severidade,
        valor: a.valor ?? null,
        enviado: rodada.alertas[i]?.enviado ?? false,
      })),
      erros_regras: fatos.erros_regras,
    };
  },
);
