import type { PageSource } from "#clients/storefront";
import type { Db } from "#core/db";
import { systemTimers, type Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";
import { createTaskRunner, createTaskStore, type TaskRunner } from "#core/tasks";
import { type AffiliateLinkProvider, afiliadoPorParametros } from "./afiliado.ts";
import type { ConfigOfertas } from "./config.ts";
import { enriquecedor } from "./enriquecer.ts";
import { fonteDaLoja } from "./fonte.ts";
import { type TarefaOfertas, tarefaEnriquecer } from "./tarefa.ts";
import { criarVez, type Vez } from "./vez.ts";

/** O que as peças do enriquecimento precisam além de banco, relógio e log. Montado uma vez por processo. */
export interface DepsOfertas {
  config: ConfigOfertas;
  tarefa: TarefaOfertas;
  afiliado: AffiliateLinkProvider | null;
  vez: Vez;
  runner: TaskRunner;
  /** Devolve à fila o que não terminou em `graceMs` e fecha as conexões com a loja. */
  fechar(graceMs: number): Promise<void>;
}

export interface OpcoesOfertas {
  config: ConfigOfertas;
  /** Nome do processo nas reservas, único por réplica. */
  instancia: string;
  db: Db;
  clock: Clock;
  log: Logger;
  /** Abre as páginas da loja; cada pedido espera a sua vez. */
  abrirPaginas(aguardarVez: Vez["aguardar"]): PageSource;
  timers?: Timers;
  /** Duração de uma reserva, renovada a cada terço. Padrão 30 s. */
  leaseS?: number;
}

export function criarOfertas(opcoes: OpcoesOfertas): DepsOfertas {
  const { config, db, clock, log, timers = systemTimers, leaseS = 30 } = opcoes;
  const tarefa = tarefaEnriquecer(config);
  const afiliado = afiliadoPorParametros(config);
  const vez = criarVez({ db, clock, timers, intervaloMs: config.ENRICHMENT_REQUEST_DELAY_S * 1000 });
  const paginas = opcoes.abrirPaginas(vez.aguardar);
  const runner = createTaskRunner({
    store: createTaskStore({ db, clock, worker: opcoes.instancia, leaseS }),
    clock,
    timers,
    log,
    tasks: [enriquecedor(tarefa, { db, clock, log, fonte: fonteDaLoja(paginas), afiliado })],
    renewEveryMs: (leaseS * 1000) / 3,
  });
  return {
    config,
    tarefa,
    afiliado,
    vez,
    runner,
    async fechar(graceMs) {
      await runner.close(graceMs);
      await paginas.close();
    },
  };
}
