-- A page of the audit looked each of its slots up twice after it had found it, and built a jsonb only to print it.

drop function public.slots_registrados(timestamptz, timestamptz, text[], text, timestamptz, integer);

-- One page of the slots on record in [p_desde, p_ate), executed or skipped, by job and slot; a slot found in both tables has
-- both in its one row. p_jobs: only these (null: all names of the ledger). The next page starts after (p_depois_job,
-- p_depois_slot); `continua` says whether there is one. Answers json, at most 5,000 slots.
create function public.slots_registrados(
  p_desde timestamptz, p_ate timestamptz, p_jobs text[] default null,
  p_depois_job text default null, p_depois_slot timestamptz default null, p_limite integer default 5000
) returns json
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_limite integer := greatest(1, least(p_limite, 5000));
  v_faltam integer := v_limite;
  v_slots  text[] := '{}';
  v_quantos integer;
  v_parte  text;
  v_job    text;
begin
  for v_job in
    select n from interno.jobs_registrados() n
     where (p_jobs is null or n = any (p_jobs)) and (p_depois_job is null or n collate "C" >= p_depois_job collate "C")
     order by n collate "C"
  loop
    -- Each side gives its first v_faltam slots: the first v_faltam of both together are among them.
    select count(*), string_agg(row_to_json(s)::text, ',' order by s.scheduled_for) into v_quantos, v_parte
      from (
        select v_job as job_name, coalesce(e.scheduled_for, p.scheduled_for) as scheduled_for,
               e.id as execution_id, e.started_at, e.trigger, e.status, p.motivo, p.detalhe
          from (select x.scheduled_for, x.id, x.started_at, x.trigger, x.status from job_executions x
                 where x.job_name = v_job and x.scheduled_for >= p_desde and x.scheduled_for < p_ate
                   and (v_job is distinct from p_depois_job or x.scheduled_for > p_depois_slot)
                 order by x.scheduled_for limit v_faltam) e
          full join
               (select k.scheduled_for, k.motivo, k.detalhe from job_slots_pulados k
                 where k.job_name = v_job and k.scheduled_for >= p_desde and k.scheduled_for < p_ate
                   and (v_job is distinct from p_depois_job or k.scheduled_for > p_depois_slot)
                 order by k.scheduled_for limit v_faltam) p
            on p.scheduled_for = e.scheduled_for
         order by 2 limit v_faltam) s;
    continue when v_quantos = 0;
    v_slots := v_slots || v_parte;
    v_faltam := v_faltam - v_quantos;
    exit when v_faltam = 0;
  end loop;
  return json_build_object('slots', ('[' || array_to_string(v_slots, ',') || ']')::json, 'continua', v_faltam = 0);
end $$;

select interno.proteger();
