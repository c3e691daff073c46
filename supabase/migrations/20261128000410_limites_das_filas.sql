-- Limites que faltavam: bytes de uma reserva, esperas dentro do banco, e a limpeza das mensagens sem percorrer a tabela.

-- Uma espera longa segura uma conexão do Data API. No máximo quatro de uma vez, de tópicos e de tarefas, em todos os processos; quem
-- não consegue a vaga pergunta de tempos em tempos. A vaga é da transação e acaba com ela.
create function interno.take_wait_slot() returns boolean
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
begin
  for v_slot in 1..4 loop
    if pg_try_advisory_xact_lock(727003, v_slot) then
      return true;
    end if;
  end loop;
  return false;
end $$;

-- Tamanho do conteúdo, gravado na publicação: uma reserva soma bytes sem abrir as mensagens.
alter table public.event_deliveries add column bytes integer not null default 0;

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
      insert into public.event_deliveries (message_id, topic, group_id, available_at, created_at, bytes)
      select x.id, x.topic, g.group_id, p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now, coalesce(pg_column_size(x.payload), 0)
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
  insert into public.event_deliveries (message_id, topic, group_id, key, blocked, available_at, created_at, bytes)
  select v_ids[x.n], x.topic, g.group_id, x.key,
         x.key is not null and (
           row_number() over (partition by x.topic, g.group_id, x.key order by x.n) > 1
           or exists (select 1 from public.event_deliveries o
                       where o.topic = x.topic and o.group_id = g.group_id and o.key = x.key
                         and o.key is not null and o.status not in ('concluida', 'morta'))),
         p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now, coalesce(pg_column_size(x.payload), 0)
    from rows from (jsonb_to_recordset(p_messages) as (topic text, key text, payload jsonb, delay_ms double precision))
           with ordinality as x (topic, key, payload, delay_ms, n)
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

-- Reserva entregas da vez, as mais antigas primeiro: até p_max, e só enquanto as anteriores somam menos de p_max_bytes (a primeira vem
-- sempre). Responde-as em colunas, que custam menos do que linhas: [message_ids, tokens, attempts, keys, correlation_ids, headers,
-- payloads]; keys e headers são null quando nenhuma os tem. Null: nenhuma entrega. O token é novo por linha e por reserva: um uuid
-- sorteado por chamada, com o número da mensagem.
drop function interno.claim_deliveries(text, text, integer, text, double precision, timestamptz);
create function interno.claim_deliveries(p_topic text, p_group text, p_max integer, p_max_bytes bigint, p_by text, p_lease_s double precision, p_now timestamptz)
returns json
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_seed text := gen_random_uuid()::text;
  v_taken json;
begin
  with travadas as materialized (
    select i.ctid as lugar, i.bytes from public.event_deliveries i
     where i.topic = p_topic and i.group_id = p_group and i.status in ('pendente', 'aguardando_retry') and not i.blocked
       and i.available_at <= p_now
     order by i.available_at, i.message_id
     limit p_max for update skip locked),
  levadas as (
    update public.event_deliveries d
       set status = 'processando', attempts = d.attempts + 1, lease_token = md5(v_seed || d.message_id)::uuid, locked_by = p_by,
           locked_until = p_now + make_interval(secs => p_lease_s), started_at = p_now
     where d.ctid = any (array( -- a linha está travada: o seu endereço não muda, e poupa uma busca
       select t.lugar from (select lugar, bytes, sum(bytes) over (rows unbounded preceding) as ate from travadas) t
        where t.ate - t.bytes < p_max_bytes))
    returning d.lease_token, d.message_id, d.attempts, d.key)
  select json_build_array(array_agg(l.message_id), array_agg(l.lease_token), array_agg(l.attempts),
                          case when count(l.key) > 0 then array_agg(l.key) end, array_agg(m.correlation_id),
                          case when bool_or(m.headers <> '{}') then json_agg(m.headers) end, json_agg(m.payload))
    into v_taken
    from levadas l join public.event_messages m on m.id = l.message_id
  having count(*) > 0;
  return v_taken;
end $$;

