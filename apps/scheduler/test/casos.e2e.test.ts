import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { slotsBetween } from "#core/cron";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { SEED_SCHEDULE, seedEntries } from "../../../packages/core/scheduler/src/testing/seed-schedule.ts";
import { type ApiFalsa, apiFalsa, iniciar, matarSobras } from "./processo.ts";

const LENTO = { timeout: 600_000 };
let t: TestDatabase;
let api: ApiFalsa;
let pasta: string;
beforeAll(async () => {
  t = await createTestDatabase();
  pasta = mkdtempSync(join(tmpdir(), "julia-scheduler-casos-"));
});
afterAll(async () => {
  rmSync(pasta, { recursive: true });
  await t.drop();
});
beforeEach(async () => {
  await t.truncateAll();
  api = await apiFalsa();
});
afterEach(async () => {
  matarSobras();
  await api.fechar();
});

type Linha = { name: string; cron: string; periodS?: number };
/** Segunda-feira, 2 de março de 2026, 10:00 em Brasília, a partir de agora, no passo pedido. */
const relogio = (escala: number, virtual = "2026-03-02T13:00:00Z") =>
  `${new Date().toISOString()}=${virtual}*${escala}`;
const agenda = (entradas: readonly Linha[]) =>
  JSON.stringify(entradas.map(({ name, cron, periodS }) => ({ name, cron, periodS })));
const scheduler = (env: Record<string, string>) =>
  iniciar({
    RUN_MODE: "scheduler",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    JULIA_API_URL: api.url,
    SCHEDULER_LIVENESS_FILE: join(pasta, "vivo"),
    ...env,
  });
const linhas = (job: string) => t.sql("select * from job_executions where job_name = $1 order by scheduled_for", [job]);

/** Espera o que for preciso, com fim. */
async function ate(pronto: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 3000 && !(await pronto()); i++) await new Promise((r) => setTimeout(r, 50));
  expect(await pronto()).toBe(true);
}

test.each([
  ["Asia/Tokyo", { TZ: "Asia/Tokyo" }],
  ["nenhum", {}],
])("caso 2: com TZ %s, às 10:00 de segunda os mesmos 17 dos 32 jobs", LENTO, async (_nome, tz) => {
  // A um décimo do passo o minuto dura dez: o processo pode demorar a começar.
  const p = scheduler({ ...tz, SCHEDULER_TEST_ENTRIES: agenda(SEED_SCHEDULE), SCHEDULER_TEST_CLOCK: relogio(0.1) });
  await p.ate(/Hora atual: 2026-03-02 10:00:\d\d BRT \(13:00:\d\d UTC\)/);
  const doSlot = () => api.pedidos.filter((q) => q.chave.endsWith(":2026-03-02T13:00:00.000Z"));
  await ate(() => doSlot().length >= 17);
  expect(doSlot()).toHaveLength(17);
  const nomes = doSlot().map((q) => q.chave.split(":")[0]);
  expect(nomes).toEqual(expect.arrayContaining(["report_manha", "processar_followups", "reativacao_autonoma"]));
  expect(nomes).not.toContain("report_semanal");
  p.sinal("SIGTERM");
  expect(await p.saida).toBe(0);
});

test("caso 5: crons que não se entendem não deixam o scheduler começar, e cada job é dito", LENTO, async () => {
  const crons = ["0 9 * * MON", "61 * * * *", "* * * *", "*/0 * * * *"];
  const ruins = crons.map((cron, i) => ({ name: `job_ruim_${i}`, cron }));
  const p = scheduler({ SCHEDULER_TEST_ENTRIES: agenda([...seedEntries("heartbeat"), ...ruins]) });
  expect(await p.saida).toBe(1);
  for (const { name, cron } of ruins) expect(p.linhas.join("\n")).toContain(`${name}: cron "${cron}" inválido`);
  expect(p.linhas.join("\n")).not.toContain("heartbeat:");
  expect(api.pedidos).toEqual([]);
});

