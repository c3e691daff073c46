import { afterEach, describe, expect, test, vi } from "vitest";
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
    expect(await codigo(0, "talvez")).toBe(422);
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

test("um parâmetro que o relatório não conhece: 422 com a mensagem e o campo, e nada é lido", async () => {
  const api = await abrir();
  const r = await api.app.inject({ url: "/health/jobs?dias=2" });
  const message = "dias não é um parâmetro conhecido; os aceitos são strict";
  expect([r.statusCode, r.json()]).toEqual([422, { status: "error", message, campo: "dias" }]);
  expect(api.chamadas).toEqual([]);
});

describe("o limite de pedidos", () => {
  const LIMITE = { SAUDE_PEDIDOS_POR_MINUTO: "5" };
  const pedir = async ({ app }: ApiFalsa, url: string, xff?: string) =>
    app.inject({ url, ...(xff === undefined ? {} : { headers: { "x-forwarded-for": xff } }) });
  async function gastar(api: ApiFalsa, xff?: string): Promise<void> {
    for (let i = 0; i < 5; i++) expect((await pedir(api, "/health/circuits", xff)).statusCode).toBe(200);
  }

  test("responde na forma comum, e diz quando tentar de novo", async () => {
    const api = await abrir({}, LIMITE);
    await gastar(api);
    const r = await pedir(api, "/health/circuits");
    expect([r.statusCode, r.json()]).toMatchObject([429, { status: "error", codigo: "muitas_requisicoes" }]);
    expect(r.headers["retry-after"]).toBeDefined();
  });

  test("não vale para /health nem para /health/ready: monitores e deploy têm sempre resposta", async () => {
    const api = await abrir({ dobra: () => "a" }, LIMITE);
    await gastar(api);
    const codigos = new Set<number>();
    for (let i = 0; i < 20; i++)
      for (const url of ["/health", "/health/ready"]) codigos.add((await pedir(api, url)).statusCode);
    expect([...codigos]).toEqual([200]);
  });

  test("sem proxies configurados X-Forwarded-For é ignorado: quem o inventa não ganha outra cota", async () => {
    const api = await abrir({}, LIMITE);
    await gastar(api, "203.0.113.1");
    expect((await pedir(api, "/health/circuits", "203.0.113.2")).statusCode).toBe(429);
  });

  test("com um proxy, cada endereço que ele viu tem a sua cota, escreva quem chama o que escrever antes", async () => {
    const api = await abrir({}, { ...LIMITE, PROXIES_CONFIAVEIS: "1" });
    await gastar(api, "203.0.113.1");
    expect((await pedir(api, "/health/circuits", "203.0.113.2")).statusCode).toBe(200);
    expect((await pedir(api, "/health/circuits", "198.51.100.7, 203.0.113.1")).statusCode).toBe(429);
  });

  test("com dois, vale o endereço que o mais externo viu", async () => {
    const api = await abrir({}, { ...LIMITE, PROXIES_CONFIAVEIS: "2" });
    await gastar(api, "203.0.113.1, 10.0.0.9");
    expect((await pedir(api, "/health/circuits", "203.0.113.2, 10.0.0.9")).statusCode).toBe(200);
    expect((await pedir(api, "/health/circuits", "198.51.100.7, 203.0.113.1, 10.0.0.9")).statusCode).toBe(429);
  });
});

describe("com um banco que não responde", () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const nunca = () => new Promise<never>(() => undefined);

  test("quem chega durante a leitura de outro também tem resposta em menos de 8 s", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const api = await abrir({ resumir_execucoes: nunca, dobra: nunca });
    const urls = ["/health/jobs", "/health/jobs", "/health/score", "/health/alerts", "/health/ready", "/health/ready"];
    const codigos: (number | undefined)[] = urls.map(() => undefined);
    const pedidos = urls.map(async (url, i) => {
      const r = await api.app.inject({ url });
      codigos[i] = r.statusCode;
      return r.json();
    });
    await vi.waitFor(() => expect(api.chamadas).toContain("resumir_execucoes"), { timeout: 10_000, interval: 5 });
    await vi.advanceTimersByTimeAsync(7900);
    vi.useRealTimers(); // o relógio falso parou: daqui em diante só se espera pelo que já venceu
    await vi.waitFor(() => expect(codigos).toEqual([503, 503, 200, 200, 503, 503]), { timeout: 10_000 });
    const [jobs, , nota, alertas, pronta] = await Promise.all(pedidos);
    expect(jobs).toMatchObject({ status: "error", error: "os dados não puderam ser lidos a tempo" });
    expect(nota.caps).toEqual([{ max: 39, motivo: "o estado dos jobs não pôde ser lido" }]);
    expect(alertas.alerts).toContainEqual({ severity: "error", source: "jobs", message: "jobs: não pôde ser lido" });
    expect(pronta).toMatchObject({ status: "not_ready", checks: { database: "error" } });
  });
});
