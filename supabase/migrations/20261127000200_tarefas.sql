-- Background tasks: one row per task, taken under a lease, ended with a stored result. One engine for every queue of the product;
-- what a task means is the business of whoever defines it (`packages/core/tasks`). Set-based: one call settles the tasks that
-- ended and takes the next ones.

create table public.background_jobs (
  job_id        uuid        not null default gen_random_uuid(),
  queue         text        not null,
  function      text        not null,
  args          jsonb       not null default '{}',
  dedupe_key    text,
  status        text        not null default 'queued',
  tries         integer     not null default 0,
  max_tries     integer     not null,
  timeout_s     integer     not null,
  keep_result_s integer     not null,
  keep_failed_s integer     not null,
  available_at  timestamptz not null,
  locked_by     text,
  lease_token   uuid,
  locked_until  timestamptz,
  enqueue_time  timestamptz not null,
  start_time    timestamptz,
  finish_time   timestamptz,
  result        jsonb,
  error         text,
  expires_at    timestamptz,
  constraint background_jobs_pkey primary key (job_id),
  constraint background_jobs_status_check check (status in ('queued', 'in_progress', 'complete', 'failed')),
  constraint background_jobs_limits_check check (max_tries >= 1 and timeout_s >= 1 and keep_result_s >= 0 and keep_failed_s >= 0),
  constraint background_jobs_lease_check check ((status = 'in_progress') = (lease_token is not null)
                                                and (lease_token is null) = (locked_until is null)),
  constraint background_jobs_end_check check ((status in ('complete', 'failed')) = (finish_time is not null)
                                              and (finish_time is null) = (expires_at is null))
) with (fillfactor = 80);
comment on table public.background_jobs is
  'Tarefas em segundo plano. Uma linha terminada vive até expires_at (1 h por padrão) e é apagada por purge_tasks, chamada pelos jobs que drenam as filas.';
comment on column public.background_jobs.lease_token is 'Novo a cada reserva: quem perdeu a reserva não escreve mais nada sobre a tarefa.';
-- What is polled, in the order it is taken; ties follow the order of insertion.
create index background_jobs_due_idx on public.background_jobs (queue, available_at) where status = 'queued';
create index background_jobs_lease_idx on public.background_jobs (queue, locked_until) where status = 'in_progress';
create unique index background_jobs_dedupe_idx on public.background_jobs (function, dedupe_key)
  where status in ('queued', 'in_progress') and dedupe_key is not null;
create index background_jobs_expires_idx on public.background_jobs (expires_at) where expires_at is not null;

create table public.background_job_logs (
  job_id  uuid        not null,
  ts      timestamptz not null,
  level   text        not null,
  prefix  text        not null,
  message text        not null,
  constraint background_job_logs_level_check check (level in ('info', 'warn', 'error'))
);
comment on table public.background_job_logs is 'Linhas de log de uma tarefa, apagadas junto com ela por purge_tasks.';
create index background_job_logs_job_idx on public.background_job_logs (job_id, ts);

create table public.queue_state (
  queue              text        not null,
  pausada_ate        timestamptz,
  motivo             text,
  bloqueios_seguidos integer     not null default 0,
  constraint queue_state_pkey primary key (queue)
);
comment on table public.queue_state is 'Pausa e bloqueios de uma fila de tarefas; uma linha por fila, nunca podada.';

-- Ended tasks of an hour, counted when their rows are purged: rates over a day need no rows of a day.
create table public.background_job_totals (
  queue    text        not null,
  hora     timestamptz not null,
  complete integer     not null default 0,
  failed   integer     not null default 0,
  constraint background_job_totals_pkey primary key (queue, hora)
);
comment on table public.background_job_totals is 'Tarefas terminadas por fila e hora, das linhas já apagadas. Podada por purge_tasks após 7 dias.';

create table public.background_workers (
  worker        text        not null,
  queues        text[]      not null default '{}',
  running       integer     not null default 0,
  rss_mb        integer,
  cpu_pct       real,
  last_drain_at timestamptz,
  seen_at       timestamptz not null,
  constraint background_workers_pkey primary key (worker)
);
comment on table public.background_workers is 'Processos que drenam tarefas, com o último sinal de vida. Podada por purge_tasks após um dia.';

