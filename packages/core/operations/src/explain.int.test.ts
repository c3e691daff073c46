import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createLedger, type Ledger, type SlotClaim, type Verdict } from "#core/executions";
import { type FixedClock, fixedClock, silentLogger } from "#core/runtime";
import { explainJob, explainRetired } from "./explain-job.ts";
import { pauseJobs } from "./pauses.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

/** 02/03/2026 in São Paulo is UTC − 3: 13:00Z is 10:00. */
const at = (hhmmss: string) => new Date(`2026-03-02T${hhmmss.padEnd(8, ":00")}Z`);
const grupos = { name: "processar_grupos", cron: "* * * * *", graceS: 0 };
const relatorio = { name: "report_manha", cron: "0 10 * * *", graceS: 3600 };
const validar = { name: "validar_telefones", cron: "*/5 8-19 * * *", graceS: 150 };

let t: TestDatabase;
let clock: FixedClock;
let ledger: Ledger;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  clock = fixedClock(at("12:00"));
  ledger = createLedger({ db: t.db, instanceId: "s1", log: silentLogger, clock });
  await ledger.register([grupos.name, relatorio.name, validar.name]);
});

const claimOf = (job: string, slot: Date, trigger: SlotClaim["trigger"] = "schedule"): SlotClaim => ({
  id: randomUUID(),
  leaseToken: randomUUID(),
  job,
  slot,
  trigger,
});
/** A slot claimed at `when`, and its end, if any. */
async function run(job: string, slot: Date, when: Date, end?: Partial<Verdict> & { ms: number }, c?: SlotClaim) {
  const claim = c ?? claimOf(job, slot);
  clock.set(when);
  await ledger.beat(0, [claim.leaseToken]);
  await ledger.claim([claim], []);
  if (end === undefined) return claim;
  const { ms, ...verdict } = end;
  clock.set(new Date(when.getTime() + ms));
  const ok: Verdict = { status: "success", responseCode: 200, error: null, itemsProcessed: 12 };
  await ledger.finish({ ...ok, ...verdict, id: claim.id, leaseToken: claim.leaseToken, durationMs: ms });
  return claim;
}
const failed = (error: string, responseCode: number | null = null) => ({
  status: "error" as const,
  error,
  responseCode,
  itemsProcessed: null,
  ms: 40,
});
const explain = async (entry: ScheduledJob, em: Date | undefined, agora = at("16:00")) => {
  const { causa, frase } = await explainJob(t.db, entry, em, agora);
  return [causa, frase];
};

test("it ran on time", async () => {
  await run(grupos.name, at("13:00"), at("13:00:01"), { ms: 1_240 });
  expect(await explain(grupos, at("13:00:30"))).toEqual([
    "executou",
    "processar_grupos foi chamado no horário de 02/03/2026 10:00 e terminou bem em 1,2 s, HTTP 200, 12 itens.",
  ]);
});

test("it ran late, because no scheduler was there when it was due", async () => {
  await run(grupos.name, at("12:58"), at("12:58"), { ms: 100 });
  clock.set(at("13:12:31"));
  const later = createLedger({ db: t.db, instanceId: "s2", log: silentLogger, clock });
  await later.register([relatorio.name]);
  const c = claimOf(relatorio.name, at("13:00"), "catchup");
  await later.claim([c], []);
  expect(await explain(relatorio, at("13:00"), at("13:12:43"))).toEqual([
    "em_andamento",
    "report_manha foi chamado com atraso de 12 min 31 s de 02/03/2026 10:00 (horário perdido e recuperado: nenhum agendador estava ativo de 02/03/2026 09:58:00 a 02/03/2026 10:12:31) e ainda está em andamento há 12 s.",
  ]);
});

