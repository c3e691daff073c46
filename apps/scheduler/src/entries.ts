import type { Entrada } from "#catalogo";
import { graceOf, type ScheduleEntry } from "#core/scheduler";

/** O dia a que o dado pertence vem do horário, então rodar tarde no mesmo dia é rodar na hora (§1.6). */
const ATE_AS_23 = new Set(["resetar_contadores_chips", "consolidar_metricas_grupos"]);
/** Falam com médicos: não são recuperados fora do horário comercial. */
const EM_HORARIO_COMERCIAL = new Set([
  "processar_retomadas",
  "discovery_autonomo",
  "processar_followups",
  "reativacao_autonoma",
  "feedback_autonomo",
  "validar_telefones",
]);

/** O que interessa ao scheduler de uma linha do catálogo. */
type Agenda = Pick<Entrada, "nome" | "schedule" | "endpoint" | "periodoS" | "timeoutS" | "critico">;

/** O catálogo como o scheduler o lê, críticos primeiro: é a ordem em que horários perdidos são recuperados. */
export function entradasDoScheduler(catalogo: readonly Agenda[], timeoutMs?: number): ScheduleEntry[] {
  const porImportancia = [...catalogo].sort((a, b) => Number(b.critico) - Number(a.critico));
  return porImportancia.map((e) => ({
    name: e.nome,
    cron: e.schedule,
    endpoint: e.endpoint,
    periodS: e.periodoS,
    timeoutMs: timeoutMs ?? e.timeoutS * 1000,
    misfire: {
      graceS: graceOf(e.periodoS),
      ...(ATE_AS_23.has(e.nome) ? { untilHour: 23 } : {}),
      ...(EM_HORARIO_COMERCIAL.has(e.nome) ? { window: { from: 8, to: 20 } } : {}),
    },
  }));
}
