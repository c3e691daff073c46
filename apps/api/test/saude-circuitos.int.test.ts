import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createEvolutionClient } from "#clients/evolution";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, silentLogger } from "#core/runtime";
import { closeLoopbacks, loopback } from "../../../packages/core/http/src/testing/loopback.ts";
import { buildApp } from "../src/app.ts";
import { depsDeSaude } from "./saude-semeada.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(async () => {
  await closeLoopbacks();
  await t.drop();
});

test("caso 35: cinco falhas de rede abrem o circuito, que recusa sem chamar o provedor e depois de 60 s sonda uma vez", async () => {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  let noAr = false;
  const provedor = await loopback((_req, res) => {
    if (!noAr) res.destroy();
    else res.end(JSON.stringify({ instance: { instanceName: "julia", state: "open" } }));
  });
  const deps = await depsDeSaude(t, clock);
  const evolution = createEvolutionClient({
    baseUrl: provedor.url,
    apiKey: "k",
    circuit: deps.circuits.get("evolution"),
    clock,
    log: silentLogger,
    sleep: async () => undefined,
  });
  const app = await buildApp({ ...deps, evolution });
  const circuito = async () => (await app.inject({ url: "/health/circuits" })).json().circuits.evolution;
  try {
    for (let i = 0; i < 5; i++) {
      await evolution.estadoConexao("julia").catch(() => undefined);
      if ((await circuito()).estado === "open") break;
    }
    expect(await circuito()).toMatchObject({
      nome: "evolution",
      estado: "open",
      falhas_consecutivas: 5,
      falhas_para_abrir: 5,
      tempo_reset_atual: 60,
      proxima_tentativa_em_s: 60,
      ultima_falha: "2026-03-02T13:00:00.000Z",
    });
    const historico = async (query: string) => (await app.inject({ url: `/health/circuits/history?${query}` })).json();
    await vi.waitFor(
      async () => {
        const h = await historico("circuit_name=evolution&horas=24");
        expect(h).toMatchObject({ circuit_filter: "evolution", period_hours: 24, total_transitions: 1 });
        expect(h.by_circuit.evolution).toMatchObject([{ from: "closed", to: "open", reason: "muitas_falhas_5" }]);
      },
      { timeout: 30_000, interval: 200 },
    );
    expect(await historico("circuit_name=nenhum")).toMatchObject({
      total_transitions: 0,
      by_circuit: {},
      transitions: [],
    });

    const chamadas = provedor.requests.length;
    expect(chamadas).toBe(5);
    clock.advanceMs(59_999);
    await expect(evolution.estadoConexao("julia")).rejects.toThrow("circuit open");
    expect(provedor.requests).toHaveLength(chamadas); // nem chegou ao provedor
    noAr = true;
    clock.advanceMs(1);
    expect(await circuito()).toMatchObject({ estado: "half_open", proxima_tentativa_em_s: 0 });
    expect(await evolution.estadoConexao("julia")).toEqual({ instancia: "julia", estado: "open" });
    expect(provedor.requests).toHaveLength(chamadas + 1);
    expect((await circuito()).estado).toBe("closed");
  } finally {
    await app.close();
    await deps.fechar();
  }
});

test("/health/rate-limit diz o mesmo nas duas formas, pelo relógio de São Paulo; com os contadores fora é 503, não zeros", async () => {
  const clock = fixedClock("2026-03-02T22:59:00Z"); // segunda, 19:59
  const deps = await depsDeSaude(t, clock, { MAX_MSGS_POR_HORA: "8" });
  const app = await buildApp(deps);
  try {
    await t.sql(
      "insert into limites_envio values ('limite_hora', '', '2026030219', 3, '2026-03-03'), ('limite_dia', '', '20260302', 50, '2026-03-04')",
    );
    expect((await app.inject({ url: "/health/rate-limit" })).json()).toEqual({
      rate_limit: {
        msgs_hora: 3,
        limite_hora: 8,
        msgs_dia: 50,
        limite_dia: 100,
        hourly: { used: 3, limit: 8, percentage: 37.5 },
        daily: { used: 50, limit: 100, percentage: 50 },
        horario_permitido: true,
        hora_atual: "19:59",
        dia_semana: "segunda",
      },
      timestamp: "2026-03-02T22:59:00.000Z",
    });
    clock.set("2026-03-02T23:00:00Z");
    const depois = (await app.inject({ url: "/health/rate-limit" })).json().rate_limit;
    expect([depois.msgs_hora, depois.msgs_dia, depois.horario_permitido]).toEqual([0, 50, false]);
  } finally {
    await app.close();
    await deps.fechar();
  }
  const fora = await depsDeSaude(t, clock, { SUPABASE_URL: "http://127.0.0.1:1" });
  const a = await buildApp(fora);
  try {
    const r = await a.inject({ url: "/health/rate-limit" });
    expect([r.statusCode, r.json().status]).toEqual([503, "error"]);
  } finally {
    await a.close();
    await fora.fechar();
  }
});
