import { z } from "zod";
import { type Db, rpc } from "#core/db";
import type { Clock } from "#core/runtime";
import { instant } from "./instant.ts";

/** What the API asks before it runs a job. */
export interface JobStart {
  job: string;
  /** Fresh for every start: the fence of the lock and of the manual row. */
  token: string;
  /** `X-Job-Execution-Id` of the scheduler's call; null for a call by hand. */
  executionId: string | null;
  /** Id of the row to open when the call turns out to be manual. */
  newExecutionId: string;
  idempotencyKey: string | null;
  /** What a run by hand leaves in `auditoria_operacional`. */
  journal?: ManualRun;
}

/** Who runs a job by hand, and why. What people say of themselves: recorded, never trusted. */
export interface ManualRun {
  /** The name it was asked for by; null: the job's own. */
  target: string | null;
  author: string | null;
  reason: string | null;
  params: Record<string, unknown>;
}

export type JobStartAnswer =
  | { resultado: "iniciado"; execution_id: string; manual: boolean }
  | { resultado: "em_execucao"; desde: Date | null }
  | { resultado: "repetida"; http_status: number; resposta: Record<string, unknown> }
  | { resultado: "interrompida" };

export interface JobEnd {
  job: string;
  token: string;
  executionId: string;
  idempotencyKey: string | null;
  status: "success" | "error";
  httpStatus: number;
  /** Null: the job never ran, so its key is free again. */
  body: Record<string, unknown> | null;
  error: string | null;
  itemsProcessed: number | null;
  durationMs: number;
}

/** One run per job and per key, over all API processes; see `supabase/migrations/*_travas_de_jobs.sql`. */
export interface JobLocks {
  start(start: JobStart): Promise<JobStartAnswer>;
  /** Frees the lock, closes the manual row, stores the answer of the key. False when the lock had been lost. */
  end(end: JobEnd): Promise<boolean>;
  /** How far the run has come; false when it no longer holds the lock. */
  progress(token: string, progress: { done: number; total: number | null; text: string | null }): Promise<boolean>;
  /** Tokens still held, after renewing them all in one call, which is given up after `timeoutMs`. */
  renew(tokens: readonly string[], options?: { timeoutMs: number }): Promise<Set<string>>;
}

const startAnswer = z.discriminatedUnion("resultado", [
  z.object({ resultado: z.literal("iniciado"), execution_id: z.string(), manual: z.boolean() }),
  z.object({ resultado: z.literal("em_execucao"), desde: instant.nullable().default(null) }),
  z.object({ resultado: z.literal("repetida"), http_status: z.int(), resposta: z.record(z.string(), z.unknown()) }),
  z.object({ resultado: z.literal("interrompida") }),
]);

/**
 * @param options.clock when given, SQL compares with its instants instead of the database's clock: tests and simulations.
 */
export function createJobLocks(options: { db: Db; instanceId: string; leaseMs: number; clock?: Clock }): JobLocks {
  const { db, instanceId, leaseMs, clock } = options;
  const agora = () => (clock ? { p_agora: clock.now().toISOString() } : {});
  return {
    start: (s) =>
      rpc(
        db,
        "iniciar_job_com_diario",
        {
          p_job: s.job,
          p_instancia: instanceId,
          p_token: s.token,
          p_execucao: s.executionId,
          p_nova: s.newExecutionId,
          p_chave: s.idempotencyKey,
          p_alvo: s.journal?.target ?? null,
          p_autor: s.journal?.author ?? null,
          p_motivo: s.journal?.reason ?? null,
          p_parametros: s.journal?.params ?? null,
          p_lease_ms: leaseMs,
          ...agora(),
        },
        startAnswer,
      ),
    end: (e) =>
      rpc(
        db,
        "encerrar_job",
        {
          p_job: e.job,
          p_token: e.token,
          p_execucao: e.executionId,
          p_chave: e.idempotencyKey,
          p_status: e.status,
          p_http_status: e.httpStatus,
          p_resposta: e.body,
          p_erro: e.error,
          p_itens: e.itemsProcessed,
          p_duracao_ms: Math.max(0, Math.round(e.durationMs)),
          ...agora(),
        },
        z.boolean(),
      ),
    progress: (token, p) =>
      rpc(
        db,
        "registrar_progresso",
        { p_token: token, p_feitos: p.done, p_total: p.total, p_texto: p.text, ...agora() },
        z.boolean(),
      ),
    async renew(tokens, options) {
      const held = await rpc(
        db,
        "renovar_travas_jobs",
        { p_tokens: tokens, p_lease_ms: leaseMs, ...agora() },
        z.array(z.string()),
        options,
      );
      return new Set(held);
    },
  };
}
