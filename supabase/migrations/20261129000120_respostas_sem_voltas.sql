-- What a beat and an end answer was built as jsonb only to be printed, and asked of the table although it was known.

drop function interno.execucoes_interrompidas(timestamptz);
drop function interno.listar_interrompidas(timestamptz);

-- The last slot of each job that a scheduler left without a known end: while its key could still be sent (24 h, as long as
-- job_requests remembers keys) if the API never saw it, else for five minutes, so that somebody says so. At most 1,000.
create function interno.listar_interrompidas(p_agora timestamptz) returns json
-- Through the small index, whatever the planner thinks of the table's size.
language plpgsql stable set search_path = public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select coalesce(json_agg(i), '[]') from (
      select u.id, u.job_name, u.scheduled_for, u.instance_id, u.lease_token, u.status, u.error, u.finished_at, u.duration_ms,
             u.response_code, u.items_processed, r.chave is null as nunca_chegou
        from (select distinct on (e.job_name) e.* from job_executions e
               where e.status = 'error' and e.error = 'interrompido: scheduler parou'
                 and e.scheduled_for > p_agora - interval '24 hours'
               order by e.job_name, e.scheduled_for desc) u
        left join job_requests r on r.chave = interno.chave_de_slot(u.job_name, u.scheduled_for)
       where r.chave is null or u.finished_at > p_agora - interval '5 minutes'
       order by u.scheduled_for desc limit 1000) i);
end $$;

drop function public.bater_scheduler(text, integer, uuid[], integer, timestamptz);

-- A scheduler's sign of life, every 10 s: renews the leases of all its runs in one call, closes dead runs of anybody, and
-- tells the database's clock. p_tick_ha_ms: age of its last tick (null: none yet). `renovados`: tokens still its own;
-- `mortas`: closed by this call; `interrompidas`: runs without a known end, of anybody, also those that an earlier call closed;
-- `proxima_expiracao`: when the first lease of others ends, unless renewed.
create function public.bater_scheduler(
  p_instancia text, p_tick_ha_ms integer, p_tokens uuid[], p_lease_ms integer default 30000,
  p_agora timestamptz default now()
) returns json
language plpgsql set search_path = public, extensions, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_renovados     json := '[]';
  v_mortas        jsonb;
  v_interrompidas json := '[]';
begin
  -- Before reaping, so that an owner that is merely late keeps its runs.
  if cardinality(p_tokens) > 0 then
    with vivos as (
      update job_executions set lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
       where status = 'running' and instance_id = p_instancia and lease_token = any (p_tokens)
      returning lease_token)
    select coalesce(json_agg(lease_token), '[]') into v_renovados from vivos;
  end if;

  update scheduler_instances
     set last_seen_at = p_agora,
         last_tick_at = coalesce(p_agora - make_interval(secs => p_tick_ha_ms / 1000.0), last_tick_at)
   where instance_id = p_instancia;

  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  -- Nearly always nobody left a run without a known end in the last day. Then the question is enough.
  if exists (select 1 from job_executions e
              where e.status = 'error' and e.error = 'interrompido: scheduler parou'
                and e.scheduled_for > p_agora - interval '24 hours') then
    v_interrompidas := interno.listar_interrompidas(p_agora);
  end if;
  return json_build_object('agora', p_agora, 'renovados', v_renovados, 'mortas', v_mortas,
    'interrompidas', v_interrompidas, 'proxima_expiracao', (
    select min(lease_expires_at) from job_executions
     where status = 'running' and (lease_token is null or lease_token <> all (p_tokens))));
end $$;

-- As before; when every item was closed by this very call, the table need not be asked which ones were.
create or replace function public.encerrar_execucoes(
  p_itens jsonb, p_instancia text, p_agora timestamptz default now()
) returns jsonb
-- Rows are found by their keys, however few or many there are.
language plpgsql set search_path = public, extensions, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
declare
  v_encerradas integer;
begin
  update job_executions e
     set status = i.status, duration_ms = i.duration_ms, response_code = i.response_code, error = i.error,
         items_processed = i.items_processed,
         finished_at = least(p_agora, e.started_at + make_interval(secs => i.duration_ms / 1000.0))
    from jsonb_to_recordset(p_itens)
           as i(id uuid, lease_token uuid, status text, duration_ms integer, response_code integer, error text,
                items_processed integer)
   where e.id = i.id and e.instance_id = p_instancia and e.lease_token = i.lease_token
     and (e.status = 'running' or (e.status = 'error' and e.error like 'interrompido: % parou'));
  get diagnostics v_encerradas = row_count;
  if v_encerradas = jsonb_array_length(p_itens) then
    return jsonb_path_query_array(p_itens, '$[*].id');
  end if;

  return (select coalesce(jsonb_agg(e.id), '[]')
            from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid, status text)
            join job_executions e on e.id = i.id and e.lease_token = i.lease_token and e.status = i.status);
end $$;

select interno.proteger();
