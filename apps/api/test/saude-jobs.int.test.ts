import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { JobsReport } from "#core/executions";
import { fixedClock, instantOf } from "#core/runtime";
import { CRITICOS, VIGIADOS_PUBLICADOS } from "../../../packages/catalogo/src/testing/publicado.ts";
import { umaMensagem } from "../../../packages/dominio/grupos/src/testing/fabrica.ts";
import { buildApp } from "../src/app.ts";
import type { DepsAbertas } from "../src/deps.ts";
import { depsDeSaude, tudoEmDia, umaExecucao, umScheduler } from "./saude-semeada.ts";

let t: TestDatabase;
let deps: DepsAbertas;
let app: FastifyInstance;
const clock = fixedClock("2026-03-04T13:30:30Z");

beforeAll(async () => {
  t = await createTestDatabase();
  deps = await depsDeSaude(t, clock, {}, { vigiados: VIGIADOS_PUBLICADOS });
  app = await buildApp(deps);
});
afterAll(async () => {
  await app.close();
  await deps.fechar();
  await t.drop();
});
beforeEach(async () => {
  clock.set("2026-03-04T13:30:30Z"); // quarta, 10:30:30 em São Paulo
  await t.truncateAll();
});

async function pedir(url = "/health/jobs"): Promise<{ codigo: number; corpo: JobsReport }> {
  const r = await app.inject({ url });
  return { codigo: r.statusCode, corpo: r.json() };
}
const ha = (segundos: number) => new Date(clock.now().getTime() - segundos * 1000);
/** `2026-03-06 19:55:01` em São Paulo. */
function brt(texto: string): Date {
  const [dia = "", hora = ""] = texto.split(" ");
  const [h = 0, m = 0, s = 0] = hora.split(":").map(Number);
  return new Date(instantOf(dia, h, m).getTime() + s * 1000);
}
async function atrasado(job: string, agora: string): Promise<boolean | undefined> {
  clock.set(brt(agora));
  return (await pedir()).corpo.jobs[job]?.is_stale;
}

test("caso 22: os quatro críticos rodaram há 60 s e tudo está em dia: healthy, alertas vazios, um item por job", async () => {
  await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), CRITICOS);
  await umaExecucao(t.sql, ...CRITICOS.map((job) => ({ job, inicio: ha(60), itens: 3 })));
  const { codigo, corpo } = await pedir();
  expect([codigo, corpo.status]).toEqual([200, "healthy"]);
  expect(Object.values(corpo.alerts)).toEqual(Array(8).fill([]));
  expect(Object.keys(corpo.jobs)).toEqual(VIGIADOS_PUBLICADOS.map((v) => v.name));
  expect(corpo.sla_config.critical_jobs).toEqual(VIGIADOS_PUBLICADOS.filter((v) => v.critical).map((v) => v.name));
  expect(corpo.sla_config.sla_definitions.processar_retomadas).toBe(90_000);
  // Os diários e semanais de antes da janela de 24 h não entram na contagem, mas têm a sua última execução.
  const naJanela = Object.values(corpo.jobs).reduce((n, j) => n + j.runs_24h, 0);
  expect([corpo.period, corpo.total_executions]).toEqual(["24h", naJanela]);
  expect(corpo.jobs.processar_grupos).toEqual({
    status: "ok",
    severity: "none",
    schedule: "* * * * *",
    endpoint: "/jobs/processar-grupos?batch_size=200&max_workers=20",
    is_critical: true,
    last_run: "2026-03-04T13:29:30.000Z",
    last_status: "success",
    last_success: "2026-03-04T13:29:30.000Z",
    runs_24h: 1,
    success_24h: 1,
    errors_24h: 0,
    timeouts_24h: 0,
    avg_duration_ms: 100,
    total_items_processed: 3,
    last_error: null,
    sla_seconds: 180,
    seconds_since_last_run: 60,
    is_stale: false,
    stale_after: "2026-03-04T13:32:30.000Z",
    next_expected_run: "2026-03-04T13:31:00.000Z",
    running_since: null,
    consecutive_failures: 0,
    paused: null,
  });
});

