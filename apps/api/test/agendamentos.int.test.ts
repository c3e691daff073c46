import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type FixedClock, fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { planilha } from "../../../packages/dominio/agendamentos/src/testing/planilha-falsa.ts";
import { buildApp } from "../src/app.ts";
import { ApiConfig } from "../src/config.ts";
import { createDeps, type DepsAbertas } from "../src/deps.ts";

const INICIO = "2026-03-10T12:00:00.000Z";
const TOKEN = "token-de-quem-importa";
const CABECALHO = ["Nome", "Telefone", "Data", "Hora", "Endereço completo", "CPF"];

let t: TestDatabase;
let clock: FixedClock;
let deps: DepsAbertas;
let app: FastifyInstance;
beforeAll(async () => {
  t = await createTestDatabase();
  clock = fixedClock(INICIO);
  const config = loadConfig(ApiConfig, {
    APP_ENV: "test",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    JOBS_API_TOKEN: "token-do-operador-123",
    API_TOKENS: `outro-token-qualquer, ${TOKEN}`,
  });
  deps = await createDeps({ config, clock, log: silentLogger, shutdown: new AbortController().signal });
  app = await buildApp(deps);
});
afterAll(async () => {
  await app.close();
  await deps.tarefas.close(0);
  await deps.fechar();
  await t.drop();
});
beforeEach(async () => {
  await t.truncateAll();
  clock.set(INICIO);
});

const autorizado = { authorization: `Bearer ${TOKEN}` };

function formulario(conteudo: Buffer, campo = "file") {
  const fronteira = "----fronteira";
  return {
    headers: { ...autorizado, "content-type": `multipart/form-data; boundary=${fronteira}` },
    payload: Buffer.concat([
      Buffer.from(
        `--${fronteira}\r\nContent-Disposition: form-data; name="${campo}"; filename="agenda.xlsx"\r\nContent-Type: application/octet-stream\r\n\r\n`,
      ),
      conteudo,
      Buffer.from(`\r\n--${fronteira}--\r\n`),
    ]),
  };
}
const importar = (conteudo: Buffer, query = "") =>
  app.inject({ method: "POST", url: `/api/v1/appointments/import${query}`, ...formulario(conteudo) });
const ler = (url: string, headers: Record<string, string> = autorizado) => app.inject({ method: "GET", url, headers });
const mandar = (url: string, payload: object = {}) => app.inject({ method: "POST", url, headers: autorizado, payload });

function agenda(n: number): Buffer {
  const linhas = Array.from({ length: n }, (_, i) => [
    `Paciente ${i}`,
    `11 9${String(i).padStart(8, "0")}`,
    45658 + (i % 300),
    0.5,
    `R. Vergueiro, ${i + 1} - Apto ${i % 90} - Liberdade - São Paulo/SP - 01504-000`,
    52998224725,
  ]);
  return planilha([CABECALHO, ...linhas]);
}

