import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type ContextoCompleto, catalogo, filasDeTarefas, registroDeWorkers, vigiados } from "#catalogo";
import { createEvolutionClient, type EvolutionClient } from "#clients/evolution";
import { llmFrom } from "#clients/llm";
import { placesFrom } from "#clients/places";
import { createSlackClient } from "#clients/slack";
import { storefrontFrom } from "#clients/storefront";
import { type Db, openSupabase } from "#core/db";
import { createSummaryReader, type SummaryReader, systemTimers, type WatchedJob } from "#core/executions";
import { CIRCUIT_NAMES, type CircuitRegistry } from "#core/http";
import { createJobRunner, type JobContext, type JobRunner } from "#core/job";
import type { Clock, Logger } from "#core/runtime";
import { createTaskRunner, createTaskStore, type TaskRunner } from "#core/tasks";
import { openBroker } from "#core/topics-kafka";
import { criarDepsAgendamentos, type DepsComTarefas } from "#dominio/agendamentos";
import { criarEventos, type DepsEventos } from "#dominio/eventos";
import { type BuscaNomeGrupo, criarGrupos, type DepsGrupos, type DepsIngestao } from "#dominio/grupos";
import { criarOfertas, type OfertasComTarefas } from "#dominio/ofertas";
import type { ApiConfig } from "./config.ts";

/** O que a aplicação HTTP usa; `buildApp` recebe isto e nada mais. */
export interface ApiDeps {
  config: ApiConfig;
  clock: Clock;
  log: Logger;
  db: Db;
  runner: JobRunner;
  /** O que se sabe das execuções, pelo relógio do banco. */
  execucoes: SummaryReader;
  /** Os jobs cuja saúde se informa: os do catálogo. */
  vigiados: readonly WatchedJob[];
  circuits: CircuitRegistry;
  eventos: DepsEventos;
  grupos: DepsGrupos;
  ingestao: DepsIngestao;
  agendamentos: DepsComTarefas;
  ofertas: OfertasComTarefas;
  /** O executor de tarefas deste processo: continua o que um job deixou em curso. */
  tarefas: TaskRunner;
  /** Null: não configurada. */
  evolution: EvolutionClient | null;
  /** Completa o contexto que o runner dá com o que os jobs do catálogo pedem. */
  contexto(base: JobContext): ContextoCompleto;
  /** Abortado no encerramento: não aceitar mais trabalho. */
  shutdown: AbortSignal;
}

export interface DepsAbertas extends ApiDeps {
  /** Fecha o que foi aberto, em ordem; depois de os jobs terem parado. */
  fechar(): Promise<void>;
}

/** O que uma drenagem deixou em andamento termina, ou volta à fila. */
const ESPERA_POR_ENTREGAS_MS = 5000;

export interface OpcoesDeps {
  config: ApiConfig;
  clock: Clock;
  log: Logger;
  shutdown: AbortSignal;
}

export async function createDeps({ config, clock, log, shutdown }: OpcoesDeps): Promise<DepsAbertas> {
  const supabase = openSupabase({ config, clock, log, connections: 32 });
  const { db, circuits } = supabase;
  void supabase.journal.recordRestart(CIRCUIT_NAMES);

  const instancia = `api-${hostname()}-${randomUUID().slice(0, 8)}`;
  const comum = { clock, log };
  const llm = llmFrom(config, { ...comum, circuit: circuits.get("llm") });
  const grupos = criarGrupos({
    config,
    instancia,
    db,
    clock,
    log,
    llm,
    places: placesFrom(config, { ...comum, circuit: circuits.get("places") }),
  });
  const semExecutor = criarDepsAgendamentos({ config, db, clock, llm });
  const ofertasSemExecutor = criarOfertas({ ...comum, config, db, abrirPaginas: storefrontFrom(config, comum) });
  const tarefas = createTaskRunner({
    store: createTaskStore({ db, clock, worker: instancia, leaseS: config.TASKS_LEASE_S }),
    renewEveryMs: (config.TASKS_LEASE_S * 1000) / 3,
    clock,
    timers: systemTimers,
    log,
    tasks: filasDeTarefas({ agendamentos: semExecutor, ofertas: ofertasSemExecutor }).flatMap((f) => f.tarefas),
  });
  const agendamentos = { ...semExecutor, tarefas };
  const ofertas = { ...ofertasSemExecutor, tarefas };
  const leaseSegundos = config.EVENTOS_LEASE_SEGUNDOS;
  const eventos = criarEventos({
    ...comum,
    broker: await openBroker(config, { ...comum, db, owner: instancia, leaseSeconds: leaseSegundos }),
    workers: registroDeWorkers({ exemplos: config.EVENTOS_EXEMPLOS }).list(),
    leaseSegundos,
  });
  const slack = createSlackClient({ ...comum, webhookUrl: config.SLACK_WEBHOOK_URL, circuit: circuits.get("slack") });
  const { EVOLUTION_API_URL: baseUrl, EVOLUTION_API_KEY: apiKey } = config;
  const evolution =
    baseUrl && apiKey ? createEvolutionClient({ ...comum, baseUrl, apiKey, circuit: circuits.get("evolution") }) : null;
  const ingestao: DepsIngestao = {
    db,
    clock,
    log,
    maxTentativas: config.GRUPOS_MAX_TENTATIVAS,
    buscarNomeGrupo: evolution && buscaNomeGrupo(evolution, config.EVOLUTION_INSTANCE),
  };
  return {
    config,
    clock,
    log,
    db,
    circuits,
    execucoes: createSummaryReader({ db }),
    vigiados: vigiados(catalogo),
    eventos,
    grupos,
    ingestao,
    evolution,
    shutdown,
    runner: createJobRunner({
      db,
      clock,
      log,
      instanceId: instancia,
      shutdown,
      leaseMs: config.JOB_LOCK_LEASE_MS,
      renewEveryMs: config.JOB_LOCK_LEASE_MS / 3,
    }),
    agendamentos,
    ofertas,
    tarefas,
    contexto: (base) => ({ ...base, piloto: config.PILOT_MODE, eventos, grupos, slack, agendamentos, ofertas }),
    async fechar() {
      await ofertas.fechar();
      await eventos.consumidor.stop(ESPERA_POR_ENTREGAS_MS);
      await eventos.broker.close();
      await supabase.close();
    },
  };
}

function buscaNomeGrupo(evolution: EvolutionClient, padrao: string | undefined): BuscaNomeGrupo {
  return async (jid, instancia) => {
    const quem = instancia ?? padrao;
    return quem ? ((await evolution.buscarGrupo(quem, jid))?.nome ?? null) : null;
  };
}
