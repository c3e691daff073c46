-- Conclusões em lote dos estágios da vaga; o das mensagens, e a forma comum das funções, estão em 0750.

-- O principal de uma vaga (§5.6): a mais antiga de outra mensagem, com o mesmo hash, viva, e sem setor conflitante.
create function interno.grupos_principal(p_vaga uuid, p_mensagem uuid, p_setor text, p_hash text, p_janela_h integer, p_agora timestamptz)
returns uuid
language sql stable set search_path = public, extensions, pg_temp as $$
  select c.id from public.vagas_grupo c
   where c.hash_dedup = p_hash and c.id <> p_vaga and c.mensagem_id <> p_mensagem and not c.eh_duplicada
     and c.status not in ('descartada', 'rejeitada', 'erro', 'substituida')
     and (c.setor_raw <> p_setor and not (c.setor_raw in ('PS', 'PA') and p_setor in ('PS', 'PA'))) is not true
     and (c.created_at >= p_agora - make_interval(hours => p_janela_h)
          or exists (select 1 from public.vagas x where x.vaga_grupo_id = c.id and x.status not in ('cancelada', 'fechada', 'realizada')
                       and x.data >= public.dia_local(p_agora)))
   order by c.created_at, c.id limit 1
$$;

-- Marca uma vaga e registra a fonte. Quem chama já tem a trava consultiva do hash. Responde {vaga: principal | null}, ou {} se
-- alguém já decidiu por ela: não vira principal nem fonte.
create function interno.grupos_deduplicar_uma(p_vaga uuid, p_hash text, p_janela_h integer, p_agora timestamptz) returns jsonb
language plpgsql set plan_cache_mode = auto set search_path = public, extensions, pg_temp as $$
declare
  v public.vagas_grupo;
  v_principal uuid;
begin
  select * into v from public.vagas_grupo where id = p_vaga for no key update;
  if not found then
    raise exception 'vaga_nao_encontrada' using errcode = 'PT404', detail = 'vaga_id';
  end if;
  if v.status in ('rejeitada', 'descartada', 'substituida') then
    return '{}';
  elsif v.eh_duplicada then
    v_principal := v.duplicada_de;
  elsif v.status not in ('importada', 'aprovada') then
    v_principal := interno.grupos_principal(v.id, v.mensagem_id, v.setor_raw, p_hash, p_janela_h, p_agora);
  end if;
  update public.vagas_grupo
     set hash_dedup = p_hash, eh_duplicada = v_principal is not null, duplicada_de = v_principal,
         status = case when v_principal is null then status else 'duplicada' end,
         motivo_status = case when v_principal is null then motivo_status else 'duplicata_detectada' end, updated_at = p_agora
   where id = p_vaga;
  insert into public.vagas_grupo_fontes (vaga_grupo_id, mensagem_id, grupo_id, contato_id, ordem, texto_original, valor_informado, created_at)
  select coalesce(v_principal, p_vaga), v.mensagem_id, v.grupo_origem_id, v.contato_responsavel_id,
         1 + (select count(*) from public.vagas_grupo_fontes y where y.vaga_grupo_id = coalesce(v_principal, p_vaga)),
         (select left(m.texto, 500) from public.mensagens_grupo m where m.id = v.mensagem_id), v.valor, p_agora
  on conflict (vaga_grupo_id, mensagem_id) do nothing;
  if found and v_principal is not null then
    update public.vagas_grupo set qtd_fontes = qtd_fontes + 1, updated_at = p_agora where id = v_principal;
  end if;
  return jsonb_build_object(p_vaga, v_principal);
end $$;

-- A forma de um item, que define a semântica do lote (a aprovação manual usa esta).
create function public.fn_grupos_deduplicar(p_vaga uuid, p_hash text, p_janela_h integer default 48, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_principal uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('grupos_dedup:' || p_hash, 0));
  v_principal := (interno.grupos_deduplicar_uma(p_vaga, p_hash, p_janela_h, p_agora) ->> p_vaga::text)::uuid;
  return (select jsonb_build_object('duplicada', v_principal is not null, 'principal_id', g.id, 'fontes', g.qtd_fontes)
            from public.vagas_grupo g where g.id = coalesce(v_principal, p_vaga));
