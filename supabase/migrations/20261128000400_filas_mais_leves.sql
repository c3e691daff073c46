-- The same functions with less work per row, found by measuring them one by one.

-- As before; the uuid of a message is written out, since a function with a search_path of its own is called row by row.
create or replace function interno.insert_messages(p_messages jsonb, p_keyed boolean, p_dedupe boolean, p_by text, p_now timestamptz)
returns bigint[]
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids bigint[];
  v_new bigint[];
  v_seed text := gen_random_uuid()::text; -- um sorteio por chamada: por linha, custaria mais do que o resto dela
begin
  if not p_keyed and not p_dedupe then
    with x as materialized (
      select nextval('public.event_messages_id_seq') as id, r.* from jsonb_to_recordset(p_messages)
          as r (topic text, payload jsonb, headers jsonb, correlation_id uuid, causation_id bigint, delay_ms double precision)),
    m as (
      insert into public.event_messages (id, topic, payload, headers, correlation_id, causation_id, published_at, published_by)
      select x.id, x.topic, coalesce(x.payload, 'null'), coalesce(x.headers, '{}'), coalesce(x.correlation_id, overlay(overlay(md5(v_seed || x.id) placing '4' from 13) placing '8' from 17)::uuid), x.causation_id, p_now, p_by from x),
    d as (
      insert into public.event_deliveries (message_id, topic, group_id, available_at, created_at)
      select x.id, x.topic, g.group_id, p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now
        from x join public.event_groups g on g.topic = x.topic)
    select array_agg(x.id order by x.id) into v_ids from x;
    return coalesce(v_ids, '{}');
  end if;

  select array_agg(nextval('public.event_messages_id_seq')) into v_ids from jsonb_array_elements(p_messages);
  with m as (
    insert into public.event_messages (id, topic, key, payload, headers, correlation_id, causation_id, dedupe_key, published_at, published_by)
    select v_ids[x.n], x.topic, x.key, coalesce(x.payload, 'null'), coalesce(x.headers, '{}'),
           coalesce(x.correlation_id, overlay(overlay(md5(v_seed || x.n) placing '4' from 13) placing '8' from 17)::uuid), x.causation_id, x.dedupe_key, p_now, p_by
      from rows from (jsonb_to_recordset(p_messages) as (topic text, key text, payload jsonb, headers jsonb, correlation_id uuid,
             causation_id bigint, dedupe_key text)) with ordinality as x (topic, key, payload, headers, correlation_id, causation_id, dedupe_key, n)
     order by x.n
    on conflict (topic, dedupe_key) where dedupe_key is not null do nothing
    returning id)
  select coalesce(array_agg(id), '{}') into v_new from m;

  -- Da vez é a primeira deste lote, se nenhuma mais antiga da mesma chave está aberta no grupo.
  insert into public.event_deliveries (message_id, topic, group_id, key, blocked, available_at, created_at)
  select v_ids[x.n], x.topic, g.group_id, x.key,
         x.key is not null and (
           row_number() over (partition by x.topic, g.group_id, x.key order by x.n) > 1
           or exists (select 1 from public.event_deliveries o
                       where o.topic = x.topic and o.group_id = g.group_id and o.key = x.key
                         and o.key is not null and o.status not in ('concluida', 'morta'))),
         p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now
    from rows from (jsonb_to_recordset(p_messages) as (topic text, key text, delay_ms double precision))
           with ordinality as x (topic, key, delay_ms, n)
    join public.event_groups g on g.topic = x.topic
   where v_ids[x.n] = any (v_new);

  if not p_dedupe then
    return v_ids;
  end if;
  return (
    select array_agg(case when v_ids[x.n] = any (v_new) then v_ids[x.n] else
             (select m.id from public.event_messages m where m.topic = x.topic and m.dedupe_key = x.dedupe_key) end order by x.n)
      from rows from (jsonb_to_recordset(p_messages) as (topic text, dedupe_key text)) with ordinality as x (topic, dedupe_key, n));
end $$;
drop function interno.seeded_uuid(text, bigint);

