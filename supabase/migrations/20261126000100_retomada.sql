-- A scheduler that dies after its POST: whoever closes its run asks first what the API knows of the slot's Idempotency-Key.
--   answered        the row gets the real outcome
--   still running   the row is adopted: it stays `running` while the API's lock lives
--   never arrived   closed as interrompido, and may be taken up again in the same row under the same key (retomar_execucoes)
--   anything else   closed as interrompido

-- What the API itself would write into a row of its own, for a row whose scheduler is gone.
alter table public.job_requests
  add column execucao_status text,
  add column erro            text,
  add column itens           integer,
  add column duracao_ms      integer,
  add constraint job_requests_execucao_status_check check (execucao_status in ('success', 'error'));

-- The scheduler's key of a slot: `<job>:<instant as JavaScript writes it>`.
create function interno.chave_de_slot(p_job text, p_slot timestamptz) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select p_job || ':' || to_char(p_slot at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Closes running rows whose owner is no longer live: lease over, or 330 s without any lease, or 600 s in any case.
create or replace function interno.encerrar_execucoes_mortas(p_agora timestamptz) returns jsonb
language sql set search_path = public, pg_temp as $$
  with mortas as (
    select e.id, greatest(e.started_at, least(p_agora, coalesce(e.lease_expires_at, e.started_at + interval '300 s'))) as fim,
           e.scheduled_for is not null and r.chave is null as nunca_chegou,
           case when r.status = 'done' then r.execucao_status end as fim_real,
           r.erro, r.itens, r.duracao_ms, r.http_status,
           case when r.status = 'running' and e.started_at >= p_agora - interval '600 s' then l.expires_at end as vive_ate
      from job_executions e
      left join job_requests r on r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for)
      left join job_locks l on l.token = r.token and l.expires_at > p_agora
     where e.status = 'running'
       and (coalesce(e.lease_expires_at, e.started_at + interval '330 s') < p_agora
            or e.started_at < p_agora - interval '600 s')
     order by e.job_name
       for update of e skip locked
  ), adotadas as (
    -- Asked again soon: the API's answer is to be on record shortly after it is given.
    update job_executions e set lease_expires_at = least(m.vive_ate, p_agora + interval '5 s')
      from mortas m where e.id = m.id and m.vive_ate is not null
    returning e.id
  ), encerradas as (
    update job_executions e
       set status = coalesce(m.fim_real, 'error'),
           finished_at = case when m.fim_real is null then m.fim
                              else least(p_agora, e.started_at + make_interval(secs => m.duracao_ms / 1000.0)) end,
           duration_ms = case when m.fim_real is null
                              then least(2147483647, round(1000 * extract(epoch from m.fim - e.started_at)))::integer
                              else m.duracao_ms end,
           response_code = case when m.fim_real is null then null else m.http_status end,
           items_processed = case when m.fim_real is null then null else m.itens end,
           error = case when m.fim_real is not null then m.erro
                        when e.trigger = 'manual' then 'interrompido: API parou'
                        else 'interrompido: scheduler parou' end
      from mortas m
     where e.id = m.id and m.vive_ate is null
    returning e.id, e.job_name, e.scheduled_for, e.instance_id, e.status, e.error, e.duration_ms, e.response_code,
              e.items_processed, m.nunca_chegou
  )
  select coalesce(jsonb_agg(to_jsonb(e)), '[]') from encerradas e
$$;

-- Runs closed as interrompido whose key the API never saw, opened again for p_instancia: p_itens [{id, lease_token}].
-- Answers the ids won. A slot whose job runs meanwhile stays closed.
create function public.retomar_execucoes(
  p_itens jsonb, p_instancia text, p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_item     record;
  v_ganhas   uuid[] := '{}';
begin
  perform interno.travar_agendador();
  for v_item in select i.id, i.lease_token from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid) order by i.id limit 1000 loop
    begin
      update job_executions e
         set status = 'running', trigger = 'catchup', started_at = p_agora, finished_at = null, duration_ms = null, error = null,
             instance_id = p_instancia, lease_token = v_item.lease_token,
             lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
       where e.id = v_item.id and e.status = 'error' and e.error = 'interrompido: scheduler parou' and e.scheduled_for is not null
         and not exists (select 1 from job_requests r where r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for))
         and not exists (select 1 from job_executions o where o.job_name = e.job_name and o.status = 'running');
      if found then
        v_ganhas := v_ganhas || v_item.id;
      end if;
    exception when unique_violation then
      null; -- a call by hand began at this very moment: the job runs, and this slot stays closed
    end;
  end loop;
  return to_jsonb(v_ganhas);
end $$;

-- A scheduler's sign of life, every 10 s: renews the leases of all its runs in one call, closes dead runs of anybody, and
-- tells the database's clock. p_tick_ha_ms: age of its last tick (null: none yet). `renovados`: tokens still its own.
-- `proxima_expiracao`: when the first lease of others ends, so that a dead run is closed at that moment and not 10 s later.
create or replace function public.bater_scheduler(
  p_instancia text, p_tick_ha_ms integer, p_tokens uuid[], p_lease_ms integer default 30000,
  p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_renovados jsonb;
  v_mortas    jsonb;
begin
  -- Before reaping, so that an owner that is merely late keeps its runs.
  with vivos as (
    update job_executions set lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
     where status = 'running' and instance_id = p_instancia and lease_token = any (p_tokens)
    returning lease_token)
  select coalesce(jsonb_agg(lease_token), '[]') into v_renovados from vivos;

  update scheduler_instances
     set last_seen_at = p_agora,
         last_tick_at = coalesce(p_agora - make_interval(secs => p_tick_ha_ms / 1000.0), last_tick_at)
   where instance_id = p_instancia;

  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  return jsonb_build_object('agora', p_agora, 'renovados', v_renovados, 'mortas', v_mortas, 'proxima_expiracao', (
    select min(lease_expires_at) from job_executions
     where status = 'running' and (lease_token is null or lease_token <> all (p_tokens))));
end $$;

-- The API ends a job: stores the answer of its key (null: the job never ran, the key is free again), frees the lock, closes
-- the manual row. Answers whether the lock was still its own. Repeating a call is harmless.
create or replace function public.encerrar_job(
  p_job text, p_token uuid, p_execucao uuid, p_chave text, p_status text, p_http_status integer, p_resposta jsonb,
  p_erro text, p_itens integer, p_duracao_ms integer, p_agora timestamptz default now()
) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_minha boolean;
begin
  if p_resposta is null then
    delete from job_requests where chave = p_chave and token = p_token;
  else
    update job_requests
       set status = 'done', http_status = p_http_status, resposta = p_resposta, execucao_status = p_status, erro = p_erro,
           itens = p_itens, duracao_ms = p_duracao_ms
     where chave = p_chave and token = p_token;
  end if;

  delete from job_locks where job_name = p_job and token = p_token;
  v_minha := found;

  update job_executions e
     set status = p_status, duration_ms = p_duracao_ms, response_code = p_http_status, error = p_erro,
         items_processed = p_itens,
         finished_at = least(p_agora, e.started_at + make_interval(secs => p_duracao_ms / 1000.0))
   where e.id = p_execucao and e.trigger = 'manual' and e.lease_token = p_token
     and (e.status = 'running' or (e.status = 'error' and e.error like 'interrompido: % parou'));
  return v_minha;
end $$;

-- The markers that bind this database to an environment (key `environment`) and a project (`supabase_project_ref`).
create function public.ler_marcadores() returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'environment', (select value from app_settings where key = 'environment'),
    'supabase_project_ref', (select value from app_settings where key = 'supabase_project_ref'))
$$;

select interno.proteger();
