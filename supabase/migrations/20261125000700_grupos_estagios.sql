-- Leituras de cada estágio: reserva com tudo o que o estágio precisa, catálogos, casamento de nomes.

-- Reserva itens de mensagem com a mensagem, o grupo e o remetente: uma ida ao banco por lote.
create function public.fn_grupos_reivindicar_mensagens(p_estagios text[], p_limite integer, p_trabalhador text,
                                                       p_lease_s integer default 30, p_agora timestamptz default now())
returns jsonb
language sql set search_path = public, extensions, pg_temp as $$
  with f as materialized (
    select * from public.fn_grupos_reivindicar(p_estagios, p_limite, p_trabalhador, p_lease_s, p_agora))
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', f.id, 'token', f.lease_token, 'estagio', f.estagio, 'tentativas', f.tentativas, 'max_tentativas', f.max_tentativas,
           'mensagem_id', m.id, 'texto', m.texto, 'data_referencia', public.dia_local(m.timestamp_msg),
           'instance_name', m.instance_name, 'grupo_id', g.id, 'grupo_nome', g.nome, 'grupo_regiao', g.regiao,
           'grupo_hospital', (select h.nome from public.hospitais h where h.id = g.hospital_id),
           'contato_id', c.id, 'remetente_nome', coalesce(m.sender_nome, c.nome), 'remetente_telefone', c.telefone,
           'classificada', m.classificador is not null)
           order by f.created_at, f.id), '[]')
    from f
    join public.mensagens_grupo m on m.id = f.mensagem_id
    join public.grupos_whatsapp g on g.id = m.grupo_id
    left join public.contatos_grupo c on c.id = m.contato_id
$$;

-- Reserva itens de vaga com a vaga inteira.
create function public.fn_grupos_reivindicar_vagas(p_estagios text[], p_limite integer, p_trabalhador text,
                                                   p_lease_s integer default 30, p_agora timestamptz default now())
returns jsonb
language sql set search_path = public, extensions, pg_temp as $$
  with f as materialized (
    select * from public.fn_grupos_reivindicar(p_estagios, p_limite, p_trabalhador, p_lease_s, p_agora))
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', f.id, 'token', f.lease_token, 'estagio', f.estagio, 'tentativas', f.tentativas, 'max_tentativas', f.max_tentativas,
           'mensagem_id', f.mensagem_id, 'vaga', to_jsonb(v), 'grupo_nome', g.nome, 'grupo_regiao', g.regiao,
           'grupo_hospital_id', g.hospital_id)
           order by f.created_at, f.id), '[]')
    from f
    join public.vagas_grupo v on v.id = f.vaga_grupo_id
    join public.grupos_whatsapp g on g.id = v.grupo_origem_id
$$;

-- Catálogos e aliases que o pipeline guarda em memória por um ciclo.
create function public.fn_grupos_catalogos() returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'aliases_hospital', (select coalesce(jsonb_agg(alias order by alias), '[]') from (
        select alias from public.hospitais_alias union select nome from public.hospitais) a),
    'periodos', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.periodos),
    'setores', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.setores),
    'tipos_vaga', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.tipos_vaga),
    'formas_recebimento', (select coalesce(jsonb_object_agg(forma_recebimento, id), '{}') from public.formas_recebimento),
    'tem_cnes', exists (select 1 from public.cnes_estabelecimentos where ativo))
$$;

-- Semelhança do pg_trgm em seis casas: ela é `real`, e 7/10 sairia 0,69999999, abaixo de um limiar de 0,70.
create function interno.semelhanca(p_a text, p_b text) returns numeric
language sql immutable parallel safe set search_path = public, extensions, pg_temp as $$ select round(similarity(p_a, p_b)::numeric, 6) $$;

-- Casa um texto com os aliases e nomes de hospital: exato (1,0) ou o mais parecido acima do limiar.
create function interno.grupos_casar_hospital(p_texto text, p_limiar numeric) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
  v jsonb;
begin
  if v_busca = '' then return null; end if;
  select jsonb_build_object('id', a.hospital_id, 'score', 1, 'exato', true, 'alias_id', a.id) into v
    from public.hospitais_alias a where a.alias_normalizado = v_busca;
  if v is not null then return v; end if;
  select jsonb_build_object('id', h.id, 'score', 1, 'exato', true, 'alias_id', null) into v
    from public.hospitais h where h.nome_busca = v_busca order by h.created_at, h.id limit 1;
  if v is not null then return v; end if;
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  select jsonb_build_object('id', x.id, 'score', x.s, 'exato', false, 'alias_id', null) into v from (
    select a.hospital_id as id, interno.semelhanca(a.alias_normalizado, v_busca) as s
      from public.hospitais_alias a where a.alias_normalizado % v_busca
    union all
    select h.id, interno.semelhanca(h.nome_busca, v_busca) from public.hospitais h where h.nome_busca % v_busca
    order by s desc, id limit 1) x
   where x.s >= p_limiar;
  return v;
end $$;

create function interno.grupos_casar_especialidade(p_texto text, p_limiar numeric) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
  v jsonb;
begin
  if v_busca = '' then return null; end if;
  select jsonb_build_object('id', a.especialidade_id, 'score', 1, 'exato', true, 'alias_id', a.id) into v
    from public.especialidades_alias a where a.alias_normalizado = v_busca;
  if v is not null then return v; end if;
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  select jsonb_build_object('id', a.especialidade_id, 'score', interno.semelhanca(a.alias_normalizado, v_busca),
                            'exato', false, 'alias_id', null) into v
    from public.especialidades_alias a
   where a.alias_normalizado % v_busca and interno.semelhanca(a.alias_normalizado, v_busca) >= p_limiar
   order by interno.semelhanca(a.alias_normalizado, v_busca) desc, a.id limit 1;
  return v;
