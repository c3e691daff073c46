-- What operators ask about jobs: how each stands, its history, the facts about one slot, how long it usually takes, and how
-- far a run in progress has come. All read from indexes led by job_name: the cost does not grow with history.

alter table public.job_locks add column progresso jsonb;
comment on column public.job_locks.progresso is
  'Até onde o trabalho chegou: {feitos, total, texto, em}; total nulo quando não se sabe. Gravado no máximo uma vez por segundo.';

-- How far the run that holds p_token has come. Answers whether it still holds the lock.
create function public.registrar_progresso(
  p_token uuid, p_feitos integer, p_total integer, p_texto text, p_agora timestamptz default now()
) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update job_locks
     set progresso = jsonb_build_object('feitos', p_feitos, 'total', p_total, 'texto', left(p_texto, 100), 'em', p_agora)
   where token = p_token;
  return found;
end $$;

-- As iniciar_job, and a run by hand leaves its line in auditoria_operacional, in the same transaction. p_autor is what the
-- caller says of himself; null becomes "desconhecido".
create function public.iniciar_job_com_diario(
  p_job text, p_instancia text, p_token uuid, p_execucao uuid, p_nova uuid, p_chave text,
  p_alvo text, p_autor text, p_motivo text, p_parametros jsonb,
  p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_inicio jsonb := iniciar_job(p_job, p_instancia, p_token, p_execucao, p_nova, p_chave, p_lease_ms, p_agora);
begin
  if (v_inicio ->> 'manual')::boolean then
    insert into auditoria_operacional (em, autor, acao, alvo, motivo, depois)
    values (p_agora, coalesce(p_autor, 'desconhecido'), 'executar', coalesce(p_alvo, p_job), p_motivo,
            jsonb_build_object('execution_id', v_inicio ->> 'execution_id', 'parametros', p_parametros));
  end if;
  return v_inicio;
end $$;

create function interno.execucao_em_json(e job_executions) returns jsonb
language sql immutable set search_path = public, pg_temp as $$
  select case when e.id is not null then jsonb_build_object(
    'id', e.id, 'job_name', e.job_name, 'scheduled_for', e.scheduled_for, 'started_at', e.started_at,
    'finished_at', e.finished_at, 'status', e.status, 'duration_ms', e.duration_ms, 'response_code', e.response_code,
    'error', e.error, 'items_processed', e.items_processed, 'trigger', e.trigger) end
$$;

-- How each job stands, in the order of p_jobs: last execution, the one in progress, pause in force.
create function public.situacao_dos_jobs(p_jobs text[], p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
           'job_name', n.nome,
           'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = n.nome),
           'ultima', interno.execucao_em_json(u),
           'em_andamento', interno.execucao_em_json(r),
           'progresso', (select l.progresso from job_locks l where l.execution_id = r.id),
           'pausa', interno.pausa_em_json(p)) order by n.ordem), '[]')
    from unnest(p_jobs) with ordinality as n(nome, ordem)
    left join lateral (
      select * from job_executions e where e.job_name = n.nome order by e.started_at desc limit 1) u on true
    left join job_executions r on r.job_name = n.nome and r.status = 'running'
    left join job_pausas p on p.job_name = n.nome and p.encerrada_em is null and p.desde <= p_agora
                          and coalesce(p.ate > p_agora, true)
$$;

-- What happened to a job, newest first: runs, and slots that were not run (`motivo`). At most 200, before p_antes.
create function public.historico_do_job(
  p_job text, p_antes timestamptz default 'infinity', p_limite integer default 20
) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(h.linha order by h.em desc), '[]') from (
    (select e.started_at as em, interno.execucao_em_json(e) || jsonb_build_object('motivo', null, 'detalhe', null) as linha
       from job_executions e
      where e.job_name = p_job and e.started_at < p_antes
      order by e.started_at desc limit greatest(1, least(p_limite, 200)))
    union all
    (select p.scheduled_for, jsonb_build_object(
              'id', null, 'job_name', p.job_name, 'scheduled_for', p.scheduled_for, 'started_at', null, 'finished_at', null,
              'status', 'pulado', 'duration_ms', null, 'response_code', null, 'error', null, 'items_processed', null,
              'trigger', null, 'motivo', p.motivo, 'detalhe', p.detalhe)
       from job_slots_pulados p
      where p.job_name = p_job and p.scheduled_for < p_antes
      order by p.scheduled_for desc limit greatest(1, least(p_limite, 200)))
    order by em desc limit greatest(1, least(p_limite, 200))) h