end $$;

-- Quem é o principal de cada vaga do lote: {vaga_id: principal | null}, só para as que ainda podem ter um. As travas de todos os
-- hashes vêm antes, em ordem, para que dois lotes nunca esperem um pelo outro. Um hash que aparece uma vez no lote é uma
-- consulta de conjunto; os repetidos vão um a um, na ordem da fila, porque um pode ser o principal do seguinte.
create function interno.grupos_deduplicar_lote(p_vagas jsonb, p_janela_h integer, p_agora timestamptz) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_sos uuid[];
  v_repetidas uuid[];
  v_vaga uuid;
  v_resposta jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('grupos_dedup:' || h, 0))
     from (select distinct e ->> 'hash' as h from jsonb_each(p_vagas) as t(k, e) where e ->> 'hash' is not null order by 1) x;
  select coalesce(array_agg(k::uuid) filter (where n = 1), '{}'),
         coalesce(array_agg(k::uuid order by posicao) filter (where n > 1), '{}')
    into v_sos, v_repetidas
    from (select k, (e ->> 'posicao')::integer as posicao, count(*) over (partition by e ->> 'hash') as n
            from jsonb_each(p_vagas) as t(k, e) where e ->> 'hash' is not null) x;

  -- Quem já é duplicada repete a resposta; quem foi importada é o seu próprio principal; quem alguém decidiu fica de fora.
  with situacao as materialized (
    select v.id, v.mensagem_id, v.grupo_origem_id, v.contato_responsavel_id, v.valor,
           case when v.eh_duplicada then v.duplicada_de
                when v.status in ('importada', 'aprovada') then null
                else interno.grupos_principal(v.id, v.mensagem_id, v.setor_raw, p_vagas -> v.id::text ->> 'hash', p_janela_h, p_agora) end as principal
      from public.vagas_grupo v
     where v.id = any (v_sos) and v.status not in ('rejeitada', 'descartada', 'substituida')),
  fonte as (
    insert into public.vagas_grupo_fontes (vaga_grupo_id, mensagem_id, grupo_id, contato_id, ordem, texto_original, valor_informado, created_at)
    select coalesce(s.principal, s.id), s.mensagem_id, s.grupo_origem_id, s.contato_responsavel_id,
           1 + (select count(*) from public.vagas_grupo_fontes y where y.vaga_grupo_id = coalesce(s.principal, s.id)),
           (select left(m.texto, 500) from public.mensagens_grupo m where m.id = s.mensagem_id), s.valor, p_agora
      from situacao s
    on conflict (vaga_grupo_id, mensagem_id) do nothing
    returning vaga_grupo_id),
  contada as (
    update public.vagas_grupo g set qtd_fontes = g.qtd_fontes + 1, updated_at = p_agora
     where g.id = any (array(select vaga_grupo_id from fonte)) and g.id <> all (v_sos)
    returning 1)
  select coalesce(jsonb_object_agg(s.id, s.principal), '{}') into v_resposta
    from situacao s, (select count(*) from contada) c;

  foreach v_vaga in array v_repetidas loop
    v_resposta := v_resposta || interno.grupos_deduplicar_uma(v_vaga, p_vagas -> v_vaga::text ->> 'hash', p_janela_h, p_agora);
  end loop;
  return v_resposta;
end $$;