test("the previous run was still going", async () => {
  const c = claimOf(grupos.name, at("13:00"));
  await run(grupos.name, at("13:00"), at("13:00:01"), undefined, c);
  clock.set(at("13:00:25"));
  await ledger.beat(0, [c.leaseToken]);
  clock.set(at("13:00:50"));
  await ledger.beat(0, [c.leaseToken]);
  clock.set(at("13:01"));
  await ledger.claim([claimOf(grupos.name, at("13:01"))], []);
  await ledger.finish({
    id: c.id,
    leaseToken: c.leaseToken,
    durationMs: 89_000,
    status: "success",
    responseCode: 200,
    error: null,
    itemsProcessed: 1,
  });
  await t.sql("update job_executions set finished_at = started_at + interval '89 s'");
  expect(await explain(grupos, at("13:01"))).toEqual([
    "sobreposicao",
    `processar_grupos não rodou em 02/03/2026 10:01: a execução ${c.id.slice(0, 8)}, começada em 02/03/2026 10:00:01, ainda estava em andamento (terminada 30 s depois).`,
  ]);
});

test("it was paused", async () => {
  await pauseJobs(t.db, { jobs: [grupos.name], motivo: "deploy", autor: "ana", ate: at("14:00") }, at("12:50"));
  await run(grupos.name, at("13:00"), at("13:00"));
  expect(await explain(grupos, at("13:00"))).toEqual([
    "pausado",
    "processar_grupos não rodou em 02/03/2026 10:00: estava pausado por ana até 02/03/2026 11:00 (deploy).",
  ]);
  expect(await explain(grupos, at("13:30"), at("13:10")), "and will not while it lasts").toEqual([
    "pausado",
    "processar_grupos não vai rodar em 02/03/2026 10:30: está pausado por ana até 02/03/2026 11:00 (deploy).",
  ]);
});

test("it is not its time", async () => {
  expect(await explain(validar, at("02:30"))).toEqual([
    "fora_da_agenda",
    "validar_telefones não tinha por que rodar em 01/03/2026 23:30: está fora da sua agenda (*/5 8-19 * * *); o horário anterior foi 01/03/2026 19:55 e o próximo é 02/03/2026 08:00.",
  ]);
});

test("the scheduler was down, and gave the slot up when it came back", async () => {
  await run(grupos.name, at("13:02"), at("13:02"), { ms: 100 });
  clock.set(at("13:09:20"));
  const back = createLedger({ db: t.db, instanceId: "s2", log: silentLogger, clock });
  await back.register([grupos.name]);
  await back.recordSkips([
    { job: grupos.name, slot: at("13:05"), motivo: "perdido", detalhe: null },
    { job: grupos.name, slot: at("13:04"), motivo: "coalescido", detalhe: null },
  ]);
  const down = "nenhum agendador estava ativo de 02/03/2026 10:02:00 a 02/03/2026 10:09:20";
  expect(await explain(grupos, at("13:05"))).toEqual([
    "agendador_parado",
    `processar_grupos não rodou em 02/03/2026 10:05: ${down}, e o minuto seguinte faz o trabalho.`,
  ]);
  expect(await explain(grupos, at("13:04"))).toEqual([
    "coalescido",
    `processar_grupos não rodou em 02/03/2026 10:04: o horário foi dispensado porque um seguinte fez o seu trabalho (${down}).`,
  ]);
});

test("the scheduler is down still", async () => {
  await run(grupos.name, at("13:02"), at("13:02"), { ms: 100 });
  expect(await explain(grupos, undefined, at("13:05:20"))).toEqual([
    "agendador_parado",
    "processar_grupos não rodou em 02/03/2026 10:05: nenhum agendador estava ativo desde 02/03/2026 10:02:00.",
  ]);
});

test.each([
  [
    "Connection refused: 127.0.0.1:8000",
    null,
    "api_fora",
    "mas a API recusou a conexão (Connection refused: 127.0.0.1:8000): ela não estava no ar",
  ],
  ["HTTP 503: manutenção", 503, "api_erro", "mas a API respondeu HTTP 503: manutenção"],
  ["HTTP 429 Too Many Requests: espere", 429, "api_recusou", "mas a API respondeu HTTP 429: espere"],
  [
    "HTTP 401: x",
    401,
    "api_recusou",
    "mas a API recusou o token (HTTP 401): JOBS_API_TOKEN do scheduler e da API diferem",
  ],
  [
    "job_em_execucao",
    409,
    "trava_ocupada",
    "mas a API recusou porque a execução anterior ainda segurava a trava do job (job_em_execucao)",
  ],
  ["interrompido: shutdown", null, "interrompido", "e foi interrompido em 02/03/2026 10:00:00: shutdown"],
])("the API said no: %s", async (error, code, causa, words) => {
  await run(grupos.name, at("13:00"), at("13:00"), failed(error, code));
  expect(await explain(grupos, at("13:00"))).toEqual([
    causa,
    `processar_grupos foi chamado no horário de 02/03/2026 10:00 ${words}.`,
  ]);
});

