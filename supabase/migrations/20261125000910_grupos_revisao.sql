-- Revisão humana das vagas de grupos (domain/grupos-pipeline.md §5.8).

-- Vaga por id inteiro ou pelos 8 primeiros algarismos, quando só uma casa.
create function interno.vaga_grupo_por_id(p_id text) returns uuid
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_ids uuid[];
begin
  if p_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    v_ids := array(select id from public.vagas_grupo where id = p_id::uuid);
  elsif p_id ~ '^[0-9a-f]{8}$' then
    v_ids := array(select id from public.vagas_grupo
                    where id >= (p_id || '-0000-0000-0000-000000000000')::uuid and id <= (p_id || '-ffff-ffff-ffff-ffffffffffff')::uuid limit 2);
  else
    raise exception 'id deve ser um UUID ou os seus 8 primeiros algarismos' using errcode = 'PT400', detail = 'id';
  end if;
  if cardinality(v_ids) = 0 then
    raise exception 'vaga % não encontrada', p_id using errcode = 'PT404', detail = 'id';
  elsif cardinality(v_ids) > 1 then
    raise exception 'mais de uma vaga começa por %; use o id inteiro', p_id using errcode = 'PT409', detail = 'id';
  end if;
  return v_ids[1];
end $$;

create function interno.resumo_vaga_grupo(v public.vagas_grupo) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'id', v.id, 'id_curto', left(v.id::text, 8), 'status', v.status, 'motivo_status', v.motivo_status, 'confianca_geral', v.confianca_geral,
    'hospital_raw', v.hospital_raw, 'hospital', (select nome from public.hospitais where id = v.hospital_id),
    'especialidade', coalesce((select nome from public.especialidades where id = v.especialidade_id), v.especialidade_raw),
    'setor', v.setor_raw, 'data', v.data, 'periodo', v.periodo, 'hora_inicio', v.hora_inicio, 'hora_fim', v.hora_fim, 'valor_tipo', v.valor_tipo,
    'valor', v.valor, 'valor_minimo', v.valor_minimo, 'valor_maximo', v.valor_maximo, 'numero_vagas', v.numero_vagas,
    'campos_faltando', v.campos_faltando, 'impedimentos', v.impedimentos, 'qtd_fontes', v.qtd_fontes,
    'grupo', (select nome from public.grupos_whatsapp where id = v.grupo_origem_id), 'created_at', v.created_at)
$$;

create function public.listar_vagas_revisao(p_limite integer default 20, p_grupo text default null) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(interno.resumo_vaga_grupo(v)), '[]') from (
    select v.* from public.vagas_grupo v join public.grupos_whatsapp g on g.id = v.grupo_origem_id
     where v.status = 'aguardando_revisao' and (p_grupo is null or g.jid = p_grupo or public.dobra(g.nome) like '%' || public.dobra(p_grupo) || '%')
     order by v.confianca_geral desc nulls last, v.created_at limit least(p_limite, 20)) v
$$;

create function public.detalhar_vaga_grupo(p_id text) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select interno.resumo_vaga_grupo(v) || jsonb_build_object(
    'fontes', (select coalesce(jsonb_agg(jsonb_build_object('ordem', f.ordem, 'grupo', g.nome, 'valor_informado', f.valor_informado,
                 'texto_original', f.texto_original, 'created_at', f.created_at) order by f.ordem), '[]')
                 from public.vagas_grupo_fontes f join public.grupos_whatsapp g on g.id = f.grupo_id where f.vaga_grupo_id = v.id),
    'item', (select jsonb_build_object('estagio', f.estagio, 'motivo', f.motivo, 'tentativas', f.tentativas, 'ultimo_erro', f.ultimo_erro)
               from public.fila_processamento_grupos f where f.vaga_grupo_id = v.id),
    'vaga_importada_id', v.vaga_importada_id, 'revisada_por', v.revisada_por, 'revisada_em', v.revisada_em, 'notas_revisao', v.notas_revisao)
    from public.vagas_grupo v where v.id = interno.vaga_grupo_por_id(p_id)
$$;

-- Ensina um nome alternativo; recusa um que já existe, porque trocar de hospital em silêncio corrompe o passado.
create function public.adicionar_alias_hospital(p_hospital_id uuid, p_alias text, p_por text default null, p_origem text default 'manual')
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_busca text := public.fn_normalizar_busca(p_alias);
  v_dono text;
  v_id uuid;
