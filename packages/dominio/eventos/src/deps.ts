import type { Clock, Logger } from "#core/runtime";
import { type Broker, Consumer, type WorkerDefinition } from "#core/topics";

/** O que este processo sabe e faz de tópicos. Montado uma vez. */
export interface DepsEventos {
  broker: Broker;
  workers: readonly WorkerDefinition[];
  /** Executa os workers: em contínuo no RUN_MODE=worker, sob demanda na API. */
  consumidor: Consumer;
}

export interface OpcoesEventos {
  broker: Broker;
  workers: readonly WorkerDefinition[];
  clock: Clock;
  log: Logger;
  leaseSegundos: number;
}

/** A duração de uma reserva, renovada a cada terço (`decisions.md` §6). Curta só em testes. */
export const LEASE_SEGUNDOS = 30;

export function criarEventos({ broker, workers, clock, log, leaseSegundos }: OpcoesEventos): DepsEventos {
  return { broker, workers, consumidor: new Consumer({ broker, workers, clock, log, leaseSeconds: leaseSegundos }) };
}