$$;

-- Durations of the last runs of each job (at most 1,000 since p_desde), ms; runs that never reached the job do not count.
create function public.duracoes_dos_jobs(p_jobs text[], p_desde timestamptz) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('job_name', d.nome, 'execucoes', d.n, 'p50', d.p50, 'p95', d.p95)), '[]')
    from (
      select n.nome, count(*) as n,
             round(percentile_cont(0.5) within group (order by e.duration_ms)) as p50,
             round(percentile_cont(0.95) within group (order by e.duration_ms)) as p95
        from unnest(p_jobs) as n(nome)
       cross join lateral (
         select x.duration_ms from job_executions x
          where x.job_name = n.nome and x.started_at >= p_desde and x.duration_ms is not null
            and (x.response_code is not null or x.status = 'timeout')
          order by x.started_at desc limit 1000) e
       group by n.nome) d
$$;

-- Everything that explains why a job ran or did not run at a slot. p_chave: the Idempotency-Key of that slot's call.
-- `sinal_antes` and `sinal_depois`: last and first sign of any scheduler around the slot (heartbeat or start of a scheduled
-- run); `instancia_viva`: one was alive at the slot by its heartbeats, which are kept for 7 days.
create function public.fatos_do_slot(
  p_job text, p_slot timestamptz, p_chave text, p_agora timestamptz default now()
) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with linhas as (
    select max(x.antes) as antes, min(x.depois) as depois from interno.jobs_registrados() n cross join lateral (
      select (select e.started_at from job_executions e
               where e.job_name = n and e.started_at < p_slot and e.trigger <> 'manual' order by e.started_at desc limit 1) as antes,
             (select e.started_at from job_executions e
               where e.job_name = n and e.started_at >= p_slot and e.trigger <> 'manual' order by e.started_at limit 1) as depois) x
  ), instancias as (
    select max(i.last_seen_at) filter (where i.last_seen_at < p_slot) as antes,
           min(i.started_at) filter (where i.started_at >= p_slot) as depois,
           coalesce(bool_or(i.started_at <= p_slot + interval '60 s' and i.last_seen_at >= p_slot), false) as viva
      from scheduler_instances i
  )
  select jsonb_build_object(
    'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = p_job),
    'execucao', (select interno.execucao_em_json(e) from job_executions e
                  where e.job_name = p_job and e.scheduled_for = p_slot),
    'resposta', (select r.resposta from job_requests r
                  where r.chave = p_chave and r.status = 'done' and r.resposta ->> 'status' = 'skipped'),
    'pulado', (select jsonb_build_object('motivo', k.motivo, 'detalhe', k.detalhe, 'registrado_em', k.registrado_em)
                 from job_slots_pulados k where k.job_name = p_job and k.scheduled_for = p_slot),
    'pausa', (select interno.pausa_em_json(interno.pausa_do_slot(p_job, p_slot, p_slot))),
    'bloqueio', (select interno.execucao_em_json(e) from job_executions e
                  where e.job_name = p_job and e.scheduled_for is distinct from p_slot
                    and e.started_at <= p_slot + interval '60 s' and coalesce(e.finished_at, 'infinity') > p_slot
                  order by e.started_at desc limit 1),
    'ultima', (select interno.execucao_em_json(e) from job_executions e
                where e.job_name = p_job order by e.started_at desc limit 1),
    'instancia_viva', i.viva,
    'agendador_vivo', exists (select 1 from scheduler_instances i
                               where i.stopped_at is null and i.last_seen_at >= p_agora - interval '90 s'),
    'sinal_antes', greatest(l.antes, i.antes), 'sinal_depois', least(l.depois, i.depois),
    'linha_antes', l.antes, 'linha_depois', l.depois)
    from linhas l, instancias i
$$;

select interno.proteger();
