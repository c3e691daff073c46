import { z } from "zod";

/** Spread into the config schema of every app that runs tasks. */
export const taskConfigShape = {
  TASKS_LEASE_S: z.coerce
    .number()
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe("duração da reserva de uma tarefa, renovada a cada terço; inteiro de 1 a 300"),
} as const;
