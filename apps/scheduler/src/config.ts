import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parseTestClock } from "#core/executions";
import { appConfigShape, checkProduction, httpUrl } from "#core/runtime";

/**
 * O banco dá por morta uma execução aberta há 600 s (`encerrar_execucoes_mortas`): cabem 240 s de esperas por uma API que recusa
 * conexões, o que essas tentativas levam, e uma chamada deste tamanho.
 */
const MAIOR_TIMEOUT_MS = 300_000;

/** O ambiente do scheduler (domain/scheduler-and-health.md §6.2), lido uma vez em `main.ts`. */
export const SchedulerConfig = z
  .object({
    ...appConfigShape,
    JULIA_API_URL: httpUrl.describe("endereço da API que o scheduler chama"),
    JOBS_API_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; o mesmo da API"),
    JOB_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .max(
        MAIOR_TIMEOUT_MS,
        `no máximo ${MAIOR_TIMEOUT_MS}: a API responde em até 290 s, e execução de mais de 600 s morreu`,
      )
      .optional()
      .describe("tempo total de uma chamada, em ms; sem ele, o de cada job no catálogo (300000)"),
    JOB_EXECUTIONS_RETENTION_DAYS: z.coerce.number().int().min(14).max(3650).default(90).describe("dias, de 14 a 3650"),
    SCHEDULER_SHUTDOWN_GRACE_MS: z.coerce
      .number()
      .int()
      .min(0)
      .max(600_000)
      .default(25_000)
      .describe("ms para terminar"),
    SCHEDULER_LIVENESS_FILE: z
      .string()
      .default(join(tmpdir(), "julia-scheduler.alive"))
      .describe("marca de vida lida pelo HEALTHCHECK"),
    SCHEDULER_TEST_CLOCK: z
      .string()
      .transform((texto, ctx) => {
        const relogio = parseTestClock(texto);
        if (relogio) return relogio;
        ctx.addIssue({ code: "custom", message: "não é <instante real>=<instante do teste>*<escala>" });
        return z.NEVER;
      })
      .optional()
      .describe("só em dev e test: um relógio próprio, como 2026-11-25T09:00:00Z=2026-03-02T12:59:50Z*20"),
    SCHEDULER_TEST_ENTRIES: z.string().optional().describe("só em dev e test: uma agenda JSON no lugar do catálogo"),
  })
  // `when`: também com outros problemas, para que todos sejam ditos de uma vez.
  .superRefine(
    (c, ctx) => {
      checkProduction(c, ["SUPABASE_URL", "JULIA_API_URL"], ctx);
      const deVerdade = c.APP_ENV === "production" || c.APP_ENV === "staging";
      for (const campo of ["SCHEDULER_TEST_CLOCK", "SCHEDULER_TEST_ENTRIES"] as const) {
        if (deVerdade && c[campo] !== undefined)
          ctx.addIssue({ code: "custom", path: [campo], message: "é só para testes" });
      }
    },
    { when: () => true },
  );
export type SchedulerConfig = z.output<typeof SchedulerConfig>;
