import { z } from "zod";
import { llmConfigShape } from "#clients/llm";
import { circuitConfigShape } from "#core/http";
import { LOG_LEVELS, type LogLevel, versionConfigShape } from "#core/runtime";
import { configGrupos } from "#dominio/grupos";

const DESTE_COMPUTADOR = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?)$/;
const inteiro = (min: number, max: number, padrao: number, texto: string) =>
  z.coerce.number().int().min(min).max(max).default(padrao).describe(`${texto}, de ${min} a ${max}`);

/** O ambiente do worker, lido uma vez em `main.ts`. */
export const WorkerConfig = z
  .object({
    APP_ENV: z
      .enum(["production", "staging", "dev", "test"])
      .default("dev")
      .describe("production, staging, dev ou test"),
    SUPABASE_URL: z.url({ protocol: /^https?$/ }).describe("endereço do projeto, como https://abc.supabase.co"),
    SUPABASE_SERVICE_KEY: z.string().min(20).describe("chave secreta (service role) do projeto"),
    SUPABASE_PROJECT_REF: z.string().optional().describe("referência do projeto; obrigatória em produção"),
    LOG_LEVEL: z
      .string()
      .toLowerCase()
      .pipe(z.enum(LOG_LEVELS))
      .default("info" satisfies LogLevel)
      .describe(LOG_LEVELS.join(", ")),
    GRUPOS_BATCH_SIZE: inteiro(1, 1000, 200, "itens por estágio e ciclo"),
    GRUPOS_MAX_WORKERS: inteiro(1, 50, 20, "itens simultâneos"),
    WORKER_OCIOSO_MIN_MS: inteiro(10, 60_000, 250, "ms até olhar a fila de novo quando ela está vazia"),
    WORKER_OCIOSO_MAX_MS: inteiro(10, 60_000, 5000, "ms, o mais longo dessas esperas"),
    WORKER_SHUTDOWN_GRACE_MS: inteiro(100, 120_000, 25_000, "ms para terminar"),
    ...versionConfigShape,
    ...llmConfigShape,
    ...circuitConfigShape,
    ...configGrupos,
  })
  // `when`: também com outros problemas, para que todos sejam ditos de uma vez.
  .superRefine(conferirConjunto, { when: () => true });
export type WorkerConfig = z.output<typeof WorkerConfig>;

interface Conjunto {
  APP_ENV?: unknown;
  GRUPOS_PROVEDOR?: unknown;
  OPENAI_API_KEY?: unknown;
  SUPABASE_URL?: unknown;
  SUPABASE_PROJECT_REF?: unknown;
}

/** O que uma variável exige de outra. */
function conferirConjunto(c: Conjunto, ctx: z.RefinementCtx): void {
  const falta = (campo: keyof Conjunto, message: string) => ctx.addIssue({ code: "custom", path: [campo], message });
  if (c.GRUPOS_PROVEDOR === "llm" && !c.OPENAI_API_KEY) falta("OPENAI_API_KEY", "obrigatória com GRUPOS_PROVEDOR=llm");
  if (c.APP_ENV !== "production") return;
  if (!c.SUPABASE_PROJECT_REF) falta("SUPABASE_PROJECT_REF", "obrigatória em produção");
  const url = c.SUPABASE_URL;
  if (typeof url === "string" && URL.canParse(url) && DESTE_COMPUTADOR.test(new URL(url).hostname)) {
    falta("SUPABASE_URL", "não pode ser deste computador em produção");
  }
}
