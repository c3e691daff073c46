import { FREQUENCIAS } from "../frequencias.ts";
import type { Vigiado } from "../vigiados.ts";

/** As tabelas do requisito 002 e as três entradas de `decisions.md` §1: nome, cron, endpoint, SLA em segundos. */
export const PUBLICADO: readonly (readonly [string, string, string, number])[] = [
  ["heartbeat", "* * * * *", "/jobs/heartbeat", 180],
  ["processar_mensagens_agendadas", "* * * * *", "/jobs/processar-mensagens-agendadas", 180],
  ["processar_campanhas_agendadas", "* * * * *", "/jobs/processar-campanhas-agendadas", 180],
  ["processar_grupos", "* * * * *", "/jobs/processar-grupos?batch_size=200&max_workers=20", 180],
  ["verificar_whatsapp", "*/5 * * * *", "/jobs/verificar-whatsapp", 900],
  ["sincronizar_chips", "*/5 * * * *", "/jobs/sincronizar-chips", 900],
  ["validar_telefones", "*/5 8-19 * * *", "/jobs/validar-telefones", 900],
  ["processar_handoffs", "*/10 * * * *", "/jobs/processar-handoffs", 1800],
  ["verificar_alertas", "*/15 * * * *", "/jobs/verificar-alertas", 2700],
  ["verificar_alertas_grupos", "*/15 * * * *", "/jobs/verificar-alertas-grupos", 2700],
  ["atualizar_trust_scores", "*/15 * * * *", "/jobs/atualizar-trust-scores", 2700],
  ["sincronizar_briefing", "0 * * * *", "/jobs/sincronizar-briefing", 7200],
  ["processar_confirmacao_plantao", "0 * * * *", "/jobs/processar-confirmacao-plantao", 7200],
  ["oferta_autonoma", "0 * * * *", "/jobs/executar-oferta-autonoma", 7200],
  ["consolidar_metricas_grupos", "0 1 * * *", "/jobs/consolidar-metricas-grupos", 90_000],
  ["avaliar_conversas_pendentes", "0 2 * * *", "/jobs/avaliar-conversas-pendentes", 90_000],
  ["atualizar_prompt_feedback", "0 2 * * 0", "/jobs/atualizar-prompt-feedback", 691_200],
  ["doctor_state_manutencao_diaria", "0 3 * * *", "/jobs/doctor-state-manutencao-diaria", 90_000],
  ["limpar_grupos_finalizados", "0 3 * * *", "/jobs/limpar-grupos-finalizados", 90_000],
  ["doctor_state_manutencao_semanal", "0 4 * * 1", "/jobs/doctor-state-manutencao-semanal", 691_200],
  ["processar_pausas_expiradas", "0 6 * * *", "/jobs/processar-pausas-expiradas", 90_000],
  ["sincronizar_templates", "0 6 * * *", "/jobs/sync-templates", 90_000],
  ["processar_retomadas", "0 8 * * 1-5", "/jobs/processar-retomadas", 90_000],
  ["report_semanal", "0 9 * * 1", "/jobs/report-semanal", 691_200],
  ["discovery_autonomo", "0 9,14 * * 1-5", "/jobs/executar-discovery-autonomo", 90_000],
  ["processar_followups", "0 10 * * *", "/jobs/processar-followups", 90_000],
  ["reativacao_autonoma", "0 10 * * 1", "/jobs/executar-reativacao-autonoma", 691_200],
  ["report_manha", "0 10 * * *", "/jobs/report-periodo?tipo=manha", 90_000],
  ["feedback_autonomo", "0 11 * * *", "/jobs/executar-feedback-autonomo", 90_000],
  ["report_fim_dia", "0 20 * * *", "/jobs/report-periodo?tipo=fim_dia", 90_000],
  ["snapshot_chips_diario", "55 23 * * *", "/jobs/snapshot-chips-diario", 90_000],
  ["resetar_contadores_chips", "5 0 * * *", "/jobs/resetar-contadores-chips", 90_000],
  ["processar_eventos", "* * * * *", "/jobs/processar-eventos", 180],
  ["normalizar_agendamentos", "* * * * *", "/jobs/normalizar-agendamentos", 180],
  ["enriquecer_ofertas", "*/5 * * * *", "/jobs/enriquecer-ofertas", 900],
];
export const CRITICOS: readonly string[] = [
  "processar_mensagens_agendadas",
  "processar_campanhas_agendadas",
  "verificar_whatsapp",
  "processar_grupos",
];

/** O catálogo publicado inteiro, como a saúde o lê, com o que ainda não tem job. */
export const VIGIADOS_PUBLICADOS: readonly Vigiado[] = PUBLICADO.map(([name, cron, endpoint, slaS]) => {
  const frequencia = Object.values(FREQUENCIAS).find((f) => f.slaS === slaS);
  if (!frequencia) throw new Error(`nenhuma frequência tem SLA de ${slaS} s`);
  return { name, cron, endpoint, slaS, periodS: frequencia.periodoS, critical: CRITICOS.includes(name) };
});
