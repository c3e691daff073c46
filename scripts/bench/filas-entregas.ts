import pg from "pg";
import { type Db, openSupabase } from "#core/db";
import { createLogger, systemClock } from "#core/runtime";
import { Consumer, createPostgresBroker, defineWorker, toMessage } from "#core/topics";
import type { EmbeddedSupabase } from "#embedded";
import { ate, espera, intervaloMs, type Motor } from "./motor.ts";

const LEASE_S = 30;
const LOTE = 5000;
/** Publicações em voo: enquanto uma é gravada, a seguinte viaja. */
const FAIXAS = 2;

/** A porta de produção: supabase-js, PostgREST, circuito e conexões como nos processos. */
export function abrirBanco(s: EmbeddedSupabase): { db: Db; fechar(): Promise<void> } {
  const { db, close } = openSupabase({
    config: { SUPABASE_URL: s.url, SUPABASE_SERVICE_KEY: s.serviceKey },
    clock: systemClock,
    log: createLogger({ level: "error" }),
  });
  return { db, fechar: close };
}

/** Entregas de tópicos pelo Data API, do `publish` à conclusão durável. */
export async function entregas(s: EmbeddedSupabase): Promise<Motor> {
  const admin = new pg.Pool({ connectionString: s.databaseUrl, max: 2 });
  const { db, fechar } = abrirBanco(s);
  const broker = createPostgresBroker({ db, owner: "bench", leaseSeconds: LEASE_S });
  const log = createLogger({ level: "error" });
  const worker = (fazer: () => void) =>
    defineWorker({ name: "noop", topic: "bench.noop", concurrency: 20 }, async () => fazer());
  const consumidor = async (fazer: () => void) => {
    const consumer = new Consumer({ broker, workers: [worker(fazer)], clock: systemClock, log, leaseSeconds: LEASE_S });
    await consumer.register();
    return consumer;
  };
  await consumidor(() => {});
  const concluidas = async () => {
    const { rows } = await admin.query("select count(*)::int as n from event_deliveries where status = 'concluida'");
    return (rows[0] as { n: number }).n;
  };
  return {
    nome: "entregas (Data API)",
    async limpar() {
      await admin.query("truncate event_messages, event_deliveries, event_outcomes");
    },
    async enfileirar(n) {
      const messages = Array.from({ length: n }, (_, i) => toMessage("bench.noop", { i }));
      let proximo = 0;
      const faixa = async () => {
        while (proximo < n) {
          const lote = messages.slice(proximo, proximo + LOTE);
          proximo += LOTE;
          await broker.publish(lote);
        }
      };
      await Promise.all(Array.from({ length: FAIXAS }, faixa));
    },
    async processar(n) {
      await admin.query("analyze event_messages, event_deliveries");
      let feitos = 0;
      const consumer = await consumidor(() => void feitos++);
      const inicio = performance.now();
      consumer.start();
      await ate(() => feitos >= n);
      await ate(async () => (await concluidas()) === n);
      const ms = performance.now() - inicio;
      await consumer.stop(30_000);
      if (feitos !== n) throw new Error(`${n} entregas, ${feitos} execuções`);
      return ms;
    },
    async latencias(n) {
      const esperas: number[] = [];
      let desde = 0;
      let chegou: () => void = () => {};
      const consumer = await consumidor(() => {
        esperas.push(performance.now() - desde);
        chegou();
      });
      consumer.start();
      await espera(1000);
      for (let i = 0; i < n; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        chegou = resolve;
        desde = performance.now();
        await broker.publish([toMessage("bench.noop", { i })]);
        await promise;
        await espera(intervaloMs(i));
      }
      await consumer.stop(5000);
      return esperas;
    },
    async fechar() {
      await fechar();
      await admin.end();
    },
  };
}
