import type { Db } from "#core/db";
import type { Clock } from "#core/runtime";
import { PermanentError } from "#core/runtime";
import {
  listTasks,
  type QueueStats,
  queueStats,
  requeueTasks,
  resumeQueue,
  type TaskStatus,
  type TaskWorker,
  taskDetail,
  taskWorkers,
} from "#core/tasks";

/** Os nomes deste painel para os estados de uma tarefa (§4.6). */
export const ESTADOS = ["queued", "started", "finished", "failed"] as const;
export type Estado = (typeof ESTADOS)[number];
const DO_MOTOR: Readonly<Record<Estado, TaskStatus["status"]>> = {
  queued: "queued",
  started: "in_progress",
  finished: "complete",
  failed: "failed",
};
const DO_PAINEL = Object.fromEntries(Object.entries(DO_MOTOR).map(([painel, motor]) => [motor, painel])) as Record<
  TaskStatus["status"],
  Estado
>;

export interface Fila {
  queued: number;
  started: number;
  finished: number;
  failed: number;
  /** Das em fila, as que ainda esperam a sua hora. */
  waiting: number;
  oldest_queued_age_s: number | null;
  duration_ms: { mean: number | null; p95: number | null };
  /** Por cento do que terminou em 24 h; null: nada terminou. */
  success_rate_24h: number | null;
  pausada_ate: string | null;
  workers_alive: number;
}

export interface Deps {
  db: Db;
  clock: Clock;
}

/** Os números de todas as filas que já tiveram uma tarefa, em ordem de nome. */
export async function filas({ db, clock }: Deps): Promise<Record<string, Fila>> {
  const todas = Object.entries(await queueStats(db, null, clock)).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(todas.map(([nome, numeros]) => [nome, umaFila(numeros)]));
}

/**
 * Os números de uma fila, com os processos que a drenam. Lança `nao_encontrado` se não é uma das `conhecidas` (o que o produto drena)
 * nem teve nunca uma tarefa.
 */
export async function fila(
  deps: Deps,
  nome: string,
  conhecidas: readonly string[],
): Promise<Fila & { workers: TaskWorker[] }> {
  const [todas, numeros, workers] = await Promise.all([
    queueStats(deps.db, null, deps.clock),
    queueStats(deps.db, nome, deps.clock),
    taskWorkers(deps.db, nome, deps.clock),
  ]);
  const desta = Object.hasOwn(todas, nome) || conhecidas.includes(nome) ? numeros[nome] : undefined;
  if (desta === undefined) throw new PermanentError("nao_encontrado", `não existe a fila ${nome}`, { campo: "queue" });
  return { ...umaFila(desta), workers };
}

function umaFila(s: QueueStats): Fila {
  return {
    queued: s.queued,
    started: s.in_progress,
    finished: s.complete,
    failed: s.failed,
    waiting: s.waiting_retry,
    oldest_queued_age_s: s.oldest_queued_age_s,
    duration_ms: { mean: s.duration_ms.avg, p95: s.duration_ms.p95 },
    success_rate_24h: s.success_rate_24h,
    pausada_ate: s.paused_until,
    workers_alive: s.workers_alive,
  };
}

/** A pausa de uma fila acaba já. Falso: ela não estava pausada. Lança `nao_encontrado` como `fila`. */
export async function retomar(deps: Deps, nome: string, conhecidas: readonly string[]): Promise<boolean> {
  await fila(deps, nome, conhecidas);
  return resumeQueue(deps.db, nome, deps.clock);
}

/** Uma tarefa como o painel a mostra; instantes em ISO. */
export interface Tarefa {
  job_id: string;
  function: string;
  args: unknown;
  status: Estado;
  tries: number;
  max_tries: number;
  enqueue_time: Date;
  available_at: Date;
  start_time: Date | null;
  finish_time: Date | null;
  error: string | null;
}

/** As tarefas de uma fila, as mais novas primeiro. */
export async function tarefas(
  { db, clock }: Deps,
  nome: string,
  pagina: { status?: Estado | undefined; limit: number; offset: number },
): Promise<Tarefa[]> {
  const { status, ...resto } = pagina;
  const lista = await listTasks(db, nome, { ...resto, ...(status ? { status: DO_MOTOR[status] } : {}) }, clock);
  return lista.map((t) => ({ ...t, status: DO_PAINEL[t.status] }));
}

/** Uma tarefa de uma fila, com resultado e linhas de log. Lança `nao_encontrado`, também para a de outra fila ou vencida. */
export async function tarefa({ db, clock }: Deps, nome: string | null, id: string) {
  const t = await taskDetail(db, id, clock);
  if (t === null || (nome !== null && t.queue !== nome)) {
    throw new PermanentError("nao_encontrado", "Job não encontrado", { campo: "job_id" });
  }
  return { ...t, status: DO_PAINEL[t.status] };
}

/** Uma tarefa que falhou volta à fila. Lança `nao_encontrado`, ou `conflito` se ela não falhou ou outra a substitui. */
export async function repor(deps: Deps, nome: string, id: string): Promise<void> {
  const atual = await tarefa(deps, nome, id);
  if (atual.status !== "failed") {
    throw new PermanentError("conflito", `só uma tarefa que falhou volta à fila; esta está ${atual.status}`);
  }
  const voltaram = await requeueTasks(deps.db, nome, { ids: [id] }, deps.clock);
  if (voltaram.length === 0) throw new PermanentError("conflito", "já há uma tarefa ativa para o mesmo item");
}

/** As que falharam voltam à fila, as mais antigas primeiro. Responde quais. */
export function reporFalhas({ db, clock }: Deps, nome: string, limite: number): Promise<string[]> {
  return requeueTasks(db, nome, { limit: limite }, clock);
}
