-- Operação do pipeline de grupos: saúde, limpeza, retenção, alertas, métricas, reprocesso (domain/grupos-pipeline.md §8–§12).

-- Corpo de /health/grupos sem o veredito, que é da regra em TypeScript.
create function public.fn_grupos_saude(p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with travado as (
    select estagio, count(*) as n, min(updated_at) as desde from public.fila_processamento_grupos
     where estagio not in ('finalizado', 'descartado', 'erro') and updated_at < p_agora - interval '1 hour' group by estagio)
  select jsonb_build_object(
    'fila', public.fn_grupos_fila(p_agora),
    'travados', jsonb_build_object(
      'count', (select coalesce(sum(n), 0) from travado),
      'por_estagio', (select coalesce(jsonb_object_agg(estagio, n), '{}') from travado),
      'mais_antigo_em', (select min(desde) from travado)),
    'erros_24h', (select count(*) from public.fila_processamento_grupos
                   where estagio = 'erro' and updated_at >= p_agora - interval '24 hours'),
    'ciclo_em_andamento', coalesce((select ciclo_iniciado_em > p_agora - interval '5 minutes' from public.grupos_pipeline_estado), false),
    'ultimo_ciclo_em', (select ultimo_ciclo_em from public.grupos_pipeline_estado))
$$;

-- Uma parcela da limpeza: itens terminados há mais de p_dias. Nunca `erro`, nunca mensagens ou vagas. Responde quantos saíram.
create function public.fn_grupos_limpar(p_dias integer default 7, p_limite integer default 5000, p_agora timestamptz default now())
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  delete from public.fila_processamento_grupos
   where id = any (array(
     select id from public.fila_processamento_grupos
      where estagio in ('finalizado', 'descartado') and updated_at < p_agora - make_interval(days => p_dias)
      limit least(p_limite, 5000) for update skip locked));
  get diagnostics v_n = row_count;
  return v_n;
end $$;

-- Uma parcela da retenção (LGPD): textos, nomes e telefones de grupos com mais de p_dias viram nulos; o que foi contado fica.
create function public.fn_grupos_anonimizar(p_dias integer default 180, p_limite integer default 2000, p_agora timestamptz default now())
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_limite timestamptz := p_agora - make_interval(days => p_dias);
  v_mensagens uuid[];
  v_vagas uuid[];
  v_n integer;
  v_contatos integer;
begin
  v_mensagens := array(
    select id from public.mensagens_grupo
     where timestamp_msg < v_limite and num_nonnulls(texto, sender_jid, sender_nome) > 0
     order by timestamp_msg limit least(p_limite, 5000) for update skip locked);
  update public.mensagens_grupo set texto = null, sender_jid = null, sender_nome = null, keywords_encontradas = null
   where id = any (v_mensagens);
  update public.vagas_grupo_fontes set texto_original = null where mensagem_id = any (v_mensagens) and texto_original is not null;
  v_vagas := array(select id from public.vagas_grupo where mensagem_id = any (v_mensagens));
  update public.vagas_grupo set contato_nome = null, contato_whatsapp = null, observacoes_raw = null where id = any (v_vagas);
  update public.vagas set contato_nome = null, contato_whatsapp = null, updated_at = p_agora
   where vaga_grupo_id = any (v_vagas) and num_nonnulls(contato_nome, contato_whatsapp) > 0;
  v_n := cardinality(v_mensagens);
  -- O jid de um contato é o seu telefone: quem não fala há tanto tempo vira um anônimo.
  update public.contatos_grupo
     set jid = 'anonimo:' || id, telefone = null, nome = null, empresa = null, updated_at = p_agora
   where id = any (array(select id from public.contatos_grupo
                          where ultimo_contato < v_limite and jid not like 'anonimo:%' limit least(p_limite, 5000) for update skip locked));
  get diagnostics v_contatos = row_count;
  return v_n + v_contatos;
end $$;

create function public.fn_grupos_podar_uso(p_dias integer default 400, p_limite integer default 5000, p_agora timestamptz default now())
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  delete from public.uso_llm_grupos
   where id = any (array(select id from public.uso_llm_grupos where created_at < p_agora - make_interval(days => p_dias)
                          order by created_at limit least(p_limite, 5000)));
  get diagnostics v_n = row_count;
  return v_n;
end $$;

-- Os fatos dos quatro alertas, de uma vez; o que alerta é da regra. Um fato que não pôde ser lido fica nulo e é dito em
-- erros_regras: [{regra, erro}]; os outros continuam valendo.
create function public.fn_grupos_fatos(p_pendentes_horas integer default 4, p_agora timestamptz default now()) returns jsonb
language plpgsql stable set search_path = public, extensions, pg_temp as $$
declare
  v_erros integer;
  v_custo numeric;
  v_antigos integer;
  v_pendentes integer;
  v_mais_antigo timestamptz;
  v_ultimo_ciclo timestamptz;
  v_falhas jsonb := '[]';
begin
  begin
    select count(*) into v_erros from public.fila_processamento_grupos where estagio = 'erro';
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'fila_travada', 'erro', sqlerrm);
  end;
  begin
    select coalesce(sum(custo_usd), 0) into v_custo from public.uso_llm_grupos
     where created_at >= (public.dia_local(p_agora)::timestamp at time zone 'America/Sao_Paulo');
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'custo_alto', 'erro', sqlerrm);
  end;
  begin
    select count(*) into v_antigos from public.fila_processamento_grupos
     where estagio = 'pendente' and created_at < p_agora - make_interval(hours => p_pendentes_horas);
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'itens_pendentes_antigos', 'erro', sqlerrm);
  end;
  begin
    select count(*), min(created_at) into v_pendentes, v_mais_antigo from public.fila_processamento_grupos where estagio = 'pendente';
    select ultimo_ciclo_em into v_ultimo_ciclo from public.grupos_pipeline_estado;
  exception when others then
    v_pendentes := null;
    v_falhas := v_falhas || jsonb_build_object('regra', 'pipeline_parado', 'erro', sqlerrm);
  end;
  return jsonb_build_object('erros', v_erros, 'custo_usd', v_custo, 'pendentes_antigos', v_antigos, 'pendentes', v_pendentes,
    'pendente_mais_antigo_em', v_mais_antigo, 'ultimo_ciclo_em', v_ultimo_ciclo, 'erros_regras', v_falhas);
