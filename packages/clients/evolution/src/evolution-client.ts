import { z } from "zod";
import { type CircuitBreaker, createHttpClient, httpStatusOf, type Timer, type UpstreamDispatcher } from "#core/http";
import type { Sleep } from "#core/retry";
import { type Clock, type Logger, PermanentError } from "#core/runtime";

export interface GrupoEvolution {
  jid: string;
  nome: string | null;
  descricao: string | null;
  participantes: number | null;
}

/** `open` = connected. `desconhecido`: the provider does not have the instance in memory, which is not "closed". */
export type EstadoConexao = "open" | "connecting" | "close" | "refused" | "desconhecido";

export interface EvolutionClient {
  /** Name and description of a group as an instance sees it; null when that instance does not know the group. */
  buscarGrupo(instancia: string, jid: string, options?: { signal?: AbortSignal }): Promise<GrupoEvolution | null>;
  /** Connection of an instance; null when it does not exist. */
  estadoConexao(
    instancia: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ instancia: string; estado: EstadoConexao } | null>;
}

export interface EvolutionClientOptions {
  /** `EVOLUTION_API_URL` */
  baseUrl: string;
  /** `EVOLUTION_API_KEY`, sent as header `apikey`. */
  apiKey: string;
  circuit?: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
  clock: Clock;
  log: Logger;
  sleep?: Sleep;
  timer?: Timer;
}

/** `groupMetadata` of the WhatsApp library, of which we read four fields. */
const grupo = z.object({
  id: z.string(),
  subject: z.string().nullish(),
  desc: z.string().nullish(),
  size: z.int().nullish(),
});

const conexao = z.object({
  instance: z.object({ instanceName: z.string(), state: z.string().nullish() }),
});

const ESTADOS: ReadonlySet<string> = new Set(["open", "connecting", "close", "refused"]);
const CALL_TIMEOUT_MS = 30_000;

/** Evolution API v2, only what the groups pipeline needs: reads, which are safe to repeat. */
export function createEvolutionClient(options: EvolutionClientOptions): EvolutionClient {
  const { apiKey, ...shared } = options;
  const http = createHttpClient({
    ...shared,
    name: "evolution",
    headers: { apikey: apiKey },
    timeoutMs: CALL_TIMEOUT_MS,
  });

  return {
    async buscarGrupo(instancia, jid, { signal } = {}) {
      const answer = await orNull([400, 404], () =>
        http.request({
          path: `/group/findGroupInfos/${encodeURIComponent(instancia)}`,
          query: { groupJid: jid },
          schema: grupo,
          ...(signal ? { signal } : {}),
        }),
      );
      if (!answer) return null;
      const { id, subject, desc, size } = answer.data;
      return { jid: id, nome: vazioNulo(subject), descricao: vazioNulo(desc), participantes: size ?? null };
    },
    async estadoConexao(instancia, { signal } = {}) {
      const answer = await orNull([404], () =>
        http.request({
          path: `/instance/connectionState/${encodeURIComponent(instancia)}`,
          schema: conexao,
          ...(signal ? { signal } : {}),
        }),
      );
      if (!answer) return null;
      const { instanceName, state } = answer.data.instance;
      const estado = state && ESTADOS.has(state) ? (state as EstadoConexao) : "desconhecido";
      return { instancia: instanceName, estado };
    },
  };
}

/** Releases differ in the status of an unknown group: 404 now, 400 in earlier ones. */
async function orNull<T>(statuses: readonly number[], call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (err) {
    if (err instanceof PermanentError && statuses.includes(httpStatusOf(err) ?? 0)) return null;
    throw err;
  }
}

function vazioNulo(texto: string | null | undefined): string | null {
  const limpo = texto?.trim();
  return limpo ? limpo : null;
}
