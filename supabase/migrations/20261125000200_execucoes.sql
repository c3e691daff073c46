-- The record of every slot: attempts in job_executions, slots not run in job_slots_pulados; for any span of time the slots
-- expected are exactly the union of both. Any number of schedulers and API processes may run: the keys decide.

create table public.job_executions (
  id               uuid        not null default gen_random_uuid(),
  job_name         text        not null,
  scheduled_for    timestamptz,
  started_at       timestamptz not null default now(),
  finished_at      timestamptz,
  status           text        not null default 'running',
  duration_ms      integer,
  response_code    integer,
  error            text,
  items_processed  integer,
  trigger          text        not null default 'manual',
  instance_id      text,
  lease_token      uuid,
  lease_expires_at timestamptz,
  created_at       timestamptz not null default now(),
  constraint job_executions_pkey primary key (id),
  constraint job_executions_slot_key unique (job_name, scheduled_for),
  constraint job_executions_status_check check (status in ('running', 'success', 'error', 'timeout')),
  constraint job_executions_trigger_check check (trigger in ('schedule', 'catchup', 'manual')),
  -- A manual run stands for no slot.
  constraint job_executions_slot_check check ((trigger = 'manual') = (scheduled_for is null)),
  constraint job_executions_finished_check check ((status = 'running') = (finished_at is null)),
  constraint job_executions_error_check check (char_length(error) <= 500),
  constraint job_executions_numbers_check check (duration_ms >= 0 and items_processed >= 0)
);
comment on table public.job_executions is
  'Uma linha por tentativa de execução. Podada por podar_job_executions (agendador, diária): 90 dias, erros 1 ano; ficam a última linha e o último sucesso de cada job.';
comment on column public.job_executions.scheduled_for is 'O horário que a execução cumpre (UTC); nulo só quando manual.';
comment on column public.job_executions.lease_expires_at is 'Até quando o dono é tido por vivo; renovado a cada 10 s.';

create unique index job_executions_running_key on public.job_executions (job_name) where status = 'running';
create index job_executions_job_started_idx on public.job_executions (job_name, started_at desc);
create index job_executions_success_idx on public.job_executions (job_name, started_at desc) where status = 'success';
create index job_executions_failed_idx on public.job_executions (started_at desc) where status in ('error', 'timeout');
-- BRIN, not btree: with a btree on started_at the planner walks it to find the last row of a weekly job.
create index job_executions_started_brin on public.job_executions using brin (started_at);

create table public.job_slots_pulados (
  job_name      text        not null,
  scheduled_for timestamptz not null,
  motivo        text        not null,
  detalhe       text,
  instance_id   text,
  registrado_em timestamptz not null default now(),
  constraint job_slots_pulados_pkey primary key (job_name, scheduled_for),
  constraint job_slots_pulados_motivo_check
    check (motivo in ('sobreposicao', 'perdido', 'coalescido', 'pausado', 'fora_da_janela')),
  constraint job_slots_pulados_detalhe_check check (char_length(detalhe) <= 500)
);
comment on table public.job_slots_pulados is
  'Um horário que não foi executado, e por quê. Podada por podar_agendador (agendador, diária): 90 dias.';
create index job_slots_pulados_scheduled_brin on public.job_slots_pulados using brin (scheduled_for);

create table public.scheduler_jobs (
  job_name      text        not null,
  registered_at timestamptz not null default now(),
  constraint scheduler_jobs_pkey primary key (job_name)
);
comment on table public.scheduler_jobs is
  'Quando cada job entrou no catálogo de um agendador em execução: de onde os horários passam a ser esperados. Nunca podada.';

create table public.scheduler_instances (
  instance_id  text        not null,
  started_at   timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  last_tick_at timestamptz,
  stopped_at   timestamptz,
  jobs         integer     not null,
  constraint scheduler_instances_pkey primary key (instance_id)
);
comment on table public.scheduler_instances is
  'Processos agendadores e seu último sinal (relógio do banco). Podada por podar_agendador (agendador, diária): 7 dias sem sinal.';

-- Claims and skip records of all schedulers go one after another: it makes "a slot is in exactly one of the two tables"
-- true without deadlocks. A call holds it for milliseconds.
create function interno.travar_agendador() returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock(20261125, 2)
$$;

