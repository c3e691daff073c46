import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { instant } from "#core/executions";
import { type Pause, pauseShape } from "./pauses.ts";
import { type Run, runShape } from "./slot-facts.ts";

/** How far a run in progress has come, by its own account. */
export interface Progress {
  done: number;
  /** Null: the job does not know. */
  total: number | null;
  text: string | null;
  at: Date;
}

export interface JobStatus {
  job: string;
  /** Since when its slots are expected; null: no scheduler knows it. */
  registeredAt: Date | null;
  last: Run | null;
  running: (Run & { progress: Progress | null }) | null;
  pause: Pause | null;
}

const progressShape = z
  .object({ feitos: z.int(), total: z.int().nullable(), texto: z.string().nullable(), em: instant })
  .transform((p): Progress => ({ done: p.feitos, total: p.total, text: p.texto, at: p.em }));

const status = z
  .object({
    job_name: z.string(),
    registered_at: instant.nullable(),
    ultima: runShape.nullable(),
    em_andamento: runShape.nullable(),
    progresso: progressShape.nullable(),
    pausa: pauseShape.nullable(),
  })
  .transform(
    (s): JobStatus => ({
      job: s.job_name,
      registeredAt: s.registered_at,
      last: s.ultima,
      running: s.em_andamento && { ...s.em_andamento, progress: s.progresso },
      pause: s.pausa,
    }),
  );

/** How each of the jobs stands, in the order asked; one round trip whose cost does not grow with history. */
export function jobStatuses(db: Db, jobs: readonly string[], agora: Date): Promise<JobStatus[]> {
  return rpc(db, "situacao_dos_jobs", { p_jobs: [...jobs], p_agora: agora.toISOString() }, z.array(status));
}

const historyLine = z
  .object({
    id: z.string().nullable(),
    scheduled_for: instant.nullable(),
    started_at: instant.nullable(),
    status: z.enum(["running", "success", "error", "timeout", "pulado"]),
    duration_ms: z.int().nullable(),
    response_code: z.int().nullable(),
    error: z.string().nullable(),
    items_processed: z.int().nullable(),
    trigger: z.string().nullable(),
    motivo: z.string().nullable(),
    detalhe: z.string().nullable(),
  })
  .transform((h) => ({
    executionId: h.id,
    slot: h.scheduled_for,
    startedAt: h.started_at,
    status: h.status,
    durationMs: h.duration_ms,
    responseCode: h.response_code,
    error: h.error,
    items: h.items_processed,
    trigger: h.trigger,
    motivo: h.motivo,
    detalhe: h.detalhe,
  }));
/** A run of a job, or a slot of it that was not run (`status` `pulado`, with its `motivo`). */
export type HistoryLine = z.output<typeof historyLine>;

/** What happened to a job before `before`, newest first, at most 200. */
export function jobHistory(
  db: Db,
  job: string,
  options: { before?: Date | undefined; limit: number },
): Promise<HistoryLine[]> {
  const before = options.before === undefined ? {} : { p_antes: options.before.toISOString() };
  return rpc(db, "historico_do_job", { p_job: job, p_limite: options.limit, ...before }, z.array(historyLine));
}

const duration = z.object({ job_name: z.string(), execucoes: z.int(), p50: z.number(), p95: z.number() });

/** Durations of each job's last runs since `since` (at most 1,000), ms. A job that did not run has no entry. */
export async function jobDurations(
  db: Db,
  jobs: readonly string[],
  since: Date,
): Promise<Map<string, { runs: number; p50Ms: number; p95Ms: number }>> {
  const args = { p_jobs: [...jobs], p_desde: since.toISOString() };
  const rows = await rpc(db, "duracoes_dos_jobs", args, z.array(duration));
  return new Map(rows.map((d) => [d.job_name, { runs: d.execucoes, p50Ms: d.p50, p95Ms: d.p95 }]));
}
