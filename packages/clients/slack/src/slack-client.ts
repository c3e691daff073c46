import { type CircuitBreaker, createHttpClient, type Timer, type UpstreamDispatcher } from "#core/http";
import type { Sleep } from "#core/retry";
import { type Clock, type Logger, TransientError } from "#core/runtime";

/** What an incoming webhook accepts and we use. `attachments` and `blocks` are passed on as they are. */
export interface SlackMessage {
  text: string;
  attachments?: readonly object[];
  blocks?: readonly object[];
}

export type SlackDelivery = { enviado: true } | { enviado: false; motivo: string };

export interface SlackClient {
  /**
   * `{ enviado: false, motivo: "slack_nao_configurado" }` when there is no webhook. Throws TransientError or PermanentError
   * when Slack did not accept the message (only HTTP 200 with body `ok` counts), or the caller's reason when aborted.
   */
  enviar(message: SlackMessage, options?: { signal?: AbortSignal }): Promise<SlackDelivery>;
}

export interface SlackClientOptions {
  /** Incoming webhook; its path is the secret. Absent: nothing is sent, and each answer says so. */
  webhookUrl: string | undefined;
  circuit?: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
  clock: Clock;
  log: Logger;
  sleep?: Sleep;
  timer?: Timer;
}

/** Of one attempt (`domain/chips-alertas-relatorios.md` §7). */
const ATTEMPT_TIMEOUT_MS = 10_000;
const TOTAL_TIMEOUT_MS = 25_000;

export function createSlackClient(options: SlackClientOptions): SlackClient {
  const { webhookUrl, ...shared } = options;
  if (!webhookUrl) return { enviar: async () => ({ enviado: false, motivo: "slack_nao_configurado" }) };
  const url = new URL(webhookUrl);
  const http = createHttpClient({
    ...shared,
    name: "slack",
    baseUrl: url.origin,
    timeoutMs: TOTAL_TIMEOUT_MS,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    attempts: 2,
  });
  return {
    async enviar(message, { signal } = {}) {
      const { data } = await http.request({
        method: "POST",
        path: url.pathname,
        json: message,
        // A message that arrives twice harms less than one that never does.
        idempotent: true,
        ...(signal ? { signal } : {}),
      });
      if (data.trim() === "ok") return { enviado: true };
      throw new TransientError("resposta_externa_invalida", "Slack respondeu 200 sem `ok`", { details: { http: 200 } });
    },
  };
}
