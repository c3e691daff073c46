import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type FixedClock, fixedClock, silentLogger } from "#core/runtime";
import {
  type Broker,
  createPostgresBroker,
  defineWorker,
  type WorkerDefinition,
  type WorkerHealth,
} from "#core/topics";
import { criarEventos } from "./deps.ts";
import { processarEventos } from "./jobs/processar-eventos.ts";
import { devolverMorta, listarMortas, pausarGrupo, publicar } from "./operacao.ts";
import { saudeEventos, veredito } from "./saude.ts";

let t: TestDatabase;
let clock: FixedClock;
let broker: Broker;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  clock = fixedClock("2026-03-10T12:00:00Z");
  broker = createPostgresBroker({ db: t.db, owner: "teste", leaseSeconds: 30, now: () => clock.now() });
});

async function mundo(...workers: WorkerDefinition[]) {
  const eventos = criarEventos({ broker, workers, clock, log: silentLogger, leaseSegundos: 30 });
  await eventos.consumidor.register();
  const signal = new AbortController().signal;
  const rodar = (params = {}) => processarEventos.run(processarEventos.params.parse(params), { eventos, signal });
  return { eventos, rodar };
}
const por = (decisao: Record<string, Error | string>) =>
  defineWorker({ name: "principal", topic: "t", outputTopic: "t.feito", maxRetries: 1 }, async (m) => {
    const d = decisao[String(m)];
    if (d instanceof Error) throw d;
    return { m };
  });

describe("processar_eventos", () => {
  test("caso 16: 3 sucessos, 1 retry e 1 morta são 4 processados, com status ok e as contas por worker", async () => {
    const { rodar } = await mundo(por({ repete: new Error("x"), morre: new Error("y") }));
    await publicar(broker, "t", { payload: "morre" });
    await rodar();
    clock.advanceMs(5000);
    for (const payload of ["a", "b", "c", "repete"]) await publicar(broker, "t", { payload });
    expect(await rodar()).toEqual({
      status: "ok",
      processados: 4,
      sucesso: 3,
      mortas: 1,
      retries_agendados: 1,
      publicadas: 4,
      em_andamento: 0,
      pendentes_restantes: 0,
      sem_consumidor: 4,
      por_worker: { principal: { sucesso: 3, mortas: 1, retries: 1 } },
    });
  });

  test("uma cadeia anda inteira, o limite vale, e os filtros escolhem os workers", async () => {
    const { rodar } = await mundo(
      por({}),
      defineWorker({ name: "seguinte", topic: "t.feito" }, async () => {}),
      defineWorker({ name: "outro", topic: "u" }, async () => {}),
    );
    for (let i = 0; i < 10; i++) await publicar(broker, "t", { payload: i });
    await publicar(broker, "u", { payload: 1 });
    expect(await rodar({ limite: 4, topico: "t" })).toMatchObject({ processados: 4, pendentes_restantes: 6 });
    expect(await rodar({ worker: "outro" })).toMatchObject({ processados: 1, por_worker: { outro: { sucesso: 1 } } });
    expect(await rodar()).toMatchObject({ processados: 16, pendentes_restantes: 0, sem_consumidor: 0 });
    await expect(rodar({ worker: "nenhum" })).rejects.toMatchObject({ campo: "worker" });
    await expect(rodar({ topico: "T!" })).rejects.toMatchObject({ campo: "topico" });
  });

  test("remove o que passou do prazo: 7 dias, 30 para mortas e para a DLQ, e nunca o que está aberto", async () => {
    const { rodar } = await mundo(por({ morre: Object.assign(new Error("z")) }));
    for (const payload of ["feita", "morre"]) await publicar(broker, "t", { payload });
    await publicar(broker, "ninguem", { payload: 1 });
    await rodar();
    clock.advanceMs(2000);
    await rodar();
    const topicos = async () =>
      (await t.sql("select topic, payload from event_messages order by id")).map(
        (r) => `${r.topic} ${JSON.stringify(r.payload)}`,
      );
    await publicar(broker, "t", { payload: "aberta" });
    await pausarGrupo(broker, "t", "principal", true);
    clock.advanceMs(7 * 86_400_000 + 5000);
    await rodar();
    expect(await topicos()).toEqual(['t "morre"', expect.stringMatching(/^t\.dlq /), 't "aberta"']);
    clock.advanceMs(23 * 86_400_000);
    await rodar();
    expect(await topicos()).toEqual(['t "aberta"']);
    expect(await t.sql("select count(*)::int as n from event_deliveries")).toEqual([{ n: 1 }]);
  });
});