-- Elemento: {id, token, mensagem_id, vaga_id, ultimo_estagio, motivo, estagio (fim, se parar antes da deduplicação),
--            normalizacao?: {colunas de vagas_grupo}, alias_hospital_id?, alias_especialidade_id?, hash?,
--            importacao?: {resultado, motivo_status, score, impedimentos, hora_inicio, hora_fim}}.
-- Um lote passa pelos estágios que cada item ainda deve — normalização, deduplicação, importação — numa transação, e cada
-- linha de vagas_grupo é escrita uma vez. Responde {"itens":{id: {estagio, motivo, ultimo_estagio} | "lease_perdido"}}.
create function interno.grupos_concluir_vagas_juntas(p_itens jsonb, p_janela_h integer, p_agora timestamptz) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_mapa jsonb;
  v_todos uuid[];
  v_ids uuid[];
  v_vagas jsonb;
  v_fim jsonb;
  v_principais jsonb;
  v_patches jsonb;
  v_importadas uuid[];
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_todos from jsonb_array_elements(p_itens) e;
  v_ids := interno.grupos_travar(v_mapa, v_todos);
  -- {vaga_id: elemento} dos itens vivos.
  select coalesce(jsonb_object_agg(e ->> 'vaga_id', e || jsonb_build_object('posicao', n)), '{}') into v_vagas
    from jsonb_array_elements(p_itens) with ordinality as t(e, n) where (e ->> 'id')::uuid = any (v_ids);

  v_principais := interno.grupos_deduplicar_lote(v_vagas, p_janela_h, p_agora);

  -- O que muda em cada linha. O estado dela manda: quem já foi importada repete a resposta; quem foi rejeitada, descartada ou
  -- substituída enquanto esperava termina sem efeito.
  select coalesce(jsonb_object_agg(v.id, case
           when v.status in ('importada', 'aprovada', 'rejeitada', 'descartada', 'substituida') then '{}'
           when v_principais ->> v.id::text is not null then
             coalesce(e -> 'normalizacao', '{}') || jsonb_build_object('hash_dedup', e -> 'hash', 'eh_duplicada', true, 'status', 'duplicada',
               'duplicada_de', v_principais -> v.id::text, 'motivo_status', 'duplicata_detectada')
           when v.eh_duplicada then '{}'
           else coalesce(e -> 'normalizacao', '{}')
             || case when e ->> 'hash' is null then '{}' else jsonb_build_object('hash_dedup', e -> 'hash') end
             || case when e ? 'importacao' then jsonb_build_object('status', e -> 'importacao' -> 'resultado',
                  'motivo_status', e -> 'importacao' -> 'motivo_status', 'confianca_geral', e -> 'importacao' -> 'score',
                  'impedimentos', e -> 'importacao' -> 'impedimentos') else '{}' end
         end), '{}')
    into v_patches
    from (select * from public.vagas_grupo g where g.id = any (array(select k::uuid from jsonb_object_keys(v_vagas) k)) order by g.id for no key update) v
   cross join lateral (select v_vagas -> v.id::text as e) x;
  v_importadas := array(select k::uuid from jsonb_each(v_patches) as t(k, p) where p ->> 'status' = 'importada');

  if cardinality(v_importadas) > 0 then
    insert into public.vagas (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, data, hora_inicio, hora_fim,
           valor, valor_minimo, valor_maximo, valor_tipo, observacoes, contato_nome, contato_whatsapp, status, origem, vaga_grupo_id,
           posicao_grupo, created_at, updated_at)
    select p.hospital_id, p.especialidade_id, p.setor_id, p.periodo_id, p.tipos_vaga_id, p.forma_recebimento_id, p.data,
           coalesce(p.hora_inicio, (v_vagas -> v.id::text -> 'importacao' ->> 'hora_inicio')::time),
           coalesce(p.hora_fim, (v_vagas -> v.id::text -> 'importacao' ->> 'hora_fim')::time),
           p.valor, p.valor_minimo, p.valor_maximo, p.valor_tipo,
           'Origem: grupo WhatsApp (' || coalesce(g.nome, g.jid) || '). ' || coalesce(p.observacoes_raw, ''),
           coalesce(p.contato_nome, c.nome), coalesce(p.contato_whatsapp, c.telefone), 'aberta', 'grupo_whatsapp', v.id, n, p_agora, p_agora
      from public.vagas_grupo v
      cross join lateral jsonb_populate_record(v, v_patches -> v.id::text) p
      join public.grupos_whatsapp g on g.id = v.grupo_origem_id
      left join public.contatos_grupo c on c.id = v.contato_responsavel_id
      cross join lateral generate_series(1, v.numero_vagas) n
     where v.id = any (v_importadas)
    on conflict (vaga_grupo_id, posicao_grupo) where vaga_grupo_id is not null do nothing;
  end if;

  update public.vagas_grupo v
     set (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, hospital_criado, hospital_match_score,
          especialidade_match_score, periodo, campos_faltando, dados_minimos_ok, hash_dedup, eh_duplicada, duplicada_de, status,
          motivo_status, confianca_geral, impedimentos, vaga_importada_id, importada_em, updated_at)
       = (select p.hospital_id, p.especialidade_id, p.setor_id, p.periodo_id, p.tipos_vaga_id, p.forma_recebimento_id, p.hospital_criado,
                 p.hospital_match_score, p.especialidade_match_score, p.periodo, p.campos_faltando, p.dados_minimos_ok, p.hash_dedup,
                 p.eh_duplicada, p.duplicada_de, p.status, p.motivo_status, p.confianca_geral, p.impedimentos,
                 case when p.status = 'importada'
                      then (select x.id from public.vagas x where x.vaga_grupo_id = v.id order by x.posicao_grupo limit 1) end,
                 case when p.status = 'importada' then p_agora end, p_agora
            from jsonb_populate_record(v, v_patches -> v.id::text) p)
   where v.id = any (array(select k::uuid from jsonb_each(v_patches) as t(k, p) where p <> '{}'));

  -- Onde cada item termina: duplicada, o estado da vaga, ou o fim que a normalização decidiu.
  select coalesce(jsonb_object_agg(e ->> 'id', case
           when v_principais ->> k is not null then
             jsonb_build_object('estagio', 'finalizado', 'motivo', 'duplicada', 'ultimo_estagio', 'deduplicacao')
           when e ? 'importacao' then jsonb_build_object('estagio', 'finalizado', 'ultimo_estagio', 'importacao', 'motivo',
             coalesce(v_patches -> k ->> 'status', (select g.status from public.vagas_grupo g where g.id = k::uuid)))
           else jsonb_build_object('estagio', coalesce(e ->> 'estagio', 'finalizado'), 'motivo', e ->> 'motivo',
                                   'ultimo_estagio', e ->> 'ultimo_estagio') end), '{}')
    into v_fim from jsonb_each(v_vagas) as t(k, e);

  perform interno.grupos_transitar(v_fim, v_ids, p_agora);
  perform interno.grupos_fechar_mensagens(array(select distinct (v_mapa -> i::text ->> 'mensagem_id')::uuid from unnest(v_ids) i), p_agora);
  -- As linhas quentes por último, sempre nesta ordem: grupos, contatos, aliases. Quem as segura está para terminar.
  if cardinality(v_importadas) > 0 then
    perform interno.grupos_contar_importadas(v_importadas, p_agora);
  end if;
  perform interno.grupos_usar_aliases(v_vagas, p_agora);
  return jsonb_build_object('itens', (
    select coalesce(jsonb_object_agg(t::text, case when t = any (v_ids) then v_fim -> t::text else '"lease_perdido"' end), '{}') from unnest(v_todos) t));
