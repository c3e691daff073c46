-- What operators and endpoints ask of the task queues: status, figures, lists, pause, requeue.

-- One task as its status endpoint shows it; null when unknown or expired (from that second on, purged or not).
create function public.task_status(p_job_id uuid, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object('job_id', job_id, 'queue', queue, 'function', function, 'args', args, 'status', status, 'tries', tries,
           'max_tries', max_tries, 'enqueue_time', enqueue_time, 'start_time', start_time, 'finish_time', finish_time,
           'available_at', available_at, 'result', result, 'error', error)
    from background_jobs where job_id = p_job_id and (expires_at is null or expires_at > p_agora)
$$;

-- The same, with its log lines (at most 200, oldest first).
create function public.task_detail(p_job_id uuid, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select t.status || jsonb_build_object('logs', coalesce((
           select jsonb_agg(jsonb_build_object('ts', l.ts, 'level', l.level, 'prefix', l.prefix, 'message', l.message) order by l.ts, l.ctid)
             from (select *, ctid from background_job_logs where job_id = p_job_id order by ts limit 200) l), '[]'))
    from (select public.task_status(p_job_id, p_agora) as status) t where t.status is not null
$$;

-- Tasks of a queue, newest first, expired ones left out.
create function public.list_tasks(p_queue text, p_status text default null, p_limit integer default 50, p_offset integer default 0,
                                  p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(t) order by t.enqueue_time desc, t.job_id), '[]') from (
    select job_id, function, args, status, tries, max_tries, enqueue_time, available_at, start_time, finish_time, error
      from background_jobs
     where queue = p_queue and (p_status is null or status = p_status) and (expires_at is null or expires_at > p_agora)
     order by enqueue_time desc, job_id limit least(p_limit, 1000) offset p_offset) t
$$;

-- Figures of one queue, or of every queue that has had a task: {queue: {…}}. Durations run from the start of the last try, latencies
-- from the enqueueing; both in ms, of the tasks that ended in the last hour and are still kept.
create function public.queue_stats(p_queue text default null, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with names as (
    select p_queue as queue where p_queue is not null
    union select queue from background_jobs where p_queue is null
    union select queue from queue_state where p_queue is null
    union select queue from background_job_totals where p_queue is null),
  live as (
    select j.queue,
           count(*) filter (where status = 'queued') as queued,
           count(*) filter (where status = 'queued' and available_at > p_agora) as waiting_retry,
           count(*) filter (where status = 'in_progress') as in_progress,
           count(*) filter (where status = 'complete' and expires_at > p_agora) as complete,
           count(*) filter (where status = 'failed' and expires_at > p_agora) as failed,
           min(available_at) filter (where status = 'queued' and available_at <= p_agora) as oldest,
           count(*) filter (where finish_time > p_agora - interval '15 minutes') as ended_15m,
           count(*) filter (where finish_time > p_agora - interval '1 hour') as ended_1h,
           count(*) filter (where status = 'failed' and finish_time > p_agora - interval '1 hour') as failed_1h,
           count(*) filter (where finish_time > p_agora - interval '24 hours') as ended_24h,
           count(*) filter (where status = 'complete' and finish_time > p_agora - interval '24 hours') as complete_24h,
           avg(extract(epoch from finish_time - start_time) * 1000) filter (where finish_time > p_agora - interval '1 hour') as duration_avg,
           percentile_cont(0.95) within group (order by extract(epoch from finish_time - start_time) * 1000)
             filter (where finish_time > p_agora - interval '1 hour') as duration_p95,
           avg(extract(epoch from finish_time - enqueue_time) * 1000) filter (where finish_time > p_agora - interval '1 hour') as latency_avg,
           percentile_cont(0.95) within group (order by extract(epoch from finish_time - enqueue_time) * 1000)
             filter (where finish_time > p_agora - interval '1 hour') as latency_p95
      from background_jobs j where p_queue is null or j.queue = p_queue group by j.queue),
  purged as (
    select queue, sum(complete) as complete, sum(complete + failed) as ended from background_job_totals
     where hora > p_agora - interval '24 hours' and (p_queue is null or queue = p_queue) group by queue)
  select coalesce(jsonb_object_agg(n.queue, jsonb_build_object(
           'queued', coalesce(l.queued, 0), 'waiting_retry', coalesce(l.waiting_retry, 0), 'in_progress', coalesce(l.in_progress, 0),
           'complete', coalesce(l.complete, 0), 'failed', coalesce(l.failed, 0),
           'oldest_queued_age_s', floor(extract(epoch from p_agora - l.oldest)),
           'ended_per_minute_15m', round(coalesce(l.ended_15m, 0) / 15.0, 2),
           'error_rate_1h', case when l.ended_1h > 0 then round(100.0 * l.failed_1h / l.ended_1h, 2) end,
           'success_rate_24h', case when coalesce(l.ended_24h, 0) + coalesce(p.ended, 0) > 0
             then round(100.0 * (coalesce(l.complete_24h, 0) + coalesce(p.complete, 0)) / (coalesce(l.ended_24h, 0) + coalesce(p.ended, 0)), 2) end,
           'duration_ms', jsonb_build_object('avg', round(l.duration_avg::numeric), 'p95', round(l.duration_p95::numeric)),
           'latency_ms', jsonb_build_object('avg', round(l.latency_avg::numeric), 'p95', round(l.latency_p95::numeric)),
           'paused_until', interno.queue_paused_until(n.queue, p_agora),
           'workers_alive', (select count(*) from background_workers w where n.queue = any (w.queues) and w.seen_at > p_agora - interval '90 seconds'))), '{}')
    from names n left join live l on l.queue = n.queue left join purged p on p.queue = n.queue
$$;

-- Processes that drained tasks in the last 15 minutes, newest sign of life first.
create function public.list_workers(p_queue text default null, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(w) order by w.seen_at desc), '[]') from (
    select worker, queues, running, rss_mb, cpu_pct, last_drain_at, seen_at from background_workers
     where seen_at > p_agora - interval '15 minutes' and (p_queue is null or p_queue = any (queues))
     order by seen_at desc limit 100) w
$$;

-- Failed tasks back to the queue, tries counted from zero, the same id: the given ones, or the p_limit that failed first. A task whose
-- key is active again stays failed. Answers the ids that went back.
create function public.requeue_tasks(p_queue text, p_ids uuid[] default null, p_limit integer default 100, p_agora timestamptz default now())
returns uuid[]
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids uuid[];
begin
  with back as (
    update background_jobs j
       set status = 'queued', tries = 0, available_at = p_agora, start_time = null, finish_time = null, expires_at = null, result = null,
           error = null
     where j.job_id = any (array(
       -- Of several failures of one key only the last goes back, and none while the key is active.
       select distinct on (k.function, coalesce(k.dedupe_key, k.job_id::text)) k.job_id
         from (select * from background_jobs f
                where f.queue = p_queue and f.status = 'failed' and f.expires_at > p_agora
                  and (p_ids is null or f.job_id = any (p_ids))
                  and not exists (select 1 from background_jobs a where a.function = f.function and a.dedupe_key = f.dedupe_key
                                                                    and a.status in ('queued', 'in_progress'))
                order by f.finish_time limit least(p_limit, 1000)) k
        order by k.function, coalesce(k.dedupe_key, k.job_id::text), k.finish_time desc))
       and j.status = 'failed'
    returning j.job_id)
  select coalesce(array_agg(job_id), '{}') into v_ids from back;
  return v_ids;
end $$;

-- Nothing of the queue is taken until then; null takes the pause away and forgets the blocks.
create function public.pause_queue(p_queue text, p_until timestamptz, p_reason text default null) returns void
language sql set search_path = public, extensions, pg_temp as $$
  insert into queue_state as q (queue, pausada_ate, motivo) values (p_queue, p_until, p_reason)
  on conflict (queue) do update
    set pausada_ate = excluded.pausada_ate, motivo = excluded.motivo,
        bloqueios_seguidos = case when excluded.pausada_ate is null then 0 else q.bloqueios_seguidos end
$$;

-- The other side refused us. After p_threshold refusals in a row, or at once when p_pause_now, the queue pauses p_pause_s seconds.
-- Answers {bloqueios_seguidos, pausada_ate, pausou}; `pausou` for the one caller whose refusal began the pause.
create function public.note_queue_block(p_queue text, p_threshold integer, p_pause_s integer, p_reason text, p_pause_now boolean default false,
                                        p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_before queue_state;
  v_after  queue_state;
begin
  insert into queue_state (queue) values (p_queue) on conflict do nothing;
  select * into v_before from queue_state where queue = p_queue for update;
  update queue_state
     set bloqueios_seguidos = v_before.bloqueios_seguidos + 1,
         pausada_ate = case when p_pause_now or v_before.bloqueios_seguidos + 1 >= p_threshold
           then greatest(pausada_ate, p_agora + p_pause_s * interval '1 second') else pausada_ate end,
         motivo = p_reason
   where queue = p_queue returning * into v_after;
  return jsonb_build_object('bloqueios_seguidos', v_after.bloqueios_seguidos, 'pausada_ate', v_after.pausada_ate,
           'pausou', coalesce(v_after.pausada_ate > p_agora, false) and coalesce(v_before.pausada_ate, '-infinity') <= p_agora);
end $$;

-- The other side served us: the refusals in a row start again at zero.
create function public.clear_queue_blocks(p_queue text) returns void
language sql set search_path = public, extensions, pg_temp as $$
  update queue_state set bloqueios_seguidos = 0 where queue = p_queue and bloqueios_seguidos > 0
$$;

select interno.proteger();