test("uma entrega morta se vê e volta ao seu grupo, e só a ele, como nova", async () => {
  const vistas: string[] = [];
  let caida = true;
  const { rodar } = await mundo(
    defineWorker({ name: "a", topic: "t", maxRetries: 0 }, async (m, ctx) => {
      if (caida) throw new Error("serviço fora");
      vistas.push(`a ${String(m)} ${ctx.attempt}`);
    }),
    defineWorker({ name: "b", topic: "t" }, async (m) => void vistas.push(`b ${String(m)}`)),
  );
  await publicar(broker, "t", { payload: "um" });
  await rodar();
  const { mortas } = await listarMortas(broker, { limit: 10 });
  expect(mortas).toMatchObject([{ worker: "a", topic: "t", error: "serviço fora", payload: "um", attempts: 1 }]);
  expect((await listarMortas(broker, { worker: "b", limit: 10 })).mortas).toEqual([]);
  caida = false;
  await devolverMorta(broker, mortas[0]?.delivery_id ?? "");
  await rodar();
  expect(vistas).toEqual(["b um", "a um 1"]);
  await expect(devolverMorta(broker, mortas[0]?.delivery_id ?? "")).rejects.toMatchObject({ code: "nao_encontrado" });
});

test("uma morta com chave que volta espera a vez das suas irmãs, e elas a dela", async () => {
  const ordem: string[] = [];
  let caida = true;
  const { rodar } = await mundo(
    defineWorker({ name: "a", topic: "t", maxRetries: 0, concurrency: 10 }, async (m) => {
      if (m === "um" && caida) throw new Error("fora");
      ordem.push(String(m));
    }),
  );
  await publicar(broker, "t", { payload: "um", key: "k" });
  await rodar();
  await pausarGrupo(broker, "t", "a", true);
  for (const payload of ["dois", "tres"]) await publicar(broker, "t", { payload, key: "k" });
  caida = false;
  const { mortas } = await listarMortas(broker, { limit: 10 });
  await devolverMorta(broker, mortas[0]?.delivery_id ?? "");
  const abertas = "select count(*)::int as n from event_deliveries where status = 'pendente' and not blocked";
  expect(await t.sql(abertas)).toEqual([{ n: 1 }]);
  await pausarGrupo(broker, "t", "a", false);
  await rodar();
  expect(ordem.toSorted()).toEqual(["dois", "tres", "um"]);
  expect(ordem.indexOf("dois")).toBeLessThan(ordem.indexOf("tres"));
});

describe("/health/eventos", () => {
  test("conta por worker o que espera, o que corre, o que morreu e a taxa da última hora", async () => {
    const { rodar } = await mundo(por({ morre: new Error("x") }));
    for (const payload of ["a", "b", "morre"]) await publicar(broker, "t", { payload });
    await rodar();
    expect((await saudeEventos(broker, clock.now())).workers).toMatchObject([{ aguardando_retry: 1 }]);
    clock.advanceMs(2000);
    await rodar();
    await publicar(broker, "t", { payload: "c", key: "k" });
    await publicar(broker, "t", { payload: "d", key: "k" });
    clock.advanceMs(200_000);
    expect(await saudeEventos(broker, clock.now())).toMatchObject({
      status: "degraded",
      workers: [
        {
          worker: "principal",
          pendentes: 2,
          pendente_mais_antiga_s: 200,
          em_andamento: 0,
          aguardando_retry: 0,
          mortas_24h: 1,
          taxa_sucesso_1h: 0.5,
        },
      ],
    });
  });

  test("o veredito: 180 s ou mais de 10 mortas na hora degradam, 900 s é crítico; um grupo pausado não conta a idade", () => {
    const base: WorkerHealth = {
      worker: "w",
      topic: "t",
      groupId: "g",
      paused: false,
      pending: 0,
      oldestDueS: null,
      running: 0,
      waitingRetry: 0,
      dead1h: 0,
      dead24h: 0,
      successRate1h: null,
    };
    const de = (...trocas: Partial<WorkerHealth>[]) => veredito(trocas.map((x) => ({ ...base, ...x })));
    expect([de(), de({ oldestDueS: 180 }), de({ dead1h: 10 })]).toEqual(["healthy", "healthy", "healthy"]);
    expect([de({ oldestDueS: 181 }), de({ dead1h: 6 }, { dead1h: 5 })]).toEqual(["degraded", "degraded"]);
    expect([de({ oldestDueS: 901 }), de({ oldestDueS: 5000, paused: true })]).toEqual(["critical", "healthy"]);
  });
});
