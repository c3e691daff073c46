-- What the ledger says of the slots of a span, for the audit: expected slots (cron, in TypeScript) against these.

-- Names that appear anywhere in the ledger: a skip scan over the indexes, so its cost is the number of names, not of rows.
create function interno.jobs_registrados() returns setof text
language sql stable set search_path = public, pg_temp as $$
  with recursive executados as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from executados n where n.job_name is not null
  ), pulados as (
    (select job_name from job_slots_pulados order by job_name limit 1)
    union all
    select (select p.job_name from job_slots_pulados p where p.job_name > n.job_name order by p.job_name limit 1)
      from pulados n where n.job_name is not null
  )
  select job_name from executados where job_name is not null
  union
  select job_name from pulados where job_name is not null
  union
  select job_name from scheduler_jobs
$$;

-- One page of the slots on record in [p_desde, p_ate), executed or skipped, by job and slot; a slot found in both tables has
-- both in its one row. p_jobs: only these (null: all names of the ledger). The next page starts after (p_depois_job,
-- p_depois_slot); `continua` says whether there is one. Answers jsonb, at most 5,000 slots.
create function public.slots_registrados(
  p_desde timestamptz, p_ate timestamptz, p_jobs text[] default null,
  p_depois_job text default null, p_depois_slot timestamptz default null, p_limite integer default 5000
) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_limite integer := greatest(1, least(p_limite, 5000));
  v_faltam integer := v_limite;
  v_slots  jsonb := '[]';
  v_parte  jsonb;
  v_job    text;
begin
  for v_job in
    select n from interno.jobs_registrados() n
     where (p_jobs is null or n = any (p_jobs)) and (p_depois_job is null or n collate "C" >= p_depois_job collate "C")
     order by n collate "C"
  loop
    with chaves as (
      (select e.scheduled_for from job_executions e
        where e.job_name = v_job and e.scheduled_for >= p_desde and e.scheduled_for < p_ate
          and (v_job is distinct from p_depois_job or e.scheduled_for > p_depois_slot)
        order by e.scheduled_for limit v_faltam)
      union
      (select p.scheduled_for from job_slots_pulados p
        where p.job_name = v_job and p.scheduled_for >= p_desde and p.scheduled_for < p_ate
          and (v_job is distinct from p_depois_job or p.scheduled_for > p_depois_slot)
        order by p.scheduled_for limit v_faltam)
      order by scheduled_for limit v_faltam
    )
    select coalesce(jsonb_agg(jsonb_build_object(
             'job_name', v_job, 'scheduled_for', c.scheduled_for,
             'execution_id', e.id, 'started_at', e.started_at, 'trigger', e.trigger, 'status', e.status,
             'motivo', p.motivo, 'detalhe', p.detalhe) order by c.scheduled_for), '[]')
      into v_parte
      from chaves c
      left join job_executions e on e.job_name = v_job and e.scheduled_for = c.scheduled_for
      left join job_slots_pulados p on p.job_name = v_job and p.scheduled_for = c.scheduled_for;
    v_slots := v_slots || v_parte;
    v_faltam := v_faltam - jsonb_array_length(v_parte);
    exit when v_faltam = 0;
  end loop;
  return jsonb_build_object('slots', v_slots, 'continua', v_faltam = 0);
end $$;

-- Since when each job's slots are expected. p_jobs null: all.
create function public.jobs_do_agendador(p_jobs text[] default null) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('job_name', s.job_name, 'registered_at', s.registered_at)
                            order by s.job_name), '[]')
    from scheduler_jobs s where p_jobs is null or s.job_name = any (p_jobs)
$$;

select interno.proteger();