end $$;

-- Recalcula um dia a partir das tabelas de origem: rodar de novo não muda nada, rodar tarde vale (§11).
create function public.fn_grupos_consolidar(p_data date, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_de timestamptz := p_data::timestamp at time zone 'America/Sao_Paulo';
  v_ate timestamptz := (p_data + 1)::timestamp at time zone 'America/Sao_Paulo';
  v_grupos integer;
begin
  delete from public.metricas_grupos_diarias where data = p_data;
  with msg as (
    select m.grupo_id, count(*) as total,
           count(*) filter (where m.status <> 'pendente') as processadas,
           count(*) filter (where m.status in ('heuristica_rejeitou', 'classificada_nao_oferta', 'extracao_falhou')) as descartadas,
           avg(extract(epoch from f.finalizado_em - f.created_at) * 1000) filter (where f.finalizado_em is not null) as tempo_ms
      from public.mensagens_grupo m
      left join public.fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is null
     where m.created_at >= v_de and m.created_at < v_ate group by 1),
  vaga as (
    select v.grupo_origem_id as grupo_id, count(*) as extraidas,
           count(*) filter (where v.status = 'importada') as importadas,
           count(*) filter (where v.status = 'aguardando_revisao') as revisao,
           count(*) filter (where v.status = 'descartada') as descartadas,
           count(*) filter (where v.status = 'duplicada') as duplicadas,
           avg(v.confianca_geral) as confianca,
           avg((v.hospital_match_score + v.especialidade_match_score) / 2) as casamento
      from public.vagas_grupo v where v.created_at >= v_de and v.created_at < v_ate group by 1),
  uso as (
    select u.grupo_id, sum(u.tokens_input) as entrada, sum(u.tokens_output) as saida, sum(u.custo_usd) as custo,
           avg(u.duracao_ms) filter (where not u.do_cache) as tempo_ms
      from public.uso_llm_grupos u where u.created_at >= v_de and u.created_at < v_ate and u.grupo_id is not null group by 1)
  insert into public.metricas_grupos_diarias (data, grupo_id, mensagens_total, mensagens_processadas, mensagens_descartadas, vagas_extraidas,
         vagas_importadas, vagas_revisao, vagas_descartadas, vagas_duplicadas, tempo_medio_processamento_ms, tempo_medio_llm_ms, tokens_input,
         tokens_output, custo_estimado_usd, confianca_media_extracao, confianca_media_match, created_at, updated_at)
  select p_data, g.grupo_id, coalesce(msg.total, 0), coalesce(msg.processadas, 0), coalesce(msg.descartadas, 0), coalesce(vaga.extraidas, 0),
         coalesce(vaga.importadas, 0), coalesce(vaga.revisao, 0), coalesce(vaga.descartadas, 0), coalesce(vaga.duplicadas, 0), msg.tempo_ms,
         uso.tempo_ms, coalesce(uso.entrada, 0), coalesce(uso.saida, 0), coalesce(uso.custo, 0), vaga.confianca, vaga.casamento, p_agora, p_agora
    from (select grupo_id from msg union select grupo_id from vaga union select grupo_id from uso) g
    left join msg on msg.grupo_id = g.grupo_id
    left join vaga on vaga.grupo_id = g.grupo_id
    left join uso on uso.grupo_id = g.grupo_id;
  get diagnostics v_grupos = row_count;

  insert into public.metricas_pipeline_diarias (data, grupos_ativos, mensagens_total, mensagens_processadas, heuristica_passou, llm_classificou,
         extracao_sucesso, normalizacao_sucesso, vagas_importadas, vagas_revisao, vagas_duplicadas, p50_tempo_ms, p95_tempo_ms, p99_tempo_ms,
         custo_total_usd, erros_total, erros_por_estagio, created_at, updated_at)
  select p_data, m.grupos, m.total, m.processadas, m.passou, m.classificou, m.extraiu, v.normalizadas, v.importadas, v.revisao, v.duplicadas,
         t.p50, t.p95, t.p99, coalesce((select sum(custo_usd) from public.uso_llm_grupos where created_at >= v_de and created_at < v_ate), 0),
         e.total, e.por_estagio, p_agora, p_agora
    from (select count(distinct grupo_id) as grupos, count(*) as total, count(*) filter (where status <> 'pendente') as processadas,
                 count(*) filter (where passou_heuristica) as passou,
                 count(*) filter (where eh_oferta is not null) as classificou,
                 count(*) filter (where qtd_vagas_extraidas > 0) as extraiu
            from public.mensagens_grupo where created_at >= v_de and created_at < v_ate) m,
         (select count(*) filter (where dados_minimos_ok) as normalizadas, count(*) filter (where status = 'importada') as importadas,
                 count(*) filter (where status = 'aguardando_revisao') as revisao, count(*) filter (where status = 'duplicada') as duplicadas
            from public.vagas_grupo where created_at >= v_de and created_at < v_ate) v,
         (select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95,
                 percentile_cont(0.99) within group (order by ms) as p99
            from (select extract(epoch from max(f.finalizado_em) - min(m.created_at)) * 1000 as ms
                    from public.mensagens_grupo m join public.fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is not null
                   where m.created_at >= v_de and m.created_at < v_ate and f.finalizado_em is not null group by m.id) x) t,
         (select coalesce(sum(n), 0) as total, coalesce(jsonb_object_agg(ultimo_estagio, n), '{}') as por_estagio
            from (select ultimo_estagio, count(*) as n from public.fila_processamento_grupos
                   where estagio = 'erro' and updated_at >= v_de and updated_at < v_ate group by 1) x) e
  on conflict (data) do update
     set grupos_ativos = excluded.grupos_ativos, mensagens_total = excluded.mensagens_total, mensagens_processadas = excluded.mensagens_processadas,
         heuristica_passou = excluded.heuristica_passou, llm_classificou = excluded.llm_classificou, extracao_sucesso = excluded.extracao_sucesso,
         normalizacao_sucesso = excluded.normalizacao_sucesso, vagas_importadas = excluded.vagas_importadas, vagas_revisao = excluded.vagas_revisao,
         vagas_duplicadas = excluded.vagas_duplicadas, p50_tempo_ms = excluded.p50_tempo_ms, p95_tempo_ms = excluded.p95_tempo_ms,
         p99_tempo_ms = excluded.p99_tempo_ms, custo_total_usd = excluded.custo_total_usd, erros_total = excluded.erros_total,
         erros_por_estagio = excluded.erros_por_estagio, updated_at = excluded.updated_at;
  return jsonb_build_object('data', p_data, 'grupos', v_grupos);
end $$;

-- Leitura das métricas dos últimos p_dias dias já consolidados.
create function public.fn_grupos_metricas(p_dias integer default 7, p_limite integer default 10, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  with janela as (select public.dia_local(p_agora) - p_dias as de)
  select jsonb_build_object(
    'dias', (select coalesce(jsonb_agg(to_jsonb(m) - 'created_at' - 'updated_at' order by m.data desc), '[]')
               from public.metricas_pipeline_diarias m, janela where m.data >= janela.de),
    'top_grupos', (select coalesce(jsonb_agg(to_jsonb(t) order by t.vagas_importadas desc, t.mensagens_total desc), '[]') from (
        select g.id as grupo_id, g.nome, sum(m.mensagens_total) as mensagens_total, sum(m.vagas_extraidas) as vagas_extraidas,
               sum(m.vagas_importadas) as vagas_importadas, sum(m.vagas_duplicadas) as vagas_duplicadas, sum(m.custo_estimado_usd) as custo_usd
          from public.metricas_grupos_diarias m join public.grupos_whatsapp g on g.id = m.grupo_id, janela
         where m.data >= janela.de group by g.id, g.nome
         order by sum(m.vagas_importadas) desc, sum(m.mensagens_total) desc limit p_limite) t),
    'custos', (select coalesce(jsonb_agg(to_jsonb(c) order by c.data desc), '[]') from (
        select public.dia_local(u.created_at) as data, u.modelo, u.estagio, count(*) as chamadas, count(*) filter (where u.do_cache) as do_cache,
               sum(u.tokens_input) as tokens_input, sum(u.tokens_output) as tokens_output, sum(u.custo_usd) as custo_usd
          from public.uso_llm_grupos u, janela
         where u.created_at >= (janela.de::timestamp at time zone 'America/Sao_Paulo') group by 1, 2, 3 limit 500) c))
$$;

-- Itens em erro voltam ao estágio em que falharam, tentativas zeradas (§9); a mensagem ou a vaga volta ao estado de antes dele.
-- p_desde_inicio: itens de mensagem recomeçam do zero, e as vagas não importadas nem rejeitadas saem da frente.
create function public.fn_grupos_reprocessar(p_estagio text default null, p_limite integer default 100, p_desde_inicio boolean default false,
                                             p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids uuid[];
  v_mensagens uuid[];
  v_por_estagio jsonb;
begin
  if p_estagio is not null and p_estagio not in ('pendente', 'heuristica', 'classificacao', 'extracao', 'normalizacao', 'deduplicacao', 'importacao') then
    return jsonb_build_object('sucesso', false, 'erro', 'estagio_invalido');
  end if;
  v_ids := array(
    select id from public.fila_processamento_grupos
     where estagio = 'erro' and (p_estagio is null or ultimo_estagio = p_estagio) and (not p_desde_inicio or vaga_grupo_id is null)
     order by updated_at, id limit least(p_limite, 1000) for update skip locked);
  with movido as (
    update public.fila_processamento_grupos f
       set estagio = case when p_desde_inicio then 'pendente' else f.ultimo_estagio end, tentativas = 0, ultimo_erro = null,
           proximo_retry = null, motivo = null, reprocessos = f.reprocessos + 1, finalizado_em = null, estagio_desde = p_agora, updated_at = p_agora
     where f.id = any (v_ids) returning f.estagio, f.mensagem_id, f.vaga_grupo_id)
  select coalesce((select jsonb_object_agg(estagio, n) from (select estagio, count(*) as n from movido group by 1) x), '{}'),
         coalesce((select array_agg(mensagem_id) from movido where vaga_grupo_id is null), '{}')
    into v_por_estagio, v_mensagens;
  update public.mensagens_grupo m
     set erro = null, processado_em = null,
         status = case when f.estagio in ('pendente', 'heuristica') then 'pendente'
                       when f.estagio = 'extracao' and m.classificador is not null then 'classificada_oferta'
                       else 'heuristica_passou' end
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and f.vaga_grupo_id is null and m.id = f.mensagem_id;
  update public.vagas_grupo v
     set status = case when f.estagio = 'normalizacao' then 'nova' else 'normalizada' end, motivo_status = null, updated_at = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and v.id = f.vaga_grupo_id and v.status = 'erro';
  -- A mensagem de uma vaga que volta a andar já não está processada.
  update public.mensagens_grupo m set status = 'extraida', processado_em = null
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and f.vaga_grupo_id is not null and m.id = f.mensagem_id and m.status = 'processada';
  if p_desde_inicio then
    update public.vagas_grupo set status = 'substituida', motivo_status = 'reprocesso_desde_inicio', updated_at = p_agora
     where mensagem_id = any (v_mensagens) and status not in ('importada', 'aprovada', 'rejeitada', 'substituida', 'duplicada');
    update public.fila_processamento_grupos f
       set ultimo_estagio = case when f.estagio in ('finalizado', 'descartado', 'erro') then f.ultimo_estagio else f.estagio end,
           estagio = 'descartado', motivo = 'substituida', lease_token = null, lease_ate = null, lease_por = null, finalizado_em = p_agora, updated_at = p_agora
      from public.vagas_grupo v
     where f.vaga_grupo_id = v.id and v.mensagem_id = any (v_mensagens) and v.status = 'substituida' and f.motivo is distinct from 'substituida';
  end if;
  return jsonb_build_object('sucesso', true, 'reprocessados', cardinality(v_ids), 'por_estagio', v_por_estagio,
                            'mensagem', cardinality(v_ids) || ' itens enviados para reprocessamento');
end $$;

-- Mensagens guardadas que nunca entraram na fila (F18).
create function public.fn_grupos_backfill(p_limite integer default 1000, p_max_tentativas integer default 3, p_agora timestamptz default now())
returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_n integer;
begin
  insert into public.fila_processamento_grupos (mensagem_id, max_tentativas, estagio_desde, created_at, updated_at)
  select m.id, p_max_tentativas, p_agora, p_agora, p_agora from public.mensagens_grupo m
   where m.status = 'pendente'
     and not exists (select 1 from public.fila_processamento_grupos f where f.mensagem_id = m.id and f.vaga_grupo_id is null)
   order by m.created_at, m.id limit least(p_limite, 10000)
  on conflict (mensagem_id) where vaga_grupo_id is null do nothing;
  get diagnostics v_n = row_count;
  return v_n;
end $$;

select interno.proteger();
