import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { closeLoopbacks, type Loopback, loopback } from "../../../packages/core/http/src/testing/loopback.ts";
import { paginaProduto } from "../../../packages/dominio/ofertas/src/testing/paginas.ts";
import { buildApp } from "../src/app.ts";
import { ApiConfig } from "../src/config.ts";
import { createDeps, type DepsAbertas } from "../src/deps.ts";

const TOKEN = "segredo-dos-jobs-0123";
const COM_TOKEN = { authorization: `Bearer ${TOKEN}` };

let t: TestDatabase;
let deps: DepsAbertas;
let app: FastifyInstance;
let loja: Loopback;
let paginas: Record<string, string>;

beforeAll(async () => {
  t = await createTestDatabase();
  const config = loadConfig(ApiConfig, {
    APP_ENV: "test",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    JOBS_API_TOKEN: TOKEN,
    ENRICHMENT_ALLOW_LOOPBACK: "true",
    ENRICHMENT_REQUEST_DELAY_S: "0",
  });
  const clock = fixedClock("2026-03-10T12:05:00Z");
  deps = await createDeps({ config, clock, log: silentLogger, shutdown: new AbortController().signal });
  app = await buildApp(deps);
});
afterAll(async () => {
  await app.close();
  await deps.fechar();
  await t.drop();
});
beforeEach(async () => {
  await t.truncateAll();
  paginas = {};
  loja = await loopback((req, res) => {
    const html = paginas[req.url ?? ""];
    res.writeHead(html === undefined ? 503 : 200, { "content-type": "text/html" });
    res.end(html);
  });
  paginas["/robots.txt"] = "";
});
afterEach(closeLoopbacks);

async function pedir(method: "GET" | "POST", url: string, payload?: object, headers: object = COM_TOKEN) {
  const r = await app.inject({ method, url, headers: { ...headers }, ...(payload ? { payload } : {}) });
  return { http: r.statusCode, corpo: r.json(), headers: r.headers };
}
const coletada = (n: number) => ({ url: `${loja.url}/MLB-${n}`, title: `Produto ${n}`, current_price_cents: 28_214 });
const salvar = (...n: number[]) => pedir("POST", "/api/v1/offers", { offers: n.map(coletada) });
const rodar = () => pedir("POST", "/jobs/enriquecer-ofertas");

describe("ofertas", () => {
  test("do lote guardado à oferta enriquecida, pelo job", async () => {
    const salvo = await salvar(1, 2);
    expect(salvo).toMatchObject({ http: 200, corpo: { success: true, saved: 2, created: 2, jobs_enqueued: 2 } });
    paginas["/MLB-1"] = paginaProduto();
    expect(await rodar()).toMatchObject({
      http: 200,
      corpo: { status: "ok", processados: 2, finalizadas: 1, falhas: 1 },
    });
    const [um, dois] = salvo.corpo.offers;
    expect((await pedir("GET", `/api/v1/offers/${um.id}`)).corpo.offer).toMatchObject({
      enrichment_outcome: "enriquecida",
      old_price_cents: 44_999,
      discount_pct: 37,
    });
    const job = { enrichment_status: "failed", enrichment_error: "HTTP 503" };
    expect((await pedir("GET", `/api/v1/offers/${dois.id}`)).corpo.offer).toMatchObject(job);
  });

  test("à mão: 202 com a tarefa, a mesma enquanto está ativa; 404 se a oferta não existe", async () => {
    const { id } = (await salvar(1)).corpo.offers[0];
    const um = await pedir("POST", `/api/v1/offers/${id}/enrich`);
    expect(um).toMatchObject({ http: 202, corpo: { success: true, job_id: expect.any(String) } });
    expect((await pedir("POST", `/api/v1/offers/${id}/enrich`)).corpo.job_id).toBe(um.corpo.job_id);
    expect(await pedir("POST", "/api/v1/offers/00000000-0000-4000-8000-000000000000/enrich")).toMatchObject({
      http: 404,
      corpo: { success: false, message: "Oferta não encontrada" },
    });
  });

  test("um lote errado é recusado pelo lugar e nada dele fica", async () => {
    const r = await pedir("POST", "/api/v1/offers", {
      offers: [coletada(1), { ...coletada(2), current_price_cents: "x" }],
    });
    expect([r.http, r.corpo.campo]).toEqual([400, "offers.1.current_price_cents"]);
    expect(await t.sql("select * from offers")).toEqual([]);
  });
});