-- Settles tasks that ended, each guarded by its own token.
-- p_done_ids, p_done_tokens, p_results: the complete ones, side by side (lists cost less to read than objects).
-- p_ended: [{id, token, fate, error, result, delay_ms}]: fate `failed`; `retry` (due again after the delay; out of tries it fails);
--          `released` (given back: the try does not count).
-- p_logs:  [{id, at, level, prefix, message}].
-- Answers the ids whose token no longer holds: nothing of theirs was written.
drop function public.settle_tasks(jsonb, jsonb, jsonb, timestamptz);
create function public.settle_tasks(
  p_done_ids uuid[], p_done_tokens uuid[], p_results jsonb, p_ended jsonb default '[]', p_logs jsonb default '[]',
  p_agora timestamptz default now()
) returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_done  uuid[] := '{}';
  v_ended uuid[] := '{}';
begin
  if cardinality(p_done_ids) > 0 then
    with settled as (
      update background_jobs j
         set status = 'complete', result = nullif(d.result, 'null'), error = null, lease_token = null, locked_until = null, locked_by = null,
             finish_time = p_agora, expires_at = p_agora + j.keep_result_s * interval '1 second'
        from rows from (unnest(p_done_ids, p_done_tokens), jsonb_array_elements(p_results)) as d(id, token, result)
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
  if coalesce(cardinality(v_done), 0) + coalesce(cardinality(v_ended), 0) = cardinality(p_done_ids) + jsonb_array_length(p_ended) then
    return '{}';
  end if;
  return array(select i from (select unnest(p_done_ids) union all select (x ->> 'id')::uuid from jsonb_array_elements(p_ended) x) t(i)
                where i <> all (coalesce(v_done, '{}') || coalesce(v_ended, '{}')));
end $$;

-- One round trip of a busy worker: settles what ended (see settle_tasks) and takes the next p_limit tasks of a queue, oldest
-- available_at first. p_max_running bounds the tasks of the queue under lease anywhere; such a queue is claimed by one process at a
-- time. Answers {claimed, lost: [id], paused_until}; claimed is null, or columns: [ids, tokens, functions, args, tries, max_tries,
-- timeout_s]. A token is new for every claim and row: a uuid drawn once a call (a draw a row costs more than the rest of it), with
-- the task's own id. Rows are taken by their place in the table: they have just been locked there, so no index is asked again.
drop function public.exchange_tasks(text, integer, text[], text, jsonb, jsonb, jsonb, integer, boolean, integer, timestamptz);
create function public.exchange_tasks(
  p_queue text, p_limit integer, p_functions text[], p_worker text, p_done_ids uuid[] default '{}', p_done_tokens uuid[] default '{}',
  p_results jsonb default '[]', p_ended jsonb default '[]',
  p_logs jsonb default '[]', p_max_running integer default null, p_rescue boolean default false, p_lease_s integer default 30,
  p_agora timestamptz default now()
) returns json
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_lost    uuid[] := '{}';
  v_limit   integer := least(p_limit, 1000);
  v_paused  timestamptz;
  v_seed    text := gen_random_uuid()::text;
  v_claimed json;
begin
  if cardinality(p_done_ids) > 0 or p_ended <> '[]' or p_logs <> '[]' then
    v_lost := settle_tasks(p_done_ids, p_done_tokens, p_results, p_ended, p_logs, p_agora);
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
           set status = 'in_progress', tries = j.tries + 1, lease_token = md5(v_seed || j.job_id)::uuid, locked_by = p_worker,
               locked_until = p_agora + p_lease_s * interval '1 second', start_time = p_agora
         where j.ctid = any (array(
           select k.ctid from background_jobs k
            where k.queue = p_queue and k.status = 'queued' and k.available_at <= p_agora and k.function = any (p_functions)
            order by k.available_at limit v_limit for update skip locked))
           and j.status = 'queued'
        returning j.job_id, j.lease_token, j.function, j.args, j.tries, j.max_tries, j.timeout_s)
      select json_build_array(array_agg(job_id), array_agg(lease_token), array_agg(function), json_agg(args), array_agg(tries), array_agg(max_tries),
                              array_agg(timeout_s)) into v_claimed from taken having count(*) > 0;
    end if;
  end if;
  return json_build_object('claimed', v_claimed, 'lost', v_lost, 'paused_until', v_paused);
end $$;

select interno.proteger();