begin
  if v_busca = '' then
    raise exception 'o alias precisa de letras ou algarismos' using errcode = 'PT400', detail = 'alias';
  end if;
  if not exists (select 1 from public.hospitais where id = p_hospital_id) then
    raise exception 'hospital não encontrado' using errcode = 'PT404', detail = 'hospital_id';
  end if;
  select h.nome into v_dono from public.hospitais_alias a join public.hospitais h on h.id = a.hospital_id where a.alias_normalizado = v_busca;
  if v_dono is not null then
    raise exception 'o alias já é de %', v_dono using errcode = 'PT409', detail = 'alias';
  end if;
  insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, criado_por, confirmado)
  values (p_hospital_id, p_alias, '', p_origem, p_por, true) returning id into v_id;
  return jsonb_build_object('id', v_id, 'alias', p_alias, 'alias_normalizado', v_busca);
end $$;

create function public.buscar_hospitais(p_texto text, p_limite integer default 10) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
begin
  return (select coalesce(jsonb_agg(to_jsonb(x) order by x.score desc, x.nome), '[]') from (
    select h.id, h.nome, h.cidade, h.estado, h.precisa_revisao,
           greatest(interno.semelhanca(h.nome_busca, v_busca),
                    (select max(interno.semelhanca(a.alias_normalizado, v_busca)) from public.hospitais_alias a where a.hospital_id = h.id)) as score,
           (select coalesce(jsonb_agg(a.alias order by a.alias), '[]') from public.hospitais_alias a where a.hospital_id = h.id) as aliases
      from public.hospitais h
     order by 6 desc, h.nome limit least(p_limite, 50)) x where x.score >= 0.2);
end $$;

