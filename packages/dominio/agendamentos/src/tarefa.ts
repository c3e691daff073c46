import { z } from "zod";
import { exponential } from "#core/retry";
import { defineTask, taskTemplate } from "#core/tasks";
import type { ConfigAgendamentos } from "./config.ts";

export const PARTES = ["endereco_normalizado", "documento_normalizado"] as const;

/** A fila em que as normalizações esperam. */
export const FILA = "default";

/**
 * `normalize_appointment(appointment_id)` (domain/filas-e-workers.md §3.4): três execuções, com esperas de 60 e 120 s; o tempo e a
 * guarda do resultado vêm da configuração, na linha de cada tarefa.
 */
export const normalizarAgendamento = defineTask({
  name: "normalize_appointment",
  queue: FILA,
  args: z.object({ appointment_id: z.uuid() }),
  result: z.object({
    success: z.literal(true),
    appointment_id: z.string(),
    fields_normalized: z.array(z.enum(PARTES)),
  }),
  maxTries: 3,
  retry: exponential(60_000, { maxMs: 600_000 }),
  dedupeKey: (args) => args.appointment_id,
  logPrefix: "normalization",
  storeLogs: false,
});

/** As colunas comuns das tarefas, para as funções SQL que as enfileiram na sua transação. */
export function modeloDeTarefa(config: ConfigAgendamentos) {
  return taskTemplate(normalizarAgendamento, {
    timeoutS: config.ARQ_JOB_TIMEOUT,
    keepResultS: config.ARQ_KEEP_RESULT,
    keepFailedS: config.ARQ_KEEP_RESULT,
  });
}
