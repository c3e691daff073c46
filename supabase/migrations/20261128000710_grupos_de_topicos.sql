-- Consumer groups come and go: a new one takes the messages kept in bounded batches, without stopping the publishers; one whose worker
-- is gone can be removed.

alter table public.event_groups
  add column backfill_after bigint,
  add column backfill_until bigint,
  add column pausar_depois boolean not null default false,
  add constraint event_groups_backfill_check check ((backfill_after is null) = (backfill_until is null));
comment on table public.event_groups is 'Grupos declarados pelos workers; poucas linhas. Um grupo sem worker é removido por quem opera (remove_topic_group).';
comment on column public.event_groups.backfill_until is
  'Até esta mensagem o grupo ainda recebe as guardadas antes dele (backfill_topic_groups), a partir de backfill_after; null: já tem todas.';
comment on column public.event_groups.pausar_depois is 'O que pausado passa a ser no fim do backfill: até lá o grupo não entrega, ou a ordem por chave se perderia.';

-- Declares groups: [{topic, group_id, worker, start_from}]. Repeating it changes nothing. A new group begins with the messages from now
-- on ('latest') or with the oldest one kept ('earliest'): under the lock it is only noted up to which message; backfill_topic_groups does
-- the work, and until it is done the group delivers nothing.
create or replace function public.register_topic_groups(p_groups jsonb, p_now timestamptz default null) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_new integer;
begin
  update public.event_groups g set worker = x.worker
    from jsonb_to_recordset(p_groups) as x (topic text, group_id text, worker text)
   where g.topic = x.topic and g.group_id = x.group_id and g.worker is distinct from x.worker;
  if not exists (
    select 1 from jsonb_to_recordset(p_groups) as x (topic text, group_id text)
     where not exists (select 1 from public.event_groups g where g.topic = x.topic and g.group_id = x.group_id)) then
    return 0;
  end if;
  -- Ids are drawn under the shared lock: of those up to the newest one seen here, none is still to come.
  perform pg_advisory_xact_lock(727000);
  with novo as (
    insert into public.event_groups (topic, group_id, worker, start_id, created_at, pausado, backfill_after, backfill_until)
    select x.topic, x.group_id, x.worker, case when x.earliest then 0 else x.newest end, v_now, x.earliest and x.newest > 0,
           case when x.earliest and x.newest > 0 then 0 end, case when x.earliest and x.newest > 0 then x.newest end
      from (select r.*, coalesce(r.start_from = 'earliest', false) as earliest,
                   coalesce((select max(m.id) from public.event_messages m where m.topic = r.topic), 0) as newest
              from jsonb_to_recordset(p_groups) as r (topic text, group_id text, worker text, start_from text)) x
    on conflict (topic, group_id) do nothing
    returning 1)
  select count(*) into v_new from novo;
  return v_new;
end $$;

-- One batch of the messages kept before one of these groups began: [{topic, group_id}]. Two processes take turns at a group's row. Of each
-- key the oldest open delivery has the turn: what was published meanwhile waits behind. Answers whether there is more to do.
create function public.backfill_topic_groups(p_groups jsonb, p_limit integer default 5000, p_now timestamptz default null) returns boolean
language plpgsql set enable_seqscan = off set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  g public.event_groups;
  v_last bigint;
  v_keys text[];
begin
  perform pg_advisory_xact_lock_shared(727000); -- a group is not removed meanwhile
  select e.* into g from public.event_groups e
    join jsonb_to_recordset(p_groups) as x (topic text, group_id text) using (topic, group_id)
   where e.backfill_until is not null order by e.topic, e.group_id limit 1 for update of e;
  if not found then
    return false;
  end if;
  select max(b.id), array_agg(distinct b.key) filter (where b.key is not null) into v_last, v_keys
    from (select m.id, m.key from public.event_messages m
           where m.topic = g.topic and m.id > g.backfill_after and m.id <= g.backfill_until order by m.id limit p_limit) b;
  if v_keys is not null then
    perform interno.lock_topic_keys(array(select interno.topic_key(g.topic, k) from unnest(v_keys) k));
    -- Only of the keys of messages that come in now: those of a group registered again may have ended before.
    update public.event_deliveries d set blocked = true
     where d.topic = g.topic and d.group_id = g.group_id and d.key is not null and not d.blocked and d.status not in ('concluida', 'morta')
       and d.message_id > g.backfill_until
       and d.key in (select m.key from public.event_messages m
                      where m.topic = g.topic and m.id > g.backfill_after and m.id <= v_last
                        and not exists (select 1 from public.event_deliveries o where o.message_id = m.id and o.group_id = g.group_id));
  end if;
  insert into public.event_deliveries (message_id, topic, group_id, key, blocked, available_at, created_at, bytes)
  select m.id, m.topic, g.group_id, m.key,
         m.key is not null and (
           row_number() over (partition by m.key order by m.id) > 1
           or exists (select 1 from public.event_deliveries o
                       where o.topic = g.topic and o.group_id = g.group_id and o.key = m.key and o.key is not null
                         and o.status not in ('concluida', 'morta') and not o.blocked)),
         v_now, v_now, coalesce(octet_length(m.payload::text), 0)
    from public.event_messages m
   where m.topic = g.topic and m.id > g.backfill_after and m.id <= v_last
     and not exists (select 1 from public.event_deliveries o where o.message_id = m.id and o.group_id = g.group_id);
  if v_last is null or v_last >= g.backfill_until then
    update public.event_groups e set backfill_after = null, backfill_until = null, pausado = e.pausar_depois, pausar_depois = false
     where e.topic = g.topic and e.group_id = g.group_id;
  else
    update public.event_groups e set backfill_after = v_last where e.topic = g.topic and e.group_id = g.group_id;
  end if;
  return exists (select 1 from public.event_groups e join jsonb_to_recordset(p_groups) as x (topic text, group_id text) using (topic, group_id)
                  where e.backfill_until is not null);
