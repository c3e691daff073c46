import { z } from "zod";
import { defineJob, type JobContext, jobResult } from "#core/job";

const Registro = z.object({ status: z.string(), removidos: z.int() });

/** Sinal de vida, a cada minuto. Copia o estado operacional; nunca muda o que uma pessoa decidiu. */
export const heartbeat = defineJob({
  name: "heartbeat",
  params: z.object({}),
  result: jobResult({ message: z.string(), status_operacional: z.string() }),
}).run(async (_params, { db, clock }: Pick<JobContext, "db" | "clock">) => {
  const r = await db.json("registrar_heartbeat", { p_agora: clock.now().toISOString() }, Registro);
  return {
    status: "ok",
    processados: 1,
    message: `Heartbeat registrado; a Julia está em ${r.status}`,
    status_operacional: r.status,
  };
});
