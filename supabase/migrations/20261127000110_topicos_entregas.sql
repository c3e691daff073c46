-- O andar das entregas: encerrar o que terminou e reservar o que vem, numa ida ao banco; renovar; recuperar.

-- De cada chave cuja entrega da vez terminou, a seguinte passa a ser a da vez. A trava da chave já é de quem chama.
create function interno.pass_key_turn(p_topics text[], p_groups text[], p_keys text[]) returns void
language sql set search_path = public, extensions, pg_temp as $$
  update public.event_deliveries d set blocked = false
    from (select distinct t.topic, t.group_id, t.key from unnest(p_topics, p_groups, p_keys) as t (topic, group_id, key)) e
    cross join lateral (
      select o.message_id from public.event_deliveries o
       where o.topic = e.topic and o.group_id = e.group_id and o.key = e.key
         and o.key is not null and o.status not in ('concluida', 'morta')
       order by o.message_id limit 1) n
   where d.message_id = n.message_id and d.group_id = e.group_id and d.blocked
     and not exists (select 1 from public.event_deliveries v
                      where v.topic = e.topic and v.group_id = e.group_id and v.key = e.key and v.key is not null
                        and not v.blocked and v.status not in ('concluida', 'morta'))
$$;

-- Encerra execuções, cada uma sob o seu token, e publica o que as aceitas mandam. Responde os tokens recusados: a reserva já não
-- era deles. Um fim repetido com o mesmo token é aceito sem outro efeito.
--   p_ids, p_tokens: as concluídas.
--   p_others: [{kind: retry | bury | release, id, token, delay_ms, error}]
--   p_out: [{token, topic, payload, …}], as mensagens de cada concluída ou morta (ver interno.insert_messages)
--   p_keys: as chaves de trava de todas as entregas e mensagens com chave deste lote.
create function interno.settle_deliveries(p_by text, p_ids bigint[], p_tokens uuid[], p_others jsonb, p_out jsonb, p_keys text[],
                                          p_dedupe boolean, p_now timestamptz)
returns uuid[]
language plpgsql set plan_cache_mode = force_custom_plan set enable_seqscan = off set search_path = public, extensions, pg_temp as $$
declare
  v_ids bigint[] := p_ids;
  v_tokens uuid[] := p_tokens;
  v_held uuid[];
  v_topics text[];
  v_groups text[];
  v_keys text[];
  v_ok integer;
begin
  perform interno.lock_topic_keys(p_keys);
  with fim as (
    update public.event_deliveries d
       set status = 'concluida', locked_until = null, finished_at = p_now, last_error = null
     where d.message_id = any (p_ids) and d.lease_token = any (p_tokens) and d.status = 'processando'
    returning d.lease_token, d.topic, d.group_id, d.key),
  conta as (
    insert into public.event_outcomes (em, topic, group_id, ok, falhas)
    select p_now, topic, group_id, count(*), 0 from fim group by topic, group_id)
  select coalesce(array_agg(lease_token), '{}'), array_agg(topic) filter (where key is not null),
         array_agg(group_id) filter (where key is not null), array_agg(key) filter (where key is not null)
    into v_held, v_topics, v_groups, v_keys from fim;
  if v_keys is not null then
    perform interno.pass_key_turn(v_topics, v_groups, v_keys);
  end if;

  if jsonb_array_length(p_others) > 0 then
    select p_ids || array_agg(x.id), p_tokens || array_agg(x.token) into v_ids, v_tokens
      from jsonb_to_recordset(p_others) as x (id bigint, token uuid);
    with x as (
      select * from jsonb_to_recordset(p_others) as r (kind text, id bigint, token uuid, delay_ms double precision, error text)),
    fim as (
      update public.event_deliveries d
         set status = case x.kind when 'bury' then 'morta' when 'retry' then 'aguardando_retry'
                        else case when d.attempts > 1 then 'aguardando_retry' else 'pendente' end end,
             attempts = d.attempts - (x.kind = 'release')::integer,
             available_at = case when x.kind = 'bury' then d.available_at else p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000) end,
             finished_at = case when x.kind = 'bury' then p_now end,
             last_error = case when x.kind = 'release' then d.last_error else left(x.error, 500) end,
             locked_until = null
        from x
       where d.message_id = x.id and d.lease_token = x.token and d.status = 'processando'
      returning d.lease_token, d.topic, d.group_id, d.key, d.status, x.kind),
    conta as (
      insert into public.event_outcomes (em, topic, group_id, ok, falhas)
      select p_now, topic, group_id, 0, count(*) from fim where kind <> 'release' group by topic, group_id)
    select v_held || coalesce(array_agg(lease_token), '{}'), array_agg(topic) filter (where key is not null and status = 'morta'),
           array_agg(group_id) filter (where key is not null and status = 'morta'), array_agg(key) filter (where key is not null and status = 'morta')
      into v_held, v_topics, v_groups, v_keys from fim;
    if v_keys is not null then
      perform interno.pass_key_turn(v_topics, v_groups, v_keys);
    end if;
  end if;

  if jsonb_array_length(p_out) > 0 then
    perform interno.insert_messages(
      (select coalesce(jsonb_agg(o order by n), '[]') from jsonb_array_elements(p_out) with ordinality as t (o, n)
        where (o ->> 'token')::uuid = any (v_held)), cardinality(p_keys) > 0, p_dedupe, p_by, p_now);
  end if;

  if cardinality(v_held) = cardinality(v_tokens) then
    return '{}';
  end if;
  -- Aceitas de uma vez anterior, cuja resposta se perdeu: o token ainda é o da linha.
  return (select coalesce(array_agg(t), '{}') from unnest(v_tokens) t
           where t <> all (v_held)
             and not exists (select 1 from public.event_deliveries d
                              where d.message_id = any (v_ids) and d.lease_token = t and d.status <> 'processando'));
