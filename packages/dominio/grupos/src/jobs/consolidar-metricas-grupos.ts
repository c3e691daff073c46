import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";
import { addDays, isCivilDate, localDay, PermanentError } from "#core/runtime";

const Consolidado = z.object({ data: z.string(), grupos: z.int() });

/**
 * Recalcula as métricas de um dia a partir das tabelas de origem; por omissão, o dia anterior ao do horário agendado. Rodar de novo
 * não muda nada, e rodar tarde vale para o mesmo dia.
 */
export const consolidarMetricasGrupos = defineJob({
  name: "consolidar_metricas_grupos",
  params: z.object({
    data: z
      .string()
      .refine(isCivilDate, "data deve ser AAAA-MM-DD, como 2026-03-10")
      .optional()
      .describe("uma data AAAA-MM-DD, até hoje"),
  }),
  result: jobResult({ data: z.string(), grupos: z.int() }),
}).run(async (params, { db, clock, scheduledFor }: Pick<JobContext, "db" | "clock" | "scheduledFor">) => {
  const agora = clock.now();
  const hoje = localDay(agora);
  const data = params.data ?? addDays(localDay(scheduledFor ?? agora), -1);
  if (data > hoje) {
    throw new PermanentError("parametro_invalido", `data deve ser até hoje, ${hoje}`, { campo: "data" });
  }
  const r = await db.json("fn_grupos_consolidar", { p_data: data, p_agora: agora.toISOString() }, Consolidado);
  return { status: "ok", processados: r.grupos, data: r.data, grupos: r.grupos };
});
