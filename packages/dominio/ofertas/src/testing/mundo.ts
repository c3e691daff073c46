import { createStorefront } from "#clients/storefront";
import type { Db } from "#core/db";
import type { TestDatabase } from "#core/db-testing";
import { systemTimers } from "#core/executions";
import { createLogger, type FixedClock, fixedClock } from "#core/runtime";
import { createTaskRunner, createTaskStore } from "#core/tasks";
import type { MensagemSlack } from "#dominio/alertas";
import { type FakeShop, fakeShop } from "../../../../clients/storefront/src/testing/fake-shop.ts";
import { type ConfigOfertas, configOfertasPadrao } from "../config.ts";
import { criarOfertas, type OfertasComTarefas, type OpcoesOfertas } from "../criar-ofertas.ts";
import { enriquecerOfertas } from "../jobs/enriquecer-ofertas.ts";
import { OfertaColetada, salvarOfertas } from "../ofertas.ts";

export const HOST = "produto.mercadolivre.com.br";

/** Uma loja local, um relógio parado e um processo que enriquece; sem espera entre pedidos. */
export interface Mundo {
  clock: FixedClock;
  loja: FakeShop;
  ofertas: OfertasComTarefas;
  mensagens: MensagemSlack[];
  log: { msg: string; level: string }[];
  /** O que as funções da fila recebem. */
  deps: { db: Db; clock: FixedClock; log: ReturnType<typeof createLogger>; tarefa: OfertasComTarefas["tarefa"] };
  /** Guarda ofertas das páginas `/MLB-<n>`, a 282,14 cada; responde os ids. */
  salvar(...numeros: number[]): Promise<string[]>;
  rodar(params?: Record<string, unknown>): Promise<Record<string, unknown>>;
  oferta(id: string): Promise<Record<string, unknown>>;
  tarefas(): Promise<Record<string, unknown>[]>;
  fechar(): Promise<void>;
}

export async function criarMundo(
  t: TestDatabase,
  ajustes: Partial<ConfigOfertas> = {},
  troca: Partial<OpcoesOfertas> = {},
): Promise<Mundo> {
  const clock = fixedClock("2026-03-10T12:00:00Z"); // 09:00 de uma terça-feira
  const loja = await fakeShop();
  const linhas: Mundo["log"] = [];
  const log = createLogger({ level: "debug", destination: { write: (l: string) => void linhas.push(JSON.parse(l)) } });
  const config = configOfertasPadrao({ ENRICHMENT_REQUEST_DELAY_S: 0, ...ajustes });
  const mensagens: MensagemSlack[] = [];
  const semTarefas = criarOfertas({
    config,
    db: t.db,
    clock,
    log,
    timers: systemTimers,
    abrirPaginas: (waitTurn) =>
      createStorefront({ hosts: config.ENRICHMENT_ALLOWED_HOSTS, fetch: loja.fetch, clock, log, waitTurn }),
    ...troca,
  });
  const tarefas = createTaskRunner({
    store: createTaskStore({ db: t.db, clock, worker: "teste", leaseS: 30 }),
    clock,
    timers: systemTimers,
    log,
    tasks: [semTarefas.executavel],
  });
  const ofertas = { ...semTarefas, tarefas };
  const deps = { db: t.db, clock, log, tarefa: ofertas.tarefa };
  const slack = {
    async enviar(m: MensagemSlack) {
      mensagens.push(m);
      return { enviado: true };
    },
  };
  return {
    clock,
    loja,
    ofertas,
    mensagens,
    log: linhas,
    deps,
    async salvar(...numeros) {
      const coletadas = numeros.map((n) =>
        OfertaColetada.parse({ url: `https://${HOST}/MLB-${n}`, title: `Produto ${n}`, current_price_cents: 28_214 }),
      );
      return (await salvarOfertas(deps, coletadas)).map((s) => s.id);
    },
    async rodar(params = {}) {
      const base = { db: t.db, clock, log, signal: new AbortController().signal };
      return enriquecerOfertas.run(enriquecerOfertas.params.parse(params), { ...base, ofertas, slack });
    },
    async oferta(id) {
      return (await t.sql("select * from offers where id = $1", [id]))[0] ?? {};
    },
    tarefas: () => t.sql("select * from background_jobs order by enqueue_time, args ->> 'url'"),
    async fechar() {
      await tarefas.close(0);
      await ofertas.fechar();
    },
  };
}