test("caso 23: um crítico com última execução há 181 s é critical_stale; há 179 s não", async () => {
  const com = async (segundos: number) => {
    await t.truncateAll();
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["processar_campanhas_agendadas"]);
    await umaExecucao(t.sql, { job: "processar_campanhas_agendadas", inicio: ha(segundos) });
    const { corpo } = await pedir();
    return [corpo.status, corpo.alerts.critical_stale, corpo.jobs.processar_campanhas_agendadas?.severity];
  };
  expect(await com(181)).toEqual(["critical", ["processar_campanhas_agendadas"], "critical"]);
  expect(await com(179)).toEqual(["healthy", [], "none"]);
});

test("caso 24: só o heartbeat com 10 minutos: degraded, e não é crítico", async () => {
  await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["heartbeat"]);
  await umaExecucao(t.sql, { job: "heartbeat", inicio: ha(600) });
  const { corpo } = await pedir();
  expect(corpo.status).toBe("degraded");
  expect(corpo.alerts).toMatchObject({ stale_jobs: ["heartbeat"], critical_stale: [] });
  expect(corpo.jobs.heartbeat).toMatchObject({ status: "stale", severity: "warning", is_stale: true });
});

describe("o atraso conhece o horário", () => {
  test("caso 25: validar_telefones da sexta 19:55:01 não está atrasado de madrugada nem às 08:09:59; às 08:10:01 está", async () => {
    await umaExecucao(t.sql, {
      job: "validar_telefones",
      slot: brt("2026-03-06 19:55:00"),
      inicio: brt("2026-03-06 19:55:01"),
    });
    expect(await atrasado("validar_telefones", "2026-03-07 03:00:00")).toBe(false);
    expect(await atrasado("validar_telefones", "2026-03-07 08:09:59")).toBe(false);
    expect(await atrasado("validar_telefones", "2026-03-07 08:10:01")).toBe(true);
  });

  test("caso 26: processar_retomadas da sexta não está atrasado no domingo nem na segunda 08:59; às 09:00:01 está", async () => {
    await umaExecucao(t.sql, { job: "processar_retomadas", inicio: brt("2026-03-06 08:00:01") });
    expect(await atrasado("processar_retomadas", "2026-03-08 12:00:00")).toBe(false);
    expect(await atrasado("processar_retomadas", "2026-03-09 08:59:00")).toBe(false);
    expect(await atrasado("processar_retomadas", "2026-03-09 09:00:01")).toBe(true);
  });

  test("caso 27: report_semanal da segunda aparece no domingo, fora da janela de 24 h, e só atrasa na terça seguinte", async () => {
    await umaExecucao(t.sql, { job: "report_semanal", inicio: brt("2026-03-02 09:00:01") });
    expect(await atrasado("report_semanal", "2026-03-08 12:00:00")).toBe(false);
    const { corpo } = await pedir();
    expect(corpo.jobs.report_semanal).toMatchObject({ last_run: "2026-03-02T12:00:01.000Z", runs_24h: 0 });
    expect(await atrasado("report_semanal", "2026-03-10 09:00:02")).toBe(true);
  });

  test("caso 28: discovery_autonomo que perdeu o das 14 h não está atrasado às 16 h; na terça 10:00:02 está", async () => {
    await umaExecucao(t.sql, { job: "discovery_autonomo", inicio: brt("2026-03-02 09:00:01") });
    expect(await atrasado("discovery_autonomo", "2026-03-02 16:00:00")).toBe(false);
    expect(await atrasado("discovery_autonomo", "2026-03-03 10:00:02")).toBe(true);
  });
});

test("caso 29: nada rodou e nenhum agendador se registrou: 200, critical, os quatro em missing_critical", async () => {
  const { codigo, corpo } = await pedir();
  expect([codigo, corpo.status]).toEqual([200, "critical"]);
  expect([...corpo.alerts.missing_critical].sort()).toEqual([...CRITICOS].sort());
  expect(corpo.jobs.processar_grupos).toMatchObject({ status: "never_ran", severity: "critical", stale_after: null });
  expect(corpo.jobs.heartbeat).toMatchObject({ status: "never_ran", severity: "none", last_run: null });
  expect((await app.inject({ url: "/health/jobs?strict=true" })).statusCode).toBe(503);
});

