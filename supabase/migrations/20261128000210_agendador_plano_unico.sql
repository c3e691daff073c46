-- How many slots a call has changes from tick to tick, and PostgreSQL made a plan for each. Rows are found by their keys,
-- however few or many there are: one plan for all. Measured with seven slots a call: a third less for each of the three.
alter function public.reivindicar_slots(uuid[], uuid[], text[], timestamptz[], text[], jsonb, text, integer, timestamptz)
  set plan_cache_mode = force_generic_plan;
alter function public.encerrar_execucoes(jsonb, text, timestamptz) set plan_cache_mode = force_generic_plan;
alter function public.bater_scheduler(text, integer, uuid[], integer, timestamptz) set plan_cache_mode = force_generic_plan;

select interno.proteger();
