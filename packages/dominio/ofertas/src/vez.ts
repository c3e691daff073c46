import type { Db } from "#core/db";
import { pause, type Timers } from "#core/executions";
import type { Clock } from "#core/runtime";
import { atClock } from "#core/tasks";

/** Quem diz quando um pedido a um host pode começar. */
export interface Vez {
  /** Resolve quando o pedido pode começar. Lança o motivo do sinal se ele for abortado. */
  aguardar(host: string, sinal: AbortSignal): Promise<void>;
  /** O intervalo entre pedidos a um mesmo host, ms; 0 desliga a espera. */
  definirIntervalo(ms: number): void;
}

const TOLERANCIA_MS = 100;
/** Um timer pode disparar até isto antes da hora. */
const ADIANTE_MS = 2;
const MAIOR_TOLERANCIA_MS = 5000;

/**
 * As vezes de pedir algo a um host, repartidas no banco entre todos os processos (§4.4): dois pedidos nunca começam a menos do
 * intervalo um do outro. Uma vez vale por uma tolerância, somada ao intervalo; quem acorda depois disso a perde e toma outra, para que o
 * atraso de um não encoste no pedido do seguinte.
 */
export function criarVez(opcoes: { db: Db; clock: Clock; timers: Timers; intervaloMs: number }): Vez {
  const { db, clock, timers } = opcoes;
  let intervaloMs = opcoes.intervaloMs;
  return {
    definirIntervalo(ms) {
      intervaloMs = ms;
    },
    async aguardar(host, sinal) {
      // Acaba com a vez ou com o sinal, que tem o prazo da tarefa.
      for (
        let tolerancia = TOLERANCIA_MS;
        intervaloMs > 0;
        tolerancia = Math.min(tolerancia * 2, MAIOR_TOLERANCIA_MS)
      ) {
        sinal.throwIfAborted();
        const pedidaEmMs = clock.monotonicMs();
        const argumentos = { p_host: host, p_intervalo_ms: Math.ceil(intervaloMs) + tolerancia, ...atClock(clock) };
        const esperaMs = await db.call("reservar_vez_host", argumentos, { signal: sinal });
        if (esperaMs > 0 && (await pause(timers, esperaMs, sinal)) === "aborted") throw sinal.reason;
        // A vez foi contada em algum momento depois do pedido: este atraso nunca é menor que o verdadeiro.
        if (clock.monotonicMs() - pedidaEmMs - esperaMs <= tolerancia - ADIANTE_MS) return;
      }
    },
  };
}
