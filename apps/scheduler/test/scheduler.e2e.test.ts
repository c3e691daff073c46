import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { type ApiFalsa, apiFalsa, iniciar, matarSobras } from "./processo.ts";

vi.setConfig({ testTimeout: 400_000 }); // dois processos, cada um com o seu prazo para começar

let t: TestDatabase;
let api: ApiFalsa;
let pasta: string;
beforeAll(async () => {
  t = await createTestDatabase();
  pasta = mkdtempSync(join(tmpdir(), "julia-scheduler-"));
});
afterAll(async () => {
  rmSync(pasta, { recursive: true });
  await t.drop();
});
beforeEach(() => t.truncateAll());
afterEach(async () => {
  matarSobras();
  await api?.fechar().catch(() => undefined);
});

const scheduler = (env: Record<string, string> = {}) =>
  iniciar({
    RUN_MODE: "scheduler",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    JULIA_API_URL: api.url,
    SCHEDULER_LIVENESS_FILE: join(pasta, "vivo"),
    ...env,
  });
const execucoes = (job: string) =>
  t.sql("select * from job_executions where job_name = $1 order by scheduled_for", [job]);

test("caso 18: chama os jobs do minuto, registra cada fim, e uma chamada sem resposta é timeout no seu prazo", async () => {
  api = await apiFalsa({ "/jobs/processar-grupos": null });
  // Bastante para que responda, mesmo numa máquina ocupada, quem responde na hora.
  const p = scheduler({ JOB_TIMEOUT_MS: "3000", JOBS_API_TOKEN: "token-de-teste-0123" });
  await p.ate(/"msg":"OK heartbeat: HTTP 200 em \d+ ms processados=7"/);
  await p.ate(/"msg":"FAIL processar_grupos: timeout Timeout apos 3s"/);
  expect((await execucoes("heartbeat"))[0]).toMatchObject({
    trigger: "schedule",
    status: "success",
    response_code: 200,
    items_processed: 7,
    error: null,
  });
  const [grupos] = await execucoes("processar_grupos");
  expect(grupos).toMatchObject({ status: "timeout", response_code: null });
  // Um timer conta milissegundos inteiros: pode disparar até um antes. O prazo sem JOB_TIMEOUT_MS seria de 300 s.
  expect(Number(grupos?.duration_ms)).toBeGreaterThanOrEqual(2999);
  expect(Number(grupos?.duration_ms)).toBeLessThan(60_000);
  const pedido = api.pedidos.find((q) => q.rota === "/jobs/processar-grupos");
  const slot = new Date(String(grupos?.scheduled_for)).toISOString();
  expect(pedido).toMatchObject({ chave: `processar_grupos:${slot}`, token: "Bearer token-de-teste-0123" });
  for (const palavra of [
    /Scheduler iniciado/,
    /Hora atual: .* BRT \(/,
    /Executando job: processar_grupos/,
    /RUN_MODE=scheduler/,
  ]) {
    await p.ate(palavra);
  }
  expect(statSync(join(pasta, "vivo")).isFile()).toBe(true);
  p.sinal("SIGTERM");
  expect(await p.saida).toBe(0);
});

test("caso 20: SIGTERM no meio de uma chamada: espera por ela, a linha termina em success, código 0", async () => {
  api = await apiFalsa({ "/jobs/heartbeat": 2000 });
  const p = scheduler();
  await p.ate(/Executando job: heartbeat/);
  p.sinal("SIGTERM");
  await p.ate(/Scheduler encerrando/);
  expect(await p.saida).toBe(0);
  expect((await execucoes("heartbeat"))[0]).toMatchObject({ status: "success" });
  expect((await t.sql("select stopped_at from scheduler_instances"))[0]?.stopped_at).toBeInstanceOf(Date);
});

test("caso 17: esgotada a tolerância, o que ainda corre é interrompido e dito; uma API fora do ar é FAIL", async () => {
  api = await apiFalsa({ "/jobs/heartbeat": null });
  const p = scheduler({ SCHEDULER_SHUTDOWN_GRACE_MS: "200" });
  await p.ate(/Executando job: heartbeat/);
  p.sinal("SIGTERM");
  expect(await p.saida).toBe(0);
  expect((await execucoes("heartbeat"))[0]).toMatchObject({ status: "error", error: "interrompido: shutdown" });

  await t.truncateAll();
  const { url } = api;
  await api.fechar();
  const semApi = scheduler({ JULIA_API_URL: url });
  await semApi.ate(/"msg":"FAIL heartbeat: error Connection refused: 127\.0\.0\.1:\d+"/);
  semApi.sinal("SIGTERM");
  expect(await semApi.saida).toBe(0);
});

describe("configuração", () => {
  beforeEach(async () => {
    api = await apiFalsa();
  });

  test("caso 37: o que falta é dito de uma vez, com código 1", async () => {
    const p = iniciar({ RUN_MODE: "scheduler" });
    expect(await p.saida).toBe(1);
    const texto = p.linhas.join("\n");
    for (const nome of ["JULIA_API_URL", "SUPABASE_URL", "SUPABASE_SERVICE_KEY"]) expect(texto).toContain(nome);
  });

  test("caso 38: em produção a API não pode ser deste computador", async () => {
    const p = scheduler({ APP_ENV: "production", SUPABASE_PROJECT_REF: "abc", JULIA_API_URL: "http://localhost:8000" });
    expect(await p.saida).toBe(1);
    expect(p.linhas.join("\n")).toMatch(/JULIA_API_URL: não pode ser deste computador em produção/);
  });

  test.each([
    ["", /RUN_MODE.*api, scheduler, worker/],
    ["schedular", /schedular/],
    ["API", /API/],
  ])("caso 37: RUN_MODE=%j termina com código 1 e diz os modos", async (modo, padrao) => {
    const p = iniciar(modo === "" ? {} : { RUN_MODE: modo });
    expect(await p.saida).toBe(1);
    expect(p.linhas.join("\n")).toMatch(padrao);
  });
});
