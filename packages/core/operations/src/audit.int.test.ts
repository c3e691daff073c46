import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { auditSlots } from "./audit.ts";
import { explainJob } from "./explain-job.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

const ENTRIES: ScheduledJob[] = [
  { name: "minuto", cron: "* * * * *", graceS: 0 },
  { name: "quarto_de_hora", cron: "*/15 * * * *", graceS: 450 },
  { name: "diario", cron: "0 10 * * *", graceS: 3600 },
];
/** Five days: the minute job alone fills more than one page of the ledger's answer. */
const span = { from: new Date("2026-03-02T03:00:00Z"), until: new Date("2026-03-07T03:00:00Z") };
const agora = new Date("2026-03-08T00:00:00Z");
const EXPECTED = 5 * (1440 + 96 + 1);

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  await t.sql("insert into scheduler_jobs select n, $1 from unnest($2::text[]) n", [
    "2026-03-01T00:00:00Z",
    ENTRIES.map((e) => e.name),
  ]);
  await t.sql(
    `insert into job_executions (job_name, scheduled_for, started_at, finished_at, status, trigger)
     select j.nome, s, s + interval '300 ms', s + interval '1 s', 'success', 'schedule'
       from (values ('minuto', '1 minute'::interval, '0 h'::interval), ('quarto_de_hora', '15 minutes', '0 h'),
                    ('diario', '1 day', '10 h')) j(nome, passo, inicio),
            generate_series($1::timestamptz + j.inicio, $2::timestamptz - interval '1 s', j.passo) s`,
    [span.from.toISOString(), span.until.toISOString()],
  );
});
afterAll(() => t.drop());

const audit = (change: Partial<Parameters<typeof auditSlots>[0]> = {}) =>
  auditSlots({ db: t.db, entries: ENTRIES, span, agora, ...change });

test("a week on record in full is clean, over all pages", async () => {
  const report = await audit();
  expect(report).toMatchObject({ expected: EXPECTED, clean: true, findings: [] });
  expect(report.counts).toMatchObject({ no_horario: EXPECTED, inexplicado: 0, fora_da_agenda: 0 });
  expect(report.perJob.diario).toMatchObject({ no_horario: 5 });
});

test("three rows deleted and a strange one inserted are found exactly", async () => {
  const gone = ["2026-03-03T12:34:00Z", "2026-03-05T23:59:00Z"];
  await t.sql("delete from job_executions where job_name = 'minuto' and scheduled_for = any ($1::timestamptz[])", [
    gone,
  ]);
  await t.sql("delete from job_executions where job_name = 'diario' and scheduled_for = '2026-03-04T13:00:00Z'");
  await t.sql(
    `insert into job_executions (job_name, scheduled_for, started_at, finished_at, status, trigger)
     values ('quarto_de_hora', '2026-03-04T12:07:00Z', '2026-03-04T12:07:00Z', '2026-03-04T12:07:01Z', 'success', 'schedule')`,
  );
  const report = await audit();
  expect(report.clean).toBe(false);
  expect(report.findings.map((f) => [f.job, f.slot.toISOString(), f.label]).sort()).toEqual([
    ["diario", "2026-03-04T13:00:00.000Z", "inexplicado"],
    ["minuto", "2026-03-03T12:34:00.000Z", "inexplicado"],
    ["minuto", "2026-03-05T23:59:00.000Z", "inexplicado"],
    ["quarto_de_hora", "2026-03-04T12:07:00.000Z", "fora_da_agenda"],
  ]);
  expect(report.expected).toBe(EXPECTED);
  expect(report.counts).toMatchObject({ no_horario: EXPECTED - 3, inexplicado: 3, fora_da_agenda: 1 });
});

test("a skip on record explains its slot, and one job can be asked about alone", async () => {
  await t.sql("insert into job_slots_pulados (job_name, scheduled_for, motivo) values ('diario', $1, 'perdido')", [
    "2026-03-04T13:00:00Z",
  ]);
  const report = await audit({ jobs: ["diario"] });
  expect(report).toMatchObject({ expected: 5, clean: true });
  expect(report.findings).toMatchObject([{ label: "perdido", motivo: "perdido" }]);
  expect(Object.keys(report.perJob)).toEqual(["diario"]);
});

test("rows of a job that the catalogue does not know are off schedule; manual runs are not slots at all", async () => {
  await t.sql(
    `insert into job_executions (job_name, scheduled_for, started_at, finished_at, status, trigger)
     values ('estranho', '2026-03-04T12:00:00Z', '2026-03-04T12:00:00Z', '2026-03-04T12:00:01Z', 'success', 'schedule'),
            ('outro_manual', null, '2026-03-04T12:00:00Z', '2026-03-04T12:00:01Z', 'success', 'manual')`,
  );
  const { counts, findings } = await audit({ list: ["fora_da_agenda"] });
  expect(counts.fora_da_agenda).toBe(2);
  expect(findings.map((f) => [f.job, f.motivo])).toEqual([
    ["estranho", "job_fora_do_catalogo"],
    ["quarto_de_hora", "horario_fora_do_cron"],
  ]);
});

test("a scheduler that is down: its slots are missed by the audit and by `explain` alike, and the audit stays clean", async () => {
  const outage = { from: new Date("2026-03-07T03:00:00Z"), until: new Date("2026-03-07T03:10:00Z") };
  await t.sql(
    `insert into scheduler_instances (instance_id, started_at, last_seen_at, last_tick_at, jobs)
     values ('s1', '2026-03-01T00:00:00Z', '2026-03-07T02:59:59Z', '2026-03-07T02:59:58Z', 3)`,
  );
  const [minuto] = ENTRIES as [ScheduledJob];
  const agoraParado = new Date("2026-03-07T03:10:05Z");
  const report = await audit({ jobs: ["minuto"], span: outage, agora: agoraParado });
  expect(report).toMatchObject({ expected: 10, clean: true, counts: { perdido: 9, pendente: 1, inexplicado: 0 } });
  for (const { slot } of report.findings) {
    const { causa, frase } = await explainJob(t.db, minuto, slot, agoraParado);
    expect([slot.toISOString(), causa]).toEqual([slot.toISOString(), "agendador_parado"]);
    expect(frase).toContain("nenhum agendador estava ativo desde 06/03/2026 23:59:");
  }
});
