-- Semântica da fila de grupos (domain/grupos-pipeline.md §4): reserva, renovação, devolução, falha, recuperação, ciclo.
-- Toda transição é guardada pelo token da reserva; zero linhas quer dizer reserva perdida.

create function interno.grupos_estagio_final(p_estagio text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select p_estagio in ('finalizado', 'descartado', 'erro')
$$;

-- Reserva até p_limite itens, na ordem dos estágios pedidos; em cada um, os de primeira vez antes das repetições, depois o
-- mais antigo. Um laço por estágio, e não um IN: assim a ordem é a do índice e o custo não cresce com o acúmulo. `rows 20` faz
-- quem junta o resultado às tabelas ir pelas chaves, nunca ler uma tabela inteira.
create function public.fn_grupos_reivindicar(p_estagios text[], p_limite integer, p_trabalhador text,
                                             p_lease_s integer default 30, p_agora timestamptz default now())
returns setof public.fila_processamento_grupos
language plpgsql rows 20 set search_path = public, extensions, pg_temp as $$
declare
  v_estagio text;
  v_resto integer := least(p_limite, 1000);
  v_levados integer;
begin
  foreach v_estagio in array p_estagios loop
    exit when v_resto <= 0;
    return query
      update public.fila_processamento_grupos f
         set lease_token = gen_random_uuid(), lease_ate = p_agora + make_interval(secs => p_lease_s),
             lease_por = p_trabalhador, updated_at = p_agora
       where f.id = any (array(
         select i.id from public.fila_processamento_grupos i
          where i.estagio = v_estagio and i.estagio not in ('finalizado', 'descartado', 'erro')
            and i.lease_token is null and i.tentativas < i.max_tentativas
            and (i.proximo_retry is null or i.proximo_retry <= p_agora)
          order by (i.tentativas > 0), i.created_at, i.id
          limit v_resto for update skip locked))
      returning f.*;
    get diagnostics v_levados = row_count;
    v_resto := v_resto - v_levados;
  end loop;
end $$;

-- Renova de uma vez tudo o que um processo segura; responde os tokens que ele já não tem.
create function public.fn_grupos_renovar_leases(p_tokens uuid[], p_lease_s integer default 30, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_vivos uuid[];
begin
  with renovado as (
    update public.fila_processamento_grupos
       set lease_ate = p_agora + make_interval(secs => p_lease_s)
     where lease_token is not null and lease_token = any (p_tokens)
    returning lease_token)
  select coalesce(array_agg(lease_token), '{}') into v_vivos from renovado;
  return (select coalesce(jsonb_agg(t), '[]') from unnest(p_tokens) t where t <> all (v_vivos));
end $$;

-- Devolve reservas sem contar falha: encerramento, fim do prazo do ciclo.
create function public.fn_grupos_devolver(p_tokens uuid[], p_agora timestamptz default now()) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  update public.fila_processamento_grupos
     set lease_token = null, lease_ate = null, lease_por = null, updated_at = p_agora
   where lease_token is not null and lease_token = any (p_tokens);
  get diagnostics v_n = row_count;
  return v_n;
end $$;

-- Quando o último item de vaga de uma mensagem termina, a mensagem está processada. As mensagens são travadas antes da
-- pergunta: dois processos que terminem as duas últimas vagas ao mesmo tempo não deixam as duas para o outro. `no key`, porque
-- cada um já segura a linha em KEY SHARE pelas suas chaves estrangeiras, e os dois esperariam um pelo outro.
create function interno.grupos_fechar_mensagens(p_mensagens uuid[], p_agora timestamptz) returns void
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_abertas uuid[];
begin
  perform 1 from public.mensagens_grupo where id = any (p_mensagens) order by id for no key update;
  -- Uma busca por mensagem, o que a agregação obriga: num `not exists` ou num filtro comum, estatísticas de antes da primeira
  -- vaga fazem o planejador percorrer a fila inteira a cada lote.
  v_abertas := array(
    select m from unnest(p_mensagens) m cross join lateral (
      select bool_or(f.estagio not in ('finalizado', 'descartado', 'erro')) as aberta
        from public.fila_processamento_grupos f where f.mensagem_id = m and f.vaga_grupo_id is not null) x
     where x.aberta);
  update public.mensagens_grupo m
     set status = 'processada', processado_em = p_agora
   where m.id = any (p_mensagens) and m.status = 'extraida' and m.id <> all (v_abertas);
end $$;

-- Um item que foi para erro marca a sua mensagem ou a sua vaga.
create function interno.grupos_refletir_erro(p_itens uuid[], p_agora timestamptz) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.mensagens_grupo m
     set status = 'erro', erro = f.ultimo_erro, processado_em = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (p_itens) and f.estagio = 'erro' and f.vaga_grupo_id is null and m.id = f.mensagem_id;
  update public.vagas_grupo v
     set status = 'erro', motivo_status = 'erro:' || f.ultimo_estagio, updated_at = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (p_itens) and f.estagio = 'erro' and v.id = f.vaga_grupo_id and v.status in ('nova', 'normalizada');
  perform interno.grupos_fechar_mensagens(array(
    select f.mensagem_id from public.fila_processamento_grupos f
     where f.id = any (p_itens) and f.estagio = 'erro' and f.vaga_grupo_id is not null), p_agora);
end $$;

-- Falhas em lote: {id, token, erro, definitivo, imediato}. A espera depende do número da falha que se acaba de contar (F4), e não
-- há nenhuma se a falha é `imediato`; a falha que alcança max_tentativas leva o item a erro com o estágio em que falhou (F5). Responde {id: estagio | 'lease_perdido'}.
create function public.fn_grupos_falhar_lote(p_falhas jsonb, p_delays integer[] default '{1,5,15}', p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_mapa jsonb;
  v_ids uuid[];
  v_resposta jsonb;
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_ids from jsonb_array_elements(p_falhas) e;
  with falho as (
    update public.fila_processamento_grupos f
       set estagio = case when fim then 'erro' else f.estagio end,
           ultimo_estagio = f.estagio,
           tentativas = f.tentativas + 1,
           ultimo_erro = left(v_mapa -> f.id::text ->> 'erro', 500),
           proximo_retry = case when fim or imediato then null
             else p_agora + make_interval(mins => p_delays[least(f.tentativas + 1, array_length(p_delays, 1))]) end,
           estagio_desde = case when fim then p_agora else f.estagio_desde end,
           finalizado_em = case when fim then p_agora end,
           lease_token = null, lease_ate = null, lease_por = null, updated_at = p_agora
      from (select i.id as alvo, coalesce((v_mapa -> i.id::text ->> 'definitivo')::boolean, false)
                          or i.tentativas + 1 >= i.max_tentativas as fim,
                     coalesce((v_mapa -> i.id::text ->> 'imediato')::boolean, false) as imediato
              from public.fila_processamento_grupos i
             where i.id = any (v_ids) and i.lease_token = (v_mapa -> i.id::text ->> 'token')::uuid
             order by i.id for update) x
     where f.id = x.alvo
    returning f.id, f.estagio)
  select coalesce(jsonb_object_agg(id, estagio), '{}') into v_resposta from falho;
  perform interno.grupos_refletir_erro(array(select k::uuid from jsonb_each_text(v_resposta) as t(k, v) where v = 'erro'), p_agora);
  return (select coalesce(jsonb_object_agg(t::text, coalesce(v_resposta ->> t::text, 'lease_perdido')), '{}') from unnest(v_ids) t);
end $$;

-- A forma de um item, que define a semântica do lote.
create function public.fn_grupos_falhar(p_id uuid, p_token uuid, p_erro text, p_definitivo boolean default false,
                                        p_delays integer[] default '{1,5,15}', p_agora timestamptz default now())
returns text
language sql set search_path = public, extensions, pg_temp as $$
  select public.fn_grupos_falhar_lote(
    jsonb_build_array(jsonb_build_object('id', p_id, 'token', p_token, 'erro', p_erro, 'definitivo', p_definitivo)),
    p_delays, p_agora) ->> p_id::text
$$;

-- Conclui um item sem outro efeito. Falso: a reserva já não é de quem chama, desfaça a transação.
create function public.fn_grupos_avancar(p_id uuid, p_token uuid, p_estagio text, p_motivo text default null, p_agora timestamptz default now())
returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.fila_processamento_grupos
     set ultimo_estagio = estagio, estagio = p_estagio, motivo = p_motivo, tentativas = 0, ultimo_erro = null, proximo_retry = null,
         lease_token = null, lease_ate = null, lease_por = null, estagio_desde = p_agora, updated_at = p_agora,
         finalizado_em = case when p_estagio in ('finalizado', 'descartado') then p_agora end
   where id = p_id and lease_token = p_token;
  return found;
end $$;

-- Reservas vencidas contam uma falha cada (um item que mata o processo três vezes termina em erro, não em laço) e voltam sem mais
-- espera: os 30 s da reserva já foram uma, e o que um processo morto segurava roda em outro em 45 s (`decisions.md` §9). Itens
-- empurrados acima do limite à mão vão para erro. Em parcelas, para caber no tempo de um comando.
create function public.fn_grupos_recuperar_leases(p_delays integer[] default '{1,5,15}', p_agora timestamptz default now(), p_limite integer default 1000)
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_falhas jsonb;
  v_n integer;
  v_esgotados uuid[];
begin
  with vencido as (
    update public.fila_processamento_grupos f set leases_expirados = f.leases_expirados + 1
     where f.id = any (array(
       select i.id from public.fila_processamento_grupos i
        where i.lease_token is not null and i.lease_ate < p_agora
        order by i.lease_ate limit p_limite for update skip locked))
    returning f.id, f.lease_token)
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'token', lease_token, 'erro', 'lease_expirado', 'imediato', true)), '[]'), count(*)
    into v_falhas, v_n from vencido;
  if v_n > 0 then
    perform public.fn_grupos_falhar_lote(v_falhas, p_delays, p_agora);
  end if;
  with esgotado as (
    update public.fila_processamento_grupos f
       set ultimo_estagio = f.estagio, estagio = 'erro', ultimo_erro = coalesce(f.ultimo_erro, 'tentativas_esgotadas'),
           estagio_desde = p_agora, finalizado_em = p_agora, proximo_retry = null, updated_at = p_agora
     where f.estagio not in ('finalizado', 'descartado', 'erro') and f.lease_token is null and f.tentativas >= f.max_tentativas
    returning f.id)
  select coalesce(array_agg(id), '{}') into v_esgotados from esgotado;
  if cardinality(v_esgotados) > 0 then
    perform interno.grupos_refletir_erro(v_esgotados, p_agora);
  end if;
  return v_n;
