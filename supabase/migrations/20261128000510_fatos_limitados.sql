-- Explaining a slot of long ago read every earlier run of its job, to find the one that stood in its way.

-- Everything that explains why a job ran or did not run at a slot. p_chave: the Idempotency-Key of that slot's call.
-- `sinal_antes` and `sinal_depois`: last and first sign of any scheduler around the slot (heartbeat or start of a scheduled
-- run); `instancia_viva`: one was alive at the slot by its heartbeats, which are kept for 7 days.
-- `bloqueio` is looked for among the runs of the hour before: none lives longer than 10 minutes.
create or replace function public.fatos_do_slot(
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
                    and e.started_at <= p_slot + interval '60 s' and e.started_at > p_slot - interval '1 hour'
                    and coalesce(e.finished_at, 'infinity') > p_slot
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
