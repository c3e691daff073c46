export {
  createLlmClient,
  type LlmAnswer,
  type LlmClient,
  type LlmClientOptions,
  type LlmRequest,
  type LlmUsage,
} from "./llm-client.ts";
export { type ConfiguredLlm, type LlmConfig, llmConfigShape, llmFrom } from "./llm-config.ts";
export { LlmAnswerError } from "./llm-error.ts";
