import { expect, test } from "vitest";
import { filasDeTarefas } from "#catalogo";
import { createDb } from "#core/db";
import { silentLogger, systemClock } from "#core/runtime";
import type { TaskRunner, WorkRequest } from "#core/tasks";
import { configAgendamentosPadrao, criarDepsAgendamentos } from "#dominio/agendamentos";
import { trabalhoDeTarefas } from "./trabalho.ts";

test("ARQ_MAX_JOBS vale para todos os processos: o worker o diz à fila, como o job agendado", async () => {
  const agendamentos = criarDepsAgendamentos({
    config: configAgendamentosPadrao({ ARQ_MAX_JOBS: 7 }),
    db: createDb({ url: "http://127.0.0.1:1", key: "x" }),
    clock: systemClock,
    llm: null,
  });
  const ofertas = {
    tarefa: { queue: "enrichment" },
    executavel: {},
    config: { ENRICHMENT_WORKER_CONCURRENCY: 3 },
  } as unknown as Parameters<typeof filasDeTarefas>[0]["ofertas"];
  const pedidos: WorkRequest[] = [];
  const tarefas = { work: (pedido: WorkRequest) => void pedidos.push(pedido) } as unknown as TaskRunner;
  await trabalhoDeTarefas({ tarefas, filas: filasDeTarefas({ agendamentos, ofertas }), log: silentLogger }).iniciar();
  expect(pedidos).toEqual([
    { queue: "default", slots: 7, maxRunning: agendamentos.maximoEmCurso(7) },
    { queue: "enrichment", slots: 3 },
  ]);
});
