import { z } from "zod";
import { graceOf, type ScheduleEntry } from "#core/scheduler";

const Linha = z.strictObject({
  name: z.string(),
  cron: z.string().default("* * * * *"),
  /** Mais fino do que o minuto do cron: de tantos em tantos segundos. */
  everyS: z.int().min(1).max(60).optional(),
  endpoint: z.string().optional(),
  periodS: z.number().positive().default(60),
  graceS: z.number().min(0).optional(),
});
const Linhas = z.array(Linha).min(1).max(20_000);

/**
 * A agenda de um teste, no lugar do catálogo: uma lista JSON de `{name, cron, everyS?, endpoint?, periodS?, graceS?}`. Lança o
 * erro do zod; se o cron se entende, quem diz é o scheduler, como no catálogo.
 */
export function entradasDeTeste(texto: string, timeoutMs = 300_000): ScheduleEntry[] {
  return Linhas.parse(JSON.parse(texto)).map(({ name, cron, everyS, endpoint, periodS, graceS }) => ({
    name,
    cron,
    ...(everyS === undefined ? {} : { everyS }),
    endpoint: endpoint ?? `/jobs/${name.replaceAll("_", "-")}`,
    periodS,
    timeoutMs,
    misfire: { graceS: graceS ?? graceOf(periodS) },
  }));
}
