-- Como antes; com algo a encerrar não se espera nunca, seja qual for o instante que um teste diz ser agora.

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
    v_until := '-infinity'; -- e não v_now, que p_now pode pôr à frente do relógio com que se espera
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

select interno.proteger();