-- Uma ida: encerra o lote anterior e reserva o seguinte. p_claim: [{topic, group_id, max}]. Sem nada a reservar e com p_wait_ms, espera
-- aqui até haver (olhando a cada poucos ms, o que o HTTP não poderia), no máximo esse tempo; só sem nada a encerrar, que é o que a
-- espera seguraria. Responde {lost: [token], taken: [[posição em p_claim, colunas]…]}, e full quando não havia vaga para esperar.
create or replace function public.exchange_deliveries(p_by text, p_lease_s double precision, p_ids bigint[], p_tokens uuid[], p_others jsonb, p_out jsonb,
                                           p_keys text[], p_dedupe boolean, p_claim jsonb, p_wait_ms integer, p_now timestamptz default null)
returns json
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_until timestamptz := clock_timestamp() + make_interval(secs => least(p_wait_ms, 5000) / 1000.0);
  v_lost uuid[] := '{}';
  v_taken json[] := '{}';
  v_one json;
  v_paused text[];
  -- Por grupo, para que a resposta caiba no que o cliente aceita mesmo que o JSON a escreva com escapes.
  v_bytes bigint := 4000000 / greatest(jsonb_array_length(p_claim), 1);
  v_waits boolean := false;
  r record;
begin
  if cardinality(p_ids) > 0 or jsonb_array_length(p_others) > 0 then
    perform pg_advisory_xact_lock_shared(727000);
    v_lost := interno.settle_deliveries(p_by, p_ids, p_tokens, p_others, p_out, p_keys, p_dedupe, v_now);
    v_until := v_now;
  end if;
  if jsonb_array_length(p_claim) > 0 then
    loop
      v_paused := array(select g.topic || ' ' || g.group_id from public.event_groups g where g.pausado);
      for r in select x.topic, x.group_id, x.max, x.n - 1 as n
                 from rows from (jsonb_to_recordset(p_claim) as (topic text, group_id text, max integer)) with ordinality as x (topic, group_id, max, n) loop
        continue when r.topic || ' ' || r.group_id = any (v_paused);
        v_one := interno.claim_deliveries(r.topic, r.group_id, least(r.max, 1000), v_bytes, p_by, p_lease_s, v_now);
        if v_one is not null then
          v_taken := v_taken || json_build_array(r.n, v_one);
        end if;
      end loop;
      exit when cardinality(v_taken) > 0 or clock_timestamp() >= v_until;
      if not v_waits then
        v_waits := interno.take_wait_slot();
        if not v_waits then
          return json_build_object('lost', v_lost, 'taken', v_taken, 'full', true);
        end if;
      end if;
      perform pg_sleep(0.003);
      v_now := coalesce(p_now, clock_timestamp());
    end loop;
  end if;
  return json_build_object('lost', v_lost, 'taken', v_taken);
end $$;

create index event_messages_published_at on public.event_messages (published_at);

-- Remove mensagens cujas entregas terminaram todas há 7 dias (mortas: 30) e as que ninguém recebe: publicadas há 7 dias, ou 30 se são
-- de uma DLQ. As mais antigas primeiro; responde quantas.
create or replace function public.purge_messages(p_limit integer default 1000, p_now timestamptz default null) returns integer
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
     order by m.published_at limit least(p_limit, 1000));
  delete from public.event_deliveries where message_id = any (v_ids);
  delete from public.event_messages where id = any (v_ids);
  delete from public.event_outcomes where em < v_now - interval '2 hours';
  return cardinality(v_ids);
end $$;

-- Long poll of an idle worker: answers true as soon as one of the queues has a due task, false after p_ms. A loop of index
-- look-ups inside the database costs less than one HTTP call every few ms, and wakes sooner. Null at once where no place to wait is
-- free: the caller polls.
drop function public.wait_for_tasks(text[], text[], integer, integer, integer);
create function public.wait_for_tasks(p_queues text[], p_functions text[], p_ms integer default 5000, p_step_ms integer default 8) returns boolean
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
declare
  v_end  timestamptz := clock_timestamp() + least(p_ms, 6000) * interval '1 millisecond';
begin
  if not interno.take_wait_slot() then
    return null;
  end if;
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

select interno.proteger();