test("it timed out", async () => {
  await run(grupos.name, at("13:00"), at("13:00"), {
    status: "timeout",
    error: "Timeout apos 300s",
    responseCode: null,
    itemsProcessed: null,
    ms: 300_000,
  });
  expect(await explain(grupos, at("13:00"))).toEqual([
    "timeout",
    "processar_grupos foi chamado no horário de 02/03/2026 10:00 e foi cortado por passar do prazo (Timeout apos 300s).",
  ]);
});

test("pilot mode: it ran and did nothing on purpose", async () => {
  await run(grupos.name, at("13:00"), at("13:00"), { ms: 20, itemsProcessed: 0 });
  const answer = { status: "skipped", motivo: "modo_piloto", message: "PILOT_MODE ligado", processados: 0 };
  await t.sql(
    `insert into job_requests (chave, job_name, token, status, http_status, resposta, criado_em, expira_em)
     values ($1, $2, gen_random_uuid(), 'done', 200, $3, $4, $4)`,
    [`${grupos.name}:2026-03-02T13:00:00.000Z`, grupos.name, JSON.stringify(answer), at("13:00").toISOString()],
  );
  expect(await explain(grupos, at("13:00"))).toEqual([
    "nada_a_fazer",
    "processar_grupos foi chamado no horário de 02/03/2026 10:00 e deliberadamente não fez nada: modo piloto (PILOT_MODE ligado).",
  ]);
});

test("it did not exist yet, it never was registered, it is no more", async () => {
  expect(await explain(grupos, at("11:00"))).toEqual([
    "antes_do_registro",
    "processar_grupos não rodou em 02/03/2026 08:00: o job só entrou no agendador em 02/03/2026 09:00:00.",
  ]);
  expect(await explain({ ...grupos, name: "novo" }, at("13:00"))).toEqual([
    "nunca_registrado",
    "novo não rodou em 02/03/2026 10:00: nenhum agendador registrou este job até agora.",
  ]);
  expect(await explainRetired(t.db, "antigo")).toBeNull();
  await t.sql(
    "insert into job_executions (job_name, started_at, finished_at, status) values ('antigo', $1, $1, 'success')",
    [at("13:00").toISOString()],
  );
  expect(await explainRetired(t.db, "antigo")).toBe(
    "antigo saiu do catálogo: não é mais agendado; o último registro é de 02/03/2026 10:00.",
  );
});

test("the scheduler died in the slot's own minute, before it claimed it, and none has come back", async () => {
  await run(grupos.name, at("13:02"), at("13:02"), { ms: 100 });
  clock.set(at("13:03:01"));
  await ledger.beat(0, []);
  expect(await explain(grupos, at("13:03"), at("13:10"))).toEqual([
    "agendador_parado",
    "processar_grupos não rodou em 02/03/2026 10:03: o agendador parou antes de o reivindicar, e nenhum está ativo.",
  ]);
});

test("a scheduler was at work and there is no record: said as what it is", async () => {
  await run(grupos.name, at("13:00"), at("13:00"), { ms: 100 });
  await run(grupos.name, at("13:01"), at("13:01"), { ms: 100 });
  await run(grupos.name, at("13:02"), at("13:02"), { ms: 100 });
  await t.sql("delete from job_executions where scheduled_for = $1", [at("13:01").toISOString()]);
  expect((await explain(grupos, at("13:01")))[0]).toBe("inexplicado");
  expect((await explain(grupos, undefined, at("13:03:05")))[0], "the minute under way is open").toBe("pendente");
  const untilNight = { ...relatorio, untilHour: 23 };
  await ledger.register([relatorio.name]);
  expect((await explain(untilNight, at("13:00"), at("18:00")))[0], "recoverable until night").toBe("pendente");
  expect((await explain(grupos, at("18:00")))[0]).toBe("no_futuro");
});