describe("importação", () => {
  test("17: duas mil linhas viram agendamentos pendentes, cada um com a sua tarefa, e nada é normalizado no pedido", async () => {
    const r = await importar(agenda(2000));
    expect(r.statusCode, r.body).toBe(200);
    expect(r.json()).toMatchObject({
      success: true,
      message: "Importação concluída",
      total: 2000,
      imported: 2000,
      rejected: 0,
      skipped: 0,
      jobs_enqueued: 2000,
      errors: [],
    });
    expect(
      await t.sql(
        `select count(*)::int as n, count(distinct a.normalization_job_id)::int as tarefas, count(b.job_id)::int as na_fila,
                count(a.endereco_normalizado)::int as feitos
           from appointments a left join background_jobs b on b.job_id = a.normalization_job_id and b.status = 'queued'
            and b.args ->> 'appointment_id' = a.id::text where a.normalization_status = 'pending'`,
      ),
    ).toEqual([{ n: 2000, tarefas: 2000, na_fila: 2000, feitos: 0 }]);
    expect(await t.sql("select data::text, hora::text, documento_completo from appointments where linha = 2")).toEqual([
      { data: "2025-01-01", hora: "12:00:00", documento_completo: "CPF 52998224725" },
    ]);
  });

  test("18: uma linha sem endereço e sem documento entra sem tarefa; uma sem nome é recusada com a linha e o campo", async () => {
    const r = await importar(planilha([CABECALHO, ["Ana", "11"], [null, "22"], ["Bia", "33", null, null, "n/a", "-"]]));
    expect(r.json()).toMatchObject({
      total: 3,
      imported: 2,
      rejected: 1,
      skipped: 2,
      jobs_enqueued: 0,
      errors: [{ row: 3, field: "nome", message: "nome é obrigatório" }],
    });
    expect(await t.sql("select distinct normalization_status from appointments")).toEqual([
      { normalization_status: "skipped" },
    ]);
  });

  test("46: uma planilha quebrada é 422 e nada fica; a mesma duas vezes num dia é 409, e com forcar entra", async () => {
    const quebrada = await importar(Buffer.from("isto não é um .xlsx"));
    expect(quebrada.statusCode).toBe(422);
    expect(quebrada.json()).toEqual({
      success: false,
      campo: "file",
      message: expect.stringContaining("não é um .xlsx"),
    });
    expect(await t.sql("select 1 from appointment_imports")).toEqual([]);

    const arquivo = agenda(3);
    expect((await importar(arquivo)).statusCode).toBe(200);
    const segunda = await importar(arquivo);
    expect([segunda.statusCode, segunda.json().campo]).toEqual([409, "file"]);
    expect(await t.sql("select count(*)::int as n from appointments")).toEqual([{ n: 3 }]);
    expect((await importar(arquivo, "?forcar=true")).statusCode).toBe(200);
    expect(await t.sql("select count(*)::int as n from appointments")).toEqual([{ n: 6 }]);
    clock.advanceMs(24 * 3_600_000);
    expect((await importar(arquivo)).statusCode).toBe(200);
  });

  test("dois cliques ao mesmo tempo importam uma vez", async () => {
    const respostas = await Promise.all([importar(agenda(3)), importar(agenda(3))]);
    expect(respostas.map((r) => r.statusCode).sort()).toEqual([200, 409]);
    expect(await t.sql("select count(*)::int as n from appointments")).toEqual([{ n: 3 }]);
  });

  test("um arquivo de mais de 5 MB é 413; sem o campo file, sem formulário ou sem token, diz o que falta", async () => {
    const grande = await importar(Buffer.alloc(5 * 2 ** 20 + 1, 1));
    expect([grande.statusCode, grande.json().message]).toEqual([413, "o arquivo passa de 5 MB"]);
    const url = "/api/v1/appointments/import";
    const outroCampo = await app.inject({ method: "POST", url, ...formulario(agenda(1), "planilha") });
    expect([outroCampo.statusCode, outroCampo.json().campo]).toEqual([400, "file"]);
    const json = await mandar(url, { file: "x" });
    expect(json.statusCode).toBe(415);
    const semFronteira = await app.inject({
      method: "POST",
      url,
      headers: { ...autorizado, "content-type": "multipart/form-data" },
      payload: "x",
    });
    expect([400, 415, 422]).toContain(semFronteira.statusCode);
    const semToken = await app.inject({ method: "POST", url, ...formulario(agenda(1)), headers: {} });
    expect([semToken.statusCode, semToken.json()]).toEqual([401, { success: false, message: "Não autorizado" }]);
    expect(await t.sql("select 1 from appointments")).toEqual([]);
  });
});

