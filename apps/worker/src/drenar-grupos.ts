import type { Db } from "#core/db";
import { delayMs, exponential, type Sleep, systemSleep } from "#core/retry";
import type { Clock, Logger } from "#core/runtime";
import { type DepsGrupos, processarCiclo } from "#dominio/grupos";

export interface OpcoesDrenar {
  db: Db;
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  deps: DepsGrupos;
  batchSize: number;
  maxWorkers: number;
  ociosoMinMs: number;
  ociosoMaxMs: number;
  sleep?: Sleep;
}

/**
 * Ciclo atrás de ciclo até o encerramento. Com trabalho não há pausa; sem trabalho, ou com o banco fora, as voltas se espaçam
 * até o teto. O job agendado pode rodar ao mesmo tempo: as reservas repartem os itens.
 */
export async function drenarGrupos(opcoes: OpcoesDrenar): Promise<void> {
  const { db, clock, log, signal, deps, batchSize, maxWorkers, sleep = systemSleep } = opcoes;
  const espera = exponential(opcoes.ociosoMinMs, {
    maxMs: Math.max(opcoes.ociosoMinMs, opcoes.ociosoMaxMs),
    jitter: 0.2,
  });
  let vazias = 0;
  while (!signal.aborted) {
    try {
      const { ciclo } = await processarCiclo({ db, clock, log, signal, deps, batchSize, maxWorkers });
      const trabalhou = ciclo.processados + ciclo.erros > 0;
      vazias = trabalhou ? 0 : vazias + 1;
      if (trabalhou) log.info({ items_processed: ciclo.processados, duration_ms: ciclo.duracao_ms }, "ciclo de grupos");
    } catch (err) {
      vazias++;
      if (!signal.aborted) log.error({ err }, "ciclo de grupos falhou; o próximo tenta outra vez");
    }
    if (vazias === 0) continue;
    await sleep(delayMs(espera, vazias), signal).catch((err: unknown) => {
      if (!signal.aborted) throw err;
    });
  }
}