-- Closes running rows whose owner is no longer live: lease over, or 330 s without any lease, or 600 s in any case.
create function interno.encerrar_execucoes_mortas(p_agora timestamptz) returns jsonb
language sql set search_path = public, pg_temp as $$
  with mortas as (
    select e.id, greatest(e.started_at, least(p_agora, coalesce(e.lease_expires_at, e.started_at + interval '300 s'))) as fim
      from job_executions e
     where e.status = 'running'
       and (coalesce(e.lease_expires_at, e.started_at + interval '330 s') < p_agora
            or e.started_at < p_agora - interval '600 s')
     order by e.job_name
       for update skip locked
  ), encerradas as (
    update job_executions e
       set status = 'error', finished_at = m.fim,
           duration_ms = least(2147483647, round(1000 * extract(epoch from m.fim - e.started_at)))::integer,
           error = 'interrompido: ' || case when e.trigger = 'manual' then 'API parou' else 'scheduler parou' end
      from mortas m
     where e.id = m.id
    returning e.id, e.job_name, e.scheduled_for, e.instance_id
  )
  select coalesce(jsonb_agg(to_jsonb(e)), '[]') from encerradas e
$$;

-- Only slots that are half a minute past: until then somebody with a better clock may still run them.
create function interno.registrar_pulados(p_pulados jsonb, p_instancia text, p_agora timestamptz) returns integer
language sql set search_path = public, pg_temp as $$
  with novos as (
    insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
    select p.job_name, p.scheduled_for, p.motivo, left(p.detalhe, 500), p_instancia, p_agora
      from jsonb_to_recordset(p_pulados) as p(job_name text, scheduled_for timestamptz, motivo text, detalhe text)
     where p.scheduled_for <= p_agora - interval '30 s'
       and not exists (select 1 from job_executions e
                        where e.job_name = p.job_name and e.scheduled_for = p.scheduled_for)
     order by p.job_name, p.scheduled_for
    on conflict do nothing
    returning 1)
  select count(*)::integer from novos
$$;

-- Slots that will not run, with their reason; a slot that somebody executed is left alone. Answers how many were new.
create function public.registrar_slots_pulados(
  p_pulados jsonb, p_instancia text, p_agora timestamptz default now()
) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  perform interno.travar_agendador();
  return interno.registrar_pulados(p_pulados, p_instancia, p_agora);
end $$;

-- A scheduler introduces itself: names it does not find in scheduler_jobs enter now, and it learns per job since when slots
-- are expected and the last one already accounted for.
create function public.registrar_catalogo(
  p_jobs text[], p_instancia text, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  insert into scheduler_jobs (job_name, registered_at)
  select distinct n, p_agora from unnest(p_jobs) n order by n
  on conflict do nothing;

  insert into scheduler_instances (instance_id, started_at, last_seen_at, jobs)
  values (p_instancia, p_agora, p_agora, cardinality(p_jobs))
  on conflict (instance_id) do update
    set started_at = excluded.started_at, last_seen_at = excluded.last_seen_at, jobs = excluded.jobs,
        last_tick_at = null, stopped_at = null;

  return jsonb_build_object('agora', p_agora, 'jobs', (
    select coalesce(jsonb_agg(jsonb_build_object(
             'job_name', s.job_name, 'registered_at', s.registered_at,
             'ultimo_slot', greatest(
               (select max(e.scheduled_for) from job_executions e where e.job_name = s.job_name),
               (select max(p.scheduled_for) from job_slots_pulados p where p.job_name = s.job_name)))), '[]')
      from scheduler_jobs s where s.job_name = any (p_jobs)));
end $$;

-- Everything a tick needs in one call: closes dead runs, records the slots given up (p_pulados) and claims the due ones.
-- p_slots: [{id, lease_token, job_name, scheduled_for, trigger}], ids and tokens chosen by the caller, so that a call
-- repeated after a lost answer finds its own rows won. Each answer says `ganhou`, or in `motivo` which rule refused:
-- ja_reivindicado, ja_pulado, slot_no_futuro (the caller's clock is ahead), em_execucao (recorded as sobreposicao; a
-- later catch-up of the same slot may still win and then removes that record).
create function public.reivindicar_slots(
  p_slots jsonb, p_pulados jsonb, p_instancia text, p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_mortas     jsonb;
  v_resultados jsonb;
begin
  perform interno.travar_agendador();
  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  perform interno.registrar_pulados(p_pulados, p_instancia, p_agora);

  insert into job_executions (id, job_name, scheduled_for, started_at, trigger, instance_id, lease_token, lease_expires_at)
  select i.id, i.job_name, i.scheduled_for, p_agora, i.trigger, p_instancia, i.lease_token,
         p_agora + make_interval(secs => p_lease_ms / 1000.0)
    from jsonb_to_recordset(p_slots)
           as i(id uuid, lease_token uuid, job_name text, scheduled_for timestamptz, trigger text)
   where i.scheduled_for <= p_agora + interval '30 s'
     and not exists (select 1 from job_slots_pulados p
                      where p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
                        and not (i.trigger = 'catchup' and p.motivo = 'sobreposicao'))
   order by i.job_name, i.scheduled_for
  on conflict do nothing;

  delete from job_slots_pulados p
   using jsonb_to_recordset(p_slots) as i(id uuid, trigger text), job_executions e
   where i.trigger = 'catchup' and e.id = i.id
     and p.job_name = e.job_name and p.scheduled_for = e.scheduled_for;

  with analise as (
    select i.id, i.job_name, i.scheduled_for, r.id as em_andamento, r.started_at as desde, r.trigger as gatilho,
           case when e.id = i.id and e.lease_token = i.lease_token and e.status = 'running' then null
                when e.id is not null then 'ja_reivindicado'
                when i.scheduled_for > p_agora + interval '30 s' then 'slot_no_futuro'
                when p.motivo is not null and not (i.trigger = 'catchup' and p.motivo = 'sobreposicao') then 'ja_pulado'
                else 'em_execucao' end as motivo
      from jsonb_to_recordset(p_slots)
             as i(id uuid, lease_token uuid, job_name text, scheduled_for timestamptz, trigger text)
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
    on conflict do nothing)
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', a.id, 'ganhou', a.motivo is null, 'motivo', a.motivo,
           'em_andamento', a.em_andamento, 'desde', a.desde)), '[]')
    into v_resultados from analise a;

  return jsonb_build_object('agora', p_agora, 'resultados', v_resultados, 'mortas', v_mortas);
