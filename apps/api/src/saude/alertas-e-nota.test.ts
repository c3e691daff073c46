import { afterEach, describe, expect, test } from "vitest";
import { createSummaryReader } from "#core/executions";
import { TransientError } from "#core/runtime";
import { VIGIADOS_PUBLICADOS } from "../../../../packages/catalogo/src/testing/publicado.ts";
import { type ApiFalsa, apiFalsa } from "../testing/api-falsa.ts";

const AGORA = "2026-03-10T12:05:00.000Z"; // o relógio de apiFalsa
const abertas: ApiFalsa[] = [];
afterEach(() => Promise.all(abertas.splice(0).map((a) => a.app.close())));

const ha = (segundos: number) => new Date(Date.parse(AGORA) - segundos * 1000).toISOString();
/** Um job que rodou há 30 s, a não ser pelo que o teste diz. */
function job(job_name: string, troca: object = {}) {
  const execucao = {
    started_at: ha(30),
    scheduled_for: null,
    finished_at: ha(29),
    status: "success",
    lease_expires_at: null,
  };
  return {
    job_name,
    registered_at: ha(90_000),
    pause: null,
    last_pause_end: null,
    last: execucao,
    running: null,
    last_finished: "success",
    last_success: ha(30),
    consecutive_failures: 0,
    runs_24h: 10,
    success_24h: 10,
    errors_24h: 0,
    timeouts_24h: 0,
    avg_duration_ms: 5,
    total_items_processed: 0,
    last_error: null,
    no_progress_since: null,
    ...troca,
  };
}
const resumo = (trocas: Record<string, object> = {}, tick: string | null = ha(5)) => ({
  resumir_execucoes: () => ({
    agora: AGORA,
    last_tick_at: tick,
    schedulers: 1,
    total_executions: 350,
    jobs: VIGIADOS_PUBLICADOS.map((v) => job(v.name, trocas[v.name])),
  }),
});
const grupos = (travados: number) => ({
  fn_grupos_saude: () => ({
    fila: Object.fromEntries(
      "pendente heuristica classificacao extracao normalizacao deduplicacao importacao finalizado descartado erro em_processamento aguardando_retry erros_max_tentativas"
        .split(" ")
        .map((e) => [e, 0]),
    ),
    travados: { count: travados, por_estagio: {}, mais_antigo_em: null },
    erros_24h: 0,
    ciclo_em_andamento: false,
    ultimo_ciclo_em: null,
  }),
});
const fora = () => {
  throw new TransientError("banco_indisponivel", "recusada");
};
/** Uma fila de tarefas em que a mais antiga espera há tanto. */
const filas = (esperaS: number) => ({
  queue_stats: () => ({
    enriquecimento: {
      queued: 1,
      waiting_retry: 0,
      in_progress: 0,
      complete: 0,
      failed: 0,
      oldest_queued_age_s: esperaS,
      ended_per_minute_15m: 0,
      error_rate_1h: null,
      success_rate_24h: null,
      duration_ms: { avg: null, p95: null },
      latency_ms: { avg: null, p95: null },
      paused_until: null,
      workers_alive: 1,
    },
  }),
});
const banco = { dobra: () => "a" };

async function api(sql: Parameters<typeof apiFalsa>[0]): Promise<ApiFalsa> {
  const a = await apiFalsa(sql, {}, { vigiados: VIGIADOS_PUBLICADOS });
  abertas.push(a);
  return a;
}
const pedir = async (a: ApiFalsa, url: string) => {
  const r = await a.app.inject({ url });
  return { http: r.statusCode, ...r.json() };
};
const abrir = (a: ApiFalsa) => {
  for (let i = 0; i < 5; i++) a.deps.circuits.get("evolution").enter().report("failure");
};
const PARADO = {
  last: { started_at: ha(400), scheduled_for: null, finished_at: ha(399), status: "success", lease_expires_at: null },
};

