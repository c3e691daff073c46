-- Limites de envio (domain/scheduler-and-health.md §5.2, domain/mensagens.md §5.5): contadores por hora e dia de São Paulo, e o
-- último envio a cada telefone. Quem vai enviar reserva antes, tudo ou nada; o que não foi enviado se devolve. Nunca "ler e
-- depois somar": dois trabalhadores enviariam os dois a mensagem número 20.
create table public.limites_envio (
  escopo    text        not null,
  chave     text        not null,
  janela    text        not null,
  contador  integer     not null,
  expira_em timestamptz not null,
  constraint limites_envio_pkey primary key (escopo, chave, janela),
  constraint limites_envio_escopo_check check (escopo ~ '^[a-z][a-z_]{0,39}$'),
  constraint limites_envio_contador_check check (contador >= 0)
);
comment on table public.limites_envio is
  'Quanto de cada limite já foi usado numa janela (hora YYYYMMDDHH ou dia YYYYMMDD de São Paulo). Podada a cada reserva, vencida a janela.';
create index limites_envio_expira_idx on public.limites_envio (expira_em);

create table public.telefone_ultimo_envio (
  telefone text        not null,
  em       timestamptz not null,
  constraint telefone_ultimo_envio_pkey primary key (telefone)
);
comment on table public.telefone_ultimo_envio is
  'O último envio a cada telefone, para o intervalo mínimo. Podada a cada reserva, depois de uma hora.';
create index telefone_ultimo_envio_em_idx on public.telefone_ultimo_envio (em);

-- A janela de São Paulo em que um instante cai, e quando ela termina.
create function interno.janela_de_envio(p_periodo text, p_agora timestamptz, out janela text, out fim timestamptz)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_char(l.em, case p_periodo when 'hora' then 'YYYYMMDDHH24' else 'YYYYMMDD' end),
         case p_periodo
           when 'hora' then date_trunc('hour', p_agora) + interval '1 hour'
           else (date_trunc('day', l.em) + interval '1 day') at time zone 'America/Sao_Paulo' end
    from (select p_agora at time zone 'America/Sao_Paulo' as em) l
$$;