describe("um agendamento", () => {
  test("é criado com as mesmas regras, normalizado pelo job, e o estado da tarefa é o do texto", async () => {
    const r = await mandar("/api/v1/appointments", {
      nome: "Ana",
      data: "2026-04-01",
      endereco_completo: "R. Vergueiro, 1000 - Apto 12 - Liberdade - São Paulo/SP - 01504-000",
      documento_completo: "CPF: 529.982.247-25 RG: 24.678.131-2 SSP/SP",
    });
    expect(r.statusCode, r.body).toBe(201);
    const { appointment } = r.json();
    expect(appointment).toMatchObject({ normalization_status: "pending" });
    const url = `/api/v1/jobs/${appointment.normalization_job_id}/status`;
    expect((await ler(url)).json()).toEqual({
      success: true,
      message: "Status do job obtido com sucesso",
      job: {
        job_id: appointment.normalization_job_id,
        status: "queued",
        enqueue_time: "2026-03-10T12:00:00Z",
        start_time: null,
        finish_time: null,
        result: null,
      },
    });

    clock.set("2026-03-10T12:00:05.700Z");
    const job = await app.inject({
      method: "POST",
      url: "/jobs/normalizar-agendamentos",
      headers: { authorization: "Bearer token-do-operador-123" },
    });
    expect(job.json()).toEqual({
      status: "ok",
      processados: 1,
      completos: 1,
      falhas: 0,
      ignorados: 0,
      retries_agendados: 0,
      reparados: 0,
      em_andamento: 0,
      na_fila: 0,
    });
    expect((await ler(url)).json().job).toEqual({
      job_id: appointment.normalization_job_id,
      status: "complete",
      enqueue_time: "2026-03-10T12:00:00Z",
      start_time: "2026-03-10T12:00:05Z",
      finish_time: "2026-03-10T12:00:05Z",
      result: {
        success: true,
        appointment_id: appointment.id,
        fields_normalized: ["endereco_normalizado", "documento_normalizado"],
      },
    });

    // 21: o resultado vive uma hora, e nem um segundo mais.
    clock.set("2026-03-10T13:00:04.700Z");
    expect((await ler(url)).statusCode).toBe(200);
    clock.set("2026-03-10T13:00:05.700Z");
    const vencido = await ler(url);
    expect([vencido.statusCode, vencido.json()]).toEqual([404, { success: false, message: "Job não encontrado" }]);
  });

  test("21: sem token, ou com um errado, o estado é 401 antes de qualquer busca; um id malformado é 422", async () => {
    for (const headers of [{}, { authorization: "Bearer errado" }, { authorization: TOKEN }]) {
      const r = await ler("/api/v1/jobs/nem-um-uuid/status", headers as Record<string, string>);
      expect([r.statusCode, r.json()]).toEqual([401, { success: false, message: "Não autorizado" }]);
    }
    expect((await ler("/api/v1/jobs/nem-um-uuid/status")).statusCode).toBe(422);
    expect(
      (await ler(`/api/v1/jobs/${crypto.randomUUID()}/status`, { authorization: "Bearer token-do-operador-123" }))
        .statusCode,
    ).toBe(404);
  });

  test("o token de quem importa não abre as ferramentas de operador", async () => {
    expect((await app.inject({ method: "POST", url: "/jobs/heartbeat", headers: autorizado })).statusCode).toBe(401);
    expect((await ler("/grupos/status")).statusCode).toBe(401);
  });

  test("sem nome, ou com uma data que não existe, é recusado e diz o campo", async () => {
    const semNome = await mandar("/api/v1/appointments", { endereco_completo: "x" });
    expect([semNome.statusCode, semNome.json().campo]).toEqual([400, "nome"]);
    const data = await mandar("/api/v1/appointments", { nome: "Ana", data: "2026-02-30" });
    expect([data.statusCode, data.json().campo]).toEqual([400, "data"]);
  });

  test("os que falharam são tentados outra vez, um a um ou todos; as métricas os contam", async () => {
    const { appointment } = (await mandar("/api/v1/appointments", { nome: "Ana", documento_completo: "abc" })).json();
    const operador = { authorization: "Bearer token-do-operador-123" };
    await app.inject({ method: "POST", url: "/jobs/normalizar-agendamentos", headers: operador });
    expect((await ler(`/api/v1/jobs/${appointment.normalization_job_id}/status`)).json().job).toMatchObject({
      status: "failed",
      result: {
        success: false,
        appointment_id: appointment.id,
        error: "Documento não reconhecido",
        fields_normalized: [],
      },
    });
    expect((await ler("/api/v1/appointments/normalization/stats")).json()).toMatchObject({
      success: true,
      queue_size: 0,
      error_rate_percent: 100,
      normalization_status: { failed: 1, completed: 0 },
      workers: [{ running: 0 }],
    });
    expect((await app.inject({ method: "GET", url: "/health/filas" })).json()).toMatchObject({
      status: "degraded",
      filas: { default: { failed: 1 } },
    });
    const todos = await mandar("/api/v1/appointments/normalization/retry-failed", { limit: 10 });
    expect(todos.json()).toMatchObject({ success: true, retried: 1 });
    const um = await mandar(`/api/v1/appointments/${appointment.id}/normalize`);
    expect([um.statusCode, um.json().job_id]).toEqual([202, todos.json().jobs[0].job_id]);
    expect((await mandar(`/api/v1/appointments/${crypto.randomUUID()}/normalize`)).statusCode).toBe(404);
  });
});

