import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { instant } from "#core/executions";
import { pauseShape } from "./pauses.ts";

export const runShape = z
  .object({
    id: z.string(),
    job_name: z.string(),
    scheduled_for: instant.nullable(),
    started_at: instant,
    finished_at: instant.nullable(),
    status: z.enum(["running", "success", "error", "timeout"]),
    duration_ms: z.int().nullable(),
    response_code: z.int().nullable(),
    error: z.string().nullable(),
    items_processed: z.int().nullable(),
    trigger: z.enum(["schedule", "catchup", "manual"]),
  })
  .transform((r) => ({
    id: r.id,
    job: r.job_name,
    slot: r.scheduled_for,
    startedAt: r.started_at,
    finishedAt: r.finished_at,
    status: r.status,
    durationMs: r.duration_ms,
    responseCode: r.response_code,
    error: r.error,
    items: r.items_processed,
    trigger: r.trigger,
  }));
/** One attempt, as `job_executions` has it. */
export type Run = z.output<typeof runShape>;

const facts = z
  .object({
    registered_at: instant.nullable(),
    execucao: runShape.nullable(),
    resposta: z.looseObject({ motivo: z.string(), message: z.string().optional() }).nullable(),
    pulado: z.object({ motivo: z.string(), detalhe: z.string().nullable(), registrado_em: instant }).nullable(),
    pausa: pauseShape.nullable(),
    bloqueio: runShape.nullable(),
    ultima: runShape.nullable(),
    instancia_viva: z.boolean(),
    agendador_vivo: z.boolean(),
    sinal_antes: instant.nullable(),
    sinal_depois: instant.nullable(),
    linha_antes: instant.nullable(),
    linha_depois: instant.nullable(),
  })
  .transform((f) => ({
    registeredAt: f.registered_at,
    run: f.execucao,
    /** What the job answered when it deliberately did nothing; kept for 24 h. */
    noop: f.resposta,
    skip: f.pulado,
    /** In force at the slot. */
    pause: f.pausa,
    /** A run of another slot (or by hand) that was going on at the slot. */
    blocker: f.bloqueio,
    last: f.ultima,
    /** By its heartbeats, kept for 7 days, some scheduler lived at the slot. */
    schedulerAtSlot: f.instancia_viva,
    schedulerNow: f.agendador_vivo,
    /** Any sign of a scheduler, heartbeat or start of a scheduled run, before and after the slot. */
    signs: { before: f.sinal_antes, after: f.sinal_depois },
    /** Starts of scheduled runs alone: a scheduler that stands still leaves none. */
    starts: { before: f.linha_antes, after: f.linha_depois },
  }));
/** Everything the ledger knows that explains what became of one slot. */
export type SlotFacts = z.output<typeof facts>;

/** @param slot also the Idempotency-Key of the slot's call, `<job>:<slot>`. */
export function slotFacts(db: Db, job: string, slot: Date, agora: Date): Promise<SlotFacts> {
  const at = slot.toISOString();
  return rpc(
    db,
    "fatos_do_slot",
    { p_job: job, p_slot: at, p_chave: `${job}:${at}`, p_agora: agora.toISOString() },
    facts,
  );
}
