import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";

const TEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** The statements on job_executions that requirement 002 prints; operators paste them as they are. */
const QUERIES: Record<string, { sql: string; rows: unknown[] }> = {
  "últimas 20 execuções de um job": {
    sql: `SELECT job_name, started_at, status, duration_ms, items_processed
FROM job_executions
WHERE job_name = 'processar_grupos'
ORDER BY started_at DESC
LIMIT 20;`,
    rows: [
      { job_name: "processar_grupos", status: "error", duration_ms: 20, items_processed: null },
      { job_name: "processar_grupos", status: "success", duration_ms: 10, items_processed: 5 },
      { job_name: "processar_grupos", status: "success", duration_ms: 30, items_processed: 0 },
    ],
  },
  "jobs que falharam nas últimas 24 h": {
    sql: `SELECT job_name, started_at, error
FROM job_executions
WHERE status = 'error'
  AND started_at > NOW() - INTERVAL '24 hours'
ORDER BY started_at DESC;`,
    rows: [{ job_name: "processar_grupos", error: "HTTP 500: x" }],
  },
  "média de duração por job em 7 dias": {
    sql: `SELECT
  job_name,
  COUNT(*) as execucoes,
  AVG(duration_ms) as duracao_media_ms,
  MAX(duration_ms) as duracao_max_ms,
  SUM(CASE WHEN status = 'error' THEN 1 ELSE 0 END) as erros
FROM job_executions
WHERE started_at > NOW() - INTERVAL '7 days'
GROUP BY job_name
ORDER BY duracao_media_ms DESC;`,
    rows: [
      { job_name: "processar_grupos", execucoes: 3, duracao_media_ms: 20, duracao_max_ms: 30, erros: 1 },
      { job_name: "heartbeat", execucoes: 1, duracao_media_ms: 7, duracao_max_ms: 7, erros: 0 },
      { job_name: "soma_maior", execucoes: 6, duracao_media_ms: 2, duracao_max_ms: 2, erros: 0 },
      { job_name: "soma_menor", execucoes: 2, duracao_media_ms: 1, duracao_max_ms: 1, erros: 0 },
    ],
  },
  "jobs das últimas 2 h (a consulta chamada de stale)": {
    sql: `SELECT DISTINCT job_name
FROM job_executions
WHERE job_name IN (
  'heartbeat',
  'processar_mensagens_agendadas',
  'processar_campanhas_agendadas',
  'processar_grupos'
)
AND started_at > NOW() - INTERVAL '2 hours'
ORDER BY job_name;`,
    rows: [{ job_name: "heartbeat" }, { job_name: "processar_grupos" }],
  },
  "itens processados por job hoje": {
    sql: `SELECT
  job_name,
  COUNT(*) as execucoes,
  SUM(items_processed) as total_processados
FROM job_executions
WHERE DATE(started_at) = CURRENT_DATE
  AND items_processed IS NOT NULL
GROUP BY job_name
ORDER BY total_processados DESC;`,
    rows: [
      { job_name: "soma_maior", execucoes: 2, total_processados: 11 },
      { job_name: "soma_menor", execucoes: 1, total_processados: 6 },
    ],
  },
  "últimos erros de um job": {
    sql: `SELECT started_at, error
FROM job_executions
WHERE job_name = 'nome_do_job'
  AND status = 'error'
ORDER BY started_at DESC
LIMIT 10;`,
    rows: TEN.map((n) => ({ error: `erro ${n}` })),
  },
  "últimas execuções da fila": {
    sql: `SELECT started_at, status, items_processed
FROM job_executions
WHERE job_name = 'processar_mensagens_agendadas'
ORDER BY started_at DESC
LIMIT 10;`,
    rows: TEN.map((n) => ({ status: n % 2 === 1 ? "success" : "timeout", items_processed: n })),
  },
};

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
  // Only the columns the requirement lists: the rest has defaults.
  await t.sql(`insert into job_executions (job_name, started_at, finished_at, status, duration_ms, response_code, error, items_processed)
    values ('processar_grupos', now() - interval '3 hours', now() - interval '3 hours', 'success', 30, 200, null, 0),
           ('processar_grupos', now() - interval '2 minutes', now() - interval '2 minutes', 'success', 10, 200, null, 5),
           ('processar_grupos', now() - interval '1 minute', now() - interval '1 minute', 'error', 20, 500, 'HTTP 500: x', null),
           ('processar_mensagens_velhas', now() - interval '9 days', now() - interval '9 days', 'timeout', 300000, null, 'Timeout apos 300s', null),
           ('heartbeat', now() - interval '30 seconds', now() - interval '30 seconds', 'success', 7, 200, null, null)`);
  // Of today and of tomorrow alike: whenever midnight falls, the query of today finds exactly one of the two.
  await t.sql(`insert into job_executions (job_name, started_at, finished_at, status, duration_ms, response_code, items_processed)
    select v.job, dia::timestamptz, dia::timestamptz, 'success', v.ms, 200, v.itens
      from (values (current_date), (current_date + 1)) d(dia),
           (values ('soma_menor', 1, 6), ('soma_maior', 2, 4), ('soma_maior', 2, 7), ('soma_maior', 2, null)) v(job, ms, itens)`);
  // Older than what the other queries look at; one more than the limit, and one of another status.
  await t.sql(`insert into job_executions (job_name, started_at, finished_at, status, error, items_processed)
    select v.job, v.em, v.em, v.status, v.erro, v.itens
      from (select 'nome_do_job' as job, now() - interval '8 days' - n * interval '1 minute' as em,
                   case when n = 0 then 'success' else 'error' end as status,
                   case when n > 0 then 'erro ' || n end as erro, null::integer as itens from generate_series(0, 11) n
            union all
            select 'processar_mensagens_agendadas', now() - interval '8 days' - n * interval '1 minute',
                   case when n % 2 = 1 then 'success' else 'timeout' end, null, n from generate_series(1, 11) n) v`);
});
afterAll(() => t.drop());

test.each(Object.entries(QUERIES))(
  "caso 21: the requirement's query runs unchanged: %s",
  async (name, { sql, rows }) => {
    const got = await t.sql<Record<string, unknown>>(sql);
    // Near midnight the rows of minutes ago are of yesterday: of today's sums only those of both days are certain.
    const certain = name.includes("hoje") ? got.filter((row) => String(row.job_name).startsWith("soma_")) : got;
    expect(certain).toMatchObject(rows);
  },
);
