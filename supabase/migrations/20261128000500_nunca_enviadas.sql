-- A run that was claimed and never sent is taken up by whoever can, not by whoever happened to close its row: every sign of
-- life answers the runs that still wait, so that no lost answer and no restart forgets them. And a pause holds them too.

create index job_executions_nunca_enviadas_idx on public.job_executions (scheduled_for)
  where status = 'error' and error = 'interrompido: scheduler parou';

-- The last slot of each job that a scheduler left without a known end: while its key could still be sent (24 h, as long as
-- job_requests remembers keys) if the API never saw it, else for five minutes, so that somebody says so. At most 1,000.
create function interno.execucoes_interrompidas(p_agora timestamptz) returns jsonb
-- Through the small index, whatever the planner thinks of the table's size.
language plpgsql stable set search_path = public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(i)), '[]') from (
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

-- As before; answers also lease_token and finished_at.
create or replace function interno.encerrar_lote_de_mortas(p_agora timestamptz) returns jsonb
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
    returning e.id, e.job_name, e.scheduled_for, e.instance_id, e.lease_token, e.status, e.error, e.finished_at, e.duration_ms,
              e.response_code, e.items_processed, m.nunca_chegou
  )
  select coalesce(jsonb_agg(to_jsonb(e)), '[]') from encerradas e
$$;

-- As before; `interrompidas`: runs without a known end, of anybody, also those that an earlier call closed.
create or replace function public.bater_scheduler(
  p_instancia text, p_tick_ha_ms integer, p_tokens uuid[], p_lease_ms integer default 30000,
  p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp set plan_cache_mode = force_generic_plan as $$
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
  return jsonb_build_object('agora', p_agora, 'renovados', v_renovados, 'mortas', v_mortas,
    'interrompidas', interno.execucoes_interrompidas(p_agora), 'proxima_expiracao', (
    select min(lease_expires_at) from job_executions
     where status = 'running' and (lease_token is null or lease_token <> all (p_tokens))));
end $$;

create function interno.pausa_em_palavras(p job_pausas) returns text
language sql stable set search_path = public, pg_temp as $$
  select format('pausado por %s %s: %s', p.autor,
    coalesce('até ' || to_char(p.ate at time zone 'America/Sao_Paulo', 'DD/MM/YYYY HH24:MI'), 'até ser retomado'), p.motivo)
$$;

create or replace function interno.barrar_slot_pausado() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
  v_pausa job_pausas;
begin
  if not exists (
    select 1 from job_pausas p
     where p.job_name = new.job_name
       and ((p.desde <= new.scheduled_for and new.scheduled_for < coalesce(p.encerrada_em, p.ate, 'infinity'))
            or (p.desde <= new.started_at and new.started_at < coalesce(p.encerrada_em, p.ate, 'infinity')))) then
    return new;
  end if;
  v_pausa := interno.pausa_do_slot(new.job_name, new.scheduled_for, new.started_at);
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  values (new.job_name, new.scheduled_for, 'pausado', left(interno.pausa_em_palavras(v_pausa), 500),
          new.instance_id, new.started_at)
  on conflict do nothing;
  return null;
end $$;

-- Runs closed as interrompido whose key the API never saw, opened again for p_instancia: p_itens [{id, lease_token}].
-- Answers the ids won. A slot whose job runs meanwhile stays closed. One that a pause reaches is never sent, as a slot claimed
-- under a pause is not: its attempt is on record already, so the row says it (a slot has one record, run or skip, never both).
create or replace function public.retomar_execucoes(
  p_itens jsonb, p_instancia text, p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_item     record;
  v_linha    job_executions;
  v_pausa    job_pausas;
  v_ganhas   uuid[] := '{}';
begin
  perform interno.travar_agendador(); -- a pause, too, is wholly before or wholly after
  for v_item in select i.id, i.lease_token from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid) order by i.id limit 1000 loop
    select * into v_linha from job_executions e
     where e.id = v_item.id and e.status = 'error' and e.error = 'interrompido: scheduler parou'
       and e.scheduled_for > p_agora - interval '24 hours'
       and not exists (select 1 from job_requests r where r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for))
       for update;
    continue when not found;
    v_pausa := interno.pausa_do_slot(v_linha.job_name, v_linha.scheduled_for, p_agora);
    if v_pausa.id is not null then
      update job_executions e
         set error = left('interrompido: scheduler parou antes do envio; ' || interno.pausa_em_palavras(v_pausa), 500)
       where e.id = v_item.id;
      continue;
    end if;
    begin
      update job_executions e
         set status = 'running', trigger = 'catchup', started_at = p_agora, finished_at = null, duration_ms = null, error = null,
             instance_id = p_instancia, lease_token = v_item.lease_token,
             lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
       where e.id = v_item.id
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

select interno.proteger();