-- Enqueues many in one call: [{queue, function, args, dedupe_key, max_tries, timeout_s, keep_result_s, keep_failed_s, delay_ms}].
-- Answers, in the order given, [{job_id, created}]: for a task whose (function, dedupe_key) is active already, the active one.
-- Takes part in the caller's transaction when called by another function.
create function public.enqueue_tasks(p_tasks jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_ids    uuid[] := array(select gen_random_uuid() from generate_series(1, jsonb_array_length(p_tasks)));
  v_active uuid[];
begin
  if jsonb_array_length(p_tasks) > 5000 then
    raise exception using errcode = 'PT400', message = 'no máximo 5000 tarefas por chamada', detail = 'p_tasks';
  end if;
  -- An active task may end between the insert that met it and the look-up that wants its id: then it is inserted after all.
  for attempt in 1..5 loop
    -- In the order of the keys: two callers with the same keys wait for one another, never both.
    insert into background_jobs (job_id, queue, function, args, dedupe_key, max_tries, timeout_s, keep_result_s, keep_failed_s,
                                 available_at, enqueue_time)
    select v_ids[t.place], t.queue, t.function, coalesce(t.args, '{}'), t.dedupe_key, t.max_tries, t.timeout_s, t.keep_result_s, t.keep_failed_s,
           p_agora + coalesce(t.delay_ms, 0) * interval '1 millisecond', p_agora
      from (select r.*, row_number() over () as place
              from jsonb_to_recordset(p_tasks) as r(queue text, function text, args jsonb, dedupe_key text, max_tries integer,
                                                    timeout_s integer, keep_result_s integer, keep_failed_s integer, delay_ms bigint)) t
     where v_active is null or v_active[t.place] is null
     order by t.function, t.dedupe_key, t.place
    on conflict (function, dedupe_key) where status in ('queued', 'in_progress') and dedupe_key is not null do nothing;
    if attempt = 1 and not jsonb_path_exists(p_tasks, '$[*].dedupe_key ? (@ != null)') then
      v_active := v_ids;
    else
      select array_agg(case when t.key is null then v_ids[t.place] else b.job_id end order by t.place) into v_active
        from (select e.ordinality as place, e.value ->> 'function' as function, e.value ->> 'dedupe_key' as key
                from jsonb_array_elements(p_tasks) with ordinality e) t
        left join lateral (select j.job_id from background_jobs j
                            where j.function = t.function and j.dedupe_key = t.key and j.status in ('queued', 'in_progress') limit 1) b
               on t.key is not null;
    end if;
    exit when array_position(v_active, null) is null;
  end loop;
  return (select coalesce(jsonb_agg(jsonb_build_object('job_id', a, 'created', a = v_ids[place]) order by place), '[]')
            from unnest(v_active) with ordinality u(a, place));
end $$;

-- Seconds a queue stays silent, or null. Read by every claim.
create function interno.queue_paused_until(p_queue text, p_agora timestamptz) returns timestamptz
language sql stable set search_path = public, pg_temp as $$
  select pausada_ate from queue_state where queue = p_queue and pausada_ate > p_agora
$$;

-- Tasks whose process was lost. The lost try counts: out of tries they fail with `Worker lost`, else they are due again at once,
-- and in front (available_at stays).
create function public.rescue_tasks(p_queue text, p_agora timestamptz default now()) returns integer
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  update background_jobs j
     set status = case when j.tries >= j.max_tries then 'failed' else 'queued' end,
         error = 'Worker lost', lease_token = null, locked_until = null, locked_by = null,
         finish_time = case when j.tries >= j.max_tries then p_agora end,
         expires_at = case when j.tries >= j.max_tries then p_agora + j.keep_failed_s * interval '1 second' end
   where j.job_id = any (array(
     select k.job_id from background_jobs k
      where k.queue = p_queue and k.status = 'in_progress' and k.locked_until <= p_agora
      order by k.locked_until limit 500 for update skip locked));
  get diagnostics v_n = row_count;
  return v_n;
end $$;

-- Settles tasks that ended, each guarded by its own token.
-- p_done:  [{id, token, result}]: complete.
-- p_ended: [{id, token, fate, error, result, delay_ms}]: fate `failed`; `retry` (due again after the delay; out of tries it fails);
--          `released` (given back: the try does not count).
-- p_logs:  [{id, at, level, prefix, message}].
-- Answers the ids whose token no longer holds: nothing of theirs was written.
create function public.settle_tasks(p_done jsonb, p_ended jsonb default '[]', p_logs jsonb default '[]', p_agora timestamptz default now())
returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_done  uuid[] := '{}';
  v_ended uuid[] := '{}';
begin
  if p_done <> '[]' then
    with settled as (
      update background_jobs j
         set status = 'complete', result = d.result, error = null, lease_token = null, locked_until = null, locked_by = null,
             finish_time = p_agora, expires_at = p_agora + j.keep_result_s * interval '1 second'
        from jsonb_to_recordset(p_done) as d(id uuid, token uuid, result jsonb)
       where j.job_id = d.id and j.lease_token = d.token
      returning j.job_id)
    select array_agg(job_id) into v_done from settled;
  end if;
  if p_ended <> '[]' then
    with settled as (
      update background_jobs j
         set status = case when e.failed then 'failed' else 'queued' end,
             tries = case when e.fate = 'released' then greatest(0, j.tries - 1) else j.tries end,
             available_at = case when e.failed or e.delay_ms is null then j.available_at
                                 else p_agora + e.delay_ms * interval '1 millisecond' end,
             error = coalesce(left(e.error, 500), j.error), result = case when e.failed then e.result end,
             lease_token = null, locked_until = null, locked_by = null,
             finish_time = case when e.failed then p_agora end,
             expires_at = case when e.failed then p_agora + j.keep_failed_s * interval '1 second' end
        from (select d.*, d.fate = 'failed' or (d.fate = 'retry' and k.tries >= k.max_tries) as failed
                from jsonb_to_recordset(p_ended) as d(id uuid, token uuid, fate text, error text, result jsonb, delay_ms bigint)
                join background_jobs k on k.job_id = d.id and k.lease_token = d.token) e
       where j.job_id = e.id and j.lease_token = e.token
      returning j.job_id)
    select array_agg(job_id) into v_ended from settled;
  end if;
  if p_logs <> '[]' then
    insert into background_job_logs (job_id, ts, level, prefix, message)
    select l.id, l.at, l.level, l.prefix, left(l.message, 500)
      from jsonb_to_recordset(p_logs) as l(id uuid, at timestamptz, level text, prefix text, message text);
  end if;
  if coalesce(cardinality(v_done), 0) + coalesce(cardinality(v_ended), 0) = jsonb_array_length(p_done) + jsonb_array_length(p_ended) then
    return '{}';
  end if;
  return array(select (x ->> 'id')::uuid from jsonb_array_elements(p_done || p_ended) x
                where (x ->> 'id')::uuid <> all (coalesce(v_done, '{}') || coalesce(v_ended, '{}')));
end $$;

-- One round trip of a busy worker: settles what ended (see settle_tasks) and takes the next p_limit tasks of a queue, oldest
-- available_at first. p_max_running bounds the tasks of the queue under lease anywhere; such a queue is claimed by one process at a
-- time. Answers {claimed: [[id, token, function, args, tries, max_tries, timeout_s]], lost: [id], paused_until}.
create function public.exchange_tasks(
  p_queue text, p_limit integer, p_functions text[], p_worker text, p_done jsonb default '[]', p_ended jsonb default '[]',
  p_logs jsonb default '[]', p_max_running integer default null, p_rescue boolean default false, p_lease_s integer default 30,
  p_agora timestamptz default now()
) returns json
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_lost    uuid[] := '{}';
  v_limit   integer := least(p_limit, 1000);
  v_paused  timestamptz;
  v_claimed json;
begin
  if p_done <> '[]' or p_ended <> '[]' or p_logs <> '[]' then
    v_lost := settle_tasks(p_done, p_ended, p_logs, p_agora);
  end if;
  if p_rescue then
    perform rescue_tasks(p_queue, p_agora);
  end if;
  if v_limit > 0 then
    v_paused := interno.queue_paused_until(p_queue, p_agora);
    if v_paused is null and p_max_running is not null then
      perform pg_advisory_xact_lock(hashtextextended('background_jobs ' || p_queue, 0));
      select least(v_limit, p_max_running - count(*)::integer) into v_limit from background_jobs
       where queue = p_queue and status = 'in_progress' and locked_until > p_agora;
    end if;
    if v_paused is null and v_limit > 0 then
      with taken as (
        update background_jobs j
           set status = 'in_progress', tries = j.tries + 1, lease_token = gen_random_uuid(), locked_by = p_worker,
               locked_until = p_agora + p_lease_s * interval '1 second', start_time = p_agora
         where j.job_id = any (array(
           select k.job_id from background_jobs k
            where k.queue = p_queue and k.status = 'queued' and k.available_at <= p_agora and k.function = any (p_functions)
            order by k.available_at limit v_limit for update skip locked))
        returning j.job_id, j.lease_token, j.function, j.args, j.tries, j.max_tries, j.timeout_s)
      select json_agg(json_build_array(job_id, lease_token, function, args, tries, max_tries, timeout_s)) into v_claimed from taken;
    end if;
  end if;
  return json_build_object('claimed', coalesce(v_claimed, '[]'), 'lost', v_lost, 'paused_until', v_paused);
end $$;

-- Extends every lease a process holds, in one call; answers the ids that are no longer its own. Rows that somebody is writing at
-- this moment are left alone: they are ending, or lost, and either is told by the token.
create function public.renew_tasks(p_ids uuid[], p_tokens uuid[], p_lease_s integer default 30, p_agora timestamptz default now())
returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
begin
  update background_jobs j set locked_until = p_agora + p_lease_s * interval '1 second'
   where j.job_id = any (array(
     select k.job_id from background_jobs k where k.job_id = any (p_ids) and k.lease_token = any (p_tokens) for update skip locked));
  return array(select i from unnest(p_ids) i where i <> all (array(
    select k.job_id from background_jobs k where k.job_id = any (p_ids) and k.lease_token = any (p_tokens))));
end $$;

-- Long poll of an idle worker: answers true as soon as one of the queues has a due task, false after p_ms. A loop of index
-- look-ups inside the database costs less than one HTTP call every few ms, and wakes sooner. At most p_waiters such calls hold a
-- connection at a time; one more is answered null at once, and its caller polls.
create function public.wait_for_tasks(p_queues text[], p_functions text[], p_ms integer default 5000, p_step_ms integer default 8,
                                      p_waiters integer default 4) returns boolean
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
declare
  v_end  timestamptz := clock_timestamp() + least(p_ms, 6000) * interval '1 millisecond';
  v_slot integer := 0;
begin
  loop
    v_slot := v_slot + 1;
    if v_slot > p_waiters then
      return null;
    end if;
    exit when pg_try_advisory_xact_lock(hashtextextended('wait_for_tasks', v_slot));
  end loop;
  loop
    if exists (select 1 from unnest(p_queues) q
                where interno.queue_paused_until(q, clock_timestamp()) is null
                  and exists (select 1 from background_jobs j
                               where j.queue = q and j.status = 'queued' and j.available_at <= clock_timestamp() and j.function = any (p_functions))) then
      return true;
    end if;
    if clock_timestamp() >= v_end then
      return false;
    end if;
    perform pg_sleep(p_step_ms / 1000.0);
  end loop;
end $$;

-- Sign of life of a process that drains tasks.
create function public.beat_worker(p_worker text, p_queues text[], p_running integer, p_rss_mb integer default null, p_cpu_pct real default null,
                                   p_drained boolean default false, p_agora timestamptz default now()) returns void
language sql set search_path = public, extensions, pg_temp as $$
  insert into background_workers as w (worker, queues, running, rss_mb, cpu_pct, last_drain_at, seen_at)
  values (p_worker, p_queues, p_running, p_rss_mb, p_cpu_pct, case when p_drained then p_agora end, p_agora)
  on conflict (worker) do update
    set queues = excluded.queues, running = excluded.running, rss_mb = excluded.rss_mb, cpu_pct = excluded.cpu_pct,
        last_drain_at = coalesce(excluded.last_drain_at, w.last_drain_at), seen_at = excluded.seen_at
$$;

-- Deletes results that expired, with their log lines, after counting them by hour. At most p_limit, to fit a statement's time.
create function public.purge_tasks(p_limit integer default 1000, p_agora timestamptz default now()) returns integer
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  with gone as (
    delete from background_jobs j where j.job_id = any (array(
      select k.job_id from background_jobs k where k.expires_at <= p_agora order by k.expires_at limit p_limit for update skip locked))
    returning j.job_id, j.queue, j.status, j.finish_time),
  logs as (
    delete from background_job_logs l where l.job_id = any (array(select job_id from gone))),
  counted as (
    insert into background_job_totals as t (queue, hora, complete, failed)
    select queue, date_trunc('hour', finish_time), count(*) filter (where status = 'complete'), count(*) filter (where status = 'failed')
      from gone group by 1, 2 order by 1, 2
    on conflict (queue, hora) do update set complete = t.complete + excluded.complete, failed = t.failed + excluded.failed)
  select count(*) into v_n from gone;
  delete from background_job_totals where hora < p_agora - interval '7 days';
  delete from background_workers where seen_at < p_agora - interval '1 day';
  return v_n;
end $$;

select interno.proteger();