end $$;

-- A scheduler's sign of life, every 10 s: renews the leases of all its runs in one call, closes dead runs of anybody, and
-- tells the database's clock. p_tick_ha_ms: age of its last tick (null: none yet). `renovados`: tokens still its own.
create function public.bater_scheduler(
  p_instancia text, p_tick_ha_ms integer, p_tokens uuid[], p_lease_ms integer default 30000,
  p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_renovados jsonb;
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

  return jsonb_build_object('agora', p_agora, 'renovados', v_renovados,
                            'mortas', interno.encerrar_execucoes_mortas(p_agora));
end $$;

-- Closes runs. p_itens: [{id, lease_token, status, duration_ms, response_code, error, items_processed}]. Only their owner
-- can (id, instance and token); the real outcome replaces the verdict "interrompido" of whoever took the owner for dead.
-- Answers the ids that now hold the given outcome, so repeating a call is harmless.
create function public.encerrar_execucoes(
  p_itens jsonb, p_instancia text, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
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

  return (select coalesce(jsonb_agg(e.id), '[]')
            from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid, status text)
            join job_executions e on e.id = i.id and e.lease_token = i.lease_token and e.status = i.status);
end $$;

create function public.parar_scheduler(p_instancia text, p_agora timestamptz default now()) returns void
language sql set search_path = public, extensions, pg_temp as $$
  update scheduler_instances set stopped_at = p_agora, last_seen_at = p_agora where instance_id = p_instancia
$$;

-- One batch of old executions; call again while it answers p_limite. Keeps the last row and the last success of every job.
create function public.podar_job_executions(
  p_dias integer default 90, p_dias_erros integer default 365, p_limite integer default 5000,
  p_agora timestamptz default now()
) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_manter   uuid[];
  v_apagadas integer;
begin
  with recursive nomes as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from nomes n where n.job_name is not null
  ), manter as (
    select u.id from nomes n cross join lateral (
      (select e.id from job_executions e where e.job_name = n.job_name order by e.started_at desc limit 1)
      union
      (select e.id from job_executions e
        where e.job_name = n.job_name and e.status = 'success' order by e.started_at desc limit 1)) u
  )
  select coalesce(array_agg(id), '{}') into v_manter from manter;

  delete from job_executions
   where id in (
     select e.id from job_executions e
      where e.started_at < p_agora - make_interval(days => p_dias)
        and (e.status = 'success'
             or (e.status in ('error', 'timeout') and e.started_at < p_agora - make_interval(days => greatest(p_dias, p_dias_erros))))
        and e.id <> all (v_manter)
      limit least(p_limite, 5000)
        for update skip locked);
  get diagnostics v_apagadas = row_count;
  return v_apagadas;
end $$;

select interno.proteger();
