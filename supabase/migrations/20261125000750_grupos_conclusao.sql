-- Conclusões em lote: os efeitos de um estágio e a sua transição na mesma transação, guardados pelo token (F8).
--
-- Cada função de lote tem duas metades. `interno.…_juntos` faz o lote inteiro com comandos de conjunto. A pública a chama e,
-- se um elemento a derrubar, refaz elemento por elemento: o que falha vira falha daquele item e nada mais. O resultado é o
-- mesmo para qualquer mistura de itens bons, ruins e perdidos; só o caminho feliz é rápido.
--
-- `plan_cache_mode = force_custom_plan` no que trabalha em conjunto: um plano guardado quando as tabelas eram pequenas é varredura
-- inteira, e uma conexão que fica aberta o repetiria até o próximo analyze, cada lote mais caro que o anterior.

-- SQLSTATE de integridade (23…) não melhora com o tempo; o resto pode melhorar.
create function interno.grupos_erro_definitivo(p_sqlstate text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$ select p_sqlstate like '23%' $$;

-- Itens do lote cuja reserva ainda é de quem chama, travados em ordem de id.
create function interno.grupos_travar(p_mapa jsonb, p_ids uuid[]) returns uuid[]
language sql set search_path = public, extensions, pg_temp as $$
  select coalesce(array_agg(id), '{}') from (
    select f.id from public.fila_processamento_grupos f
     where f.id = any (p_ids) and f.lease_token = (p_mapa -> f.id::text ->> 'token')::uuid
     order by f.id for update) x
$$;

-- Fim comum: transição de itens já travados, conforme o mapa {id: {estagio, motivo, ultimo_estagio}}.
create function interno.grupos_transitar(p_mapa jsonb, p_ids uuid[], p_agora timestamptz) returns void
language sql set search_path = public, extensions, pg_temp as $$
  update public.fila_processamento_grupos f
     set ultimo_estagio = coalesce(p_mapa -> f.id::text ->> 'ultimo_estagio', f.estagio),
         estagio = p_mapa -> f.id::text ->> 'estagio', motivo = p_mapa -> f.id::text ->> 'motivo',
         tentativas = 0, ultimo_erro = null, proximo_retry = null,
         lease_token = null, lease_ate = null, lease_por = null, estagio_desde = p_agora, updated_at = p_agora,
         finalizado_em = case when p_mapa -> f.id::text ->> 'estagio' in ('finalizado', 'descartado') then p_agora end
   where f.id = any (p_ids)
$$;

-- Vagas postadas e válidas por contato: {contato_id: n}. Linhas travadas em ordem de id, para lotes simultâneos não se cruzarem.
create function interno.grupos_contar_contatos(p_postadas jsonb, p_validas jsonb, p_agora timestamptz) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids uuid[] := array(select k::uuid from jsonb_object_keys(p_postadas || p_validas) k order by 1);
begin
  if cardinality(v_ids) = 0 then return; end if;
  perform 1 from public.contatos_grupo where id = any (v_ids) order by id for no key update;
  update public.contatos_grupo c
     set total_vagas_postadas = c.total_vagas_postadas + coalesce((p_postadas ->> c.id::text)::integer, 0),
         total_vagas_validas = c.total_vagas_validas + coalesce((p_validas ->> c.id::text)::integer, 0),
         taxa_qualidade = (c.total_vagas_validas + coalesce((p_validas ->> c.id::text)::integer, 0))::double precision
           / nullif(c.total_vagas_postadas + coalesce((p_postadas ->> c.id::text)::integer, 0), 0),
         updated_at = p_agora
   where c.id = any (v_ids);
end $$;

-- ---------------------------------------------------------------------------------------------------------------- mensagens
-- Elemento: {id, token, mensagem_id, grupo_id, contato_id, instance_name, max_tentativas, estagio, ultimo_estagio, motivo,
--            mensagem: {colunas de mensagens_grupo}, vagas: [colunas de vagas_grupo], uso: [linhas de uso_llm_grupos]}.
-- Com `vagas`, faz o fan-out (§4.6). Responde {"itens":{id: estagio | "lease_perdido"},"vagas_criadas":n}.
create function interno.grupos_concluir_mensagens_juntos(p_itens jsonb, p_agora timestamptz) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_mapa jsonb;
  v_todos uuid[];
  v_ids uuid[];
  v_mensagens uuid[];
  v_vivos jsonb;
  v_com_vagas uuid[];
  v_vagas uuid[];
  v_primeira uuid[];
  v_criadas integer := 0;
  v_postadas jsonb;
  v_por_mensagem jsonb;
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_todos from jsonb_array_elements(p_itens) e;
  v_ids := interno.grupos_travar(v_mapa, v_todos);

  select coalesce(jsonb_agg(e), '[]'), coalesce(array_agg((e ->> 'mensagem_id')::uuid), '{}'),
         coalesce(array_agg((e ->> 'mensagem_id')::uuid) filter (where e ? 'vagas'), '{}'),
         coalesce(jsonb_object_agg(e ->> 'mensagem_id', e - 'vagas' - 'uso'), '{}')
    into v_vivos, v_mensagens, v_com_vagas, v_por_mensagem
    from jsonb_array_elements(p_itens) e where (e ->> 'id')::uuid = any (v_ids);

  if cardinality(v_com_vagas) > 0 then
    select coalesce(array_agg(id), '{}') into v_primeira
      from public.mensagens_grupo where id = any (v_com_vagas) and qtd_vagas_extraidas = 0;
    with gravada as (
      insert into public.vagas_grupo as g (mensagem_id, grupo_origem_id, contato_responsavel_id, instance_name, chave_vaga, ordem_na_mensagem,
             hospital_raw, especialidade_raw, setor_raw, periodo_raw, tipo_vaga_raw, forma_pagamento_raw, endereco_raw, cidade, estado,
             contato_nome, contato_whatsapp, observacoes_raw, data, dia_semana, periodo, hora_inicio, hora_fim, valor, valor_minimo,
             valor_maximo, valor_tipo, numero_vagas, confianca_hospital, confianca_especialidade, confianca_data, confianca_horario,
             confianca_valor, impedimentos, data_valida, created_at, updated_at)
      select (e ->> 'mensagem_id')::uuid, (e ->> 'grupo_id')::uuid, (e ->> 'contato_id')::uuid, e ->> 'instance_name', v.chave_vaga,
             v.ordem_na_mensagem, v.hospital_raw, v.especialidade_raw, v.setor_raw, v.periodo_raw, v.tipo_vaga_raw, v.forma_pagamento_raw,
             v.endereco_raw, v.cidade, v.estado, v.contato_nome, v.contato_whatsapp, v.observacoes_raw, v.data, v.dia_semana, v.periodo,
             v.hora_inicio, v.hora_fim, v.valor, v.valor_minimo, v.valor_maximo, v.valor_tipo, v.numero_vagas, v.confianca_hospital,
             v.confianca_especialidade, v.confianca_data, v.confianca_horario, v.confianca_valor, v.impedimentos, v.data_valida,
             -- Um microssegundo entre vizinhas: a mais antiga de um lote é a que veio primeiro, não a de menor id.
             p_agora + make_interval(secs => 0.000001 * row_number() over (order by n, v.ordem_na_mensagem)), p_agora
        from jsonb_array_elements(v_vivos) with ordinality as t(e, n)
        cross join lateral jsonb_populate_recordset(null::public.vagas_grupo, e -> 'vagas') v
       where e ? 'vagas'
      on conflict (mensagem_id, chave_vaga) do update
         set hospital_raw = excluded.hospital_raw, especialidade_raw = excluded.especialidade_raw, setor_raw = excluded.setor_raw,
             periodo_raw = excluded.periodo_raw, tipo_vaga_raw = excluded.tipo_vaga_raw, forma_pagamento_raw = excluded.forma_pagamento_raw,
             endereco_raw = excluded.endereco_raw, cidade = excluded.cidade, estado = excluded.estado, contato_nome = excluded.contato_nome,
             contato_whatsapp = excluded.contato_whatsapp, observacoes_raw = excluded.observacoes_raw, dia_semana = excluded.dia_semana,
             hora_fim = excluded.hora_fim, valor = excluded.valor, valor_minimo = excluded.valor_minimo, valor_maximo = excluded.valor_maximo,
             valor_tipo = excluded.valor_tipo, numero_vagas = excluded.numero_vagas, confianca_hospital = excluded.confianca_hospital,
             confianca_especialidade = excluded.confianca_especialidade, confianca_data = excluded.confianca_data,
             confianca_horario = excluded.confianca_horario, confianca_valor = excluded.confianca_valor,
             impedimentos = excluded.impedimentos, data_valida = excluded.data_valida, ordem_na_mensagem = excluded.ordem_na_mensagem,
             status = case when g.status = 'substituida' then 'nova' else g.status end,
             motivo_status = case when g.status = 'substituida' then null else g.motivo_status end, updated_at = p_agora
       where g.status in ('nova', 'aguardando_revisao', 'substituida')
      returning g.id, g.contato_responsavel_id as contato, (g.xmax = 0) as criada)
    select coalesce((select array_agg(id) from gravada), '{}'),
           (select count(*) from gravada where criada),
           coalesce((select jsonb_object_agg(contato, n) from (
              select contato, count(*) as n from gravada where criada and contato is not null group by 1) x), '{}')
      into v_vagas, v_criadas, v_postadas;

    -- O que uma extração anterior leu e esta não: sai da frente, com o seu item.
    with velha as (
      update public.vagas_grupo v set status = 'substituida', motivo_status = 'reextraida', updated_at = p_agora
       where v.mensagem_id = any (v_com_vagas) and v.status in ('nova', 'aguardando_revisao') and v.id <> all (v_vagas)
      returning v.id)
    update public.fila_processamento_grupos f
       set ultimo_estagio = case when f.estagio in ('finalizado', 'descartado', 'erro') then f.ultimo_estagio else f.estagio end,
           estagio = 'descartado', motivo = 'substituida', lease_token = null, lease_ate = null, lease_por = null,
           proximo_retry = null, finalizado_em = p_agora, updated_at = p_agora
      from velha where f.vaga_grupo_id = velha.id;

    insert into public.fila_processamento_grupos as f (mensagem_id, vaga_grupo_id, estagio, max_tentativas, estagio_desde, created_at, updated_at)
    select v.mensagem_id, v.id, 'normalizacao', coalesce((v_por_mensagem -> v.mensagem_id::text ->> 'max_tentativas')::integer, 3),
           p_agora, greatest(v.created_at, p_agora), p_agora
      from public.vagas_grupo v where v.id = any (v_vagas)
     order by v.created_at
    on conflict (vaga_grupo_id) where vaga_grupo_id is not null do update
       set estagio = 'normalizacao', motivo = null, tentativas = 0, finalizado_em = null, estagio_desde = p_agora, updated_at = p_agora
     where f.estagio = 'descartado' and f.motivo = 'substituida';
  end if;

  update public.mensagens_grupo m
     set (status, passou_heuristica, score_heuristica, keywords_encontradas, motivo_descarte, eh_oferta, confianca_classificacao,
          classificador, extrator, qtd_vagas_extraidas, erro, processado_em)
       = (select p.status, p.passou_heuristica, p.score_heuristica, p.keywords_encontradas, p.motivo_descarte, p.eh_oferta,
                 p.confianca_classificacao, p.classificador, p.extrator, p.qtd_vagas_extraidas, p.erro, p_agora
            from jsonb_populate_record(m, coalesce(v_por_mensagem -> m.id::text -> 'mensagem', '{}')) p)
   where m.id = any (v_mensagens);

  insert into public.uso_llm_grupos (mensagem_id, grupo_id, estagio, modelo, tokens_input, tokens_output, custo_usd, do_cache, duracao_ms, created_at)
  select (e ->> 'mensagem_id')::uuid, (e ->> 'grupo_id')::uuid, u ->> 'estagio', u ->> 'modelo', (u ->> 'tokens_input')::integer,
         (u ->> 'tokens_output')::integer, (u ->> 'custo_usd')::numeric, (u ->> 'do_cache')::boolean, (u ->> 'duracao_ms')::integer, p_agora
    from jsonb_array_elements(v_vivos) e cross join lateral jsonb_array_elements(coalesce(e -> 'uso', '[]')) u;

  perform interno.grupos_transitar(v_mapa, v_ids, p_agora);

  if cardinality(v_com_vagas) > 0 then
    perform 1 from public.grupos_whatsapp where id in (
      select (e ->> 'grupo_id')::uuid from jsonb_array_elements(v_vivos) e where (e ->> 'mensagem_id')::uuid = any (v_primeira))
      order by id for no key update;
    update public.grupos_whatsapp g set total_ofertas_detectadas = g.total_ofertas_detectadas + x.n, updated_at = p_agora
      from (select (e ->> 'grupo_id')::uuid as id, count(*) as n from jsonb_array_elements(v_vivos) e
             where (e ->> 'mensagem_id')::uuid = any (v_primeira) group by 1) x
     where g.id = x.id;
    perform interno.grupos_contar_contatos(v_postadas, '{}', p_agora);
    -- Uma reextração pode não deixar item de vaga aberto.
    perform interno.grupos_fechar_mensagens(array(select m from unnest(v_com_vagas) m where m <> all (v_primeira)), p_agora);
  end if;

  return jsonb_build_object(
    'itens', (select coalesce(jsonb_object_agg(t::text, case when t = any (v_ids) then v_mapa -> t::text ->> 'estagio' else 'lease_perdido' end), '{}')
                from unnest(v_todos) t),
    'vagas_criadas', v_criadas);
end $$;

-- Um erro num lote vira falha só do elemento que o causa. A função juntos roda numa subtransação: o que ela desfez, a volta
-- elemento a elemento refaz.
create function public.fn_grupos_concluir_mensagens_lote(p_itens jsonb, p_delays integer[] default '{1,5,15}', p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_item jsonb;
  v_uma jsonb;
  v_itens jsonb := '{}';
  v_erros jsonb := '{}';
  v_criadas integer := 0;
begin
  begin
    return interno.grupos_concluir_mensagens_juntos(p_itens, p_agora) || '{"erros":{}}';
  exception when others then
    -- Um impasse não é culpa de nenhum elemento: quem chama repete o lote. O resto não se perde: o laço abaixo encontra de novo o
    -- elemento que falhou e o registra na fila.
    if sqlstate in ('40P01', '40001', '55P03') then
      raise;
    end if;
  end;
  for v_item in select * from jsonb_array_elements(p_itens) loop
    begin
      v_uma := interno.grupos_concluir_mensagens_juntos(jsonb_build_array(v_item), p_agora);
      v_itens := v_itens || (v_uma -> 'itens');
      v_criadas := v_criadas + (v_uma ->> 'vagas_criadas')::integer;
    exception when others then
      v_erros := v_erros || jsonb_build_object(v_item ->> 'id', sqlerrm);
      v_itens := v_itens || public.fn_grupos_falhar_lote(jsonb_build_array(jsonb_build_object('id', v_item ->> 'id', 'token', v_item ->> 'token',
        'erro', 'falha_persistir_vagas_grupo: ' || sqlerrm, 'definitivo', interno.grupos_erro_definitivo(sqlstate))), p_delays, p_agora);
    end;
  end loop;
  return jsonb_build_object('itens', v_itens, 'vagas_criadas', v_criadas, 'erros', v_erros);
end $$;

select interno.proteger();
