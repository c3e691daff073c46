import { readFileSync } from "node:fs";
import nock from "nock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCircuitBreaker } from "#core/http";
import { fixedClock, silentLogger } from "#core/runtime";
import { createEvolutionClient } from "./evolution-client.ts";

const HOST = "https://evolution.test";
const fixture = (name: string): object =>
  JSON.parse(readFileSync(new URL(`./__fixtures__/${name}.json`, import.meta.url), "utf8"));

function setup() {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const circuit = createCircuitBreaker({ name: "evolution", failures: 5, resetS: 60, maxResetS: 1800, clock });
  const client = createEvolutionClient({
    baseUrl: `${HOST}/`,
    apiKey: "chave",
    circuit,
    clock,
    log: silentLogger,
    sleep: async (ms) => clock.advanceMs(ms),
  });
  return { client, circuit };
}

const api = () => nock(HOST, { reqheaders: { apikey: "chave" } });

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

test("a group is looked up by jid on an instance", async () => {
  api()
    .get("/group/findGroupInfos/escuta-01")
    .query({ groupJid: "120363000000000001@g.us" })
    .reply(200, fixture("grupo"));
  expect(await setup().client.buscarGrupo("escuta-01", "120363000000000001@g.us")).toEqual({
    jid: "120363000000000001@g.us",
    nome: "Plantões Médicos SP",
    descricao: "Só vagas de plantão. Sem propaganda.",
    participantes: 214,
  });
});

test.each([400, 404])(
  "a group the instance does not know (HTTP %i) is null and no failure of the provider",
  async (status) => {
    api()
      .get(/findGroupInfos/)
      .reply(status, { error: "x" });
    const { client, circuit } = setup();
    expect(await client.buscarGrupo("escuta-01", "1@g.us")).toBeNull();
    expect(circuit.snapshot().falhas_consecutivas).toBe(0);
  },
);

test("the name of an instance cannot leave its segment of the path", async () => {
  api().get("/instance/connectionState/a%2F..%2Fb").reply(404, {});
  expect(await setup().client.estadoConexao("a/../b")).toBeNull();
});

test("the connection state is the provider's; one it does not hold in memory is unknown, not closed", async () => {
  api().get("/instance/connectionState/escuta-01").reply(200, fixture("conexao"));
  expect(await setup().client.estadoConexao("escuta-01")).toEqual({ instancia: "escuta-01", estado: "open" });
  api()
    .get("/instance/connectionState/escuta-02")
    .reply(200, { instance: { instanceName: "escuta-02" } });
  expect(await setup().client.estadoConexao("escuta-02")).toEqual({ instancia: "escuta-02", estado: "desconhecido" });
});

test("a fault is retried once; the second one is the caller's, and both count", async () => {
  api()
    .get(/connectionState/)
    .twice()
    .reply(503, {});
  const { client, circuit } = setup();
  await expect(client.estadoConexao("escuta-01")).rejects.toMatchObject({ details: { http: 503 } });
  expect(circuit.snapshot().falhas_consecutivas).toBe(2);
});

test("a wrong key counts for the circuit and is not retried", async () => {
  const scope = api()
    .get(/connectionState/)
    .twice()
    .reply(401, {});
  const { client, circuit } = setup();
  await expect(client.estadoConexao("escuta-01")).rejects.toMatchObject({ details: { http: 401 } });
  expect([circuit.snapshot().falhas_consecutivas, scope.pendingMocks().length]).toEqual([1, 1]);
});
