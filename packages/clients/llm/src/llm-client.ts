import OpenAI from "openai";
import type { ChatCompletion, ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { z } from "zod";
import { type CircuitBreaker, createFetch, createRateLimit, type Timer, type UpstreamDispatcher } from "#core/http";
import { exponential, retry, type Sleep } from "#core/retry";
import { type Clock, type Logger, TransientError } from "#core/runtime";
import { adaptDialect, type Dialect, INITIAL_DIALECT, MAX_ADAPTATIONS } from "./dialect.ts";
import { strictJsonSchema } from "./json-schema.ts";
import { LlmAnswerError, refusedStatus, translateLlmError } from "./llm-error.ts";

export interface LlmClientOptions {
  apiKey: string;
  /** `https://api.openai.com/v1` when absent; OpenRouter and the like by their own. */
  baseUrl?: string;
  circuit?: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
  /** Requests started in any minute, default 60 (`domain/grupos-pipeline.md` §6.4). */
  requestsPerMinute?: number;
  clock: Clock;
  log: Logger;
  sleep?: Sleep;
  random?: () => number;
  timer?: Timer;
}

export interface LlmRequest<S extends z.ZodType> {
  model: string;
  system: string;
  user: string;
  schema: S;
  /** Name of the answer's schema: letters, digits, `_`, `-`; ≤ 64. */
  schemaName: string;
  maxTokens: number;
  temperature?: number;
  /** Of one attempt, default 30 000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface LlmUsage {
  input: number;
  output: number;
}

export interface LlmAnswer<T> {
  data: T;
  usage: LlmUsage;
  /** The model that answered, as the provider names it. */
  model: string;
  /** With retries and waits, ms. */
  durationMs: number;
}

export interface LlmClient {
  /**
   * One question, one JSON answer checked by `schema`. Every failure of the provider is a TransientError, since the question is never
   * to blame: `circuito_aberto`, `muitas_requisicoes`, `servico_externo` (network, timeout, HTTP status; `retryAfterMs` when the
   * provider said so) or `resposta_externa_invalida` (truncated, refused, not JSON, wrong shape; `details.uso` says what it
   * cost). The caller's own reason when its signal was aborted.
   */
  completeJson<S extends z.ZodType>(request: LlmRequest<S>): Promise<LlmAnswer<z.output<S>>>;
}

/** §6.4: two tries, 1–10 s between them; a longer wait is the queue's, not ours. */
const ATTEMPTS = 2;
const BACKOFF = exponential(1000, { maxMs: 10_000 });
const MAX_WAIT_MS = 10_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
/** A turn of the rate limit further away than this is refused: the item has 120 s in all. */
const MAX_TURN_WAIT_MS = 30_000;

export function createLlmClient(options: LlmClientOptions): LlmClient {
  const { clock, log, circuit } = options;
  const turns = createRateLimit({
    name: "llm",
    limit: options.requestsPerMinute ?? 60,
    windowMs: 60_000,
    maxWaitMs: MAX_TURN_WAIT_MS,
    clock,
    ...(options.sleep ? { sleep: options.sleep } : {}),
  });
  const dialects = new Map<string, Dialect>();

  /** One attempt, adapting to what the model refuses. */
  async function attempt<S extends z.ZodType>(
    request: LlmRequest<S>,
  ): Promise<{ completion: ChatCompletion; data: z.output<S> }> {
    let dialect = dialects.get(request.model) ?? INITIAL_DIALECT;
    for (let adaptations = 0; ; adaptations++) {
      circuit?.check();
      await turns.take(request.signal);
      try {
        const completion = await send(options, request, dialect);
        // Only what worked is remembered: a 400 may have had quite another reason.
        dialects.set(request.model, dialect);
        return { completion, data: readAnswer(completion, request.schema) };
      } catch (err) {
        const refused = refusedStatus(err);
        if (refused === null || adaptations >= MAX_ADAPTATIONS) throw err;
        const next = adaptDialect(dialect, refused.param);
        if (!next) throw err;
        dialect = next;
        log.info({ upstream: "llm", modelo: request.model, dialeto: dialect }, "modelo recusou o pedido; nova forma");
      }
    }
  }

  return {
    async completeJson(request) {
      const startedAt = clock.monotonicMs();
      try {
        const { completion, data } = await retry(() => attempt(request), {
          policy: BACKOFF,
          attempts: ATTEMPTS,
          longestWaitMs: () => MAX_WAIT_MS,
          retryable: worthRepeating(clock),
          ...(request.signal ? { signal: request.signal } : {}),
          ...(options.sleep ? { sleep: options.sleep } : {}),
          ...(options.random ? { random: options.random } : {}),
        });
        const durationMs = Math.round(clock.monotonicMs() - startedAt);
        return { data, usage: usageOf(completion), model: completion.model || request.model, durationMs };
      } catch (err) {
        if (request.signal?.aborted) throw request.signal.reason;
        throw translateLlmError(err, clock);
      }
    },
  };
}

/** 429, 5xx and network faults; an unusable answer at temperature 0 would only come again, so the queue decides then. */
function worthRepeating(clock: Clock): (err: unknown) => boolean | number {
  return (raw) => {
    const err = translateLlmError(raw, clock);
    if (!(err instanceof TransientError) || err.code !== "servico_externo") return false;
    const status = err.details?.http;
    if (typeof status === "number" && status < 500 && status !== 429 && status !== 408) return false;
    return err.retryAfterMs ?? true;
  };
}

async function send<S extends z.ZodType>(
  options: LlmClientOptions,
  request: LlmRequest<S>,
  dialect: Dialect,
): Promise<ChatCompletion> {
  const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const { circuit, dispatcher, timer } = options;
  const client = new OpenAI({
    apiKey: options.apiKey,
    baseURL: options.baseUrl ?? "https://api.openai.com/v1",
    // Said explicitly, else the library reads them from the environment.
    organization: null,
    project: null,
    // Retries and deadlines are ours; the library's own clock only has to be slower.
    maxRetries: 0,
    timeout: timeoutMs + 60_000,
    logLevel: "off",
    fetch: createFetch({
      name: "llm",
      timeoutMs,
      maxBodyBytes: MAX_BODY_BYTES,
      ...(circuit ? { circuit } : {}),
      ...(dispatcher ? { dispatcher } : {}),
      ...(timer ? { timer } : {}),
    }),
  });
  const completion: unknown = await client.chat.completions.create(
    bodyOf(request, dialect),
    request.signal ? { signal: request.signal } : {},
  );
  return completion as ChatCompletion;
}

function bodyOf<S extends z.ZodType>(request: LlmRequest<S>, dialect: Dialect): ChatCompletionCreateParamsNonStreaming {
  return {
    model: request.model,
    messages: [
      { role: "system", content: request.system },
      { role: "user", content: request.user },
    ],
    [dialect.tokens]: request.maxTokens,
    ...(dialect.temperature ? { temperature: request.temperature ?? 0 } : {}),
    ...(dialect.format === "json_schema"
      ? {
          response_format: {
            type: "json_schema",
            json_schema: { name: request.schemaName, strict: true, schema: strictJsonSchema(request.schema) },
          },
        }
      : {}),
    ...(dialect.format === "json_object" ? { response_format: { type: "json_object" } } : {}),
  };
}

function readAnswer<S extends z.ZodType>(completion: ChatCompletion, schema: S): z.output<S> {
  const uso = usageOf(completion);
  const choice = Array.isArray(completion?.choices) ? completion.choices[0] : undefined;
  // Some gateways answer 200 with `{"error": …}`, or with nothing that is a completion at all.
  if (!choice?.message) throw new LlmAnswerError("sem resposta na mensagem do provedor", uso);
  if (choice.finish_reason === "length") throw new LlmAnswerError("resposta cortada no limite de tokens", uso);
  if (choice.finish_reason === "content_filter") throw new LlmAnswerError("resposta barrada pelo filtro", uso);
  if (choice.message.refusal) throw new LlmAnswerError("o modelo se recusou a responder", uso);
  let json: unknown;
  try {
    json = JSON.parse(withoutFence(choice.message.content ?? ""));
  } catch (cause) {
    throw new LlmAnswerError("não é JSON", uso, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Paths only: values come from a message.
  const fields = [...new Set(parsed.error.issues.slice(0, 5).map((i) => i.path.join(".") || "(raiz)"))];
  throw new LlmAnswerError(`formato inesperado em ${fields.join(", ")}`, uso);
}

/** Models without a JSON mode like to wrap their answer in a code block. */
function withoutFence(text: string): string {
  return /^\s*```(?:json)?\s*\n([\s\S]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}

function usageOf(completion: ChatCompletion): LlmUsage {
  const { prompt_tokens, completion_tokens } = completion?.usage ?? {};
  return { input: prompt_tokens ?? 0, output: completion_tokens ?? 0 };
}
