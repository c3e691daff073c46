import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { filasDeTarefas } from "#catalogo";
import { llmFrom } from "#clients/llm";
import { placesFrom } from "#clients/places";
import { storefrontFrom } from "#clients/storefront";
import { type CircuitJournal, createCircuitJournal, createDb, createDbFetch } from "#core/db";
import { systemTimers } from "#core/executions";
import { createCircuitRegistry, createDispatcher } from "#core/http";
import {
  ConfigError,
  createLogger,
  errorMessage,
  installShutdown,
  loadConfig,
  systemClock,
  versionOf,
} from "#core/runtime";
import { createTaskRunner, createTaskStore } from "#core/tasks";
import { criarDepsAgendamentos } from "#dominio/agendamentos";
import { criarGrupos } from "#dominio/grupos";
import { criarOfertas } from "#dominio/ofertas";
import { WorkerConfig } from "./config.ts";
import { drenarGrupos } from "./drenar-grupos.ts";

/** `RUN_MODE=worker`: drena a fila de grupos e as filas de tarefas sem pausa. */
async function main(): Promise<void> {
  const config = loadConfig(WorkerConfig, process.env);
  const log = createLogger({ level: config.LOG_LEVEL, base: { service: "worker" } });
  const shutdown = installShutdown({ log, graceMs: config.WORKER_SHUTDOWN_GRACE_MS });
  const clock = systemClock;
  let journal: CircuitJournal | null = null;
  const circuits = createCircuitRegistry({ clock, log, config, onTransition: (t) => journal?.record(t) });
  const dispatcher = createDispatcher();
  const db = createDb({
    url: config.SUPABASE_URL,
    key: config.SUPABASE_SERVICE_KEY,
    fetch: createDbFetch({ circuit: circuits.get("supabase"), dispatcher }),
  });
  journal = createCircuitJournal({ db, log });
  const diario = journal;

  const instancia = `worker-${hostname()}-${randomUUID().slice(0, 8)}`;
  const deps = criarGrupos({
    config,
    instancia,
    db,
    clock,
    log,
    llm: llmFrom(config, { clock, log, circuit: circuits.get("llm") }),
    places: placesFrom(config, { clock, log, circuit: circuits.get("places") }),
  });
  log.info(
    { run_mode: "worker", app_env: config.APP_ENV, worker: instancia },
    `RUN_MODE=worker APP_ENV=${config.APP_ENV} SUPABASE_PROJECT_REF=${config.SUPABASE_PROJECT_REF ?? "-"} git=${versionOf(config)}`,
  );
  const agendamentos = criarDepsAgendamentos({
    config,
    db,
    clock,
    llm: llmFrom(config, { clock, log, circuit: circuits.get("llm") }),
  });
  const ofertas = criarOfertas({ config, db, clock, log, abrirPaginas: storefrontFrom(config, { clock, log }) });
  const filas = filasDeTarefas({ agendamentos, ofertas });
  const tarefas = createTaskRunner({
    store: createTaskStore({ db, clock, worker: instancia, leaseS: config.TASKS_LEASE_S }),
    renewEveryMs: (config.TASKS_LEASE_S * 1000) / 3,
    clock,
    timers: systemTimers,
    log,
    tasks: filas.flatMap((f) => f.tarefas),
  });
  for (const { queue, slots } of filas) {
    log.info({ fila: queue, slots }, `[worker] fila ${queue}: até ${slots} tarefas simultâneas`);
    tarefas.work({ queue, slots });
  }
  const drenando = drenarGrupos({
    db,
    clock,
    log,
    signal: shutdown.signal,
    deps,
    batchSize: config.GRUPOS_BATCH_SIZE,
    maxWorkers: config.GRUPOS_MAX_WORKERS,
    ociosoMinMs: config.WORKER_OCIOSO_MIN_MS,
    ociosoMaxMs: config.WORKER_OCIOSO_MAX_MS,
  });
  shutdown.onClose("conexões", async () => {
    await ofertas.fechar();
    await diario.close();
    await dispatcher.close();
  });
  shutdown.onClose("tarefas", () => tarefas.close(Math.max(0, config.WORKER_SHUTDOWN_GRACE_MS - 5_000)));
  shutdown.onClose("grupos", () => drenando);
  await drenando;
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof ConfigError ? err.message : errorMessage(err)}\n`);
  process.exit(1);
});
