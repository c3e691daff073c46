import type pg from "pg";
import type { WatchedJob } from "#core/executions";

/** Uma execução a cada tantos segundos, em média: janelas e dias da semana descontados. */
export interface Cadencia {
  job: string;
  cadaS: number;
}

/** A cadência média de cada job, contando os horários de quatro semanas. */
export function cadencias(jobs: readonly WatchedJob[], contar: (cron: string) => number): Cadencia[] {
  return jobs.map((j) => ({ job: j.name, cadaS: (28 * 86_400) / contar(j.cron) }));
}

/**
 * `linhas` execuções que terminam agora e se estendem pela história que for preciso, quase na ordem do tempo, como ficariam em
 * produção: 1 % de erros e 0,1 % de tempo esgotado. Sem índices nem diário durante a carga: eles são refeitos no fim.
 *
 * @returns quantas linhas ficaram e quantos dias de história são.
 */
export async function carregarExecucoes(
  sql: pg.Client,
  jobs: readonly Cadencia[],
  linhas: number,
): Promise<{ linhas: number; dias: number }> {
  const porDia = jobs.reduce((n, j) => n + 86_400 / j.cadaS, 0);
  const dias = linhas / porDia;
  await sql.query("set maintenance_work_mem = '512MB'");
  await sql.query("truncate job_executions");
  const refazer = await soltarIndices(sql);
  await sql.query("alter table job_executions set unlogged");
  await sql.query("alter table job_executions disable trigger user"); // conferem pausas, uma linha de cada vez
  // Um laço por dia: a ordem física é a do tempo, a menos de um dia, sem ordenar tudo.
  const { rowCount } = await sql.query(
    `insert into job_executions
       (job_name, scheduled_for, started_at, finished_at, status, duration_ms, response_code, error, items_processed, trigger)
     select j.job, h.em, h.em + interval '40 ms', h.em + interval '340 ms', s.status, 300,
            case s.status when 'success' then 200 when 'error' then 500 end,
            case s.status when 'error' then 'HTTP 500: falha' when 'timeout' then 'Timeout apos 300s' end, 3, 'schedule'
       from generate_series(ceil($2::float8)::int - 1, 0, -1) dia
      cross join unnest($3::text[], $4::float8[]) as j(job, cada)
      cross join lateral (
        select now() - make_interval(secs => k * j.cada) as em, k
          from generate_series(ceil(dia * 86400 / j.cada)::int, ceil((dia + 1) * 86400 / j.cada)::int - 1) k
         where k * j.cada <= $2 * 86400) h
      cross join lateral (
        select case when hashint8(h.k::bigint * 7919) % 1000 = 0 then 'timeout'
                    when hashint8(h.k::bigint * 104729) % 100 = 0 then 'error' else 'success' end as status) s
      limit $1`,
    [linhas, dias, jobs.map((j) => j.job), jobs.map((j) => j.cadaS)],
  );
  await sql.query("alter table job_executions enable trigger user");
  for (const ddl of refazer) await sql.query(ddl);
  await sql.query("vacuum (analyze, index_cleanup off) job_executions");
  return { linhas: rowCount ?? 0, dias: Math.round(dias) };
}

/** Tira chaves, conferências e índices; responde os comandos que os refazem, como estavam. */
async function soltarIndices(sql: pg.Client): Promise<string[]> {
  const { rows } = await sql.query<{ soltar: string; refazer: string }>(
    `select format('alter table job_executions drop constraint %I', conname) as soltar,
            format('alter table job_executions add constraint %I %s%s', conname, pg_get_constraintdef(oid),
                   case contype when 'c' then ' not valid' end) as refazer
       from pg_constraint where conrelid = 'job_executions'::regclass and contype in ('p', 'u', 'c')
      union all
     select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
       from pg_index i where indrelid = 'job_executions'::regclass
        and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)`,
  );
  for (const { soltar } of rows) await sql.query(soltar);
  return rows.map((r) => r.refazer);
}
