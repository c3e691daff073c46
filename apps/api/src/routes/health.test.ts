import { afterEach, describe, expect, test } from "vitest";
import type { EvolutionClient } from "#clients/evolution";
import { AppError, TransientError } from "#core/runtime";
import { type ApiFalsa, apiFalsa } from "../testing/api-falsa.ts";

const abertas: ApiFalsa[] = [];
afterEach(() => Promise.all(abertas.splice(0).map((a) => a.app.close())));
async function abrir(...args: Parameters<typeof apiFalsa>): Promise<ApiFalsa> {
  const api = await apiFalsa(...args);
  abertas.push(api);
  return api;
}

const ESTAGIOS =
  "pendente heuristica classificacao extracao normalizacao deduplicacao importacao finalizado descartado erro em_processamento aguardando_retry erros_max_tentativas";
const fila = (travados: number) => ({
  fn_grupos_saude: () => ({
    fila: Object.fromEntries(ESTAGIOS.split(" ").map((e) => [e, 0])),
    travados: { count: travados, por_estagio: {}, mais_antigo_em: null },
    erros_24h: 0,
    ciclo_em_andamento: false,
    ultimo_ciclo_em: null,
  }),
});
const fora = () => {
  throw new TransientError("banco_indisponivel", "fetch falhou: http://usuario:senha@10.0.0.1:5432");
};

test("/health não chama ninguém", async () => {
  const api = await abrir();
  expect((await api.app.inject({ url: "/health" })).statusCode).toBe(200);
  expect(api.chamadas).toEqual([]);
});

describe("/health/grupos", () => {
  test.each([
    [100, "healthy"],
    [101, "degraded"],
    [500, "degraded"],
    [501, "unhealthy"],
  ])("%d travados: %s, nas duas rotas, com 200", async (travados, status) => {
    const { app } = await abrir(fila(travados));
    for (const url of ["/health/grupos", "/health/grupos-worker"]) {
      const r = await app.inject({ url });
      expect([r.statusCode, r.json()]).toMatchObject([200, { status, travados: { count: travados } }]);
    }
  });

  test("?strict=true faz de um veredito ruim um 503, e só dele", async () => {
    const codigo = async (travados: number, strict: string) =>
      (await (await abrir(fila(travados))).app.inject({ url: `/health/grupos?strict=${strict}` })).statusCode;
    expect(await codigo(501, "true")).toBe(503);
    expect(await codigo(501, "false")).toBe(200);
    expect(await codigo(101, "true")).toBe(200);
    expect(await codigo(0, "talvez")).toBe(400);
  });

  test("dado que não pôde ser lido: 503, um texto sem detalhes, a causa no log", async () => {
    const api = await abrir({ fn_grupos_saude: fora });
    const r = await api.app.inject({ url: "/health/grupos" });
    expect([r.statusCode, r.json()]).toEqual([
      503,
      { status: "error", error: "o banco de dados não respondeu", timestamp: "2026-03-10T12:05:00.000Z" },
    ]);
    expect(api.log.map((l) => l.msg)).toEqual(["relatório de saúde não pôde ser calculado"]);
    const quebrado = await abrir({ fn_grupos_saude: () => ({}) });
    expect((await quebrado.app.inject({ url: "/health/grupos" })).json().error).toBe("os dados não puderam ser lidos");
  });
});

describe("/health/ready", () => {
  const pronta = async (evolution: EvolutionClient | null, dobra: () => unknown = () => "a") => {
    const { app } = await abrir({ dobra }, { EVOLUTION_INSTANCE: "julia" }, { evolution });
    const r = await app.inject({ url: "/health/ready" });
    return { codigo: r.statusCode, ...r.json() };
  };
  const evolution = (estadoConexao: EvolutionClient["estadoConexao"]): EvolutionClient => ({
    estadoConexao,
    buscarGrupo: async () => null,
  });

  test("sem banco não está pronta, e o motivo não traz endereço", async () => {
    const r = await pronta(null, fora);
    expect(r).toMatchObject({ codigo: 503, status: "not_ready" });
    expect(r.checks).toEqual({
      database: "error",
      database_error: "o banco de dados não respondeu",
      redis: "skipped",
      evolution: "skipped",
    });
  });

  test.each([
    ["open", { evolution: "ok" }],
    ["close", { evolution: "degraded", evolution_error: "a instância está close" }],
  ] as const)("a Evolution %s nunca muda o veredito", async (estado, checks) => {
    const r = await pronta(evolution(async (instancia) => ({ instancia, estado })));
    expect(r).toMatchObject({ codigo: 200, status: "ready", checks: { database: "ok", ...checks } });
  });

  test("a Evolution que não responde é unknown", async () => {
    const r = await pronta(
      evolution(async () => {
        throw new AppError("servico_externo", "recusada");
      }),
    );
    expect(r).toMatchObject({ codigo: 200, checks: { evolution: "unknown" } });
  });
});

test("a saúde tem limite de pedidos, e ele responde na forma comum", async () => {
  const { app } = await abrir();
  for (let i = 0; i < 600; i++) await app.inject({ url: "/health" });
  const r = await app.inject({ url: "/health" });
  expect([r.statusCode, r.json()]).toMatchObject([429, { status: "error", codigo: "muitas_requisicoes" }]);
  expect(r.headers["retry-after"]).toBeDefined();
});
