import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { instant } from "#core/executions";

/** A pause in force, or one that was. */
export interface Pause {
  id: string;
  job: string;
  motivo: string;
  autor: string;
  desde: Date;
  /** When it expires by itself; null: when somebody resumes the job. */
  ate: Date | null;
}

export const pauseShape = z
  .object({
    id: z.string(),
    job_name: z.string(),
    motivo: z.string(),
    autor: z.string(),
    desde: instant,
    ate: instant.nullable(),
  })
  .transform(({ job_name, ...p }): Pause => ({ job: job_name, ...p }));

const paused = z.array(z.object({ job_name: z.string(), antes: pauseShape.nullable(), depois: pauseShape }));
const resumed = z.array(z.object({ job_name: z.string(), antes: pauseShape.nullable() }));

/**
 * Keeps jobs from being scheduled. Their slots go on record as skipped (`pausado`: by whom, until when, why); manual runs
 * remain possible. Ends by itself at `ate`. A job already paused gets the new terms. Recorded in `auditoria_operacional`.
 * Throws `parametro_invalido` (campo `ate`) when `ate` is not in the future.
 * @param autor who says to be doing it: recorded, never trusted.
 */
export async function pauseJobs(
  db: Db,
  pause: { jobs: readonly string[]; motivo: string; autor: string; ate: Date | null },
  agora: Date,
): Promise<{ job: string; before: Pause | null; after: Pause }[]> {
  const args = {
    p_jobs: [...pause.jobs],
    p_motivo: pause.motivo,
    p_autor: pause.autor,
    p_ate: pause.ate?.toISOString() ?? null,
    p_agora: agora.toISOString(),
  };
  const answer = await rpc(db, "pausar_jobs", args, paused);
  return answer.map((a) => ({ job: a.job_name, before: a.antes, after: a.depois }));
}

/** Ends the pauses in force; `before` is null for a job that was not paused, and then nothing is recorded. */
export async function resumeJobs(
  db: Db,
  resume: { jobs: readonly string[]; motivo: string | null; autor: string },
  agora: Date,
): Promise<{ job: string; before: Pause | null }[]> {
  const args = {
    p_jobs: [...resume.jobs],
    p_motivo: resume.motivo,
    p_autor: resume.autor,
    p_agora: agora.toISOString(),
  };
  const answer = await rpc(db, "retomar_jobs", args, resumed);
  return answer.map((a) => ({ job: a.job_name, before: a.antes }));
}

/** Pauses in force, by job. */
export async function activePauses(db: Db, agora: Date): Promise<Map<string, Pause>> {
  const answer = await rpc(db, "pausas_em_vigor", { p_agora: agora.toISOString() }, z.array(pauseShape));
  return new Map(answer.map((p) => [p.job, p]));
}