describe("/health/alerts", () => {
  test("nada errado: ok e lista vazia", async () => {
    expect(await pedir(await api({ ...resumo(), ...grupos(100), ...filas(0) }), "/health/alerts")).toEqual({
      http: 200,
      status: "ok",
      total_alerts: 0,
      alerts: [],
      timestamp: AGORA,
    });
  });

  test("o pior primeiro, cada um com a sua fonte e de quem fala", async () => {
    const a = await api({
      ...resumo({ processar_grupos: PARADO, heartbeat: { errors_24h: 2 } }),
      ...grupos(101),
      ...filas(901),
    });
    abrir(a);
    const r = await pedir(a, "/health/alerts");
    expect(r).toMatchObject({ status: "critical", total_alerts: 5 });
    expect(r.alerts).toEqual([
      {
        severity: "critical",
        source: "jobs",
        subject: "processar_grupos",
        message: "processar_grupos sem execução há 400 s",
      },
      {
        severity: "critical",
        source: "circuit_breaker",
        subject: "evolution",
        message: "circuito evolution aberto; nova tentativa em 60 s",
      },
      { severity: "warning", source: "jobs", subject: "heartbeat", message: "heartbeat: 2 erros em 24 h" },
      { severity: "warning", source: "grupos", message: "101 itens da fila de grupos parados há mais de uma hora" },
      {
        severity: "warning",
        source: "filas",
        subject: "enriquecimento",
        message: "fila enriquecimento atrasada ou falhando; veja /health/filas",
      },
    ]);
    expect((await pedir(a, "/health/alerts?strict=true")).http).toBe(503);
  });

  test("um agendador morto é um alerta mesmo antes de o primeiro job atrasar", async () => {
    const r = await pedir(await api({ ...resumo({}, ha(95)), ...grupos(0), ...filas(0) }), "/health/alerts");
    expect(r.alerts).toEqual([
      { severity: "critical", source: "jobs", subject: "scheduler", message: "último sinal do agendador há 95 s" },
    ]);
  });

  test("uma fonte que não pôde ser lida é um alerta, e as outras são ditas", async () => {
    const r = await pedir(await api({ ...resumo(), fn_grupos_saude: fora, ...filas(0) }), "/health/alerts");
    expect(r).toMatchObject({ http: 200, status: "warning" });
    expect(r.alerts).toEqual([{ severity: "error", source: "grupos", message: "grupos: não pôde ser lido" }]);
  });

  test("em 15 s a resposta serve outra vez: cached, com o timestamp de quando foi feita", async () => {
    const a = await api({ ...resumo(), ...grupos(0), ...filas(0) });
    await pedir(a, "/health/alerts");
    const relogio = a.deps.clock as { advanceMs?(ms: number): void };
    relogio.advanceMs?.(14_999);
    expect(await pedir(a, "/health/alerts")).toMatchObject({ cached: true, timestamp: AGORA });
    relogio.advanceMs?.(1);
    const nova = await pedir(a, "/health/alerts");
    expect([nova.cached, nova.timestamp]).toEqual([undefined, "2026-03-10T12:05:15.000Z"]);
  });
});

describe("/health/score", () => {
  test("tudo bem: 100, verde, sem tetos", async () => {
    expect(await pedir(await api({ ...resumo(), ...banco }), "/health/score")).toMatchObject({
      score: 100,
      max_score: 100,
      level: "healthy",
      color: "green",
      breakdown: { connectivity: { score: 30, max: 30 }, circuits: { score: 20, max: 20 } },
      caps: [],
      thresholds: { healthy: 80, attention: 60, degraded: 40, critical: 0 },
    });
  });

  test("cada circuito aberto custa 8 pontos dos 20", async () => {
    const a = await api({ ...resumo(), ...banco });
    abrir(a);
    expect(await pedir(a, "/health/score")).toMatchObject({
      score: 84,
      breakdown: { circuits: { score: 12, max: 20 } },
    });
  });

  test("jobs em estado crítico, ou nenhum agendador, põem o teto em 39: vermelho, e 503 com strict", async () => {
    const critico = await api({ ...resumo({ processar_grupos: PARADO }), ...banco });
    expect(await pedir(critico, "/health/score")).toMatchObject({
      http: 200,
      score: 39,
      level: "critical",
      color: "red",
    });
    expect((await pedir(critico, "/health/score?strict=true")).http).toBe(503);
    const semTick = await pedir(await api({ ...resumo({}, ha(91)), ...banco }), "/health/score");
    expect(semTick).toMatchObject({ score: 39, caps: [{ max: 39, motivo: "nenhum agendador ativo" }] });
  });

  test("com o banco fora: 200, os pontos do banco a menos, e o teto", async () => {
    const r = await pedir(await api({ resumir_execucoes: fora, dobra: fora }), "/health/score");
    expect(r).toMatchObject({ http: 200, score: 39, breakdown: { connectivity: { score: 20 } } });
    expect(r.caps).toEqual([{ max: 39, motivo: "o estado dos jobs não pôde ser lido" }]);
  });
});

describe("parâmetros", () => {
  test.each(["horas=abc", "horas=0", "horas=-1", "horas=721", "horas=1.5"])(
    "circuits/history?%s é 422 e nomeia horas",
    async (q) => {
      const r = await pedir(await api({}), `/health/circuits/history?${q}`);
      const message = "horas deve ser um inteiro de 1 a 720";
      expect(r).toEqual({ http: 422, status: "error", message, campo: "horas" });
    },
  );
});

test("toda ida ao banco de um endpoint de saúde tem prazo: nenhum passa de 8 s", async () => {
  const a = await api({});
  const prazos: [string, number | undefined][] = [];
  const mudo = async (fn: string, opcoes?: { timeoutMs?: number }) => {
    prazos.push([fn, opcoes?.timeoutMs]);
    return fora();
  };
  const db: ApiFalsa["deps"]["db"] = {
    call: (fn, _args, opcoes) => mudo(fn, opcoes),
    json: (fn, _args, _esquema, opcoes) => mudo(fn, opcoes),
  };
  const muda = await apiFalsa({}, {}, { db, execucoes: createSummaryReader({ db }) });
  abertas.push(muda);
  const caminhos = Object.keys((await pedir(a, "/openapi.json")).paths).filter((c) => c.startsWith("/health"));
  for (const url of caminhos) await muda.app.inject({ url });
  expect(new Set(prazos.map(([fn]) => fn)).size).toBeGreaterThan(5);
  expect(prazos.filter(([, ms]) => ms === undefined || ms > 5000)).toEqual([]);
});
