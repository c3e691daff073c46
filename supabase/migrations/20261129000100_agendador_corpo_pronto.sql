-- PostgreSQL parses and plans the body of an SQL function in every statement that calls it, that of a PL/pgSQL function once per
-- connection. These are called at every tick or beat; what they do is unchanged.

create or replace function interno.travar_agendador() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(20261125, 2);
end $$;

create or replace function interno.chave_de_slot(p_job text, p_slot timestamptz) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
begin
  return p_job || ':' || to_char(p_slot at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end $$;

create or replace function interno.registrar_lote_de_pulados(p_pulados jsonb, p_instancia text, p_agora timestamptz) returns integer
-- Rows are found by their keys, however few or many there are.
language plpgsql set search_path = public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
declare
  v_novos integer;
begin
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  select p.job_name, p.scheduled_for, p.motivo, left(p.detalhe, 500), p_instancia, p_agora
    from jsonb_to_recordset(p_pulados) as p(job_name text, scheduled_for timestamptz, motivo text, detalhe text)
   where p.scheduled_for <= p_agora - interval '30 s'
     and not exists (select 1 from job_executions e
                      where e.job_name = p.job_name and e.scheduled_for = p.scheduled_for)
   order by p.job_name, p.scheduled_for
  on conflict do nothing;
  get diagnostics v_novos = row_count;
  return v_novos;
end $$;

create or replace function interno.encerrar_lote_de_mortas(p_agora timestamptz) returns jsonb
language plpgsql set search_path = public, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan as $$
declare
  v_encerradas jsonb;
begin
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
  select coalesce(jsonb_agg(to_jsonb(e)), '[]') into v_encerradas from encerradas e;
  return v_encerradas;
end $$;

-- Nearly always nobody left a run without a known end in the last day. Then the question is enough.
alter function interno.execucoes_interrompidas(timestamptz) rename to listar_interrompidas;
create function interno.execucoes_interrompidas(p_agora timestamptz) returns jsonb
language plpgsql stable set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin
  if exists (select 1 from job_executions e
              where e.status = 'error' and e.error = 'interrompido: scheduler parou'
                and e.scheduled_for > p_agora - interval '24 hours') then
    return interno.listar_interrompidas(p_agora);
  end if;
  return '[]';
end $$;

select interno.proteger();
