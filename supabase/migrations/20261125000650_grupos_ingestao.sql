-- Ingestão (E02): um webhook inteiro numa transação. Mensagem, contadores e item de fila existem juntos ou não existem (F18).

-- p_mensagens: lista do que `interpretarWebhook` leu, em nomes de coluna, mais grupo_jid, grupo_nome e contato.
-- Repetida (message_id já visto) não conta, não enfileira. Grupo desligado: mensagem guardada, item não.
-- Responde {"novas","duplicadas","enfileiradas","ignoradas":{status:n},"grupos_sem_nome":[{"jid","instance_name"}]}.
create function public.fn_grupos_ingerir(p_mensagens jsonb, p_max_tentativas integer default 3, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_novas jsonb;
  v_total integer := jsonb_array_length(p_mensagens);
  v_enfileiradas integer;
begin
  -- Grupos e contatos em ordem de jid: dois webhooks simultâneos travam as mesmas linhas na mesma ordem.
  insert into public.grupos_whatsapp (jid, nome, created_at, updated_at)
  select m ->> 'grupo_jid', max(m ->> 'grupo_nome'), p_agora, p_agora
    from jsonb_array_elements(p_mensagens) m group by 1 order by 1
  on conflict (jid) do update set nome = excluded.nome, updated_at = p_agora
   where grupos_whatsapp.nome is null and excluded.nome is not null;

  insert into public.contatos_grupo (jid, telefone, nome, empresa, primeiro_contato, ultimo_contato, created_at, updated_at)
  select distinct on (1) m -> 'contato' ->> 'jid', m -> 'contato' ->> 'telefone', m -> 'contato' ->> 'nome', m -> 'contato' ->> 'empresa',
         (m ->> 'timestamp_msg')::timestamptz, (m ->> 'timestamp_msg')::timestamptz, p_agora, p_agora
    from jsonb_array_elements(p_mensagens) m
   where m -> 'contato' ->> 'jid' is not null
   order by 1, (m ->> 'timestamp_msg')::timestamptz desc
  on conflict (jid) do update
     set telefone = coalesce(excluded.telefone, contatos_grupo.telefone),
         nome = coalesce(excluded.nome, contatos_grupo.nome),
         empresa = coalesce(excluded.empresa, contatos_grupo.empresa),
         ultimo_contato = greatest(contatos_grupo.ultimo_contato, excluded.ultimo_contato),
         updated_at = p_agora;

  with nova as (
    insert into public.mensagens_grupo (grupo_id, contato_id, message_id, sender_jid, sender_nome, texto, tipo_midia, tem_midia,
           is_forwarded, is_reply, reply_to_id, timestamp_msg, instance_name, status, created_at)
    select g.id, c.id, e.m ->> 'message_id', e.m ->> 'sender_jid', e.m ->> 'sender_nome', e.m ->> 'texto', e.m ->> 'tipo_midia',
           (e.m ->> 'tem_midia')::boolean, (e.m ->> 'is_forwarded')::boolean, (e.m ->> 'is_reply')::boolean, e.m ->> 'reply_to_id',
           (e.m ->> 'timestamp_msg')::timestamptz, e.m ->> 'instance_name',
           case when e.m ->> 'status_inicial' = 'ignorada_propria' then 'ignorada_propria'
                when not (g.ativo and g.monitorar_ofertas) then 'ignorada_grupo'
                else e.m ->> 'status_inicial' end,
           p_agora + make_interval(secs => 0.000001 * e.ordem) -- a ordem do webhook é a da fila
      from jsonb_array_elements(p_mensagens) with ordinality as e(m, ordem)
      join public.grupos_whatsapp g on g.jid = e.m ->> 'grupo_jid'
      left join public.contatos_grupo c on c.jid = e.m -> 'contato' ->> 'jid'
     order by e.ordem
    on conflict (message_id) do nothing
    returning id, grupo_id, contato_id, status, timestamp_msg, created_at)
  select coalesce(jsonb_agg(to_jsonb(nova)), '[]') into v_novas from nova;

  insert into public.fila_processamento_grupos (mensagem_id, max_tentativas, estagio_desde, created_at, updated_at)
  select (n ->> 'id')::uuid, p_max_tentativas, p_agora, (n ->> 'created_at')::timestamptz, p_agora
    from jsonb_array_elements(v_novas) n where n ->> 'status' = 'pendente'
  on conflict (mensagem_id) where vaga_grupo_id is null do nothing;
  get diagnostics v_enfileiradas = row_count;

  perform 1 from public.grupos_whatsapp
    where id in (select (n ->> 'grupo_id')::uuid from jsonb_array_elements(v_novas) n) order by id for no key update;
  update public.grupos_whatsapp g
     set total_mensagens = g.total_mensagens + x.n,
         primeira_mensagem_em = least(coalesce(g.primeira_mensagem_em, x.primeira), x.primeira),
         ultima_mensagem_em = greatest(g.ultima_mensagem_em, x.ultima), updated_at = p_agora
    from (select (n ->> 'grupo_id')::uuid as id, count(*) as n, min((n ->> 'timestamp_msg')::timestamptz) as primeira,
                 max((n ->> 'timestamp_msg')::timestamptz) as ultima
            from jsonb_array_elements(v_novas) n group by 1) x
   where g.id = x.id;
  perform 1 from public.contatos_grupo
    where id in (select (n ->> 'contato_id')::uuid from jsonb_array_elements(v_novas) n) order by id for no key update;
  update public.contatos_grupo c set total_mensagens = c.total_mensagens + x.n, updated_at = p_agora
    from (select (n ->> 'contato_id')::uuid as id, count(*) as n from jsonb_array_elements(v_novas) n group by 1) x
   where c.id = x.id;

  return jsonb_build_object(
    'novas', jsonb_array_length(v_novas),
    'duplicadas', v_total - jsonb_array_length(v_novas),
    'enfileiradas', v_enfileiradas,
    'ignoradas', (select coalesce(jsonb_object_agg(s, q), '{}') from (
       select n ->> 'status' as s, count(*) as q from jsonb_array_elements(v_novas) n where n ->> 'status' <> 'pendente' group by 1) x),
    'grupos_sem_nome', (select coalesce(jsonb_agg(distinct jsonb_build_object('jid', g.jid, 'instance_name', m ->> 'instance_name')), '[]')
       from jsonb_array_elements(p_mensagens) m join public.grupos_whatsapp g on g.jid = m ->> 'grupo_jid' where g.nome is null));
end $$;

-- Nome buscado no provedor depois da ingestão; nunca troca um nome já conhecido.
create function public.fn_grupos_nomear(p_jid text, p_nome text, p_agora timestamptz default now()) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.grupos_whatsapp set nome = p_nome, updated_at = p_agora where jid = p_jid and nome is null and btrim(p_nome) <> '';
  return found;
end $$;

select interno.proteger();
