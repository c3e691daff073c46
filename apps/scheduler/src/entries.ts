import { type Entrada, recuperacaoDe } from "#catalogo";
import { graceOf, type ScheduleEntry } from "#core/scheduler";

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
    misfire: { graceS: graceOf(e.periodoS), ...recuperacaoDe(e.nome) },
  }));
}
