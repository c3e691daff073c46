import type { FilaDeTarefas } from "#catalogo";
import type { Logger } from "#core/runtime";
import type { TaskRunner } from "#core/tasks";
import { type DepsEventos, declararGrupos } from "#dominio/eventos";
import { drenarGrupos, type OpcoesDrenar } from "./drenar-grupos.ts";

/** Uma fila que o processo drena sem pausa, com a sua concorrência e as suas esperas. */
export interface Trabalho {
  iniciar(): Promise<void>;
  /** Não reserva mais nada, espera `graceMs` pelo que corre, devolve o resto. */
  parar(graceMs: number): Promise<void>;
}

export function trabalhoDeTopicos(o: { eventos: DepsEventos; log: Logger; signal: AbortSignal }): Trabalho {
  const { consumidor, workers } = o.eventos;
  return {
    async iniciar() {
      await declararGrupos(o.eventos, o);
      consumidor.start();
      o.log.info(
        { workers: workers.length },
        `[worker] tópicos: ${workers.map((w) => w.name).join(", ") || "nenhum worker"}`,
      );
    },
    parar: (graceMs) => consumidor.stop(graceMs),
  };
}

export function trabalhoDeTarefas(o: { tarefas: TaskRunner; filas: readonly FilaDeTarefas[]; log: Logger }): Trabalho {
  return {
    async iniciar() {
      for (const { queue, slots, maxRunning } of o.filas) {
        o.log.info({ fila: queue, slots }, `[worker] fila ${queue}: até ${slots} tarefas simultâneas`);
        o.tarefas.work({ queue, slots, ...(maxRunning === undefined ? {} : { maxRunning }) });
      }
    },
    parar: (graceMs) => o.tarefas.close(graceMs),
  };
}

export function trabalhoDeGrupos(o: Omit<OpcoesDrenar, "signal">): Trabalho {
  const parada = new AbortController();
  let drenando = Promise.resolve();
  return {
    async iniciar() {
      drenando = drenarGrupos({ ...o, signal: parada.signal });
    },
    parar() {
      parada.abort(new Error("encerrando"));
      return drenando;
    },
  };
}
