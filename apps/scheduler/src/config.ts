import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { LOG_LEVELS, type LogLevel } from "#core/runtime";

const url = z.url({ protocol: /^https?$/ });
const DESTE_COMPUTADOR = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?)$/;

/** O ambiente do scheduler (domain/scheduler-and-health.md §6.2), lido uma vez em `main.ts`. */
export const SchedulerConfig = z
  .object({
    APP_ENV: z
      .enum(["production", "staging", "dev", "test"])
      .default("dev")
      .describe("production, staging, dev ou test"),
    SUPABASE_URL: url.describe("endereço do projeto, como https://abc.supabase.co"),
    SUPABASE_SERVICE_KEY: z.string().min(20).describe("chave secreta (service role) do projeto"),
    SUPABASE_PROJECT_REF: z.string().optional().describe("referência do projeto; obrigatória em produção"),
    JULIA_API_URL: url.describe("endereço da API que o scheduler chama"),
    JOBS_API_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; o mesmo da API"),
    JOB_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .min(100)
      .max(1_800_000)
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
    LOG_LEVEL: z
      .string()
      .toLowerCase()
      .pipe(z.enum(LOG_LEVELS))
      .default("info" satisfies LogLevel)
      .describe(LOG_LEVELS.join(", ")),
  })
  .superRefine((c, ctx) => {
    if (c.APP_ENV !== "production") return;
    const falta = (campo: string, message: string) => ctx.addIssue({ code: "custom", path: [campo], message });
    if (!c.SUPABASE_PROJECT_REF) falta("SUPABASE_PROJECT_REF", "obrigatória em produção");
    for (const campo of ["SUPABASE_URL", "JULIA_API_URL"] as const) {
      if (DESTE_COMPUTADOR.test(new URL(c[campo]).hostname)) falta(campo, "não pode ser deste computador em produção");
    }
  });
export type SchedulerConfig = z.output<typeof SchedulerConfig>;