-- Reserva de vários limites de uma vez, tudo ou nada. p_limites: [{escopo, chave, periodo: hora|dia, limite, quantidade}], na
-- ordem em que são conferidos (quantidade: 1). Com p_telefone, também o intervalo mínimo desde o último envio a ele.
-- Responde {permitido: true, reserva} — `reserva` é o que se entrega a devolver_limites_envio — ou {permitido: false, recusado,
-- libera_em}: o primeiro limite que não deixa (o seu escopo, ou `telefone`) e o instante em que deixará.
create function public.reservar_limites_envio(
  p_limites jsonb, p_telefone text default null, p_intervalo_s integer default 45, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_itens    jsonb;
  v_n        integer;
  v_anterior timestamptz;
  v_linhas   integer;
begin
  delete from limites_envio where ctid in (
    select ctid from limites_envio where expira_em <= p_agora limit 100 for update skip locked);
  delete from telefone_ultimo_envio where ctid in (
    select ctid from telefone_ultimo_envio where em <= p_agora - interval '1 hour' limit 100 for update skip locked);

  select coalesce(jsonb_agg(jsonb_build_object(
           'ordem', i.ordem, 'escopo', i.item ->> 'escopo', 'chave', coalesce(i.item ->> 'chave', ''),
           'limite', (i.item ->> 'limite')::integer, 'quantidade', coalesce((i.item ->> 'quantidade')::integer, 1),
           'janela', j.janela, 'fim', j.fim) order by i.ordem), '[]'), count(*)
    into v_itens, v_n
    from jsonb_array_elements(p_limites) with ordinality as i(item, ordem)
   cross join lateral interno.janela_de_envio(i.item ->> 'periodo', p_agora) j
   where i.item ->> 'periodo' in ('hora', 'dia') and (i.item ->> 'limite')::integer >= 0
     and coalesce((i.item ->> 'quantidade')::integer, 1) >= 1;
  if v_n <> jsonb_array_length(p_limites) or p_intervalo_s < 0 then
    raise exception using errcode = 'PT400', detail = 'p_limites',
      message = 'cada limite tem escopo, periodo hora ou dia, limite a partir de 0 e quantidade a partir de 1';
  end if;

  -- As linhas passam a existir, e depois são travadas sempre na mesma ordem: duas reservas nunca esperam uma pela outra.
  insert into limites_envio (escopo, chave, janela, contador, expira_em)
  select distinct on (1, 2, 3) i.escopo, i.chave, i.janela, 0, i.fim + interval '1 hour'
    from jsonb_to_recordset(v_itens) as i(escopo text, chave text, janela text, fim timestamptz)
   order by 1, 2, 3
  on conflict do nothing;
  perform 1 from limites_envio l
    join (select distinct i.escopo, i.chave, i.janela
            from jsonb_to_recordset(v_itens) as i(escopo text, chave text, janela text)) i
      using (escopo, chave, janela)
   order by l.escopo, l.chave, l.janela for update of l;
  if p_telefone is not null then
    insert into telefone_ultimo_envio (telefone, em) values (p_telefone, '-infinity') on conflict do nothing;
    select em into v_anterior from telefone_ultimo_envio where telefone = p_telefone for update;
    if p_agora < v_anterior + make_interval(secs => p_intervalo_s) then
      return jsonb_build_object('permitido', false, 'recusado', 'telefone',
                                'libera_em', v_anterior + make_interval(secs => p_intervalo_s));
    end if;
  end if;

  return (
    with item as (
      select i.*, sum(i.quantidade) over (partition by i.escopo, i.chave, i.janela order by i.ordem) as pedido
        from jsonb_to_recordset(v_itens)
               as i(ordem integer, escopo text, chave text, janela text, fim timestamptz, limite integer, quantidade integer)
    ), recusado as (
      select i.escopo, i.fim from item i join limites_envio l using (escopo, chave, janela)
       where l.contador + i.pedido > i.limite order by i.ordem limit 1
    )
    select case when exists (select 1 from recusado)
      then (select jsonb_build_object('permitido', false, 'recusado', r.escopo, 'libera_em', r.fim) from recusado r)
      else jsonb_build_object('permitido', true, 'reserva', interno.contar_reserva(v_itens, p_telefone, v_anterior, p_agora)) end);
end $$;

-- Soma o que foi reservado, com as linhas já travadas por quem chama.
create function interno.contar_reserva(p_itens jsonb, p_telefone text, p_anterior timestamptz, p_agora timestamptz) returns jsonb
language plpgsql set search_path = public, pg_temp as $$
begin
  update limites_envio l set contador = l.contador + i.quantidade
    from (select i.escopo, i.chave, i.janela, sum(i.quantidade) as quantidade
            from jsonb_to_recordset(p_itens) as i(escopo text, chave text, janela text, quantidade integer) group by 1, 2, 3) i
   where l.escopo = i.escopo and l.chave = i.chave and l.janela = i.janela;
  update telefone_ultimo_envio set em = p_agora where telefone = p_telefone;
  return jsonb_build_object(
    'itens', (select coalesce(jsonb_agg(i - '{ordem,limite,fim}'::text[]), '[]') from jsonb_array_elements(p_itens) i),
    'telefone', p_telefone, 'em', p_agora, 'anterior', nullif(p_anterior, '-infinity'));
end $$;

-- Devolve uma reserva cuja mensagem não foi enviada: os contadores das suas janelas descem, e o último envio ao telefone volta
-- a ser o de antes, se ninguém enviou a ele desde então.
create function public.devolver_limites_envio(p_reserva jsonb) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  perform 1 from limites_envio l
    join jsonb_to_recordset(p_reserva -> 'itens') as i(escopo text, chave text, janela text) using (escopo, chave, janela)
   order by l.escopo, l.chave, l.janela for update of l;
  update limites_envio l set contador = greatest(0, l.contador - i.quantidade)
    from (select i.escopo, i.chave, i.janela, sum(i.quantidade)::integer as quantidade
            from jsonb_to_recordset(p_reserva -> 'itens') as i(escopo text, chave text, janela text, quantidade integer)
           group by 1, 2, 3) i
   where l.escopo = i.escopo and l.chave = i.chave and l.janela = i.janela;
  update telefone_ultimo_envio set em = coalesce((p_reserva ->> 'anterior')::timestamptz, '-infinity')
   where telefone = p_reserva ->> 'telefone' and em = (p_reserva ->> 'em')::timestamptz;
end $$;

-- Quanto dos limites globais a hora e o dia de São Paulo em curso já usaram (/health/rate-limit).
create function public.ler_limites_envio(p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select jsonb_object_agg(p.periodo, jsonb_build_object(
           'usado', coalesce(l.contador, 0), 'janela', j.janela, 'termina_em', j.fim))
    from unnest(array['hora', 'dia']) as p(periodo)
   cross join lateral interno.janela_de_envio(p.periodo, p_agora) j
    left join limites_envio l on l.escopo = 'limite_' || p.periodo and l.chave = '' and l.janela = j.janela
$$;

select interno.proteger();
