import { afterEach, describe, expect, test } from "vitest";
import type { JobCall } from "#core/job";
import { TransientError } from "#core/runtime";
import { type ApiFalsa, apiFalsa, TOKEN } from "./testing/api-falsa.ts";

const abertas: ApiFalsa[] = [];
afterEach(() => Promise.all(abertas.splice(0).map((a) => a.app.close())));
async function abrir(...args: Parameters<typeof apiFalsa>): Promise<ApiFalsa> {
  const api = await apiFalsa(...args);
  abertas.push(api);
  return api;
}

const HEARTBEAT = { registrar_heartbeat: () => ({ status: "ativo", removidos: 0 }) };
/** `async`: um `inject` só começa quando alguém o espera. */
const post = async (api: ApiFalsa, url: string, partes: object = {}) =>
  api.app.inject({ method: "POST", url, ...partes });

describe("as formas de resposta de POST /jobs/*", () => {
  test("feito: 200, plano, com status e processados", async () => {
    const r = await post(await abrir(HEARTBEAT), "/jobs/heartbeat");
    expect([r.statusCode, r.json()]).toEqual([
      200,
      {
        status: "ok",
        processados: 1,
        message: "Heartbeat registrado; a Julia está em ativo",
        status_operacional: "ativo",
      },
    ]);
  });

  test("já em execução: 409 skipped com motivo e desde quando", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const api = await abrir({ registrar_heartbeat: () => promise });
    const primeira = post(api, "/jobs/heartbeat");
    const segunda = await post(api, "/jobs/heartbeat");
    resolve({ status: "ativo", removidos: 0 });
    expect([segunda.statusCode, segunda.json()]).toEqual([
      409,
      {
        status: "skipped",
        motivo: "job_em_execucao",
        message: "heartbeat já está em execução desde 09:04:00; aguarde ou tente de novo depois",
        processados: 0,
      },
    ]);
    expect((await primeira).statusCode).toBe(200);
  });

  test("falha: 500 com código e mensagem, sem pilha nem telefone, e uma linha de log", async () => {
    const api = await abrir({
      registrar_heartbeat: () => {
        throw new Error("não gravou o contato 5511987654321");
      },
    });
    const r = await post(api, "/jobs/heartbeat");
    expect([r.statusCode, r.json()]).toEqual([
      500,
      { status: "error", codigo: "erro_interno", message: "não gravou o contato ***4321" },
    ]);
    expect(api.log.filter((l) => l.level === "error").map((l) => l.msg)).toEqual([
      "FAIL heartbeat: erro_interno: não gravou o contato ***4321",
    ]);
  });

  test("banco fora: 503", async () => {
    const api = await abrir({
      registrar_heartbeat: () => {
        throw new TransientError("banco_indisponivel", "Banco de dados não respondeu");
      },
    });
    const r = await post(api, "/jobs/heartbeat");
    expect([r.statusCode, r.json().codigo]).toEqual([503, "banco_indisponivel"]);
  });
});

describe("parâmetros", () => {
  test.each([
    [{ batch_size: true }, "batch_size"],
    [{ batch_size: null }, "batch_size"],
    [{ batch_size: [5] }, "batch_size"],
    [{ batch_size: "1e2" }, "batch_size"],
    [{ batch_size: "0x10" }, "batch_size"],
    [{ batch_size: 1.5 }, "batch_size"],
    [{ constructor: 1 }, "constructor"],
    [{ Batch_size: 1 }, "Batch_size"],
  ])("o corpo %j é 400 e nomeia %s", async (payload, campo) => {
    const api = await abrir();
    const r = await post(api, "/jobs/processar-grupos", { payload });
    expect([r.statusCode, r.json()]).toMatchObject([400, { codigo: "parametro_invalido", campo }]);
    expect(api.chamadas).toEqual([]);
  });

  test("a mensagem diz o que seria válido", async () => {
    const r = await post(await abrir(), "/jobs/processar-grupos?batch_size=abc");
    expect(r.json().message).toMatch(/^batch_size deve ser um inteiro de 1 a 1000/);
    const desconhecido = await post(await abrir(), "/jobs/processar-grupos?foo=1");
    expect(desconhecido.json().message).toMatch(/foo .*batch_size, max_workers/);
  });

  test.each(["/jobs/heartbeat?__proto__=1", "/jobs/heartbeat?toString=1", "/jobs/heartbeat?hasOwnProperty=1"])(
    "%s é um parâmetro desconhecido como outro qualquer",
    async (url) => {
      expect((await post(await abrir(HEARTBEAT), url)).json()).toMatchObject({ codigo: "parametro_invalido" });
    },
  );
});