end $$;

-- Um lote de nomes distintos de uma vez: {"hospitais":{texto:{id,score,exato,alias_id}},"especialidades":{…},"bloqueados":[id]}.
-- Texto sem par fica de fora. `volatile` porque ajusta o limiar do pg_trgm na própria transação.
create function public.fn_grupos_casar(p_hospitais text[], p_especialidades text[],
                                       p_limiar_hospital numeric default 0.70, p_limiar_especialidade numeric default 0.60)
returns jsonb
language sql volatile set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'hospitais', (select coalesce(jsonb_object_agg(t, c) filter (where c is not null), '{}')
                    from (select t, interno.grupos_casar_hospital(t, p_limiar_hospital) as c from unnest(p_hospitais) t) x),
    'especialidades', (select coalesce(jsonb_object_agg(t, c) filter (where c is not null), '{}')
                    from (select t, interno.grupos_casar_especialidade(t, p_limiar_especialidade) as c from unnest(p_especialidades) t) x),
    'bloqueados', (select coalesce(jsonb_agg(hospital_id), '[]') from public.hospitais_bloqueados where status = 'bloqueado'))
$$;

-- Cadastro nacional: o melhor estabelecimento acima de 0,60, primeiro na cidade sugerida, depois no estado.
create function public.fn_grupos_buscar_cnes(p_consultas jsonb, p_limiar numeric default 0.60) returns jsonb
language plpgsql volatile set search_path = public, extensions, pg_temp as $$
begin
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  return (select coalesce(jsonb_object_agg(q ->> 'nome', (
    select jsonb_build_object('cnes_codigo', c.cnes_codigo, 'score', least(interno.semelhanca(c.nome_busca, b.t) + 0.2, 1))
      from public.cnes_estabelecimentos c, (select public.fn_normalizar_busca(q ->> 'nome') as t) b
     where c.ativo and c.nome_busca % b.t and interno.semelhanca(c.nome_busca, b.t) >= p_limiar and (q ->> 'estado' is null or c.uf = q ->> 'estado')
     order by (public.dobra(c.cidade) = public.dobra(coalesce(q ->> 'cidade', ''))) desc, interno.semelhanca(c.nome_busca, b.t) desc, c.cnes_codigo
     limit 1)), '{}') from jsonb_array_elements(p_consultas) q);
end $$;

-- Hospital novo a partir do cadastro nacional ou de uma busca externa: quem chega depois encontra o alias de quem chegou antes.
create function public.fn_buscar_ou_criar_hospital(p_nome text, p_dados jsonb, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_busca text := public.fn_normalizar_busca(p_nome);
  v_id uuid;
  c public.cnes_estabelecimentos;
begin
  if v_busca = '' then
    raise exception 'nome de hospital vazio' using errcode = 'PT400', detail = 'nome';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('hospital:' || v_busca, 0));
  select hospital_id into v_id from public.hospitais_alias where alias_normalizado = v_busca;
  if v_id is not null then return jsonb_build_object('id', v_id, 'criado', false); end if;
  select * into c from public.cnes_estabelecimentos where cnes_codigo = p_dados ->> 'cnes_codigo';
  if c.cnes_codigo is not null then
    select id into v_id from public.hospitais where cnes_codigo = c.cnes_codigo;
  end if;
  if v_id is null then
    insert into public.hospitais (nome, logradouro, numero, bairro, cidade, estado, cep, latitude, longitude, cnes_codigo, google_place_id,
                                  criado_automaticamente, precisa_revisao, enriched_at, enriched_by, created_at, updated_at)
    values (coalesce(c.nome_fantasia, c.razao_social, p_dados ->> 'nome', p_nome),
            coalesce(c.logradouro, p_dados ->> 'logradouro'), coalesce(c.numero, p_dados ->> 'numero'), coalesce(c.bairro, p_dados ->> 'bairro'),
            coalesce(c.cidade, p_dados ->> 'cidade', 'Não informada'), coalesce(c.uf, p_dados ->> 'estado', 'SP'), coalesce(c.cep, p_dados ->> 'cep'),
            coalesce(c.latitude, (p_dados ->> 'latitude')::double precision), coalesce(c.longitude, (p_dados ->> 'longitude')::double precision),
            c.cnes_codigo, p_dados ->> 'google_place_id', true,
            coalesce(c.logradouro, p_dados ->> 'logradouro') is null
              or coalesce(c.latitude, (p_dados ->> 'latitude')::double precision) is null,
            p_agora, coalesce(p_dados ->> 'origem', 'cnes'), p_agora, p_agora)
    returning id into v_id;
    insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, confianca)
    select v_id, h.nome, '', case when c.cnes_codigo is not null then 'cnes' else 'sistema' end, 1.0 from public.hospitais h where h.id = v_id
    on conflict (alias_normalizado) do nothing;
  end if;
  insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, confianca)
  values (v_id, p_nome, '', case when c.cnes_codigo is not null then 'cnes' else 'sistema' end, coalesce((p_dados ->> 'score')::double precision, 1.0))
  on conflict (alias_normalizado) do nothing;
  return jsonb_build_object('id', v_id, 'criado', true);
end $$;

select interno.proteger();
