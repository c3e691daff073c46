import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { filasDeTarefas, registroDeWorkers } from "#catalogo";
import { llmFrom } from "#clients/llm";
import { placesFrom } from "#clients/places";
import { storefrontFrom } from "#clients/storefront";
import { openSupabase } from "#core/db";
import { systemTimers } from "#core/executions";
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
import { openBroker } from "#core/topics-kafka";
import { criarDepsAgendamentos } from "#dominio/agendamentos";
import { criarEventos } from "#dominio/eventos";
import { criarGrupos } from "#dominio/grupos";
import { criarOfertas } from "#dominio/ofertas";
import { type Comando, lerComando } from "./comando.ts";
import { RegistroConfig, WorkerConfig } from "./config.ts";
import { trabalhoDeGrupos, trabalhoDeTarefas, trabalhoDeTopicos } from "./trabalho.ts";

/** Do prazo do encerramento, o que fica para devolver reservas e fechar conexões. */
const MARGEM_MS = 3000;

/** `RUN_MODE=worker` drena tudo sem pausa; com argumentos, é a linha de comando dos workers de tópicos. */
async function main(): Promise<void> {
  const { EVENTOS_EXEMPLOS: exemplos } = loadConfig(RegistroConfig, process.env);
  const comando = lerComando(process.argv.slice(2), registroDeWorkers({ exemplos }));
  if (comando.tipo === "trabalhar") return await trabalhar(comando);
  (comando.erro ? process.stderr : process.stdout).write(comando.texto);
  process.exitCode = comando.codigo;
}

async function trabalhar({ workers, filas: todas }: Extract<Comando, { tipo: "trabalhar" }>): Promise<void> {
  const config = loadConfig(WorkerConfig, process.env);
  const log = createLogger({ level: config.LOG_LEVEL, base: { service: "worker" } });
  const graceMs = config.WORKER_SHUTDOWN_GRACE_MS;
  const shutdown = installShutdown({ log, graceMs });
  const clock = systemClock;
  const comum = { clock, log };
  const supabase = openSupabase({ ...comum, config });
  const { db, circuits } = supabase;

  const instancia = `worker-${hostname()}-${randomUUID().slice(0, 8)}`;
  log.info(
    { run_mode: "worker", app_env: config.APP_ENV, worker: instancia },
    `RUN_MODE=worker APP_ENV=${config.APP_ENV} SUPABASE_PROJECT_REF=${config.SUPABASE_PROJECT_REF ?? "-"} git=${versionOf(config)}`,
  );
  const leaseSegundos = config.EVENTOS_LEASE_SEGUNDOS;
  const broker = await openBroker(config, { ...comum, db, owner: instancia, leaseSeconds: leaseSegundos });
  const eventos = criarEventos({ ...comum, broker, workers, leaseSegundos });
  const trabalhos = [trabalhoDeTopicos({ eventos, log, signal: shutdown.signal })];
  const fechos = [() => broker.close()];

  if (todas) {
    const llm = llmFrom(config, { ...comum, circuit: circuits.get("llm") });
    const places = placesFrom(config, { ...comum, circuit: circuits.get("places") });
    const agendamentos = criarDepsAgendamentos({ config, db, clock, llm });
    const ofertas = criarOfertas({ config, db, ...comum, abrirPaginas: storefrontFrom(config, comum) });
    fechos.push(() => ofertas.fechar());
    const filas = filasDeTarefas({ agendamentos, ofertas });
    const tarefas = createTaskRunner({
      store: createTaskStore({ db, clock, worker: instancia, leaseS: config.TASKS_LEASE_S }),
      renewEveryMs: (config.TASKS_LEASE_S * 1000) / 3,
      ...comum,
      timers: systemTimers,
      tasks: filas.flatMap((f) => f.tarefas),
    });
    trabalhos.push(
      trabalhoDeTarefas({ tarefas, filas, log }),
      trabalhoDeGrupos({
        db,
        ...comum,
        deps: criarGrupos({ config, instancia, db, ...comum, llm, places }),
        batchSize: config.GRUPOS_BATCH_SIZE,
        maxWorkers: config.GRUPOS_MAX_WORKERS,
        ociosoMinMs: config.WORKER_OCIOSO_MIN_MS,
        ociosoMaxMs: config.WORKER_OCIOSO_MAX_MS,
      }),
    );
  }

  // Fecham do último ao primeiro: as filas param e devolvem o que seguram, depois as conexões.
  shutdown.onClose("conexões", async () => {
    for (const fechar of fechos) await fechar();
    await supabase.close();
  });
  const esperaMs = Math.max(graceMs - MARGEM_MS, graceMs / 2);
  shutdown.onClose("filas", async () => void (await Promise.all(trabalhos.map((t) => t.parar(esperaMs)))));
  await Promise.all(trabalhos.map((t) => t.iniciar()));
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof ConfigError ? err.message : errorMessage(err)}\n`);
  process.exit(1);
});