describe("filas", () => {
  test("41: o que falhou aparece com o seu erro e log, e reposto volta à fila; a oferta também", async () => {
    const { id, job_id } = (await salvar(1)).corpo.offers[0];
    await rodar();
    expect((await pedir("GET", "/api/v1/queues")).corpo.queues.enrichment).toMatchObject({
      queued: 0,
      started: 0,
      finished: 0,
      failed: 1,
      pausada_ate: null,
    });
    const falhas = await pedir("GET", "/api/v1/queues/enrichment/jobs?status=failed&limit=10");
    expect(falhas.corpo.jobs).toMatchObject([{ job_id, status: "failed", error: "HTTP 503" }]);
    const detalhe = await pedir("GET", `/api/v1/queues/enrichment/jobs/${job_id}`);
    expect(detalhe.corpo.job.logs.map((l: { message: string }) => l.message)).toContain(`oferta ${id}: HTTP 503`);

    expect(await pedir("POST", `/api/v1/queues/enrichment/jobs/${job_id}/requeue`)).toMatchObject({ http: 200 });
    expect((await pedir("GET", `/api/v1/offers/${id}`)).corpo.offer).toMatchObject({ enrichment_status: "queued" });
    expect(await pedir("POST", `/api/v1/queues/enrichment/jobs/${job_id}/requeue`)).toMatchObject({ http: 409 });
    paginas["/MLB-1"] = paginaProduto();
    expect(await rodar()).toMatchObject({ corpo: { finalizadas: 1 } });
    expect((await pedir("GET", "/api/v1/queues/enrichment/stats")).corpo).toMatchObject({
      finished: 1,
      success_rate_24h: 100,
    });
  });

  test("todas as que falharam voltam de uma vez", async () => {
    await salvar(1, 2, 3);
    await rodar();
    expect(await pedir("POST", "/api/v1/queues/enrichment/requeue-failed", { limit: 2 })).toMatchObject({
      http: 200,
      corpo: { success: true, requeued: 2 },
    });
    expect(await t.sql("select enrichment_status as s from offers order by 1")).toEqual([
      { s: "failed" },
      { s: "queued" },
      { s: "queued" },
    ]);
  });

  test("o que não existe é 404, o que não se entende é 400, sem token é 401", async () => {
    expect((await pedir("GET", "/api/v1/queues/outra/stats")).http).toBe(404);
    expect((await pedir("GET", "/api/v1/queues/enrichment/jobs/00000000-0000-4000-8000-000000000000")).http).toBe(404);
    expect((await pedir("GET", "/api/v1/queues/enrichment/jobs?status=complete")).http).toBe(400);
    expect((await pedir("GET", "/api/v1/queues/enrichment/jobs/x")).http).toBe(400);
    for (const rota of ["/api/v1/queues", "/filas", "/api/v1/offers/00000000-0000-4000-8000-000000000000"]) {
      expect([rota, (await pedir("GET", rota, undefined, {})).http]).toEqual([rota, 401]);
    }
  });

  test("/filas se abre num navegador com o token como senha, escapa tudo e não aceita script", async () => {
    paginas["/MLB-1"] = `<h1 class="ui-pdp-title"><script>alert(1)</script></h1>`;
    await pedir("POST", "/api/v1/offers", { offers: [{ ...coletada(1), title: "<script>alert(2)</script>" }] });
    await t.sql(`update background_jobs set args = args || '{"url": "http://x/<script>alert(3)</script>"}'`);
    await rodar();
    const basic = { authorization: `Basic ${Buffer.from(`qualquer:${TOKEN}`).toString("base64")}` };
    const [{ job_id = "" } = {}] = await t.sql<{ job_id: string }>("select job_id from background_jobs");
    const r = await app.inject({ method: "GET", url: `/filas?tarefa=${job_id}`, headers: basic });
    expect([r.statusCode, r.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(r.headers["content-security-policy"]).toMatch(/^default-src 'none'/);
    expect(r.body).toContain("URL não permitida");
    expect(r.body).not.toMatch(/<script/);
    const sem = await app.inject({ method: "GET", url: "/filas" });
    expect([sem.statusCode, sem.headers["www-authenticate"]]).toEqual([401, expect.stringContaining("Basic")]);
  });
});
