-- What /health/jobs stands on: per job its last execution however old, and the counters of the last 24 h.

-- Failures by job: how many in a row, and the last one's text.
create index job_executions_job_failed_idx on public.job_executions (job_name, started_at desc)
 where status in ('error', 'timeout');

-- One answer, whose cost depends on the executions of a day and never on the history: each part is a descent into an index
-- led by job_name. Names that p_jobs lacks (retired jobs) count in total_executions alone; they are found by leaping
-- through the index from name to name.
--
-- `last` is the most recent execution of any status, `running` the open one, `last_finished` the most recent closed one.
-- `pause` is the one in force, without what people wrote in it: the answer is open to all.
-- consecutive_failures stops counting at 1000. p_progresso: jobs for which no_progress_since is wanted, the start of the
-- tenth-last closed execution if the last ten are successes that processed 0 items, else null.
--
-- plpgsql, so that a connection plans it once: planning takes longer than running. The plan knows no p_agora and takes
-- "since p_agora − 24 h" for a third of the table: for a large one it would turn to sequential and bitmap scans, and to
-- compiling, hence the settings.
create function public.resumir_execucoes(
  p_jobs text[], p_progresso text[] default '{}', p_agora timestamptz default now()
) returns jsonb
language plpgsql stable
set search_path = public, extensions, pg_temp set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_bitmapscan = off set jit = off as $$
begin
  return (
  with recursive nomes as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from nomes n where n.job_name is not null
  ), periodo as materialized (
    select n.job_name, d.*, f.*
      from nomes n
     cross join lateral (
       select count(*) as runs, count(*) filter (where e.finished_at is null) as open,
              round(avg(e.duration_ms)) as avg_ms, sum(e.items_processed) as items
         from job_executions e
        where e.job_name = n.job_name and e.started_at > p_agora - interval '24 hours') d
     cross join lateral (
       select count(*) filter (where e.status = 'error') as errors,
              count(*) filter (where e.status = 'timeout') as timeouts,
              max(e.started_at) as last_failure_at
         from job_executions e
        where e.job_name = n.job_name and e.status in ('error', 'timeout')
          and e.started_at > p_agora - interval '24 hours') f
     where n.job_name is not null
  )
  select jsonb_build_object(
    'agora', p_agora,
    'last_tick_at', (select max(i.last_tick_at) from scheduler_instances i),
    'schedulers', (select count(*) from scheduler_instances i
                    where i.stopped_at is null and i.last_tick_at >= p_agora - interval '90 s'),
    'total_executions', (select coalesce(sum(p.runs), 0) from periodo p),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'job_name', j.nome,
          'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = j.nome),
          'pause', (
            select jsonb_build_object('desde', q.desde, 'ate', q.ate) from job_pausas q
             where q.job_name = j.nome and q.desde <= p_agora and p_agora < coalesce(q.encerrada_em, q.ate, 'infinity')
             order by q.desde desc limit 1),
          'last_pause_end', (
            select max(coalesce(q.encerrada_em, q.ate)) from job_pausas q
             where q.job_name = j.nome and coalesce(q.encerrada_em, q.ate) <= p_agora),
          'last', (
            select to_jsonb(u) from (
              select e.started_at, e.scheduled_for, e.finished_at, e.status, e.lease_expires_at from job_executions e
               where e.job_name = j.nome order by e.started_at desc limit 1) u),
          'running', (
            select to_jsonb(u) from (
              select e.started_at, e.scheduled_for, e.finished_at, e.status, e.lease_expires_at from job_executions e
               where e.job_name = j.nome and e.status = 'running') u),
          'last_finished', (
            select e.status from job_executions e
             where e.job_name = j.nome and e.status <> 'running' order by e.started_at desc limit 1),
          'last_success', sucesso.started_at,
          'consecutive_failures', (
            select count(*) from (
              select 1 from job_executions e
               where e.job_name = j.nome and e.status in ('error', 'timeout')
                 and e.started_at > coalesce(sucesso.started_at, '-infinity')
               order by e.started_at desc limit 1000) f),
          'runs_24h', coalesce(p.runs, 0),
          'success_24h', coalesce(p.runs - p.open - p.errors - p.timeouts, 0),
          'errors_24h', coalesce(p.errors, 0),
          'timeouts_24h', coalesce(p.timeouts, 0),
          'avg_duration_ms', coalesce(p.avg_ms, 0),
          'total_items_processed', coalesce(p.items, 0),
          'last_error', (
            select coalesce(e.error, e.status) from job_executions e
             where e.job_name = j.nome and e.started_at = p.last_failure_at and e.status in ('error', 'timeout') limit 1),
          'no_progress_since', case when j.nome = any (p_progresso) then (
            select min(d.started_at) from (
              select e.started_at, e.status, e.items_processed from job_executions e
               where e.job_name = j.nome and e.status <> 'running' order by e.started_at desc limit 10) d
            having count(*) filter (where d.status = 'success' and d.items_processed = 0) = 10) end
        ) order by j.ordem), '[]')
        from unnest(p_jobs) with ordinality as j(nome, ordem)
        left join periodo p on p.job_name = j.nome
        left join lateral (
          select e.started_at from job_executions e
           where e.job_name = j.nome and e.status = 'success' order by e.started_at desc limit 1) sucesso on true)));
end $$;

-- Since when the groups queue has had due work without interruption: the oldest item that waits for nobody and nothing;
-- null when none does. Asked only after ten runs that processed nothing.
create function public.fn_grupos_vencida_desde(p_agora timestamptz default now()) returns timestamptz
language sql stable set search_path = public, extensions, pg_temp as $$
  select min(coalesce(f.proximo_retry, f.estagio_desde)) from public.fila_processamento_grupos f
   where f.estagio not in ('finalizado', 'descartado', 'erro') and f.lease_token is null
     and f.tentativas < f.max_tentativas and coalesce(f.proximo_retry, f.estagio_desde) <= p_agora
$$;

select interno.proteger();
