import pg from "pg";
import { z } from "zod";
import { systemTimers } from "#core/executions";
import { createLogger, systemClock } from "#core/runtime";
import { createTaskRunner, createTaskStore, defineTask, enqueueTasks, type RunnableTask } from "#core/tasks";
import type { EmbeddedSupabase } from "#embedded";
import { abrirBanco } from "./filas-entregas.ts";
import { ate, espera, intervaloMs, type Motor } from "./motor.ts";

const LOTE = 2500;
/** Enfileiramentos em voo: enquanto um é gravado, o seguinte viaja. */
const FAIXAS = 2;
/** Tarefas por chamada do handler, e chamadas em curso. */
const POR_CHAMADA = 1000;
const CHAMADAS = 3;

const noop = defineTask({
  name: "bench_noop",
  queue: "bench",
  args: z.object({ i: z.int() }),
  result: z.object({ i: z.int() }),
});

/** Tarefas pelo Data API: reserva com token por tarefa, resultado guardado por tarefa. */
export async function tarefas(s: EmbeddedSupabase): Promise<Motor> {
  const admin = new pg.Pool({ connectionString: s.databaseUrl, max: 2 });
  const { db, fechar } = abrirBanco(s);
  const executor = (tarefa: RunnableTask) =>
    createTaskRunner({
      store: createTaskStore({ db, clock: systemClock, worker: "bench", leaseS: 30 }),
      clock: systemClock,
      timers: systemTimers,
      log: createLogger({ level: "error" }),
      tasks: [tarefa],
    });
  const publicar = (de: number, n: number) =>
    enqueueTasks(
      { db, clock: systemClock },
      noop,
      Array.from({ length: n }, (_, i) => ({ i: de + i })),
    );
  const completas = async () => {
    const { rows } = await admin.query(
      "select count(*)::int as n from background_jobs where status = 'complete' and result = jsonb_build_object('i', args -> 'i')",
    );
    return (rows[0] as { n: number }).n;
  };
  return {
    nome: "tarefas (Data API)",
    async limpar() {
      await admin.query("truncate background_jobs, background_job_logs");
    },
    async enfileirar(n) {
      let proximo = 0;
      const faixa = async () => {
        while (proximo < n) {
          const de = proximo;
          proximo += LOTE;
          await publicar(de, Math.min(LOTE, n - de));
        }
      };
      await Promise.all(Array.from({ length: FAIXAS }, faixa));
    },
    async processar(n) {
      await admin.query("analyze background_jobs");
      let feitas = 0;
      const runner = executor(
        noop.handleBatch(POR_CHAMADA, async (itens) => {
          feitas += itens.length;
          return itens.map(({ args }) => ({ ok: { i: args.i } }));
        }),
      );
      const inicio = performance.now();
      runner.work({ queue: "bench", slots: CHAMADAS });
      await ate(() => feitas >= n);
      await ate(async () => (await completas()) === n);
      const ms = performance.now() - inicio;
      await runner.close(30_000);
      if (feitas !== n) throw new Error(`${n} tarefas, ${feitas} execuções`);
      return ms;
    },
    async latencias(n) {
      const esperas: number[] = [];
      let desde = 0;
      let chegou: () => void = () => {};
      const runner = executor(
        noop.handle(async ({ i }) => {
          esperas.push(performance.now() - desde);
          chegou();
          return { i };
        }),
      );
      runner.work({ queue: "bench", slots: 20 });
      await espera(1000);
      for (let i = 0; i < n; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        chegou = resolve;
        desde = performance.now();
        await publicar(i, 1);
        await promise;
        await espera(intervaloMs(i));
      }
      await runner.close(5000);
      return esperas;
    },
    async fechar() {
      await fechar();
      await admin.end();
    },
  };
}
