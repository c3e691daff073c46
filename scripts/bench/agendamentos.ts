/** Uma medida de `bench:agendamentos` num processo só seu. Fala com o pai por IPC. */
import { createLlmClient } from "#clients/llm";
import { createDb } from "#core/db";
import { systemTimers } from "#core/executions";
import { createLogger, systemClock } from "#core/runtime";
import { createTaskRunner, createTaskStore } from "#core/tasks";
import { configAgendamentosPadrao, criarDepsAgendamentos, importarPlanilha } from "#dominio/agendamentos";
import { agendaDeEnsaio } from "./agenda-de-ensaio.ts";
import { ate } from "./esperar.ts";

export interface PedidoMedida {
  tipo: "planilha" | "llm";
  url: string;
  serviceKey: string;
  linhas: number;
  slots: number;
  /** Do LLM falso. */
  baseUrl?: string;
}

export interface FimMedida {
  importarMs: number;
  porS: number;
  porMin: number;
  rssMb: number;
}

async function medir(p: PedidoMedida): Promise<FimMedida> {
  const log = createLogger({ level: "error" });
  const clock = systemClock;
  const db = createDb({ url: p.url, key: p.serviceKey });
  const client = createLlmClient({
    apiKey: "x",
    clock,
    log,
    requestsPerMinute: 10_000,
    ...(p.baseUrl === undefined ? {} : { baseUrl: p.baseUrl }),
  });
  const deps = criarDepsAgendamentos({
    config: configAgendamentosPadrao({
      ARQ_MAX_JOBS: p.slots,
      NORMALIZER_PROVIDER: p.tipo === "llm" ? "openai" : "deterministico",
    }),
    db,
    clock,
    llm: { client, config: { LLM_MODEL: "falso" } },
  });
  const conteudo = agendaDeEnsaio(p.linhas, p.tipo === "llm");
  const inicioImportar = performance.now();
  const r = await importarPlanilha(
    { nome: "bench.xlsx", conteudo },
    { forcar: true, clock, agendamentos: deps.agendamentos },
  );
  const importarMs = Math.round(performance.now() - inicioImportar);
  if (r.jobs_enqueued !== p.linhas) throw new Error(`esperava ${p.linhas} tarefas, há ${r.jobs_enqueued}`);

  const runner = createTaskRunner({
    store: createTaskStore({ db, clock, worker: "bench", leaseS: 30 }),
    clock,
    timers: systemTimers,
    log,
    tasks: [deps.tarefa],
  });
  let rssMb = 0;
  const memoria = setInterval(() => {
    rssMb = Math.max(rssMb, Math.round(process.memoryUsage().rss / 2 ** 20));
  }, 100);
  const antes = (await deps.agendamentos.contar()).completed;
  const inicio = performance.now();
  runner.work({ queue: "default", slots: p.slots });
  await ate(async () => (await deps.agendamentos.contar()).completed >= antes + p.linhas, 170_000);
  const s = (performance.now() - inicio) / 1000;
  clearInterval(memoria);
  await runner.close(5_000);
  return { importarMs, porS: Math.round(p.linhas / s), porMin: Math.round((p.linhas / s) * 60), rssMb };
}

process.once("message", (pedido: PedidoMedida) => {
  medir(pedido).then(
    (fim) => process.send?.(fim, () => process.exit(0)),
    (err: unknown) => {
      process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
      process.exit(1);
    },
  );
});
