-- What a drain answers about its queue, from the partial indexes alone: ended tasks are not read, however many are kept.
create function public.queue_counts(p_queue text, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'queued', (select count(*) from background_jobs where queue = p_queue and status = 'queued'),
    'due', (select count(*) from background_jobs where queue = p_queue and status = 'queued' and available_at <= p_agora),
    'in_progress', (select count(*) from background_jobs where queue = p_queue and status = 'in_progress' and locked_until > p_agora),
    'paused_until', interno.queue_paused_until(p_queue, p_agora))
$$;

select interno.proteger();