describe("falhas", () => {
  const falhas = (job: string, n: number, ultimoSucessoHa: number) =>
    umaExecucao(
      t.sql,
      { job, inicio: ha(ultimoSucessoHa) },
      ...Array.from({ length: n }, (_, i) => ({
        job,
        inicio: ha(60 + i * 300),
        status: "error",
        erro: `HTTP 500: ${i}`,
      })),
    );

  test("caso 30: três erros seguidos de verificar_whatsapp sem sucesso há 20 minutos: critical; um só, degraded", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["verificar_whatsapp"]);
    await falhas("verificar_whatsapp", 3, 1200);
    const grave = (await pedir()).corpo;
    expect([grave.status, grave.alerts.critical_failing]).toEqual(["critical", ["verificar_whatsapp"]]);
    expect(grave.jobs.verificar_whatsapp).toMatchObject({
      status: "error",
      severity: "critical",
      consecutive_failures: 3,
      last_error: "HTTP 500: 0",
    });

    await t.truncateAll();
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["verificar_whatsapp"]);
    await falhas("verificar_whatsapp", 1, 360);
    const leve = (await pedir()).corpo;
    expect([leve.status, leve.alerts.critical_failing]).toEqual(["degraded", []]);
    expect(leve.alerts.jobs_with_errors).toEqual(["verificar_whatsapp"]);
  });

  test("um job que falha há meses conta até mil falhas, e a resposta não fica mais cara por isso", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["heartbeat"]);
    await t.sql(
      `insert into job_executions (job_name, started_at, finished_at, status, error)
       select 'heartbeat', $1::timestamptz - g * interval '1 minute', $1::timestamptz - g * interval '1 minute', 'timeout', 'Timeout apos 300s'
         from generate_series(0, 2000) g`,
      [clock.now()],
    );
    const { corpo } = await pedir();
    expect(corpo.jobs.heartbeat).toMatchObject({ consecutive_failures: 1000, timeouts_24h: 1440, status: "timeout" });
    expect(corpo.alerts.jobs_with_timeouts).toEqual(["heartbeat"]);
  });
});

describe("execuções abertas", () => {
  test("uma viva não está atrasada e diz desde quando; a que ninguém mais segura é stuck_running", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["processar_grupos", "heartbeat"]);
    await umaExecucao(
      t.sql,
      { job: "processar_grupos", inicio: ha(239), status: "running", leaseAte: ha(-20) },
      { job: "heartbeat", inicio: ha(170), status: "running", leaseAte: ha(1) },
    );
    const { corpo } = await pedir();
    expect(corpo.jobs.processar_grupos).toMatchObject({
      status: "running",
      running_since: ha(239).toISOString(),
      is_stale: false,
    });
    expect(corpo.jobs.heartbeat).toMatchObject({ running_since: null, last_status: "running" });
    expect([corpo.status, corpo.alerts.stuck_running]).toEqual(["degraded", ["heartbeat"]]);
  });
});

describe("quem marca o tempo", () => {
  test("nenhum agendador deu sinal há mais de 90 s: unknown, nunca healthy; 503 com strict", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now());
    await umScheduler(t.sql, clock.now(), 90);
    expect((await pedir()).corpo).toMatchObject({ status: "healthy", scheduler: { seconds_since_last_tick: 90 } });
    await umScheduler(t.sql, clock.now(), 91);
    const { codigo, corpo } = await pedir();
    expect([codigo, corpo.status, corpo.scheduler.alive]).toEqual([200, "unknown", 0]);
    expect((await pedir("/health/jobs?strict=true")).codigo).toBe(503);
  });

  test("um job registrado e que ainda não rodou tem o atraso medido do registro", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["processar_grupos"]);
    await t.sql("insert into scheduler_jobs (job_name, registered_at) values ('processar_grupos', $1)", [ha(60)]);
    expect((await pedir()).corpo.status).toBe("healthy");
    await t.sql("update scheduler_jobs set registered_at = $1", [ha(200)]);
    const { corpo } = await pedir();
    expect([corpo.status, corpo.alerts.missing_critical]).toEqual(["critical", ["processar_grupos"]]);
    expect(corpo.alerts.critical_stale).toEqual([]);
  });

  test("um started_at à frente do relógio tem idade zero", async () => {
    await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["heartbeat"]);
    await umaExecucao(t.sql, { job: "heartbeat", inicio: ha(-3) });
    expect((await pedir()).corpo.jobs.heartbeat?.seconds_since_last_run).toBe(0);
  });
});

