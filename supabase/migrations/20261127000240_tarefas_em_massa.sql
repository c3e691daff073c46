-- Bulk forms. Ids begin with the time, so that new rows meet at one end of the primary key instead of touching all of it; the other
-- 74 bits are random, so that nobody guesses one.

create function interno.task_ids(p_n integer) returns uuid[]
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  v_time bytea := substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3);
begin
  return array(select encode(v_time || substring(uuid_send(gen_random_uuid()) from 7), 'hex')::uuid from generate_series(1, p_n));
end $$;

-- Many tasks of one definition, without keys: the columns they share once, then their arguments. Answers their ids, in order.
create function public.enqueue_batch(p_template jsonb, p_args jsonb, p_agora timestamptz default now()) returns json
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_n   integer := jsonb_array_length(p_args);
  v_ids uuid[];
begin
  if v_n > 5000 then
    raise exception using errcode = 'PT400', message = 'no máximo 5000 tarefas por chamada', detail = 'p_args';
  end if;
  v_ids := interno.task_ids(v_n);
  insert into background_jobs (job_id, queue, function, args, max_tries, timeout_s, keep_result_s, keep_failed_s, available_at, enqueue_time)
  select v_ids[a.n], c.queue, c.function, a.args, c.max_tries, c.timeout_s, c.keep_result_s, c.keep_failed_s,
         p_agora + coalesce(c.delay_ms, 0) * interval '1 millisecond', p_agora
    from jsonb_to_record(p_template) as c(queue text, function text, max_tries integer, timeout_s integer, keep_result_s integer,
                                          keep_failed_s integer, delay_ms bigint),
         jsonb_array_elements(p_args) with ordinality as a(args, n);
  return to_json(v_ids);
end $$;

create or replace function public.enqueue_tasks(p_tasks jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_ids    uuid[] := interno.task_ids(jsonb_array_length(p_tasks));
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

-- As before, with the rows taken by their place in the table: they have just been locked there, so no index is asked again. A row
-- that changed since the statement began is not found at its place and waits for the next claim.
create or replace function public.exchange_tasks(
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
         where j.ctid = any (array(
           select k.ctid from background_jobs k
            where k.queue = p_queue and k.status = 'queued' and k.available_at <= p_agora and k.function = any (p_functions)
            order by k.available_at limit v_limit for update skip locked))
           and j.status = 'queued'
        returning j.job_id, j.lease_token, j.function, j.args, j.tries, j.max_tries, j.timeout_s)
      select json_agg(json_build_array(job_id, lease_token, function, args, tries, max_tries, timeout_s)) into v_claimed from taken;
    end if;
  end if;
  return json_build_object('claimed', coalesce(v_claimed, '[]'), 'lost', v_lost, 'paused_until', v_paused);
end $$;

select interno.proteger();
