-- Alertas: o que cada regra viu, o que foi dito a quem opera e quando (domain/chips-alertas-relatorios.md §6.2).
-- Uma linha aberta por chave; só uma entrega confirmada inicia a espera até a próxima.

create table public.alertas_enviados (
  id                    uuid primary key default gen_random_uuid(),
  chave                 text not null,
  tipo                  text not null,
  grupo                 text not null,
  severidade            text not null,
  titulo                text not null,
  mensagem              text not null,
  valor                 numeric,
  limiar                numeric,
  alvo                  text,
  -- O alerta inteiro, para enviar mais tarde o que foi adiado.
  conteudo              jsonb not null default '{}',
  detectado_em          timestamptz not null,
  ultima_deteccao_em    timestamptz not null,
  estado                text not null default 'novo',
  suprimido_por         text,
  notificado            boolean not null default false,
  notificado_em         timestamptz,
  severidade_notificada text,
  notificacoes          integer not null default 0,
  -- Tentativas da notificação em curso; zera com a entrega.
  tentativas            integer not null default 0,
  ultima_tentativa_em   timestamptz,
  -- Enquanto um processo entrega; vencido, ele morreu e outro pode tentar.
  tentativa_ate         timestamptz,
  -- Muda a cada tentativa e a cada fim dela: quem decidiu por uma linha velha não envia.
  versao                integer not null default 0,
  erro_envio            text,
  resolvido_em          timestamptz,
  constraint ck_alertas_enviados_severidade check (severidade in ('info', 'warning', 'error', 'critical')),
  constraint ck_alertas_enviados_estado check (estado in ('novo', 'adiado', 'suprimido', 'enviado', 'falhou')),
  constraint ck_alertas_enviados_notificado check (notificado = (notificado_em is not null)),
  constraint ck_alertas_enviados_erro check (char_length(erro_envio) <= 500)
);
comment on table public.alertas_enviados is
  'Alertas de todos os domínios. O próprio notificador apaga, a cada registro, os resolvidos há mais de 180 dias.';
create unique index uq_alertas_enviados_aberto on public.alertas_enviados (chave) where resolvido_em is null;
create index ix_alertas_enviados_chave on public.alertas_enviados (chave, notificado_em desc);
create index ix_alertas_enviados_detectado on public.alertas_enviados (detectado_em desc);
create index ix_alertas_enviados_notificado on public.alertas_enviados (notificado_em desc) where notificado;
create index ix_alertas_enviados_pendente on public.alertas_enviados (grupo, estado) where estado in ('novo', 'adiado');

