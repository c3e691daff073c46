import { EventEmitter } from "node:events";
import { Logger, makeWorkerUtils, type Runner, run, type TaskList } from "graphile-worker";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { ate, espera, intervaloMs, type Motor } from "./motor.ts";

/** Os lotes e a concorrência com que cada um foi mais rápido, medidos um a um na pesquisa das filas. */
const LOTE = 5000;

export async function pgBoss(databaseUrl: string): Promise<Motor> {
  const schema = "pgboss_bench";
  const admin = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema,
    max: 24,
    schedule: false,
    useListenNotify: true,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    queueCacheIntervalSeconds: 1,
  });
  boss.on("error", (err) => process.stderr.write(`pg-boss: ${String(err)}\n`));
  await boss.start();
  let numero = 0;
  let fila = "";
  const restantes = async () => {
    const { rows } = await admin.query(
      `select count(*)::int as n from ${schema}.job where name = $1 and state <> 'completed'`,
      [fila],
    );
    return (rows[0] as { n: number }).n;
  };
  return {
    nome: "pg-boss",
    async limpar() {
      for (const q of await boss.getQueues()) await boss.deleteQueue(q.name);
      await admin.query(`truncate ${schema}.job_common`);
      fila = `q${++numero}`;
      await boss.createQueue(fila, { notify: true });
    },
    async enfileirar(n) {
      for (let i = 0; i < n; i += LOTE) {
        const lote = Array.from({ length: Math.min(LOTE, n - i) }, (_, k) => ({ data: { i: i + k } }));
        await boss.insert(fila, lote);
      }
    },
    async processar(n) {
      await admin.query(`analyze ${schema}.job_common`);
      await espera(2500); // para que veja o acúmulo no seu cache de contagens
      let feitos = 0;
      const inicio = performance.now();
      const opcoes = { pollingIntervalSeconds: 0.5, localConcurrency: 2, batchSize: 1000, burstWhenBatchFull: true };
      await boss.work(fila, opcoes, async (jobs: unknown[]) => {
        feitos += jobs.length;
      });
      await ate(() => feitos >= n);
      await ate(async () => (await restantes()) === 0);
      const ms = performance.now() - inicio;
      await boss.offWork(fila);
      return ms;
    },
    async latencias(n) {
      const esperas: number[] = [];
      let desde = 0;
      let chegou: () => void = () => {};
      await boss.work(fila, { pollingIntervalSeconds: 0.5 }, async () => {
        esperas.push(performance.now() - desde);
        chegou();
      });
      await espera(1500);
      for (let i = 0; i < n; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        chegou = resolve;
        desde = performance.now();
        await boss.send(fila, { i });
        await promise;
        await espera(intervaloMs(i));
      }
      await boss.offWork(fila);
      return esperas;
    },
    async fechar() {
      await boss.stop({ graceful: false });
      await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
    },
  };
}

export async function graphileWorker(databaseUrl: string): Promise<Motor> {
  const schema = "graphile_bench";
  const admin = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  const logger = new Logger(() => (level, message) => {
    if (level === "error") process.stderr.write(`graphile-worker: ${message.slice(0, 200)}\n`);
  });
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, schema, logger });
  await utils.migrate();
  const iniciar = (taskList: TaskList, events?: EventEmitter): Promise<Runner> =>
    run({
      taskList,
      noHandleSignals: true,
      ...(events ? { events: events as never } : {}),
      preset: {
        worker: {
          connectionString: databaseUrl,
          schema,
          maxPoolSize: 24,
          logger,
          concurrentJobs: 20,
          localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
          completeJobBatchDelay: 0,
          failJobBatchDelay: 0,
        },
      },
    } as never);
  return {
    nome: "graphile-worker",
    limpar: async () => void (await admin.query(`truncate ${schema}._private_jobs`)),
    async enfileirar(n) {
      for (let i = 0; i < n; i += LOTE) {
        await utils.addJobs(
          Array.from({ length: Math.min(LOTE, n - i) }, (_, k) => ({ identifier: "noop", payload: { i: i + k } })),
        );
      }
    },
    async processar(n) {
      await admin.query(`analyze ${schema}._private_jobs`);
      let feitos = 0;
      let inicio = 0;
      const events = new EventEmitter();
      for (const e of ["localQueue:init", "worker:getJob:start"]) events.on(e, () => (inicio ||= performance.now()));
      const runner = await iniciar({ noop: async () => void feitos++ }, events);
      await ate(() => feitos >= n);
      await ate(async () => {
        const { rows } = await admin.query(`select count(*)::int as n from ${schema}._private_jobs`);
        return (rows[0] as { n: number }).n === 0;
      });
      const ms = performance.now() - inicio;
      await runner.stop();
      return ms;
    },
    async latencias(n) {
      const esperas: number[] = [];
      let desde = 0;
      let chegou: () => void = () => {};
      const runner = await iniciar({
        ping: async () => {
          esperas.push(performance.now() - desde);
          chegou();
        },
      });
      await espera(1000);
      for (let i = 0; i < n; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        chegou = resolve;
        desde = performance.now();
        await utils.addJob("ping", { i });
        await promise;
        await espera(intervaloMs(i));
      }
      await runner.stop();
      return esperas;
    },
    async fechar() {
      await utils.release();
      await admin.query(`drop schema if exists ${schema} cascade`);
      await admin.end();
    },
  };
}
