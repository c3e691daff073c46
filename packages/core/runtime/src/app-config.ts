import { z } from "zod";
import { LOG_LEVELS, type LogLevel } from "./logger.ts";
import { versionConfigShape } from "./version.ts";

export const httpUrl = z.url({ protocol: /^https?$/ });

/** Spread into the config schema of every app (`domain/scheduler-and-health.md` §6.2). */
export const appConfigShape = {
  APP_ENV: z.enum(["production", "staging", "dev", "test"]).default("dev").describe("production, staging, dev ou test"),
  SUPABASE_URL: httpUrl.describe("endereço do projeto, como https://abc.supabase.co"),
  SUPABASE_SERVICE_KEY: z.string().min(20).describe("chave secreta (service role) do projeto"),
  SUPABASE_PROJECT_REF: z.string().optional().describe("referência do projeto; obrigatória em produção"),
  LOG_LEVEL: z
    .string()
    .toLowerCase()
    .pipe(z.enum(LOG_LEVELS))
    .default("info" satisfies LogLevel)
    .describe(LOG_LEVELS.join(", ")),
  ...versionConfigShape,
} as const;

const THIS_MACHINE = /^(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[?::1\]?)$/;

/**
 * What production asks of every app: the project's reference, and no address of this machine among `urls`. Runs before the
 * fields are known to be good (a refinement with `when: () => true`), hence the unknown values.
 */
export function checkProduction(config: Record<string, unknown>, urls: readonly string[], ctx: z.RefinementCtx): void {
  if (config.APP_ENV !== "production") return;
  const issue = (field: string, message: string) => ctx.addIssue({ code: "custom", path: [field], message });
  if (!config.SUPABASE_PROJECT_REF) issue("SUPABASE_PROJECT_REF", "obrigatória em produção");
  for (const field of urls) {
    const value = config[field];
    if (isThisMachine(value)) issue(field, "não pode ser deste computador em produção");
  }
}

/** Whether a value is a URL of the machine it is read on. */
export function isThisMachine(value: unknown): boolean {
  return typeof value === "string" && URL.canParse(value) && THIS_MACHINE.test(new URL(value).hostname);
}