-- Grava o que uma rodada de regras viu. p_alertas: [{chave, tipo, severidade, titulo, mensagem, valor, limiar, alvo, …}]; cada
-- um fica inteiro em `conteudo`. p_tipos_avaliados: regras que rodaram bem; delas, o que não voltou está resolvido.
-- Responde {"ativos":[linha],"pendentes":[linha],"entregues":[{chave,tipo,grupo,notificado_em}]}: pendentes são os adiados e
-- os de envio falho que esta rodada não viu; entregues, o que saiu nos últimos 60 minutos em todos os grupos.
create function public.fn_alertas_registrar(p_grupo text, p_alertas jsonb, p_tipos_avaliados text[] default '{}',
                                            p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_chaves text[] := coalesce((select array_agg(distinct a ->> 'chave') from jsonb_array_elements(p_alertas) a), '{}');
begin
  -- Uma rodada de cada vez por grupo: a linha aberta de uma chave é uma só.
  perform pg_advisory_xact_lock(hashtextextended('alertas:' || p_grupo, 0));

  delete from public.alertas_enviados where id = any (array(
    select id from public.alertas_enviados where resolvido_em < p_agora - interval '180 days'
     order by resolvido_em limit 500 for update skip locked));

  update public.alertas_enviados
     set resolvido_em = p_agora
   where grupo = p_grupo and resolvido_em is null and tipo = any (p_tipos_avaliados) and chave <> all (v_chaves);

  -- Um adiado que se resolveu e voltou antes de ser dito continua a mesma linha: uma mensagem por chave.
  update public.alertas_enviados a set resolvido_em = null
   where a.id = any (array(
     select distinct on (r.chave) r.id from public.alertas_enviados r
      where r.chave = any (v_chaves) and r.estado = 'adiado' and r.resolvido_em is not null
        and r.ultima_deteccao_em >= p_agora - interval '12 hours'
        and not exists (select 1 from public.alertas_enviados o where o.chave = r.chave and o.resolvido_em is null)
      order by r.chave, r.ultima_deteccao_em desc));

  insert into public.alertas_enviados (chave, tipo, grupo, severidade, titulo, mensagem, valor, limiar, alvo, conteudo,
                                       detectado_em, ultima_deteccao_em)
  select distinct on (1) a ->> 'chave', a ->> 'tipo', p_grupo, a ->> 'severidade', a ->> 'titulo', a ->> 'mensagem',
         (a ->> 'valor')::numeric, (a ->> 'limiar')::numeric, a ->> 'alvo', a, p_agora, p_agora
    from jsonb_array_elements(p_alertas) with ordinality as e(a, ordem)
   order by 1, e.ordem
  on conflict (chave) where resolvido_em is null do update
     set tipo = excluded.tipo, grupo = excluded.grupo, severidade = excluded.severidade, titulo = excluded.titulo,
         mensagem = excluded.mensagem, valor = excluded.valor, limiar = excluded.limiar, alvo = excluded.alvo,
         conteudo = excluded.conteudo, ultima_deteccao_em = p_agora;

  return jsonb_build_object(
    'ativos', (select coalesce(jsonb_agg(interno.alerta_com_historico(a) order by a.chave), '[]')
                 from public.alertas_enviados a where a.chave = any (v_chaves) and a.resolvido_em is null),
    'pendentes', (select coalesce(jsonb_agg(interno.alerta_com_historico(x) order by x.detectado_em), '[]') from (
                 select a.* from public.alertas_enviados a
                  where a.grupo = p_grupo and a.chave <> all (v_chaves)
                    and (a.estado = 'adiado' or (a.estado = 'novo' and a.resolvido_em is null))
                  order by a.detectado_em limit 100) x),
    'entregues', (select coalesce(jsonb_agg(jsonb_build_object('chave', chave, 'tipo', tipo, 'notificado_em', notificado_em)), '[]') from (
                 select chave, tipo, notificado_em from public.alertas_enviados
                  where notificado and notificado_em > p_agora - interval '61 minutes'
                  order by notificado_em desc limit 500) x));
end $$;

-- A linha com a última entrega da chave, seja desta linha ou de uma já fechada: fechar e reabrir não zera a espera.
create function interno.alerta_com_historico(p_alerta public.alertas_enviados) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_build_object(
    'id', p_alerta.id, 'chave', p_alerta.chave, 'tipo', p_alerta.tipo, 'severidade', p_alerta.severidade,
    'estado', p_alerta.estado, 'tentativas', p_alerta.tentativas, 'ultima_tentativa_em', p_alerta.ultima_tentativa_em, 'versao', p_alerta.versao,
    'ultima_deteccao_em', p_alerta.ultima_deteccao_em, 'conteudo', p_alerta.conteudo,
    'notificado_em', u.notificado_em, 'severidade_notificada', u.severidade_notificada)
    from (select 1) um
    left join lateral (
      select e.notificado_em, e.severidade_notificada from public.alertas_enviados e
       where e.chave = p_alerta.chave and e.notificado_em is not null order by e.notificado_em desc limit 1) u on true
$$;

-- Anota a decisão de cada alerta: [{id, decisao: 'enviar'|'adiar'|'suprimir', suprimido_por, tentativa, versao}]. Para 'enviar'
-- conta a tentativa antes do envio, e só se a linha ainda é a da `versao` vista e ninguém a está entregando: responde os ids que
-- quem chama deve enviar. Dois minutos são folgados para um envio, que tem prazo próprio de segundos.
create function public.fn_alertas_decidir(p_decisoes jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_enviar jsonb;
begin
  update public.alertas_enviados a
     set estado = case d ->> 'decisao' when 'adiar' then 'adiado' else 'suprimido' end, suprimido_por = d ->> 'suprimido_por'
    from jsonb_array_elements(p_decisoes) d
   where a.id = (d ->> 'id')::uuid and d ->> 'decisao' in ('adiar', 'suprimir');
  with ganho as (
    update public.alertas_enviados a
       set tentativas = (d ->> 'tentativa')::integer, ultima_tentativa_em = p_agora, tentativa_ate = p_agora + interval '2 minutes',
           versao = versao + 1, estado = 'novo', suprimido_por = null
      from jsonb_array_elements(p_decisoes) d
     where a.id = (d ->> 'id')::uuid and d ->> 'decisao' = 'enviar'
       and a.versao = (d ->> 'versao')::integer and (a.tentativa_ate is null or a.tentativa_ate <= p_agora)
    returning a.id)
  select coalesce(jsonb_agg(id), '[]') into v_enviar from ganho;
  return v_enviar;
end $$;

-- O fim de uma tentativa. Só a entrega confirmada grava notificado_em; a terceira falha seguida deixa o alerta em 'falhou'.
create function public.fn_alertas_confirmar(p_id uuid, p_enviado boolean, p_erro text default null, p_agora timestamptz default now())
returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update public.alertas_enviados
     set estado = case when p_enviado then 'enviado' when tentativas >= 3 then 'falhou' else 'novo' end,
         notificado = notificado or p_enviado,
         notificado_em = case when p_enviado then p_agora else notificado_em end,
         severidade_notificada = case when p_enviado then severidade else severidade_notificada end,
         notificacoes = notificacoes + case when p_enviado then 1 else 0 end,
         tentativas = case when p_enviado then 0 else tentativas end,
         erro_envio = case when p_enviado then null else left(p_erro, 500) end,
         tentativa_ate = null, versao = versao + 1
   where id = p_id;
  return found;
end $$;

select interno.proteger();
