import { z } from "zod";
import { llmConfigShape } from "#clients/llm";
import { circuitConfigShape } from "#core/http";
import { LOG_LEVELS, type LogLevel, versionConfigShape } from "#core/runtime";
import { configGrupos } from "#dominio/grupos";

const url = z.url({ protocol: /^https?$/ });
const DESTE_COMPUTADOR = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?)$/;

/** O ambiente da API (domain/scheduler-and-health.md §6.2), lido uma vez em `main.ts`. */
export const ApiConfig = z
  .object({
    APP_ENV: z
      .enum(["production", "staging", "dev", "test"])
      .default("dev")
      .describe("production, staging, dev ou test"),
    SUPABASE_URL: url.describe("endereço do projeto, como https://abc.supabase.co"),
    SUPABASE_SERVICE_KEY: z.string().min(20).describe("chave secreta (service role) do projeto"),
    SUPABASE_PROJECT_REF: z.string().optional().describe("referência do projeto; obrigatória em produção"),
    PORT: z.coerce.number().int().min(0).max(65_535).default(8000).describe("porta, de 0 a 65535"),
    JOBS_API_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; guarda jobs e ferramentas"),
    WEBHOOK_TOKEN: z.string().min(16).optional().describe("ao menos 16 caracteres; guarda os webhooks"),
    JOBS_API_AUTH: z.enum(["on", "off"]).default("on").describe("on, ou off para produção sem token (fica registrado)"),
    PILOT_MODE: z.stringbool().default(true).describe("true ou false; ligado, nada autônomo é feito"),
    LOG_LEVEL: z
      .string()
      .toLowerCase()
      .pipe(z.enum(LOG_LEVELS))
      .default("info" satisfies LogLevel)
      .describe(LOG_LEVELS.join(", ")),
    API_SHUTDOWN_GRACE_MS: z.coerce.number().int().min(100).max(120_000).default(25_000).describe("ms para terminar"),
    JOB_LOCK_LEASE_MS: z.coerce
      .number()
      .int()
      .min(300)
      .max(300_000)
      .default(30_000)
      .describe("duração da trava de um job, renovada a cada terço, em ms"),
    EVOLUTION_API_URL: url.optional().describe("endereço da Evolution API"),
    EVOLUTION_API_KEY: z.string().optional().describe("chave da Evolution API"),
    EVOLUTION_INSTANCE: z.string().optional().describe("instância usada quando a mensagem não diz a sua"),
    SLACK_WEBHOOK_URL: url.optional().describe("webhook de entrada do Slack; sem ele os alertas só são respondidos"),
    ...versionConfigShape,
    ...llmConfigShape,
    ...circuitConfigShape,
    ...configGrupos,
  })
  // `when`: também com outros problemas, para que todos sejam ditos de uma vez. Um campo pode então ser o que veio.
  .superRefine(conferirConjunto, { when: () => true });
export type ApiConfig = z.output<typeof ApiConfig>;

/** Sem token não há conferência, e então a API só escuta este computador (`decisions.md` §4). */
export function enderecoDeEscuta(config: ApiConfig): string {
  const guardada = config.JOBS_API_TOKEN !== undefined && config.WEBHOOK_TOKEN !== undefined;
  return guardada || config.JOBS_API_AUTH === "off" ? "0.0.0.0" : "127.0.0.1";
}

interface Conjunto {
  APP_ENV?: unknown;
  JOBS_API_AUTH?: unknown;
  GRUPOS_PROVEDOR?: unknown;
  OPENAI_API_KEY?: unknown;
  EVOLUTION_API_URL?: unknown;
  EVOLUTION_API_KEY?: unknown;
  SUPABASE_URL?: unknown;
  SUPABASE_PROJECT_REF?: unknown;
  JOBS_API_TOKEN?: unknown;
  WEBHOOK_TOKEN?: unknown;
}

/** O que uma variável exige de outra. */
function conferirConjunto(c: Conjunto, ctx: z.RefinementCtx): void {
  const falta = (campo: keyof Conjunto, message: string) => ctx.addIssue({ code: "custom", path: [campo], message });
  if (c.GRUPOS_PROVEDOR === "llm" && !c.OPENAI_API_KEY) falta("OPENAI_API_KEY", "obrigatória com GRUPOS_PROVEDOR=llm");
  if (c.EVOLUTION_API_URL && !c.EVOLUTION_API_KEY) falta("EVOLUTION_API_KEY", "obrigatória com EVOLUTION_API_URL");
  if (c.APP_ENV !== "production") return;
  if (!c.SUPABASE_PROJECT_REF) falta("SUPABASE_PROJECT_REF", "obrigatória em produção");
  if (c.JOBS_API_AUTH !== "off") {
    if (!c.JOBS_API_TOKEN) falta("JOBS_API_TOKEN", "obrigatório em produção, ou JOBS_API_AUTH=off");
    if (!c.WEBHOOK_TOKEN) falta("WEBHOOK_TOKEN", "obrigatório em produção, ou JOBS_API_AUTH=off");
  }
  for (const campo of ["SUPABASE_URL", "EVOLUTION_API_URL"] as const) {
    const valor = c[campo];
    if (typeof valor !== "string" || !URL.canParse(valor)) continue;
    if (DESTE_COMPUTADOR.test(new URL(valor).hostname)) falta(campo, "não pode ser deste computador em produção");
  }
}