end $$;

-- Contadores do grupo e do contato, com as linhas travadas em ordem.
create function interno.grupos_contar_importadas(p_vagas uuid[], p_agora timestamptz) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_grupos jsonb;
  v_contatos jsonb;
begin
  select coalesce((select jsonb_object_agg(g, n) from (
            select grupo_origem_id as g, count(*) as n from public.vagas_grupo where id = any (p_vagas) group by 1) x), '{}'),
         coalesce((select jsonb_object_agg(c, n) from (
            select contato_responsavel_id as c, count(*) as n from public.vagas_grupo
             where id = any (p_vagas) and contato_responsavel_id is not null group by 1) x), '{}')
    into v_grupos, v_contatos;
  perform 1 from public.grupos_whatsapp where id = any (array(select k::uuid from jsonb_object_keys(v_grupos) k)) order by id for no key update;
  update public.grupos_whatsapp g
     set total_vagas_importadas = g.total_vagas_importadas + (v_grupos ->> g.id::text)::integer, updated_at = p_agora
   where g.id = any (array(select k::uuid from jsonb_object_keys(v_grupos) k));
  perform interno.grupos_contar_contatos('{}', v_contatos, p_agora);
end $$;

-- Uso dos aliases que casaram exatamente, somado por alias e travado em ordem.
create function interno.grupos_usar_aliases(p_vagas jsonb, p_agora timestamptz) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_hospital jsonb;
  v_especialidade jsonb;
