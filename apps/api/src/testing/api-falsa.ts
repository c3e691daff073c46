import type { FastifyInstance } from "fastify";
import { catalogo, vigiados } from "#catalogo";
import type { Db } from "#core/db";
import { createSummaryReader, type JobLocks, type JobStart } from "#core/executions";
import { createCircuitRegistry } from "#core/http";
import { createJobRunner } from "#core/job";
import { createLogger, fixedClock, loadConfig } from "#core/runtime";
import { createTaskRunner, createTaskStore } from "#core/tasks";
import { createMemoryBroker } from "#core/topics";
import { criarDepsAgendamentos } from "#dominio/agendamentos";
import { criarEventos } from "#dominio/eventos";
import { criarGrupos } from "#dominio/grupos";
import { criarOfertas } from "#dominio/ofertas";
import { buildApp } from "../app.ts";
import { ApiConfig } from "../config.ts";
import type { ApiDeps } from "../deps.ts";

export const TOKEN = "segredo-dos-jobs-0123";

type RespostaSql = (args: Record<string, unknown>) => unknown;

export interface ApiFalsa {
  app: FastifyInstance;
  deps: ApiDeps;
  /** Nomes das funções SQL chamadas, em ordem. */
  chamadas: string[];
  /** As linhas de log, já lidas. */
  log: { level: string; msg: string; [campo: string]: unknown }[];
  shutdown: AbortController;
}

/**
 * A aplicação de verdade sobre um banco em memória: cada função SQL responde o que o teste diz, e uma que ele não disse falha. Para o
 * que não toca SQL; o resto é provado no banco real.
 */
export async function apiFalsa(
  sql: Record<string, RespostaSql> = {},
  env: Record<string, string> = {},
  troca: Partial<ApiDeps> = {},
): Promise<ApiFalsa> {
  const chamadas: string[] = [];
  const log: ApiFalsa["log"] = [];
  const shutdown = new AbortController();
  const call = async (fn: string, args: unknown) => {
    chamadas.push(fn);
    const responde = sql[fn];
    if (!responde) throw new Error(`${fn} não era esperada`);
    return responde(args as Record<string, unknown>);
  };
  const db: Db = {
    call: call as Db["call"],
    json: (async (fn: string, args: unknown, esquema: { parse(v: unknown): unknown }) =>
      esquema.parse(await call(fn, args))) as Db["json"],
  };
  const clock = fixedClock("2026-03-10T12:05:00Z");
  const logger = createLogger({ destination: { write: (linha: string) => void log.push(JSON.parse(linha)) } });
  const config = loadConfig(ApiConfig, {
    APP_ENV: "test",
    SUPABASE_URL: "http://127.0.0.1:1",
    SUPABASE_SERVICE_KEY: "x".repeat(30),
    ...env,
  });
  const grupos = criarGrupos({ config, instancia: "t", db, clock, log: logger, llm: null, places: null });
  const semTarefas = criarDepsAgendamentos({ config, db, clock, llm: null });
  const ofertasSemTarefas = criarOfertas({
    config,
    db,
    clock,
    log: logger,
    abrirPaginas: () => ({ fetchPage: async () => ({ kind: "gone", status: 404 }), close: async () => undefined }),
  });
  const tarefas = createTaskRunner({
    store: createTaskStore({ db, clock, worker: "t", leaseS: 30 }),
    clock,
    timers: { after: () => () => undefined, soon: () => undefined },
    log: logger,
    tasks: [semTarefas.tarefa, ofertasSemTarefas.executavel],
  });
  const agendamentos = { ...semTarefas, tarefas };
  const ofertas = { ...ofertasSemTarefas, tarefas };
  const leaseSegundos = config.EVENTOS_LEASE_SEGUNDOS;
  const broker = createMemoryBroker({ clock, leaseSeconds: leaseSegundos });
  const eventos = criarEventos({ broker, workers: [], clock, log: logger, leaseSegundos });
  const deps: ApiDeps = {
    config,
    clock,
    log: logger,
    db,
    circuits: createCircuitRegistry({ clock, log: logger }),
    execucoes: createSummaryReader({ db, clock }),
    vigiados: vigiados(catalogo),
    eventos,
    grupos,
    agendamentos,
    ofertas,
    tarefas,
    ingestao: { db, clock, log: logger, maxTentativas: 3, buscarNomeGrupo: null },
    evolution: null,
    shutdown: shutdown.signal,
    runner: createJobRunner({
      db,
      clock,
      log: logger,
      instanceId: "t",
      shutdown: shutdown.signal,
      locks: travasEmMemoria(),
    }),
    contexto: (base) => ({
      ...base,
      piloto: true,
      grupos,
      slack: { enviar: async () => ({ enviado: true }) },
      agendamentos,
      ofertas,
      eventos,
    }),
    ...troca,
  };
  return { app: await buildApp(deps), deps, chamadas, log, shutdown };
}

function travasEmMemoria(): JobLocks {
  const donas = new Map<string, JobStart>();
  return {
    async start(s) {
      if (donas.has(s.job)) return { resultado: "em_execucao", desde: new Date("2026-03-10T12:04:00Z") };
      donas.set(s.job, s);
      return { resultado: "iniciado", execution_id: s.newExecutionId, manual: true };
    },
    async end({ job }) {
      return donas.delete(job);
    },
    progress: async () => true,
    renew: async (tokens) => new Set(tokens),
  };
}
