import { pause, systemTimers, type Timers } from "#core/executions";
import { errorMessage, type Logger } from "#core/runtime";
import type { DepsEventos } from "./deps.ts";

const ENTRE_TENTATIVAS_MS = 2000;

/**
 * Declara os grupos dos workers deste processo antes de ele servir: o que se publica depois chega a todos. Sem banco não impede o
 * início: responde depois da primeira tentativa, e as seguintes correm por trás até uma dar certo.
 */
export async function declararGrupos(
  { consumidor, workers }: DepsEventos,
  { log, signal, timers = systemTimers }: { log: Logger; signal: AbortSignal; timers?: Timers },
): Promise<void> {
  if (workers.length === 0) return;
  const tentar = async (): Promise<boolean> => {
    try {
      await consumidor.register();
      return true;
    } catch (err) {
      log.warn({ motivo: errorMessage(err) }, "grupos de tópicos não declarados; nova tentativa em instantes");
      return false;
    }
  };
  if (await tentar()) return;
  void (async () => {
    while ((await pause(timers, ENTRE_TENTATIVAS_MS, signal)) === "elapsed") if (await tentar()) return;
  })();
}