describe("cabeçalhos do scheduler", () => {
  test.each([
    ["X-Job-Name", "processar_grupos"],
    ["X-Job-Execution-Id", "12"],
    ["X-Scheduled-For", "2026-03-10"],
    ["X-Job-Deadline", "daqui a pouco"],
    ["Idempotency-Key", "com espaço"],
    ["Idempotency-Key", "x".repeat(201)],
  ])("%s: %s é 400 e nomeia o cabeçalho", async (nome, valor) => {
    const r = await post(await abrir(HEARTBEAT), "/jobs/heartbeat", { headers: { [nome]: valor } });
    expect([r.statusCode, r.json()]).toMatchObject([400, { codigo: "parametro_invalido", campo: nome }]);
  });

  test("bem formados, chegam ao runner", async () => {
    let chamada: JobCall | undefined;
    const runner = {
      run: async (_job: unknown, _params: unknown, call: JobCall) => {
        chamada = call;
        return { httpStatus: 200, body: {} };
      },
      idle: async () => undefined,
    };
    await post(await abrir({}, {}, { runner }), "/jobs/heartbeat", {
      headers: {
        "x-job-name": "heartbeat",
        "x-job-execution-id": "0b0f4b4e-7d53-4b8e-8d4c-0d6c1f6e7a11",
        "x-scheduled-for": "2026-03-10T12:05:00.000Z",
        "x-job-deadline": "2026-03-10T12:10:00Z",
        "idempotency-key": "heartbeat:2026-03-10T12:05:00.000Z",
      },
    });
    expect(chamada).toMatchObject({
      executionId: "0b0f4b4e-7d53-4b8e-8d4c-0d6c1f6e7a11",
      scheduledFor: new Date("2026-03-10T12:05:00Z"),
      deadline: new Date("2026-03-10T12:10:00Z"),
      idempotencyKey: "heartbeat:2026-03-10T12:05:00.000Z",
    });
  });
});

test("quem chamou foi embora: o sinal do job é abortado", async () => {
  const { promise: abortado, resolve } = Promise.withResolvers<void>();
  const { promise: comecou, resolve: avisar } = Promise.withResolvers<void>();
  const runner = {
    run: async (_job: unknown, _params: unknown, { signal }: JobCall) => {
      signal.addEventListener("abort", () => resolve());
      avisar();
      await abortado;
      return { httpStatus: 200, body: {} };
    },
    idle: async () => undefined,
  };
  const { app } = await abrir({}, {}, { runner });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const cliente = new AbortController();
  const pedido = fetch(`${url}/jobs/heartbeat`, { method: "POST", signal: cliente.signal });
  await comecou;
  cliente.abort();
  await expect(pedido).rejects.toThrow();
  await abortado;
});

describe("erros antes e fora das rotas", () => {
  test.each([
    ["GET", "/jobs/heartbeat", "não existe GET /jobs/heartbeat; o método é POST"],
    ["POST", "/nada?token=abc", "não existe POST /nada; veja /docs"],
    ["GET", "/%zz", "endereço malformado"],
  ] as const)("%s %s: 404 rota_desconhecida", async (method, url, message) => {
    const r = await (await abrir()).app.inject({ method, url });
    expect([r.statusCode, r.json()]).toEqual([404, { status: "error", codigo: "rota_desconhecida", message }]);
  });

  test('um corpo com "__proto__" é recusado', async () => {
    const headers = { "content-type": "application/json" };
    const r = await post(await abrir(HEARTBEAT), "/jobs/heartbeat", { headers, payload: '{"__proto__":{"a":1}}' });
    expect([r.statusCode, r.json().codigo]).toEqual([400, "json_invalido"]);
  });

  test("sem token a resposta é 401 antes de o corpo ser lido", async () => {
    const api = await abrir(HEARTBEAT, { JOBS_API_TOKEN: TOKEN });
    for (const partes of [{ payload: { x: "y".repeat(400_000) } }, { payload: "<a/>" }, {}]) {
      expect((await post(api, "/jobs/heartbeat", partes)).statusCode).toBe(401);
    }
    expect((await api.app.inject({ url: "/grupos/revisao" })).statusCode).toBe(401);
    expect((await post(api, "/grupos/reprocessar")).statusCode).toBe(401);
  });
});

describe("encerrando", () => {
  test("um job é recusado, um webhook ainda é guardado", async () => {
    const api = await abrir({
      fn_grupos_ingerir: () => ({ novas: 0, duplicadas: 1, enfileiradas: 0, ignoradas: {}, grupos_sem_nome: [] }),
    });
    api.shutdown.abort();
    expect((await post(api, "/jobs/heartbeat")).json()).toMatchObject({ codigo: "encerrando" });
    const key = { remoteJid: "1@g.us", participant: "5511900000001@s.whatsapp.net", id: "A" };
    const payload = { event: "messages.upsert", instance: "x", data: { key, message: { conversation: "oi gente" } } };
    expect((await post(api, "/webhooks/evolution", { payload })).json()).toMatchObject({ status: "ok", duplicadas: 1 });
  });
});