-- Aprova: aplica correções, exige os três campos e data de hoje em diante, deduplica (repetida ⇒ recusa), escreve em vagas, ensina
-- o alias de um hospital ou especialidade corrigidos. p_correcoes: {hospital_id?, especialidade_id?, data?, valor?}; p_horas: o horário
-- padrão do período, decidido pela regra.
create function public.aprovar_vaga_grupo(p_id text, p_correcoes jsonb default '{}', p_por text default null,
                                          p_hora_inicio time default null, p_hora_fim time default null, p_janela_h integer default 48,
                                          p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_id uuid := interno.vaga_grupo_por_id(p_id);
  v public.vagas_grupo;
  v_dedup jsonb;
  v_primeira uuid;
begin
  select * into v from public.vagas_grupo where id = v_id for update;
  if v.status <> 'aguardando_revisao' then
    raise exception 'a vaga está em %, não em aguardando_revisao', v.status using errcode = 'PT409', detail = 'id';
  end if;
  update public.vagas_grupo
     set hospital_id = coalesce((p_correcoes ->> 'hospital_id')::uuid, hospital_id),
         hospital_match_score = case when p_correcoes ->> 'hospital_id' is not null then 1 else hospital_match_score end,
         especialidade_id = coalesce((p_correcoes ->> 'especialidade_id')::uuid, especialidade_id),
         especialidade_match_score = case when p_correcoes ->> 'especialidade_id' is not null then 1 else especialidade_match_score end,
         data = coalesce((p_correcoes ->> 'data')::date, data),
         valor = case when p_correcoes ->> 'valor' is not null then (p_correcoes ->> 'valor')::integer else valor end,
         valor_tipo = case when p_correcoes ->> 'valor' is not null then 'fixo' else valor_tipo end,
         valor_minimo = case when p_correcoes ->> 'valor' is not null then null else valor_minimo end,
         valor_maximo = case when p_correcoes ->> 'valor' is not null then null else valor_maximo end,
         updated_at = p_agora
   where id = v_id returning * into v;
  if v.hospital_id is null or v.especialidade_id is null or v.data is null then
    raise exception 'faltam hospital, especialidade ou data: informe as correções' using errcode = 'PT400', detail = 'correcoes';
  end if;
  if v.data < public.dia_local(p_agora) then
    raise exception 'a data % já passou', v.data using errcode = 'PT409', detail = 'data';
  end if;
  v_dedup := public.fn_grupos_deduplicar(v_id,
    md5(concat_ws('|', v.hospital_id, v.data, coalesce(v.periodo_id::text, 'sem_periodo'), v.especialidade_id)), p_janela_h, p_agora);
  if (v_dedup ->> 'duplicada')::boolean then
    raise exception 'a vaga já existe: é repetição de %', left(v_dedup ->> 'principal_id', 8) using errcode = 'PT409', detail = 'id';
  end if;
  insert into public.vagas (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, data, hora_inicio, hora_fim,
         valor, valor_minimo, valor_maximo, valor_tipo, observacoes, contato_nome, contato_whatsapp, status, origem, vaga_grupo_id, posicao_grupo,
         created_at, updated_at)
  select v.hospital_id, v.especialidade_id, v.setor_id, v.periodo_id, v.tipos_vaga_id, v.forma_recebimento_id, v.data,
         coalesce(v.hora_inicio, p_hora_inicio), coalesce(v.hora_fim, p_hora_fim), v.valor, v.valor_minimo, v.valor_maximo, v.valor_tipo,
         'Origem: grupo WhatsApp (' || coalesce(g.nome, g.jid) || '). ' || coalesce(v.observacoes_raw, ''),
         coalesce(v.contato_nome, c.nome), coalesce(v.contato_whatsapp, c.telefone), 'aberta', 'grupo_whatsapp', v.id, n, p_agora, p_agora
    from public.grupos_whatsapp g left join public.contatos_grupo c on c.id = v.contato_responsavel_id
    cross join generate_series(1, v.numero_vagas) n
   where g.id = v.grupo_origem_id
  on conflict (vaga_grupo_id, posicao_grupo) where vaga_grupo_id is not null do nothing;
  select id into v_primeira from public.vagas where vaga_grupo_id = v_id order by posicao_grupo limit 1;
  update public.vagas_grupo
     set status = 'importada', motivo_status = 'aprovada', vaga_importada_id = v_primeira, importada_em = p_agora, revisada_por = p_por,
         revisada_em = p_agora, dados_minimos_ok = true, updated_at = p_agora
   where id = v_id;
  perform interno.grupos_contar_importadas(array[v_id], p_agora);
  if p_correcoes ->> 'hospital_id' is not null and public.fn_normalizar_busca(coalesce(v.hospital_raw, '')) <> '' then
    insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, criado_por, confirmado)
    values (v.hospital_id, v.hospital_raw, '', 'revisao', p_por, true) on conflict (alias_normalizado) do nothing;
  end if;
  if p_correcoes ->> 'especialidade_id' is not null and public.fn_normalizar_busca(coalesce(v.especialidade_raw, '')) <> '' then
    insert into public.especialidades_alias (especialidade_id, alias, alias_normalizado, origem, criado_por, confirmado)
    values (v.especialidade_id, v.especialidade_raw, '', 'revisao', p_por, true) on conflict (alias_normalizado) do nothing;
  end if;
  return jsonb_build_object('id', v_id, 'status', 'importada', 'vaga_importada_id', v_primeira, 'linhas', v.numero_vagas);
end $$;

create function public.rejeitar_vaga_grupo(p_id text, p_motivo text, p_por text default null, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_id uuid := interno.vaga_grupo_por_id(p_id);
begin
  update public.vagas_grupo
     set status = 'rejeitada', motivo_status = 'rejeitada', notas_revisao = p_motivo, revisada_por = p_por, revisada_em = p_agora, updated_at = p_agora
   where id = v_id and status = 'aguardando_revisao';
  if not found then
    raise exception 'a vaga não está em aguardando_revisao' using errcode = 'PT409', detail = 'id';
  end if;
  return jsonb_build_object('id', v_id, 'status', 'rejeitada');
end $$;

-- Totais de hoje, da semana ou do mês (dias corridos de São Paulo).
create function public.estatisticas_grupos(p_periodo text default 'hoje', p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with de as (select ((public.dia_local(p_agora) - case p_periodo when 'hoje' then 0 when 'semana' then 6 else 29 end)::timestamp
                       at time zone 'America/Sao_Paulo') as inicio)
  select jsonb_build_object('periodo', p_periodo, 'desde', de.inicio,
    'mensagens', (select count(*) from public.mensagens_grupo where created_at >= de.inicio),
    'ofertas', (select count(*) from public.mensagens_grupo where created_at >= de.inicio and eh_oferta),
    'vagas', (select coalesce(jsonb_object_agg(status, n), '{}') from (
       select status, count(*) as n from public.vagas_grupo where created_at >= de.inicio group by 1) x),
    'grupos_ativos', (select count(distinct grupo_id) from public.mensagens_grupo where created_at >= de.inicio)) from de
$$;

select interno.proteger();