describe("o que muda algo para todos", () => {
  test.each([
    ["POST", "/api/v1/appointments/normalization/flags", { address: true }, 200],
    ["POST", "/api/v1/queues/default/resume", {}, 200],
    ["POST", "/api/v1/topics/a/groups/b/pause", {}, 404],
    ["POST", "/api/v1/topics/a/groups/b/resume", {}, 404],
    ["DELETE", "/api/v1/topics/a/groups/b", undefined, 404],
  ] as const)("%s %s pede o token de quem opera", async (method, url, payload, comOperador) => {
    const pedir = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })).statusCode;
    };
    expect(await pedir(TOKEN)).toBe(401);
    expect(await pedir("token-do-operador-123")).toBe(comOperador);
  });

  test("a pausa de uma fila acaba quando quem opera o diz; uma fila que não existe é 404", async () => {
    const headers = { authorization: "Bearer token-do-operador-123" };
    const retomar = async (fila: string) =>
      app.inject({ method: "POST", url: `/api/v1/queues/${fila}/resume`, headers, payload: {} });
    await t.sql(
      "insert into queue_state (queue, pausada_ate, motivo, bloqueios_seguidos) values ('enrichment', $1, 'x', 3)",
      [new Date(clock.now().getTime() + 60_000)],
    );
    expect((await retomar("enrichment")).json()).toEqual({ success: true, resumed: true });
    expect((await ler("/api/v1/queues/enrichment/stats")).json()).toMatchObject({ pausada_ate: null });
    expect((await retomar("enrichment")).json()).toEqual({ success: true, resumed: false });
    expect((await retomar("nenhuma")).statusCode).toBe(404);
  });
});

describe("o que o banco não guarda", () => {
  test("sai dos textos de um agendamento e do nome do arquivo; num tópico é um 400 que diz o campo", async () => {
    const criado = await mandar("/api/v1/appointments", { nome: " a\u0000b\ud800 ", telefone: "\u000011" });
    expect(criado.statusCode, criado.body).toBe(201);
    expect(await t.sql("select nome, telefone from appointments")).toEqual([{ nome: "ab\ufffd", telefone: "11" }]);
    expect((await mandar("/api/v1/appointments", { nome: "\u0000 " })).json()).toMatchObject({ campo: "nome" });

    const { headers, payload } = formulario(agenda(1));
    const comNul = Buffer.from(payload.toString("latin1").replace("agenda.xlsx", "age\u0000nda.xlsx"), "latin1");
    const importada = await app.inject({
      method: "POST",
      url: "/api/v1/appointments/import",
      headers,
      payload: comNul,
    });
    expect(importada.statusCode, importada.body).toBeLessThan(500);

    for (const corpo of [
      { payload: { n: "a\u0000" } },
      { payload: "\ud800" },
      { payload: 1, key: "a\u0000" },
      { payload: 1, dedupe_key: "\u0000" },
    ]) {
      const r = await mandar("/api/v1/topics/pedidos/messages", corpo);
      expect(r.statusCode, r.body).toBeGreaterThanOrEqual(400);
      expect(r.statusCode, r.body).toBeLessThan(500);
      expect(Object.keys(corpo)).toContain(r.json().campo);
    }
  });
});
