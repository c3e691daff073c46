import type { RunnableTask } from "#core/tasks";
import { type DepsAgendamentos, FILA_AGENDAMENTOS } from "#dominio/agendamentos";
import type { DepsOfertas } from "#dominio/ofertas";

/** Uma fila de tarefas como um processo a drena. */
export interface FilaDeTarefas {
  queue: string;
  tarefas: readonly RunnableTask[];
  /** Execuções simultâneas em cada processo com `RUN_MODE=worker`. */
  slots: number;
  /** Tarefas da fila em curso ao mesmo tempo em todos os processos; sem isto, sem limite. */
  maxRunning?: number;
}

/** Tudo o que as tarefas do produto pedem; a app o monta. */
export interface DepsTarefas {
  agendamentos: DepsAgendamentos;
  ofertas: DepsOfertas;
}

/** As filas de tarefas, com o que as executa: a API as drena pelos jobs agendados, o worker sem pausa. */
export function filasDeTarefas(deps: DepsTarefas): FilaDeTarefas[] {
  return [
    {
      queue: FILA_AGENDAMENTOS,
      tarefas: [deps.agendamentos.tarefa],
      slots: deps.agendamentos.config.ARQ_MAX_JOBS,
      maxRunning: deps.agendamentos.maximoEmCurso(deps.agendamentos.config.ARQ_MAX_JOBS),
    },
    {
      queue: deps.ofertas.tarefa.queue,
      tarefas: [deps.ofertas.executavel],
      slots: deps.ofertas.config.ENRICHMENT_WORKER_CONCURRENCY,
    },
  ];
}
