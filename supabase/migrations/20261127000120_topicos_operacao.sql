-- O que quem opera vê e faz: entregas mortas, devolvê-las, pausar um grupo, retenção, saúde.

create function public.list_dead_deliveries(p_worker text default null, p_limit integer default 50) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(x) order by x.finished_at desc, x.id desc), '[]') from (
    select d.id, d.message_id, d.topic, d.group_id, g.worker, d.attempts, d.last_error, m.payload, m.published_at, d.finished_at
      from public.event_deliveries d
      join public.event_groups g on g.topic = d.topic and g.group_id = d.group_id
      join public.event_messages m on m.id = d.message_id
     where d.status = 'morta' and (p_worker is null or g.worker = p_worker)
     order by d.finished_at desc, d.id desc
     limit least(p_limit, 1000)) x
$$;

-- Uma entrega morta volta ao seu grupo como nova; a mensagem é a mesma, os outros grupos não a veem. Com chave, espera a vez se
-- outra da mesma chave está aberta. Falso: não há tal entrega morta.
create function public.replay_delivery(p_id bigint, p_now timestamptz default null) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  d public.event_deliveries;
begin
  select * into d from public.event_deliveries where id = p_id and status = 'morta';
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

create function public.pause_topic_group(p_topic text, p_group_id text, p_paused boolean) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.event_groups set pausado = p_paused where topic = p_topic and group_id = p_group_id;
  return found;
end $$;

-- Remove mensagens cujas entregas terminaram todas há 7 dias (mortas: 30) e as que ninguém recebe: publicadas há 7 dias, ou 30 se são
-- de uma DLQ. As mais antigas primeiro; responde quantas.
create function public.purge_messages(p_limit integer default 1000, p_now timestamptz default null) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_ids bigint[];
begin
  v_ids := array(
    select m.id from public.event_messages m
     where m.published_at < v_now - interval '7 days'
       and case when exists (select 1 from public.event_deliveries d where d.message_id = m.id)
             then not exists (
               select 1 from public.event_deliveries d
                where d.message_id = m.id
                  and (d.status not in ('concluida', 'morta')
                       or d.finished_at >= v_now - case d.status when 'morta' then interval '30 days' else interval '7 days' end))
             else m.published_at < v_now - case when m.headers ? 'x-original-topic' then interval '30 days' else interval '7 days' end end
     order by m.id limit least(p_limit, 1000));
  delete from public.event_deliveries where message_id = any (v_ids);
  delete from public.event_messages where id = any (v_ids);
  delete from public.event_outcomes where em < v_now - interval '2 hours';
  return cardinality(v_ids);
end $$;

-- Entregas devidas dos grupos dados (todos, se nenhum) e mensagens guardadas em tópicos que grupo nenhum recebe.
create function public.count_topic_backlog(p_groups jsonb default '[]', p_now timestamptz default null) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  return jsonb_build_object(
    'devidas', (
      select coalesce(sum((
        select count(*) from public.event_deliveries d
         where d.topic = g.topic and d.group_id = g.group_id and d.status in ('pendente', 'aguardando_retry') and not d.blocked
           and d.available_at <= v_now)), 0)
        from public.event_groups g
       where not g.pausado and (p_groups = '[]' or exists (
         select 1 from jsonb_to_recordset(p_groups) as x (topic text, group_id text) where x.topic = g.topic and x.group_id = g.group_id))),
    'sem_consumidor', (
      -- Um salto de índice por tópico, e não uma leitura de todas as mensagens.
      with recursive t as (
        (select topic from public.event_messages order by topic limit 1)
        union all
        select (select m.topic from public.event_messages m where m.topic > t.topic order by m.topic limit 1) from t where t.topic is not null)
      select coalesce(sum((select count(*) from public.event_messages m where m.topic = t.topic)), 0)
        from t where t.topic is not null and not exists (select 1 from public.event_groups g where g.topic = t.topic)));
end $$;

-- Uma linha por grupo. Só índices parciais das abertas e das mortas, e a tabela de fins: nada percorre as concluídas.
create function public.summarize_topics(p_now timestamptz default null) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  return (
    with aberta as (
      select topic, group_id, count(*) filter (where status = 'pendente') as pendentes,
             count(*) filter (where status = 'aguardando_retry') as aguardando_retry,
             extract(epoch from v_now - min(available_at) filter (where available_at <= v_now)) as idade_s
        from public.event_deliveries where status in ('pendente', 'aguardando_retry') and not blocked group by topic, group_id),
    bloqueada as (
      select topic, group_id, count(*) as n from public.event_deliveries
       where key is not null and status not in ('concluida', 'morta') and blocked group by topic, group_id),
    correndo as (
      select topic, group_id, count(*) as n from public.event_deliveries where status = 'processando' group by topic, group_id),
    morta as (
      select topic, group_id, count(*) as n24, count(*) filter (where finished_at >= v_now - interval '1 hour') as n1
        from public.event_deliveries where status = 'morta' and finished_at >= v_now - interval '24 hours' group by topic, group_id),
    fim as (
      select topic, group_id, sum(ok) as ok, sum(falhas) as falhas from public.event_outcomes
       where em >= v_now - interval '1 hour' group by topic, group_id)
    select coalesce(jsonb_agg(jsonb_build_object(
        'worker', g.worker, 'topic', g.topic, 'group_id', g.group_id, 'pausado', g.pausado,
        'pendentes', coalesce(a.pendentes, 0) + coalesce(b.n, 0), 'idade_s', floor(a.idade_s), 'processando', coalesce(c.n, 0),
        'aguardando_retry', coalesce(a.aguardando_retry, 0), 'mortas_1h', coalesce(m.n1, 0), 'mortas_24h', coalesce(m.n24, 0),
        'ok_1h', coalesce(f.ok, 0), 'falhas_1h', coalesce(f.falhas, 0)) order by g.worker, g.topic), '[]')
      from public.event_groups g
      left join aberta a using (topic, group_id) left join bloqueada b using (topic, group_id) left join correndo c using (topic, group_id)
      left join morta m using (topic, group_id) left join fim f using (topic, group_id));
end $$;

select interno.proteger();
