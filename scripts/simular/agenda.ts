import { entradasDoScheduler } from "../../apps/scheduler/src/entries.ts";
import type { ScheduleEntry } from "../../packages/core/scheduler/src/entry.ts";
import { SEED_SCHEDULE } from "../../packages/core/scheduler/src/testing/seed-schedule.ts";

/** As três de `decisions.md` §1 que as tabelas do requisito 002 não imprimem. */
const OUTRAS: readonly [nome: string, cron: string, periodoS: number][] = [
  ["processar_eventos", "* * * * *", 60],
  ["normalizar_agendamentos", "* * * * *", 60],
  ["enriquecer_ofertas", "*/5 * * * *", 300],
];
const CRITICOS = new Set([
  "processar_mensagens_agendadas",
  "processar_campanhas_agendadas",
  "verificar_whatsapp",
  "processar_grupos",
]);

/** As 35 agendas inteiras, com as políticas de recuperação do scheduler, haja ou não job no catálogo para cada uma. */
export function agendaCompleta(): ScheduleEntry[] {
  const todas = [...SEED_SCHEDULE.map((e): [string, string, number] => [e.name, e.cron, e.periodS]), ...OUTRAS];
  return entradasDoScheduler(
    todas.map(([nome, schedule, periodoS]) => ({
      nome,
      schedule,
      endpoint: `/jobs/${nome.replaceAll("_", "-")}`,
      periodoS,
      timeoutS: 300,
      critico: CRITICOS.has(nome),
    })),
  );
}