begin
  select coalesce(jsonb_object_agg(a, n) filter (where tipo = 'h'), '{}'), coalesce(jsonb_object_agg(a, n) filter (where tipo = 'e'), '{}')
    into v_hospital, v_especialidade
    from (select tipo, a, count(*) as n from (
            select 'h' as tipo, e ->> 'alias_hospital_id' as a from jsonb_each(p_vagas) as t(k, e)
            union all select 'e', e ->> 'alias_especialidade_id' from jsonb_each(p_vagas) as t(k, e)) y
           where a is not null group by 1, 2) x;
  perform 1 from public.hospitais_alias where id = any (array(select k::uuid from jsonb_object_keys(v_hospital) k)) order by id for no key update;
  update public.hospitais_alias a set vezes_usado = a.vezes_usado + (v_hospital ->> a.id::text)::integer, ultimo_uso = p_agora
   where a.id = any (array(select k::uuid from jsonb_object_keys(v_hospital) k));
  perform 1 from public.especialidades_alias where id = any (array(select k::uuid from jsonb_object_keys(v_especialidade) k)) order by id for no key update;
  update public.especialidades_alias a set vezes_usado = a.vezes_usado + (v_especialidade ->> a.id::text)::integer, ultimo_uso = p_agora
   where a.id = any (array(select k::uuid from jsonb_object_keys(v_especialidade) k));
end $$;

create function public.fn_grupos_concluir_vagas_lote(p_itens jsonb, p_janela_h integer default 48, p_delays integer[] default '{1,5,15}',
                                                     p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_item jsonb;
  v_itens jsonb := '{}';
  v_erros jsonb := '{}';
begin
  begin
    return interno.grupos_concluir_vagas_juntas(p_itens, p_janela_h, p_agora) || '{"erros":{}}';
  exception when others then
    -- Um impasse não é culpa de nenhum elemento: quem chama repete o lote. O resto não se perde: o laço abaixo encontra de novo o
    -- elemento que falhou e o registra na fila.
    if sqlstate in ('40P01', '40001', '55P03') then
      raise;
    end if;
  end;
  for v_item in select * from jsonb_array_elements(p_itens) loop
    begin
      v_itens := v_itens || (interno.grupos_concluir_vagas_juntas(jsonb_build_array(v_item), p_janela_h, p_agora) -> 'itens');
    exception when others then
      v_erros := v_erros || jsonb_build_object(v_item ->> 'id', sqlerrm);
      v_itens := v_itens || public.fn_grupos_falhar_lote(jsonb_build_array(jsonb_build_object('id', v_item ->> 'id', 'token', v_item ->> 'token',
        'erro', sqlerrm, 'definitivo', interno.grupos_erro_definitivo(sqlstate))), p_delays, p_agora);
    end;
  end loop;
  return jsonb_build_object('itens', v_itens, 'erros', v_erros);
end $$;

select interno.proteger();
