import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Db } from "#core/db";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createVirtualTime, pause, systemTimers, type VirtualTime } from "#core/executions";
import { silentLogger, systemClock } from "#core/runtime";
import { createTaskRunner, createTaskStore } from "#core/tasks";
import { configOfertasPadrao } from "./config.ts";
import { criarOfertas } from "./criar-ofertas.ts";
import { salvarOfertas } from "./ofertas.ts";
import { criarVez } from "./vez.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

/** O banco cujas idas o tempo virtual espera. */
function acompanhado(time: VirtualTime): Db {
  return {
    call: (fn, args, o) => time.track(t.db.call(fn, args, o)),
    json: (fn, args, schema, o) => time.track(t.db.json(fn, args, schema, o)),
  };
}

const menorDistancia = (inicios: readonly number[]) =>
  Math.min(...inicios.slice(1).map((em, i) => em - (inicios[i] ?? Number.NEGATIVE_INFINITY)));

test("38: dez ofertas, três simultâneas em cada um de dois processos, espera de 0,5 s: o último pedido começa 4,5 s depois do primeiro ou mais, e nunca dois a menos de 0,5 s", async () => {
  const time = createVirtualTime("2026-03-10T12:00:00Z");
  const db = acompanhado(time);
  const { clock, timers } = time;
  const inicios: number[] = [];
  const processos = ["a", "b"].map((worker) => {
    const ofertas = criarOfertas({
      config: configOfertasPadrao(),
      db,
      clock,
      log: silentLogger,
      timers,
      abrirPaginas: (aguardarVez) => ({
        async fetchPage(url, { signal }) {
          await aguardarVez(new URL(url).hostname, signal);
          inicios.push(clock.monotonicMs());
          await pause(timers, 1700, signal);
          return { kind: "gone", status: 404 };
        },
        close: async () => undefined,
      }),
    });
    const store = createTaskStore({ db, clock, worker, leaseS: 30 });
    return {
      ofertas,
      runner: createTaskRunner({ store, clock, timers, log: silentLogger, tasks: [ofertas.executavel] }),
    };
  });
  const { tarefa } = processos[0]?.ofertas ?? expect.unreachable();
  const coletadas = Array.from({ length: 10 }, (_, i) => ({
    url: `https://www.mercadolivre.com.br/MLB-${i}`,
    current_price_cents: 100,
  }));
  await salvarOfertas({ db, clock, log: silentLogger, tarefa }, coletadas);
  const signal = new AbortController().signal;
  const fins = Promise.all(
    processos.map(({ runner }) =>
      runner.drain({ queue: "enrichment", limit: 100, slots: 3, budgetMs: 60_000, signal }),
    ),
  );
  await time.advance(30_000);
  expect((await fins).reduce((n, f) => n + f.complete, 0)).toBe(10);
  expect(inicios).toHaveLength(10);
  expect((inicios.at(-1) ?? 0) - (inicios[0] ?? 0)).toBeGreaterThanOrEqual(4500);
  expect(menorDistancia(inicios)).toBeGreaterThanOrEqual(500);
});

test("38: no relógio de verdade, oito pedidos de quatro processos ficam a 50 ms ou mais uns dos outros", async () => {
  const sinal = AbortSignal.timeout(30_000);
  // O instante é o da última leitura do relógio, com que a vez foi dada por boa: o processo pode parar logo depois dela.
  const leituras = vi.spyOn(systemClock, "monotonicMs");
  const inicios: number[] = [];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const vez = criarVez({ db: t.db, clock: systemClock, timers: systemTimers, intervaloMs: 50 });
      for (let i = 0; i < 2; i++) {
        await vez.aguardar("www.mercadolivre.com.br", sinal);
        inicios.push(leituras.mock.results.at(-1)?.value as number);
      }
    }),
  );
  leituras.mockRestore();
  expect(inicios).toHaveLength(8);
  expect(menorDistancia(inicios.toSorted((a, b) => a - b))).toBeGreaterThanOrEqual(50);
});

test("quem acorda tarde perde a vez e toma outra; hosts diferentes não se esperam", async () => {
  const time = createVirtualTime("2026-03-10T12:00:00Z");
  const vez = criarVez({ db: acompanhado(time), clock: time.clock, timers: time.timers, intervaloMs: 500 });
  const inicios: [string, number][] = [];
  const pedir = async (host: string) => {
    await vez.aguardar(host, new AbortController().signal);
    inicios.push([host, time.clock.monotonicMs()]);
  };
  const pedidos = [pedir("a"), pedir("b"), pedir("a")];
  await time.advance(100);
  expect(inicios.map(([host]) => host).sort()).toEqual(["a", "b"]);
  await time.freeze(5000); // parado além da sua vez
  await time.advance(10_000);
  await Promise.all(pedidos);
  expect(inicios).toHaveLength(3);
  expect(inicios[2]).toEqual(["a", 5100]);
  // A nova vez foi contada a partir de então, com o dobro da tolerância.
  expect(await t.sql("select next_allowed_at as em from rate_limits where host = 'a'")).toEqual([
    { em: new Date("2026-03-10T12:00:05.800Z") },
  ]);
});

test("o abandono de quem espera é o motivo do sinal", async () => {
  const time = createVirtualTime("2026-03-10T12:00:00Z");
  const vez = criarVez({ db: acompanhado(time), clock: time.clock, timers: time.timers, intervaloMs: 60_000 });
  await vez.aguardar("a", new AbortController().signal);
  const fim = new AbortController();
  const espera = vez.aguardar("a", fim.signal);
  await time.advance(1000);
  fim.abort(new Error("encerrando"));
  await expect(espera).rejects.toThrow("encerrando");
});
