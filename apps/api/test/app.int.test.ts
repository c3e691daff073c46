import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { catalogo } from "#catalogo";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { buildApp } from "../src/app.ts";
import { ApiConfig } from "../src/config.ts";
import { createDeps, type DepsAbertas } from "../src/deps.ts";

let t: TestDatabase;
let deps: DepsAbertas;
let app: FastifyInstance;
const encerramento = new AbortController();

beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
  deps = await abrir({});
  app = await buildApp(deps);
});
afterAll(async () => {
  await app.close();
  await deps.fechar();
  await t.drop();
});
beforeEach(() => t.truncateAll());

function abrir(env: Record<string, string>, shutdown = new AbortController().signal): Promise<DepsAbertas> {
  const config = loadConfig(ApiConfig, {
    APP_ENV: "test",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    ...env,
  });
  return createDeps({ config, clock: fixedClock("2026-03-10T12:05:00Z"), log: silentLogger, shutdown });
}

async function comApp(
  env: Record<string, string>,
  usar: (app: FastifyInstance) => Promise<void>,
  shutdown?: AbortSignal,
) {
  const d = await abrir(env, shutdown);
  const a = await buildApp(d);
  try {
    await usar(a);
  } finally {
    await a.close();
    await d.fechar();
  }
}

const TEXTO = "Plantão CM – PS do Hospital Vila Serena\nData: 14/03 (sábado), das 19h às 7h\nR$ 1.500 via PJ";
const webhook = (id = "A") => ({
  event: "messages.upsert",
  instance: "x",
  data: {
    key: { remoteJid: "1@g.us", participant: "5511900000001@s.whatsapp.net", id, fromMe: false },
    pushName: "Escala",
    messageTimestamp: 1773144900,
    message: { conversation: TEXTO },
    groupName: "G",
  },
});

describe("POST /jobs/processar-grupos", () => {
  test("da mensagem no webhook à vaga, com status, processados, ciclo e fila no topo", async () => {
    const entrada = await app.inject({ method: "POST", url: "/webhooks/evolution", payload: webhook() });
    expect([entrada.statusCode, entrada.json()]).toMatchObject([200, { status: "ok", novas: 1, enfileiradas: 1 }]);
    const r = await app.inject({ method: "POST", url: "/jobs/processar-grupos?batch_size=200&max_workers=20" });
    expect(r.statusCode).toBe(200);
    expect(r.json()).toMatchObject({
      status: "ok",
      processados: 5,
      ciclo: {
        itens_distintos: 2,
        finalizados: 2,
        vagas_criadas: 1,
        erros: 0,
        leases_recuperados: 0,
        interrompido_por_tempo: false,
      },
      fila: { pendente: 0, finalizado: 2, erro: 0, em_processamento: 0, aguardando_retry: 0, erros_max_tentativas: 0 },
    });
    expect(Object.keys(r.json().fila)).toHaveLength(13);
    expect(await t.sql("select valor, data from vagas")).toEqual([{ valor: 1500, data: "2026-03-14" }]);
  });

  test.each([
    ["?batch_size=0", "batch_size"],
    ["?batch_size=abc", "batch_size"],
    ["?batch_size=1001", "batch_size"],
    ["?batch_size=1.5", "batch_size"],
    ["?batch_size=", "batch_size"],
    ["?max_workers=0", "max_workers"],
    ["?foo=1", "foo"],
    ["?batch_size=1&batch_size=2", "batch_size"],
  ])("%s é 400 e nomeia %s", async (query, campo) => {
    const r = await app.inject({ method: "POST", url: `/jobs/processar-grupos${query}` });
    expect(r.statusCode).toBe(400);
    expect(r.json()).toMatchObject({ status: "error", codigo: "parametro_invalido", campo });
    expect(r.json().message.length).toBeGreaterThan(10);
  });

  test("os parâmetros também vêm no corpo; nos dois lugares é erro", async () => {
    const corpo = (url: string, payload: object) => app.inject({ method: "POST", url, payload });
    expect((await corpo("/jobs/processar-grupos", { batch_size: 10 })).statusCode).toBe(200);
    expect((await corpo("/jobs/processar-grupos", { batch_size: 0 })).json()).toMatchObject({ campo: "batch_size" });
    expect((await corpo("/jobs/processar-grupos?batch_size=1", { batch_size: 1 })).json()).toMatchObject({
      campo: "batch_size",
    });
  });

  test.each([
    ["sem corpo nem tipo", {}],
    ["com content-type e sem corpo", { headers: { "content-type": "application/json" }, payload: "" }],
    ["com {}", { headers: { "content-type": "application/json" }, payload: "{}" }],
    ["como curl -d ''", { headers: { "content-type": "application/x-www-form-urlencoded" }, payload: "" }],
  ])("%s é uma chamada sem parâmetros", async (_nome, partes) => {
    expect((await app.inject({ method: "POST", url: "/jobs/processar-grupos", ...partes })).statusCode).toBe(200);
  });

  test("uma execução à mão fica registrada em job_executions", async () => {
    await app.inject({ method: "POST", url: "/jobs/heartbeat" });
    expect(await t.sql("select job_name, status, trigger, scheduled_for, items_processed from job_executions")).toEqual(
      [{ job_name: "heartbeat", status: "success", trigger: "manual", scheduled_for: null, items_processed: 1 }],
    );
  });

  test("a mesma Idempotency-Key responde o que está guardado e não roda de novo", async () => {
    const chamar = () =>
      app.inject({
        method: "POST",
        url: "/jobs/heartbeat",
        headers: { "idempotency-key": "heartbeat:2026-03-10T12:05:00Z" },
      });
    const primeira = await chamar();
    const segunda = await chamar();
    expect(segunda.json()).toEqual(primeira.json());
    expect(segunda.headers["idempotent-replay"]).toBe("true");
    expect(await t.sql("select count(*)::int as n from julia_status")).toEqual([{ n: 1 }]);
  });

  test("um cabeçalho malformado é 400 e nomeia o cabeçalho", async () => {
    const r = await app.inject({ method: "POST", url: "/jobs/heartbeat", headers: { "x-scheduled-for": "ontem" } });
    expect([r.statusCode, r.json().campo]).toEqual([400, "X-Scheduled-For"]);
  });
});