test("dez sucessos sem processar nada só são no_progress se havia trabalho vencido o tempo todo", async () => {
  await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["processar_grupos"]);
  await umaExecucao(
    t.sql,
    ...Array.from({ length: 10 }, (_, i) => ({ job: "processar_grupos", inicio: ha(30 + i * 60), itens: 0 })),
  );
  expect((await pedir()).corpo).toMatchObject({ status: "healthy", alerts: { no_progress: [] } });

  await umaMensagem(t, { agora: ha(500).toISOString() });
  expect((await pedir()).corpo.alerts.no_progress).toEqual([]); // chegou depois da primeira das dez
  await t.sql("update fila_processamento_grupos set estagio_desde = $1", [ha(700)]);
  expect((await pedir()).corpo).toMatchObject({ status: "degraded", alerts: { no_progress: ["processar_grupos"] } });
  await umaExecucao(t.sql, { job: "processar_grupos", inicio: ha(1), itens: 1 });
  expect((await pedir()).corpo.alerts.no_progress).toEqual([]);
});

test("um job pausado não está atrasado nem em falta, e diz até quando; retomado, só o horário seguinte é esperado", async () => {
  await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now(), ["processar_grupos", "report_manha"]);
  await umaExecucao(t.sql, { job: "report_manha", inicio: brt("2026-02-20 10:00:01") });
  const pausar = (job: string, fim: string) =>
    t.sql(
      `insert into job_pausas (job_name, motivo, autor, desde, ate${fim === "" ? "" : ", encerrada_em, encerrada_por"})
       values ($1, 'manutenção', 'ana', '2026-02-20T15:00:00Z', '2026-03-10T00:00:00Z'${fim === "" ? "" : `, '${fim}', 'ana'`})`,
      [job],
    );
  await pausar("processar_grupos", "");
  await pausar("report_manha", "");
  const { corpo } = await pedir();
  expect([corpo.status, corpo.paused_jobs]).toEqual(["healthy", ["processar_grupos", "report_manha"]]);
  expect(corpo.jobs.report_manha).toMatchObject({
    is_stale: false,
    stale_after: null,
    paused: { desde: "2026-02-20T15:00:00.000Z", ate: "2026-03-10T00:00:00.000Z" },
  });
  expect(JSON.stringify(corpo)).not.toContain("manutenção"); // o que as pessoas escrevem não sai por uma rota aberta

  await t.sql("update job_pausas set encerrada_em = $1, encerrada_por = 'ana'", [ha(30)]);
  const retomado = (await pedir()).corpo;
  expect([retomado.paused_jobs, retomado.alerts.stale_jobs]).toEqual([[], []]);
  expect(retomado.jobs.report_manha?.stale_after).toBe("2026-03-05T14:30:00.000Z");
  expect(retomado.alerts.missing_critical).toEqual(["processar_grupos"]); // nunca rodou e ninguém sabe desde quando se espera
});

test("um job aposentado só aparece no total", async () => {
  await tudoEmDia(t.sql, VIGIADOS_PUBLICADOS, clock.now());
  const antes = (await pedir()).corpo.total_executions;
  await umaExecucao(t.sql, { job: "aposentado", inicio: ha(60), status: "error", erro: "x" });
  const { corpo } = await pedir();
  expect([corpo.total_executions, corpo.status, corpo.jobs.aposentado]).toEqual([antes + 1, "healthy", undefined]);
});

test("caso 31: com o banco fora, /health é 200, /health/ready é 503 not_ready e /health/jobs é 503 error", async () => {
  const fora = await depsDeSaude(t, clock, { SUPABASE_URL: "http://127.0.0.1:1" });
  const a = await buildApp(fora);
  try {
    expect((await a.inject({ url: "/health" })).statusCode).toBe(200);
    const pronta = await a.inject({ url: "/health/ready" });
    expect([pronta.statusCode, pronta.json().status]).toEqual([503, "not_ready"]);
    const jobs = await a.inject({ url: "/health/jobs" });
    expect([jobs.statusCode, jobs.json()]).toEqual([
      503,
      { status: "error", error: "o banco de dados não respondeu", timestamp: clock.now().toISOString() },
    ]);
  } finally {
    await a.close();
    await fora.fechar();
  }
});
