export {
  createLlmClient,
  type LlmAnswer,
  type LlmClient,
  type LlmClientOptions,
  type LlmRequest,
  type LlmUsage,
} from "./llm-client.ts";
export { llmConfigShape } from "./llm-config.ts";
export { LlmAnswerError } from "./llm-error.ts";
