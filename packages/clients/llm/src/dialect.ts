/**
 * What a given model behind a given base URL accepts. Learnt from its refusals (HTTP 400 or 422), once per client: strict
 * schemas, plain JSON mode or neither; the old or the new name of the token limit; a fixed temperature or none.
 */
export interface Dialect {
  format: "json_schema" | "json_object" | "none";
  tokens: "max_tokens" | "max_completion_tokens";
  temperature: boolean;
}

export const INITIAL_DIALECT: Dialect = { format: "json_schema", tokens: "max_tokens", temperature: true };

/** Most refusals one call adapts to: each dimension has that many steps in all. */
export const MAX_ADAPTATIONS = 4;

/**
 * The next dialect to try after a refusal, or null when nothing is left to give up. `param` is the field the provider
 * blames (`error.param`), when it says so; otherwise the response format is the likeliest culprit.
 */
export function adaptDialect(dialect: Dialect, param: string | null): Dialect | null {
  if (param === "temperature") return dialect.temperature ? { ...dialect, temperature: false } : null;
  if (param === "max_tokens" || param === "max_completion_tokens") {
    return dialect.tokens === "max_tokens" ? { ...dialect, tokens: "max_completion_tokens" } : null;
  }
  if (dialect.format === "json_schema") return { ...dialect, format: "json_object" };
  if (dialect.format === "json_object") return { ...dialect, format: "none" };
  return null;
}
