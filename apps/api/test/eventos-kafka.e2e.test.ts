import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type FakeCluster, startFakeCluster } from "../../../packages/core/topics-kafka/src/testing/fake-cluster.ts";
import { iniciarApi, matarSobras, type Processo } from "./processo.ts";

let t: TestDatabase;
let cluster: FakeCluster;
let api: Processo;

beforeAll(async () => {
  [t, cluster] = await Promise.all([createTestDatabase(), startFakeCluster()]);
  api = await iniciarApi(t, { BROKER: "kafka", KAFKA_BROKERS: cluster.brokers.join(","), EVENTOS_EXEMPLOS: "true" });
}, 240_000);
afterAll(async () => {
  await api?.encerrar();
  matarSobras();
  await cluster.close();
  await t.drop();
});

async function pedir(metodo: "GET" | "POST", rota: string, corpo?: unknown) {
  const r = await fetch(`${api.url}${rota}`, {
    method: metodo,
    ...(corpo === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(corpo) }),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: r.status, corpo: (await r.json()) as Record<string, unknown> };
}

test("com BROKER=kafka a API publica, drena, mostra as mortas e as devolve, sem uma linha nas tabelas de tópicos", async () => {
  for (const payload of [{ n: 1 }, { n: "dois" }]) {
    expect(await pedir("POST", "/api/v1/topics/ensaio.entrada/messages", { payload })).toMatchObject({ status: 202 });
  }
  expect(await pedir("POST", "/jobs/processar-eventos")).toMatchObject({
    status: 200,
    corpo: { status: "ok", processados: 4, sucesso: 2, mortas: 2, pendentes_restantes: 0 },
  });
  const { corpo } = await pedir("GET", "/api/v1/events/dead?worker=ensaio");
  expect(corpo).toMatchObject({
    total: 1,
    mortas: [{ topic: "ensaio.entrada", worker: "ensaio", attempts: 1, payload: { n: "dois" } }],
  });
  const [morta] = corpo.mortas as { delivery_id: string }[];
  const devolver = `/api/v1/events/dead/${encodeURIComponent(morta?.delivery_id ?? "")}/replay`;
  expect(await pedir("POST", devolver)).toMatchObject({ status: 200, corpo: { processados: 1 } });
  expect(await pedir("POST", devolver)).toMatchObject({ status: 404 });
  expect((await pedir("POST", "/jobs/processar-eventos")).corpo).toMatchObject({ processados: 1, mortas: 1 });
  const saude = await pedir("GET", "/health/eventos");
  expect(saude).toMatchObject({ status: 200, corpo: { status: "healthy" } });
  expect((saude.corpo.workers as { worker: string }[]).map((w) => w.worker).sort()).toEqual(["ensaio", "ensaio_copia"]);
  const pausa = await pedir("POST", "/api/v1/topics/ensaio.entrada/groups/ensaio/pause");
  expect(pausa).toMatchObject({ status: 409, corpo: { message: expect.stringContaining("não pausa grupos") } });
  expect(await t.sql("select count(*)::int as n from event_messages")).toEqual([{ n: 0 }]);
}, 180_000);