test("caso 7: dois schedulers, alguns minutos: cada horário uma vez só, na tabela e na API", LENTO, async () => {
  // Só jobs de um minuto: numa máquina que para por segundos, um horário pode se perder, e então tem de estar dito.
  const entradas = seedEntries("heartbeat", "processar_grupos", "processar_mensagens_agendadas");
  // A tolerância corre no relógio do teste: meio minuto de verdade para os últimos fins serem registrados.
  const env = {
    SCHEDULER_TEST_ENTRIES: agenda(entradas),
    SCHEDULER_TEST_CLOCK: relogio(20),
    SCHEDULER_SHUTDOWN_GRACE_MS: "600000",
  };
  const [a, b] = [scheduler(env), scheduler(env)];
  // Qualquer um dos dois pode ganhar todos os horários.
  await Promise.all([a.ate(/Scheduler iniciado/), b.ate(/Scheduler iniciado/)]);
  await Promise.any([a.ate(/OK heartbeat/), b.ate(/OK heartbeat/)]);
  await ate(async () => (await linhas("heartbeat")).length >= 2);
  for (const p of [a, b]) p.sinal("SIGTERM");
  expect(await Promise.all([a.saida, b.saida])).toEqual([0, 0]);

  const chaves = api.pedidos.map((q) => q.chave);
  expect(new Set(chaves).size).toBe(chaves.length);
  const execucoes = await t.sql<{ job_name: string; scheduled_for: Date; error: string | null }>(
    "select job_name, scheduled_for, error from job_executions",
  );
  const registradas = new Set(execucoes.map((e) => `${e.job_name}:${e.scheduled_for.toISOString()}`));
  expect(registradas.size).toBe(execucoes.length);
  expect(chaves.filter((c) => !registradas.has(c))).toEqual([]);
  // Quem parou entre reivindicar e chamar não chama mais, e a linha o diz.
  const semChamada = execucoes.filter((e) => !chaves.includes(`${e.job_name}:${e.scheduled_for.toISOString()}`));
  expect(semChamada.filter((e) => !e.error?.startsWith("interrompido"))).toEqual([]);
  for (const { name } of entradas) {
    const contas = await t.sql<{ s: Date }>(
      `select scheduled_for as s from job_executions where job_name = $1
       union all select scheduled_for from job_slots_pulados where job_name = $1 order by 1`,
      [name],
    );
    const achados = contas.map((c) => c.s);
    const [primeiro, ultimo] = [achados[0] as Date, achados.at(-1) as Date];
    expect(achados).toEqual(slotsBetween("* * * * *", new Date(primeiro.getTime() - 1), ultimo));
  }
});

test("caso 9: morto com -9 no meio de um job: a linha termina interrompido, e o job volta a rodar", LENTO, async () => {
  const env = { SCHEDULER_TEST_ENTRIES: agenda(seedEntries("processar_grupos")), SCHEDULER_TEST_CLOCK: relogio(20) };
  api.atrasos["/jobs/processar-grupos"] = null;
  const primeiro = scheduler(env);
  await primeiro.ate(/Executando job: processar_grupos/);
  await ate(() => api.pedidos.length > 0);
  primeiro.sinal("SIGKILL");
  await primeiro.saida;
  api.atrasos["/jobs/processar-grupos"] = 0;
  const segundo = scheduler(env);
  await segundo.ate(/FAIL processar_grupos: error interrompido: scheduler parou/);
  await segundo.ate(/OK processar_grupos/);
  const [velha, ...novas] = await linhas("processar_grupos");
  expect(velha).toMatchObject({ status: "error", error: "interrompido: scheduler parou" });
  expect(novas.some((l) => l.status === "success")).toBe(true);
  segundo.sinal("SIGTERM");
  expect(await segundo.saida).toBe(0);
});

test("o relógio e a agenda de teste não valem em produção", LENTO, async () => {
  const p = scheduler({
    APP_ENV: "staging",
    SCHEDULER_TEST_CLOCK: relogio(2),
    SCHEDULER_TEST_ENTRIES: agenda(SEED_SCHEDULE),
  });
  expect(await p.saida).toBe(1);
  expect(p.linhas.join("\n")).toMatch(/SCHEDULER_TEST_CLOCK: é só para testes/);
});
