-- With several replicas all but the first of a tick find every slot settled, and tried to insert them all the same. One question
-- says so; only whether the first slot is settled is asked of everybody. And the answer is json: a jsonb was only built to be
-- printed.
drop function public.reivindicar_slots(uuid[], uuid[], text[], timestamptz[], text[], jsonb, text, integer, timestamptz);

-- Everything a tick needs in one call: closes dead runs, records the slots given up (p_pulados) and claims the due ones, given
-- as arrays of equal length; ids and tokens are chosen by the caller, so that a call repeated after a lost answer finds its own
-- rows won. `recusados` says which rule refused: ja_reivindicado, ja_pulado, slot_no_futuro (the caller's clock is ahead),
-- em_execucao (recorded as sobreposicao; a later catch-up of the same slot may still win and then removes that record).
create function public.reivindicar_slots(
  p_ids uuid[], p_tokens uuid[], p_jobs text[], p_horarios timestamptz[], p_gatilhos text[],
  p_pulados jsonb, p_instancia text, p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns json
-- Rows are found by their keys, however few or many there are.
language plpgsql set search_path = public, extensions, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set plan_cache_mode = force_generic_plan as $$
declare
  v_mortas     jsonb;
  v_recusados  json := '[]';
  v_ganhos     integer := 0;
  v_resolvidos integer := 0;
begin
  perform interno.travar_agendador();
  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  if p_pulados <> '[]' then
    perform interno.registrar_pulados(p_pulados, p_instancia, p_agora);
  end if;

  -- What the whole rest of this function would find for slots that are all on record.
  if cardinality(p_ids) > 0
     and (exists (select 1 from job_executions e where e.job_name = p_jobs[1] and e.scheduled_for = p_horarios[1])
          or exists (select 1 from job_slots_pulados p where p.job_name = p_jobs[1] and p.scheduled_for = p_horarios[1])) then
    select count(*),
           coalesce(json_agg(a) filter (where a.motivo is not null), '[]')
      into v_resolvidos, v_recusados
      from (select i.id,
                   case when e.id = i.id and e.lease_token = i.lease_token and e.status = 'running' then null
                        when e.id is not null then 'ja_reivindicado'
                        else 'ja_pulado' end as motivo,
                   null::uuid as em_andamento, null::timestamptz as desde
              from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
              left join job_executions e on e.job_name = i.job_name and e.scheduled_for = i.scheduled_for
              left join job_slots_pulados p on p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
             where e.id is not null
                or (p.motivo is not null and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao')
                    and i.scheduled_for <= p_agora + interval '30 s')) a;
    if v_resolvidos < cardinality(p_ids) then
      v_recusados := '[]';
    end if;
  end if;

  if v_resolvidos < cardinality(p_ids) then
    perform set_config('julia.sem_pausas', case when interno.sem_pausas(p_horarios, p_agora) then 'sim' else '' end, true);
    insert into job_executions (id, job_name, scheduled_for, started_at, trigger, instance_id, lease_token, lease_expires_at)
    select i.id, i.job_name, i.scheduled_for, p_agora, i.gatilho, p_instancia, i.lease_token,
           p_agora + make_interval(secs => p_lease_ms / 1000.0)
      from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
     where i.scheduled_for <= p_agora + interval '30 s'
       and not exists (select 1 from job_slots_pulados p
                        where p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
                          and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao'))
     order by i.job_name, i.scheduled_for
    on conflict do nothing;
    get diagnostics v_ganhos = row_count;
    perform set_config('julia.sem_pausas', '', true);
  end if;

  if 'catchup' = any (p_gatilhos) then
    delete from job_slots_pulados p
     using unnest(p_ids, p_gatilhos) as i(id, gatilho), job_executions e
     where i.gatilho = 'catchup' and e.id = i.id
       and p.job_name = e.job_name and p.scheduled_for = e.scheduled_for;
  end if;

  if v_ganhos < cardinality(p_ids) and v_resolvidos < cardinality(p_ids) then
    with analise as (
      select i.id, i.job_name, i.scheduled_for, r.id as em_andamento, r.started_at as desde, r.trigger as gatilho,
             case when e.id = i.id and e.lease_token = i.lease_token and e.status = 'running' then null
                  when e.id is not null then 'ja_reivindicado'
                  when i.scheduled_for > p_agora + interval '30 s' then 'slot_no_futuro'
                  when p.motivo is not null and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao') then 'ja_pulado'
                  else 'em_execucao' end as motivo
        from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
        left join job_executions e on e.job_name = i.job_name and e.scheduled_for = i.scheduled_for
        left join job_executions r on r.job_name = i.job_name and r.status = 'running' and r.id <> i.id
        left join job_slots_pulados p on p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
    ), sobrepostos as (
      insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
      select a.job_name, a.scheduled_for, 'sobreposicao',
             'execução ' || coalesce(a.em_andamento::text, 'anterior') || case when a.gatilho = 'manual' then ' (manual)' else '' end
               || ' em andamento' || coalesce(' desde ' || to_char(a.desde at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
             p_instancia, p_agora
        from analise a where a.motivo = 'em_execucao'
       order by a.job_name, a.scheduled_for
      on conflict do nothing)
    select coalesce(json_agg(json_build_object(
             'id', a.id, 'motivo', a.motivo, 'em_andamento', a.em_andamento, 'desde', a.desde)), '[]')
      into v_recusados from analise a where a.motivo is not null;
  end if;

  return json_build_object('agora', p_agora, 'recusados', v_recusados, 'mortas', v_mortas);
end $$;

select interno.proteger();