describe("erros", () => {
  test.each([
    ["GET", "/nada", {}, 404, "rota_desconhecida"],
    ["GET", "/jobs/heartbeat", {}, 404, "rota_desconhecida"],
    [
      "POST",
      "/jobs/heartbeat",
      { headers: { "content-type": "application/json" }, payload: "{" },
      400,
      "json_invalido",
    ],
    ["POST", "/jobs/heartbeat", { headers: { "content-type": "text/xml" }, payload: "<a/>" }, 415, "tipo_de_conteudo"],
    [
      "POST",
      "/jobs/heartbeat",
      { headers: { "content-type": "application/json" }, payload: `"${"x".repeat(300_000)}"` },
      413,
      "corpo_grande_demais",
    ],
    ["POST", "/jobs/heartbeat", { payload: [1] }, 400, "parametro_invalido"],
  ] as const)("%s %s responde %o com a forma comum", async (method, url, partes, http, codigo) => {
    const r = await app.inject({ method, url, ...(partes as object) });
    expect([r.statusCode, r.json()]).toMatchObject([http, { status: "error", codigo }]);
    expect(r.json().message).toBeTruthy();
  });
});

describe("acesso", () => {
  const TOKEN = "segredo-de-teste-123456";
  test("com token, jobs e catálogo pedem Bearer ou Basic; saúde continua aberta", async () => {
    await comApp({ JOBS_API_TOKEN: TOKEN }, async (a) => {
      const pedir = async (authorization?: string, url = "/jobs") =>
        (await a.inject({ url, ...(authorization ? { headers: { authorization } } : {}) })).statusCode;
      expect(await pedir()).toBe(401);
      expect(await pedir("Bearer errado")).toBe(401);
      expect(await pedir(`Bearer ${TOKEN}x`)).toBe(401);
      expect(await pedir(`Bearer ${TOKEN}`)).toBe(200);
      expect(await pedir(`Basic ${Buffer.from(`qualquer:${TOKEN}`).toString("base64")}`)).toBe(200);
      expect(await pedir(undefined, "/health")).toBe(200);
      const recusada = await a.inject({ method: "POST", url: "/jobs/heartbeat" });
      expect(recusada.json()).toMatchObject({ status: "error", codigo: "nao_autorizado" });
      expect(recusada.headers["www-authenticate"]).toContain("Basic");
    });
  });

  test("o webhook tem segredo próprio, por qualquer das quatro portas", async () => {
    await comApp({ WEBHOOK_TOKEN: TOKEN, JOBS_API_TOKEN: "outro-segredo-123456789" }, async (a) => {
      const pedir = async (headers: Record<string, string>, url = "/webhooks/evolution") =>
        (await a.inject({ method: "POST", url, headers, payload: webhook() })).statusCode;
      expect(await pedir({})).toBe(401);
      expect(await pedir({ apikey: "outro-segredo-123456789" })).toBe(401);
      expect(await pedir({ apikey: TOKEN })).toBe(200);
      expect(await pedir({ "x-webhook-token": TOKEN })).toBe(200);
      expect(await pedir({ authorization: `Bearer ${TOKEN}` })).toBe(200);
      expect(await pedir({}, `/webhooks/evolution?token=${TOKEN}`)).toBe(200);
    });
  });
});