end $$;

-- Contagem por estágio, todos os dez sempre presentes, num só GROUP BY (F11).
create function public.fn_grupos_fila(p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with contagem as materialized (
    select estagio, count(*) as n from public.fila_processamento_grupos group by estagio)
  select (select jsonb_object_agg(e, coalesce((select n from contagem where estagio = e), 0))
            from unnest(array['pendente', 'heuristica', 'classificacao', 'extracao', 'normalizacao', 'deduplicacao', 'importacao',
                              'finalizado', 'descartado', 'erro']) e)
      || jsonb_build_object(
           'em_processamento', (select count(*) from public.fila_processamento_grupos
                                 where lease_token is not null and lease_ate >= p_agora),
           'aguardando_retry', (select count(*) from public.fila_processamento_grupos
                                 where proximo_retry > p_agora and lease_token is null),
           'erros_max_tentativas', (select count(*) from public.fila_processamento_grupos
                                     where estagio = 'erro' and tentativas >= max_tentativas))
$$;

-- Começo de um ciclo: recupera reservas vencidas e registra que há um em andamento.
create function public.fn_grupos_iniciar_ciclo(p_trabalhador text, p_delays integer[] default '{1,5,15}', p_agora timestamptz default now())
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.grupos_pipeline_estado set ciclo_iniciado_em = p_agora, ciclo_por = p_trabalhador where id = 1;
  return public.fn_grupos_recuperar_leases(p_delays, p_agora);
end $$;

-- Fim de um ciclo: guarda o resumo e responde o estado da fila.
create function public.fn_grupos_encerrar_ciclo(p_trabalhador text, p_resumo jsonb, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.grupos_pipeline_estado
     set ultimo_ciclo_em = p_agora, ultimo_ciclo = p_resumo,
         ciclo_iniciado_em = case when ciclo_por = p_trabalhador then null else ciclo_iniciado_em end
   where id = 1;
  return public.fn_grupos_fila(p_agora);
end $$;

-- O que o runbook do requisito 002 lê e escreve.
create view public.grupo_pipeline_fila with (security_invoker = true) as
select f.id, m.grupo_id, f.mensagem_id, f.vaga_grupo_id, f.estagio::text as estagio,
       case f.estagio when 'finalizado' then 'concluido' when 'descartado' then 'descartado' when 'erro' then 'erro'
            else case when f.lease_ate >= now() then 'processando' else 'pendente' end end as status,
       f.tentativas, f.ultimo_erro as erro, f.ultimo_estagio::text as ultimo_estagio, f.motivo, f.proximo_retry, f.created_at, f.updated_at
  from public.fila_processamento_grupos f
  join public.mensagens_grupo m on m.id = f.mensagem_id;

create function interno.atualizar_grupo_pipeline_fila() returns trigger
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_viva boolean := old.status in ('pendente', 'processando');
  v_alvo text;
begin
  v_alvo := case when new.status = 'pendente' and v_viva then new.estagio
                 when new.status = 'pendente' and old.status = 'erro' then old.ultimo_estagio
                 when new.status = 'descartado' and (v_viva or old.status = 'erro') then 'descartado'
                 when new.status = 'erro' and v_viva then 'erro' end;
  if v_alvo is null then
    raise exception 'transicao_invalida: % -> %', old.status, new.status using errcode = 'PT409', detail = 'status';
  end if;
  update public.fila_processamento_grupos
     set estagio = v_alvo,
         ultimo_estagio = case when v_viva then old.estagio else ultimo_estagio end,
         tentativas = case when old.status = 'erro' and v_alvo <> 'descartado' then 0 else new.tentativas end,
         ultimo_erro = case when v_alvo = 'erro' then left(coalesce(new.erro, 'erro_manual'), 500)
                            when old.status = 'erro' then null else left(new.erro, 500) end,
         motivo = case when v_alvo = 'descartado' then coalesce(new.motivo, 'descartado_manual') end,
         proximo_retry = null, lease_token = null, lease_ate = null, lease_por = null,
         finalizado_em = case when v_alvo in ('descartado', 'erro') then now() end,
         estagio_desde = case when v_alvo <> old.estagio then now() else estagio_desde end,
         updated_at = now()
   where id = old.id;
  if v_alvo = 'erro' then
    perform interno.grupos_refletir_erro(array[old.id], now());
  end if;
  return new;
end $$;
create trigger tg_grupo_pipeline_fila instead of update on public.grupo_pipeline_fila
  for each row execute function interno.atualizar_grupo_pipeline_fila();

select interno.proteger();
