import type { PageSource } from "#clients/storefront";
import type { Db } from "#core/db";
import { systemTimers, type Timers } from "#core/executions";
import type { Clock, Logger } from "#core/runtime";
import type { RunnableTask, TaskRunner } from "#core/tasks";
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
  /** A tarefa com quem a executa, para o executor do processo. */
  executavel: RunnableTask;
  /** Fecha as conexões com a loja; depois de o executor ter parado. */
  fechar(): Promise<void>;
}

/** Com o executor de tarefas deste processo, que continua o que um job deixou em curso. */
export type OfertasComTarefas = DepsOfertas & { tarefas: TaskRunner };

export interface OpcoesOfertas {
  config: ConfigOfertas;
  db: Db;
  clock: Clock;
  log: Logger;
  /** Abre as páginas da loja; cada pedido espera a sua vez. */
  abrirPaginas(aguardarVez: Vez["aguardar"]): PageSource;
  timers?: Timers;
}

export function criarOfertas(opcoes: OpcoesOfertas): DepsOfertas {
  const { config, db, clock, log, timers = systemTimers } = opcoes;
  const tarefa = tarefaEnriquecer(config);
  const afiliado = afiliadoPorParametros(config);
  const vez = criarVez({ db, clock, timers, intervaloMs: config.ENRICHMENT_REQUEST_DELAY_S * 1000 });
  const paginas = opcoes.abrirPaginas(vez.aguardar);
  return {
    config,
    tarefa,
    afiliado,
    vez,
    executavel: enriquecedor(tarefa, { db, clock, log, fonte: fonteDaLoja(paginas), afiliado }),
    fechar: () => paginas.close(),
  };
}