end $$;

-- Reserva até n entregas da vez, as mais antigas primeiro, e as responde em colunas, que custam menos do que linhas:
-- [message_ids, tokens, attempts, keys, correlation_ids, headers, payloads]; keys e headers são null quando nenhuma os tem. Null:
-- nenhuma entrega. O token é novo por linha e por reserva: um uuid sorteado por chamada, com o número da mensagem.
create function interno.claim_deliveries(p_topic text, p_group text, p_max integer, p_by text, p_lease_s double precision, p_now timestamptz)
returns json
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_seed text := gen_random_uuid()::text;
  v_taken json;
begin
  with levadas as (
    update public.event_deliveries d
       set status = 'processando', attempts = d.attempts + 1, lease_token = md5(v_seed || d.message_id)::uuid, locked_by = p_by,
           locked_until = p_now + make_interval(secs => p_lease_s), started_at = p_now
     where d.ctid = any (array( -- a linha está travada: o seu endereço não muda, e poupa uma busca
       select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group and i.status in ('pendente', 'aguardando_retry') and not i.blocked
          and i.available_at <= p_now
        order by i.available_at, i.message_id
        limit p_max for update skip locked))
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
-- espera seguraria. Responde {lost: [token], taken: [[posição em p_claim, colunas]…]}.
create function public.exchange_deliveries(p_by text, p_lease_s double precision, p_ids bigint[], p_tokens uuid[], p_others jsonb, p_out jsonb,
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
        v_one := interno.claim_deliveries(r.topic, r.group_id, least(r.max, 1000), p_by, p_lease_s, v_now);
        if v_one is not null then
          v_taken := v_taken || json_build_array(r.n, v_one);
        end if;
      end loop;
      exit when cardinality(v_taken) > 0 or clock_timestamp() >= v_until;
      perform pg_sleep(0.003);
      v_now := coalesce(p_now, clock_timestamp());
    end loop;
  end if;
  return json_build_object('lost', v_lost, 'taken', v_taken);
end $$;

-- Renova reservas de uma vez; responde os tokens que já não valem. As linhas que outra transação segura estão sendo encerradas, e
-- contam como nossas.
create function public.extend_deliveries(p_ids bigint[], p_tokens uuid[], p_lease_s double precision, p_now timestamptz default null) returns jsonb
language plpgsql set enable_seqscan = off set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  update public.event_deliveries d set locked_until = v_now + make_interval(secs => p_lease_s)
    from (select i.message_id, i.group_id from public.event_deliveries i
           where i.message_id = any (p_ids) and i.lease_token = any (p_tokens) and i.status = 'processando'
           order by i.message_id, i.group_id for update skip locked) x
   where d.message_id = x.message_id and d.group_id = x.group_id;
  return (select coalesce(jsonb_agg(t), '[]') from unnest(p_tokens) t
           where not exists (select 1 from public.event_deliveries d
                              where d.message_id = any (p_ids) and d.lease_token = t and d.status = 'processando'));
end $$;

-- Reservas vencidas voltam a estar à espera, já; a execução perdida fica contada. Quem as recebe além do último retry as enterra.
create function public.recover_deliveries(p_limit integer default 1000, p_now timestamptz default null) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_n integer;
begin
  update public.event_deliveries d
     set status = 'aguardando_retry', available_at = v_now, lease_token = null, locked_until = null, last_error = 'Worker lost'
    from (select i.message_id, i.group_id from public.event_deliveries i
           where i.status = 'processando' and i.locked_until < v_now
           order by i.locked_until limit p_limit for update skip locked) x
   where d.message_id = x.message_id and d.group_id = x.group_id;
  get diagnostics v_n = row_count;
  return v_n;
end $$;

select interno.proteger();
