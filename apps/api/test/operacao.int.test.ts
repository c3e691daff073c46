import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { catalogo } from "#catalogo";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import * as respostas from "#core/operations";
import { fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { buildApp } from "../src/app.ts";
import { ApiConfig } from "../src/config.ts";
import { createDeps, type DepsAbertas } from "../src/deps.ts";

/** Terça-feira, 10/03/2026, 09:05 em São Paulo. */
const AGORA = "2026-03-10T12:05:00Z";
let t: TestDatabase;
let deps: DepsAbertas;
let app: FastifyInstance;

beforeAll(async () => {
  t = await createTestDatabase();
  const env = { APP_ENV: "test", SUPABASE_URL: t.url, SUPABASE_SERVICE_KEY: t.serviceKey };
  const config = loadConfig(ApiConfig, env);
  deps = await createDeps({
    config,
    clock: fixedClock(AGORA),
    log: silentLogger,
    shutdown: new AbortController().signal,
  });
  app = await buildApp(deps);
});
afterAll(async () => {
  await app.close();
  await deps.fechar();
  await t.drop();
});
beforeEach(() => t.truncateAll());

type Corpo = Record<string, unknown>;
async function pedir(method: "GET" | "POST", url: string, payload?: Corpo, headers: Record<string, string> = {}) {
  const r = await app.inject({ method, url: `/api/v1/scheduler${url}`, headers, ...(payload ? { payload } : {}) });
  return { http: r.statusCode, corpo: r.json() as Corpo };
}
const registrar = (...nomes: string[]) =>
  t.sql("insert into scheduler_jobs select n, '2026-03-10T12:00:00Z' from unnest($1::text[]) n", [nomes]);
const executado = (nome: string, slot: string, status = "success") =>
  t.sql(
    `insert into job_executions (job_name, scheduled_for, started_at, finished_at, status, trigger, duration_ms, response_code)
     values ($1, $2, $2::timestamptz + interval '1 s', $2::timestamptz + interval '3 s', $3, 'schedule', 2000, 200)`,
    [nome, slot, status],
  );

describe("pausar e retomar", () => {
  test("a pausa aparece na lista, uma execução à mão é feita com aviso, e o diário tem quem, quando e por quê", async () => {
    const ana = { "x-operador": Buffer.from("Ana Conceição").toString("latin1") };
    const pausa = await pedir(
      "POST",
      "/pausas",
      { jobs: ["heartbeat", "processar-grupos"], motivo: "migração", ate: "+2h" },
      ana,
    );
    expect(pausa.http).toBe(200);
    expect(respostas.pauseAnswer.parse(pausa.corpo).pausas.map((p) => [p.job, p.depois.autor, p.depois.ate])).toEqual([
      ["heartbeat", "Ana Conceição", "2026-03-10T14:05:00.000Z"],
      ["processar_grupos", "Ana Conceição", "2026-03-10T14:05:00.000Z"],
    ]);
    const { jobs } = respostas.jobsAnswer.parse((await pedir("GET", "/jobs")).corpo);
    expect(jobs.filter((j) => j.pausa).map((j) => j.nome)).toEqual(["heartbeat", "processar_grupos"]);

    const rodou = await pedir("POST", "/jobs/heartbeat/executar", { motivo: "conferir" }, ana);
    expect(rodou).toMatchObject({ http: 200, corpo: { status: "ok", job: "heartbeat", http_status: 200 } });
    expect(rodou.corpo.aviso).toBe(
      "heartbeat está pausado por Ana Conceição até 10/03/2026 11:05 (migração); a execução manual foi feita assim mesmo",
    );
    const [linha] = await t.sql("select id, trigger, status from job_executions");
    expect(linha).toMatchObject({ id: rodou.corpo.execucao_id, trigger: "manual", status: "success" });

    const retomada = await pedir("POST", "/retomadas", { jobs: ["*"] }, { "x-operador": "bia" });
    const retomados = respostas.resumeAnswer.parse(retomada.corpo).retomados;
    expect(retomados).toHaveLength(catalogo.length);
    expect(retomados.filter((r) => r.antes !== null)).toHaveLength(2);

    const { linhas } = respostas.journalAnswer.parse((await pedir("GET", "/diario?alvo=heartbeat")).corpo);
    expect(linhas.map((l) => [l.autor, l.acao, l.motivo])).toEqual([
      ["bia", "retomar", null],
      ["Ana Conceição", "executar", "conferir"],
      ["Ana Conceição", "pausar", "migração"],
    ]);
    expect(linhas[1]?.depois).toMatchObject({ execution_id: rodou.corpo.execucao_id });
  });

  test.each([
    [{ jobs: ["heartbeat"] }, 400, "motivo", "motivo deve ser um texto"],
    [{ jobs: [], motivo: "x" }, 400, "jobs", "jobs deve ser uma lista"],
    [{ jobs: ["heartbeat"], motivo: "x", ate: "depois" }, 400, "ate", "ate deve ser um instante"],
    [{ jobs: ["heartbeat"], motivo: "x", ate: "ontem" }, 400, "ate", "ate deve ser um instante no futuro"],
    [{ jobs: ["heartbeet"], motivo: "x" }, 404, "jobs", "você quis dizer heartbeat?"],
    [{ jobs: ["heartbeat", "*"], motivo: "x" }, 400, "jobs", "não os dois"],
  ])("%j é recusado e nomeia o campo", async (pedido, http, campo, message) => {
    const r = await pedir("POST", "/pausas", pedido);
    expect(r).toMatchObject({ http, corpo: { status: "error", campo, message: expect.stringContaining(message) } });
    expect(await t.sql("select 1 from job_pausas")).toEqual([]);
  });
});

describe("executar", () => {
  test("sem X-Operador o diário diz desconhecido; POST /jobs/* à mão também deixa a sua linha, uma chamada do scheduler não", async () => {
    await app.inject({ method: "POST", url: "/jobs/heartbeat" });
    await app.inject({ method: "POST", url: "/jobs/heartbeat", headers: { "x-operador": "ana", "x-motivo": "teste" } });
    await executado("heartbeat", "2026-03-10T12:05:00Z");
    await t.sql("update job_executions set started_at = now() where trigger = 'schedule'");
    const [doScheduler] = await t.sql("select id from job_executions where trigger = 'schedule'");
    await app.inject({
      method: "POST",
      url: "/jobs/heartbeat",
      headers: { "x-job-execution-id": String(doScheduler?.id) },
    });
    expect(await t.sql("select autor, acao, alvo, motivo from auditoria_operacional order by id")).toEqual([
      { autor: "desconhecido", acao: "executar", alvo: "heartbeat", motivo: null },
      { autor: "ana", acao: "executar", alvo: "heartbeat", motivo: "teste" },
    ]);
  });

  test("um parâmetro errado é o 400 do job, e nada começou", async () => {
    const parametros = { batch_size: "0" };
    const r = await pedir("POST", "/jobs/processar_grupos/executar", { parametros });
    expect(r).toMatchObject({
      http: 400,
      corpo: { status: "error", codigo: "parametro_invalido", campo: "batch_size", execucao_id: null },
    });
    expect(await t.sql("select 1 from auditoria_operacional")).toEqual([]);
  });

  test("um nome errado sugere o certo", async () => {
    expect(await pedir("POST", "/jobs/procesar_grupos/executar")).toMatchObject({
      http: 404,
      corpo: {
        codigo: "nao_encontrado",
        message: "o job procesar_grupos não existe; você quis dizer processar_grupos?",
      },
    });
  });

  test("com um em andamento: 409, e o progresso dele pode ser visto", async () => {
    await t.sql(
      `with e as (insert into job_executions (job_name, lease_expires_at) values ('heartbeat', now() + interval '1 min') returning id)
       insert into job_locks (job_name, token, owner, execution_id, acquired_at, expires_at, progresso)
       select 'heartbeat', gen_random_uuid(), 'outra', id, now(), now() + interval '1 min',
              '{"feitos": 40, "total": 100, "texto": "itens", "em": "2026-03-10T12:04:59Z"}' from e`,
    );
    expect(await pedir("POST", "/jobs/heartbeat/executar")).toMatchObject({
      http: 409,
      corpo: { status: "skipped", execucao_id: null, resultado: { motivo: "job_em_execucao" } },
    });
    const { em_andamento } = respostas.progressAnswer.parse((await pedir("GET", "/jobs/heartbeat/progresso")).corpo);
    expect(em_andamento).toMatchObject({ gatilho: "manual", progresso: { feitos: 40, total: 100, texto: "itens" } });
  });
});

describe("perguntas", () => {
  test("a auditoria compara os horários do catálogo com os registrados", async () => {
    await registrar("heartbeat", "verificar_alertas_grupos");
    for (const m of ["12:00", "12:01", "12:03"]) await executado("heartbeat", `2026-03-10T${m}:00Z`);
    await executado("verificar_alertas_grupos", "2026-03-10T12:00:00Z", "error");
    const r = await pedir("GET", "/auditoria?desde=ontem&ate=2026-03-10T12:05:00Z");
    const a = respostas.auditAnswer.parse(r.corpo);
    expect(a).toMatchObject({ esperados: 6, limpa: false, contagem: { no_horario: 4, inexplicado: 1, pendente: 1 } });
    expect(a.horarios.map((h) => [h.job, h.horario, h.rotulo])).toEqual([
      ["heartbeat", "2026-03-10T12:02:00.000Z", "inexplicado"],
      ["heartbeat", "2026-03-10T12:04:00.000Z", "pendente"],
    ]);
    const so = await pedir("GET", "/auditoria?job=heartbeat&rotulo=no_horario&limite=1");
    expect(respostas.auditAnswer.parse(so.corpo)).toMatchObject({ horarios: [{ rotulo: "no_horario" }], omitidos: 2 });
  });

  test.each([
    ["/auditoria?desde=agora&ate=ontem", "ate"],
    ["/auditoria?desde=-60d", "desde"],
    ["/auditoria?desde=-100d&ate=-80d", "desde"],
    ["/auditoria?rotulo=bom", "rotulo"],
    ["/auditoria?limite=0", "limite"],
    ["/auditoria?de=ontem", "de"],
    ["/proximos?horas=0", "horas"],
    ["/simulacao?dias=90", "dias"],
    ["/jobs/heartbeat/explicacao?em=logo", "em"],
    ["/jobs/heartbeat/historico?limite=1000", "limite"],
  ])("%s é 400 e nomeia %s", async (url, campo) => {
    const r = await pedir("GET", url);
    expect(r).toMatchObject({ http: 400, corpo: { codigo: "parametro_invalido", campo } });
  });

  test("a explicação é uma frase; de um job aposentado ou desconhecido diz o que se sabe", async () => {
    await registrar("heartbeat");
    await executado("heartbeat", "2026-03-10T12:05:00Z");
    await executado("antigo", "2026-03-10T11:00:00Z");
    const r = await pedir("GET", "/jobs/heartbeat/explicacao");
    expect(respostas.explainAnswer.parse(r.corpo)).toMatchObject({
      causa: "executou",
      horario: "2026-03-10T12:05:00.000Z",
      frase: "heartbeat foi chamado no horário de 10/03/2026 09:05 e terminou bem em 2,0 s, HTTP 200.",
    });
    const mensagem = async (nome: string) => (await pedir("GET", `/jobs/${nome}/explicacao`)).corpo.message;
    expect(await mensagem("antigo")).toContain("antigo saiu do catálogo");
    expect(await mensagem("faturamento")).toBe("o job faturamento não existe; veja os nomes em GET /jobs");
  });

  test("a história traz execuções e horários pulados, do mais novo ao mais antigo, em páginas", async () => {
    await executado("heartbeat", "2026-03-10T12:01:00Z");
    await executado("heartbeat", "2026-03-10T12:03:00Z", "timeout");
    await t.sql(
      "insert into job_slots_pulados (job_name, scheduled_for, motivo) values ('heartbeat', '2026-03-10T12:02:00Z', 'sobreposicao')",
    );
    const historia = async (resto: string) =>
      respostas.historyAnswer.parse((await pedir("GET", `/jobs/heartbeat/historico${resto}`)).corpo).linhas;
    expect((await historia("")).map((l) => [l.horario?.slice(11, 16), l.status, l.motivo])).toEqual([
      ["12:03", "timeout", null],
      ["12:02", "pulado", "sobreposicao"],
      ["12:01", "success", null],
    ]);
    expect(await historia("?antes=2026-03-10T12:02:00Z&limite=1")).toMatchObject([{ status: "success" }]);
  });

  test("os próximos horários e a simulação cobrem o catálogo inteiro", async () => {
    await executado("heartbeat", "2026-03-10T12:01:00Z");
    const proximos = respostas.nextAnswer.parse((await pedir("GET", "/proximos?horas=24")).corpo);
    expect(proximos.jobs).toHaveLength(catalogo.length);
    expect(proximos.jobs.find((j) => j.nome === "heartbeat")).toMatchObject({
      proximo: "2026-03-10T12:06:00.000Z",
      horarios: 1440,
    });
    const s = respostas.simulateAnswer.parse((await pedir("GET", "/simulacao?dias=30")).corpo);
    expect(s.horarios).toBe(s.jobs.reduce((n, j) => n + j.horarios, 0));
    expect(s.jobs.find((j) => j.nome === "heartbeat")).toMatchObject({
      horarios: 43_200,
      p95_ms: 2000,
      execucoes_medidas: 1,
      sobreposicoes: 0,
    });
  });
});
