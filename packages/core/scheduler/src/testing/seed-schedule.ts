import { graceOf, type ScheduleEntry } from "../entry.ts";

/** The 32 schedules that requirement 002 prints, apart from any catalogue: name, cron, nominal period (s). */
const TABLE: readonly [name: string, cron: string, periodS: number][] = [
  ["heartbeat", "* * * * *", 60],
  ["processar_mensagens_agendadas", "* * * * *", 60],
  ["processar_campanhas_agendadas", "* * * * *", 60],
  ["processar_grupos", "* * * * *", 60],
  ["verificar_whatsapp", "*/5 * * * *", 300],
  ["sincronizar_chips", "*/5 * * * *", 300],
  ["validar_telefones", "*/5 8-19 * * *", 300],
  ["processar_handoffs", "*/10 * * * *", 600],
  ["verificar_alertas", "*/15 * * * *", 900],
  ["verificar_alertas_grupos", "*/15 * * * *", 900],
  ["atualizar_trust_scores", "*/15 * * * *", 900],
  ["sincronizar_briefing", "0 * * * *", 3600],
  ["processar_confirmacao_plantao", "0 * * * *", 3600],
  ["oferta_autonoma", "0 * * * *", 3600],
  ["consolidar_metricas_grupos", "0 1 * * *", 86_400],
  ["avaliar_conversas_pendentes", "0 2 * * *", 86_400],
  ["atualizar_prompt_feedback", "0 2 * * 0", 604_800],
  ["doctor_state_manutencao_diaria", "0 3 * * *", 86_400],
  ["limpar_grupos_finalizados", "0 3 * * *", 86_400],
  ["doctor_state_manutencao_semanal", "0 4 * * 1", 604_800],
  ["processar_pausas_expiradas", "0 6 * * *", 86_400],
  ["sincronizar_templates", "0 6 * * *", 86_400],
  ["processar_retomadas", "0 8 * * 1-5", 86_400],
  ["report_semanal", "0 9 * * 1", 604_800],
  ["discovery_autonomo", "0 9,14 * * 1-5", 86_400],
  ["processar_followups", "0 10 * * *", 86_400],
  ["reativacao_autonoma", "0 10 * * 1", 604_800],
  ["report_manha", "0 10 * * *", 86_400],
  ["feedback_autonomo", "0 11 * * *", 86_400],
  ["report_fim_dia", "0 20 * * *", 86_400],
  ["snapshot_chips_diario", "55 23 * * *", 86_400],
  ["resetar_contadores_chips", "5 0 * * *", 86_400],
];

export const SEED_SCHEDULE: readonly ScheduleEntry[] = TABLE.map(([name, cron, periodS]) => ({
  name,
  cron,
  endpoint: `/jobs/${name.replaceAll("_", "-")}`,
  periodS,
  timeoutMs: 300_000,
  misfire: { graceS: graceOf(periodS) },
}));

export function seedEntries(...names: string[]): ScheduleEntry[] {
  return SEED_SCHEDULE.filter((e) => names.includes(e.name));
}
