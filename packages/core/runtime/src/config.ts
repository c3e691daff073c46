import { z } from "zod";

// What people read is Portuguese, zod's own messages too.
z.config(z.locales.pt());

/** What is wrong with the environment, all at once; `main.ts` prints `message` and exits 1. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Configuração inválida:\n${problems.map((p) => `  - ${p}`).join("\n")}`);
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/**
 * Reads one zod object from the environment. An empty string counts as unset (Railway cannot delete a variable, only
 * blank it). Every problem is reported, naming the variable; values are never echoed, since any of them may be a secret.
 * A field's `.describe(text)` is shown as the hint of what would be right.
 */
export function loadConfig<S extends z.ZodObject>(schema: S, env: Record<string, string | undefined>): z.output<S> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value.trim() !== "") given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.map(String).join(".") || "(ambiente)";
      const hint = (schema.shape[name] as z.ZodType | undefined)?.description;
      const what = given[name] === undefined && issue.code !== "custom" ? "não definida" : issue.message;
      return `${name}: ${what}${hint ? ` (${hint})` : ""}`;
    }),
  );
}
