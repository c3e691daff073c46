import { z } from "zod";
import { createLlmClient, type LlmClient, type LlmClientOptions } from "./llm-client.ts";

/** Spread into an app's config schema: which model is asked, where, and what it costs. */
export const llmConfigShape = {
  OPENAI_API_KEY: z.string().optional().describe("chave do provedor de LLM; sem ela tudo é respondido pelo embutido"),
  OPENAI_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .default("https://api.openai.com/v1")
    .describe("endereço compatível com a API da OpenAI, por exemplo https://openrouter.ai/api/v1"),
  LLM_MODEL: z.string().default("gpt-4o-mini").describe("nome do modelo no provedor"),
  LLM_REQUISICOES_POR_MINUTO: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(60)
    .describe("pedidos ao LLM por minuto, por processo"),
  LLM_PRECO_ENTRADA_USD: z.coerce.number().min(0).default(0.25).describe("US$ por milhão de tokens de entrada"),
  LLM_PRECO_SAIDA_USD: z.coerce.number().min(0).default(1.25).describe("US$ por milhão de tokens de saída"),
} as const;
export type LlmConfig = z.output<z.ZodObject<typeof llmConfigShape>>;

/** The model an app's environment names, and the way to it. */
export interface ConfiguredLlm {
  client: LlmClient;
  config: LlmConfig;
}

/** Null without a key: nobody is asked. */
export function llmFrom(
  config: LlmConfig,
  deps: Pick<LlmClientOptions, "circuit" | "clock" | "log">,
): ConfiguredLlm | null {
  if (!config.OPENAI_API_KEY) return null;
  const client = createLlmClient({
    ...deps,
    apiKey: config.OPENAI_API_KEY,
    baseUrl: config.OPENAI_BASE_URL,
    requestsPerMinute: config.LLM_REQUISICOES_POR_MINUTO,
  });
  return { client, config };
}