end $$;

-- As before; what is said while the group still takes the messages kept holds from the end of that on.
create or replace function public.pause_topic_group(p_topic text, p_group_id text, p_paused boolean) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.event_groups
     set pausado = p_paused or backfill_until is not null, pausar_depois = p_paused and backfill_until is not null
   where topic = p_topic and group_id = p_group_id;
  return found;
end $$;

-- Removes a group that no worker serves any more. Messages published from now on do not reach it; its open deliveries go, at most p_limit
-- in one call (the message stays, for its retention; a group registered again from 'earliest' gets it anew). What has ended or died is
-- kept as it is. Answers {removed, ended, more}: more = call again; removed false and ended 0 = there is no such group.
create function public.remove_topic_group(p_topic text, p_group_id text, p_limit integer default 5000) returns jsonb
language plpgsql set enable_seqscan = off set search_path = public, extensions, pg_temp as $$
declare
  v_removed boolean := false;
  v_ended integer;
begin
  if exists (select 1 from public.event_groups where topic = p_topic and group_id = p_group_id) then
    perform pg_advisory_xact_lock(727000); -- after this no publish under way still sees the group
    delete from public.event_groups where topic = p_topic and group_id = p_group_id;
    v_removed := found;
  end if;
  -- The waiting ones of a key before the one whose turn it is, so that none is ever left without a turn to come.
  with waiting as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.key is not null and i.status not in ('concluida', 'morta') and i.blocked
        limit p_limit for update skip locked),
    due as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.status in ('pendente', 'aguardando_retry') and not i.blocked
        limit p_limit for update skip locked),
    running as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.status = 'processando' limit p_limit for update skip locked)
  delete from public.event_deliveries d where d.ctid = any (array(
    select x.ctid from (select ctid, 1 as o from waiting union all select ctid, 2 from due union all select ctid, 3 from running) x
     order by x.o limit p_limit));
  get diagnostics v_ended = row_count;
  return jsonb_build_object('removed', v_removed, 'ended', v_ended, 'more', v_ended = p_limit);
end $$;

-- As before, also those of a group that was removed: their worker is then the group's name.
create or replace function public.list_dead_deliveries(p_worker text default null, p_limit integer default 50) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(x) order by x.finished_at desc, x.id desc), '[]') from (
    select d.id, d.message_id, d.topic, d.group_id, coalesce(g.worker, d.group_id) as worker, d.attempts, d.last_error, m.payload, m.published_at,
           d.finished_at
      from public.event_deliveries d
      left join public.event_groups g on g.topic = d.topic and g.group_id = d.group_id
      join public.event_messages m on m.id = d.message_id
     where d.status = 'morta' and (p_worker is null or coalesce(g.worker, d.group_id) = p_worker)
     order by d.finished_at desc, d.id desc
     limit least(p_limit, 1000)) x
$$;

-- As before; false also when its group was removed: nobody would take it.
create or replace function public.replay_delivery(p_id bigint, p_now timestamptz default null) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  d public.event_deliveries;
begin
  perform pg_advisory_xact_lock_shared(727000);
  select * into d from public.event_deliveries e where e.id = p_id and e.status = 'morta'
     and exists (select 1 from public.event_groups g where g.topic = e.topic and g.group_id = e.group_id);
  if not found then
    return false;
  end if;
  if d.key is not null then
    perform interno.lock_topic_keys(array[interno.topic_key(d.topic, d.key)]);
  end if;
  update public.event_deliveries e
     set status = 'pendente', attempts = 0, available_at = v_now, lease_token = null, locked_by = null, started_at = null,
         finished_at = null,
         blocked = e.key is not null and exists (
           select 1 from public.event_deliveries o
            where o.topic = e.topic and o.group_id = e.group_id and o.key = e.key
              and o.key is not null and o.status not in ('concluida', 'morta'))
   where e.message_id = d.message_id and e.group_id = d.group_id and e.status = 'morta';
  return found;
end $$;

select interno.proteger();
