-- When any scheduler last went through its schedules; null: none ever did, or none in the 7 days that its rows are kept. Until
-- then the ledger is complete: a slot that came due later has nobody yet who could have recorded it. For the audit.
create function public.ultimo_passo_do_agendador() returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object('em', max(i.last_tick_at)) from scheduler_instances i
$$;

select interno.proteger();