/** `POST /caminho` de cada rota, da árvore que o fastify imprime (quatro colunas por nível). */
function rotasDe(a: FastifyInstance): string[] {
  const caminho: string[] = [];
  return a
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((linha) => {
      const achado = /^([│ ]*)[├└]── (\S*)(?: \(([^)]*)\))?/.exec(linha);
      if (!achado) return [];
      const [, recuo = "", parte = "", metodos] = achado;
      caminho.splice(recuo.length / 4, Number.POSITIVE_INFINITY, parte);
      return metodos ? metodos.split(", ").map((m) => `${m} ${caminho.join("")}`) : [];
    });
}

describe("leitura", () => {
  test("GET /jobs é o catálogo, com o total contado e a próxima execução", async () => {
    const { total, jobs } = (await app.inject({ url: "/jobs" })).json();
    expect(total).toBe(catalogo.length);
    expect(jobs.find((j: { nome: string }) => j.nome === "processar_grupos")).toEqual({
      nome: "processar_grupos",
      schedule: "* * * * *",
      endpoint: "/jobs/processar-grupos?batch_size=200&max_workers=20",
      timeout_s: 300,
      sla_s: 180,
      critico: true,
      frequencia: "1_minuto",
      descricao: "Processa mensagens de grupos WhatsApp",
      proxima_execucao: "2026-03-10T12:06:00.000Z",
    });
  });

  test("todo endpoint do catálogo é uma rota que aceita o que o scheduler manda", async () => {
    for (const e of catalogo) {
      const r = await app.inject({
        method: "POST",
        url: e.endpoint,
        headers: { "content-type": "application/json" },
        payload: "{}",
      });
      expect([e.nome, r.statusCode, r.json()]).toMatchObject([e.nome, 200, { status: "ok" }]);
    }
  });

  test("o OpenAPI 3.1 descreve toda rota da aplicação", async () => {
    const documento = (await app.inject({ url: "/openapi.json" })).json();
    expect(documento.openapi).toBe("3.1.0");
    const descritas = Object.entries(documento.paths as Record<string, object>).flatMap(([rota, ops]) =>
      Object.keys(ops).map((metodo) => `${metodo.toUpperCase()} ${rota.replace(/\{(\w+)\}/g, ":$1")}`),
    );
    const rotas = rotasDe(app);
    const daDocumentacao = (r: string) => /^\w+ \/(docs|openapi)|^HEAD|^\w+ \/docs/.test(r) || r.includes("*");
    expect(rotas.filter((r) => !daDocumentacao(r)).sort()).toEqual(descritas.sort());
  });

  test("/docs é uma página", async () => {
    const r = await app.inject({ url: "/docs/" });
    expect([r.statusCode, r.headers["content-type"]]).toEqual([200, expect.stringContaining("text/html")]);
  });

  test("/health não lê nada; /health/ready lê o banco; nenhuma é guardada por ninguém", async () => {
    const saude = await app.inject({ url: "/health" });
    expect(saude.json()).toEqual({ status: "healthy", timestamp: "2026-03-10T12:05:00.000Z", service: "julia-api" });
    expect(saude.headers["cache-control"]).toBe("no-store");
    const pronta = await app.inject({ url: "/health/ready" });
    expect([pronta.statusCode, pronta.json()]).toMatchObject([
      200,
      { status: "ready", checks: { database: "ok", evolution: "skipped" } },
    ]);
  });

  test("com o banco fora, /health continua 200, /health/ready e os relatórios são 503", async () => {
    await comApp({ SUPABASE_URL: "http://127.0.0.1:1" }, async (a) => {
      expect((await a.inject({ url: "/health" })).statusCode).toBe(200);
      const pronta = await a.inject({ url: "/health/ready" });
      expect([pronta.statusCode, pronta.json()]).toMatchObject([
        503,
        { status: "not_ready", checks: { database: "error" } },
      ]);
      const grupos = await a.inject({ url: "/health/grupos" });
      expect([grupos.statusCode, grupos.json()]).toMatchObject([503, { status: "error" }]);
      const job = await a.inject({ method: "POST", url: "/jobs/heartbeat" });
      expect([job.statusCode, job.json()]).toMatchObject([503, { status: "error" }]);
    });
  });

  test("encerrando, nada novo é aceito e /health/ready avisa", async () => {
    encerramento.abort();
    await comApp(
      {},
      async (a) => {
        expect((await a.inject({ method: "POST", url: "/jobs/heartbeat" })).json()).toMatchObject({
          codigo: "encerrando",
        });
        expect((await a.inject({ url: "/health/ready" })).statusCode).toBe(503);
        expect((await a.inject({ url: "/health" })).statusCode).toBe(200);
      },
      encerramento.signal,
    );
  });
});
