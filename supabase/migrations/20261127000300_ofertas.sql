-- Ofertas de afiliados: o scraping guarda o básico primeiro, sempre; o enriquecimento só preenche o que falta. Cada oferta nova ganha
-- a sua tarefa na mesma transação (domain/filas-e-workers.md §4).

create table public.offers (
  id                  uuid        not null default gen_random_uuid(),
  url                 text        not null,
  product_id          text,
  title               text,
  current_price_cents integer     not null,
  old_fraction        text,
  old_cents           text,
  old_price_cents     integer,
  discount_pct        integer,
  affiliate_link      text,
  affiliation_id      text,
  enrichment_status   text        not null default 'none',
  enrichment_outcome  text,
  enrichment_job_id   uuid,
  enrichment_error    text,
  enrichment_attempts integer     not null default 0,
  enrichment_blocks   integer     not null default 0,
  enriched_at         timestamptz,
  created_at          timestamptz not null default now(),
  updated_at          timestamptz not null default now(),
  constraint offers_pkey primary key (id),
  constraint offers_url_key unique (url),
  constraint offers_url_check check (length(url) between 1 and 2048),
  constraint offers_current_price_check check (current_price_cents > 0),
  constraint offers_old_price_check check (old_price_cents > 0),
  constraint offers_discount_check check (discount_pct between 0 and 99),
  constraint offers_enrichment_status_check check (enrichment_status in ('none', 'queued', 'started', 'finished', 'failed')),
  constraint offers_enrichment_outcome_check check (enrichment_outcome in ('enriquecida', 'sem_desconto', 'indisponivel'))
);
comment on table public.offers is 'Ofertas coletadas e o seu enriquecimento. Dados do produto: nenhum job as apaga.';
comment on column public.offers.old_fraction is 'Parte inteira do preço anterior como a página a escreve, com pontos de milhar.';
comment on column public.offers.current_price_cents is 'Do scraping; o enriquecimento nunca o reescreve.';
comment on column public.offers.enrichment_blocks is 'Bloqueios da loja desde o último fim; não contam como tentativa.';
create index offers_enrichment_status_idx on public.offers (enrichment_status);
create index offers_enriched_at_idx on public.offers (enriched_at);
create index offers_created_at_idx on public.offers (created_at);
create index offers_enrichment_job_idx on public.offers (enrichment_job_id);
create index offers_incompletas_idx on public.offers (created_at, id)
  where enrichment_status in ('none', 'finished') and (old_price_cents is null or discount_pct is null or affiliate_link is null);

create table public.rate_limits (
  host            text        not null,
  next_allowed_at timestamptz not null,
  constraint rate_limits_pkey primary key (host)
);
comment on table public.rate_limits is
  'Quando o próximo pedido a cada host pode começar, para todos os processos. Podada por sincronizar_ofertas (enriquecer_ofertas) após um dia.';

-- O aviso de que a loja bloqueia sai uma vez por sequência de bloqueios.
alter table public.queue_state add column alertado_em timestamptz;
comment on column public.queue_state.alertado_em is 'Quando a sequência de bloqueios em curso foi alertada; null fora de uma, ou antes do alerta.';

-- Reserva a próxima vez de pedir algo a um host e responde quantos ms faltam para ela. As vezes ficam p_intervalo_ms umas das outras,
-- seja quem for que peça; o relógio é o do banco, lido depois de a linha estar presa.
create function public.reservar_vez_host(p_host text, p_intervalo_ms integer, p_agora timestamptz default null) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_intervalo interval := p_intervalo_ms * interval '1 millisecond';
  v_proxima   timestamptz;
begin
  insert into rate_limits as r (host, next_allowed_at)
  values (p_host, coalesce(p_agora, clock_timestamp()) + v_intervalo)
  on conflict (host) do update
    set next_allowed_at = greatest(r.next_allowed_at, coalesce(p_agora, clock_timestamp())) + v_intervalo
  returning r.next_allowed_at into v_proxima;
  return greatest(0, ceil(extract(epoch from v_proxima - v_intervalo - coalesce(p_agora, clock_timestamp())) * 1000))::integer;
end $$;

-- Põe na fila as ofertas dadas, que já existem. p_itens: [{offer_id, url, current_price_cents}]; p_tarefa: as colunas comuns da
-- tarefa. Responde [{offer_id, job_id, created}]; created falso: já havia uma tarefa ativa, e é a dela. Para outras funções SQL.
create function interno.enfileirar_ofertas(p_itens jsonb, p_tarefa jsonb, p_agora timestamptz) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_tarefas jsonb;
  v_criadas jsonb;
  v_pares   jsonb;
begin
  if jsonb_array_length(p_itens) = 0 then
    return '[]';
  end if;
  select jsonb_agg(p_tarefa || jsonb_build_object('dedupe_key', i.value ->> 'offer_id', 'args', i.value) order by i.ordinality)
    into v_tarefas from jsonb_array_elements(p_itens) with ordinality i;
  v_criadas := enqueue_tasks(v_tarefas, p_agora);
  select jsonb_agg(jsonb_build_object('offer_id', i.value ->> 'offer_id', 'job_id', c.value ->> 'job_id', 'created', (c.value ->> 'created')::boolean)
                   order by i.ordinality)
    into v_pares
    from jsonb_array_elements(p_itens) with ordinality i
    join jsonb_array_elements(v_criadas) with ordinality c using (ordinality);
  -- Na ordem das chaves, como em toda escrita de lote sobre esta tabela.
  perform 1 from offers where id in (select (p ->> 'offer_id')::uuid from jsonb_array_elements(v_pares) p) order by id for update;
  update offers o
     set enrichment_status = 'queued', enrichment_job_id = p.job_id, enrichment_error = null, enrichment_blocks = 0, updated_at = p_agora
    from jsonb_to_recordset(v_pares) as p(offer_id uuid, job_id uuid, created boolean)
   where o.id = p.offer_id and p.created;
  return v_pares;
end $$;

-- Guarda um lote do scraping e põe na fila as ofertas novas, numa transação. p_ofertas: [{url, title, current_price_cents, product_id,
-- affiliate_link, affiliation_id, old_fraction, old_cents, old_price_cents, discount_pct}], urls distintas, no máximo 1000. Um null
-- nunca apaga um valor, e um link de afiliado bom fica. Responde [{url, id, nova, job_id}] na ordem dada.
create function public.salvar_ofertas(p_ofertas jsonb, p_tarefa jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_salvas jsonb;
  v_pares  jsonb;
begin
  if jsonb_array_length(p_ofertas) > 1000 then
    raise exception using errcode = 'PT400', message = 'no máximo 1000 ofertas por chamada', detail = 'ofertas';
  end if;
  with dadas as (
    select d.* from jsonb_to_recordset(p_ofertas) as d(url text, title text, current_price_cents integer, product_id text,
      affiliate_link text, affiliation_id text, old_fraction text, old_cents text, old_price_cents integer, discount_pct integer)),
  salvas as (
    insert into offers as o (url, title, current_price_cents, product_id, affiliate_link, affiliation_id, old_fraction, old_cents,
                             old_price_cents, discount_pct, created_at, updated_at)
    select url, title, current_price_cents, product_id, affiliate_link, affiliation_id, old_fraction, old_cents, old_price_cents,
           discount_pct, p_agora, p_agora
      from dadas order by url
    on conflict (url) do update
      set title = coalesce(excluded.title, o.title), current_price_cents = excluded.current_price_cents,
          product_id = coalesce(excluded.product_id, o.product_id),
          affiliation_id = case when o.affiliate_link is null then coalesce(excluded.affiliation_id, o.affiliation_id) else o.affiliation_id end,
          affiliate_link = coalesce(o.affiliate_link, excluded.affiliate_link),
          old_fraction = coalesce(excluded.old_fraction, o.old_fraction), old_cents = coalesce(excluded.old_cents, o.old_cents),
          old_price_cents = coalesce(excluded.old_price_cents, o.old_price_cents),
          discount_pct = coalesce(excluded.discount_pct, o.discount_pct), updated_at = p_agora
    returning o.id, o.url, o.current_price_cents, o.xmax = 0 as nova, o.enrichment_job_id)
  select jsonb_agg(to_jsonb(s)) into v_salvas from salvas s;
  v_pares := interno.enfileirar_ofertas(
    (select coalesce(jsonb_agg(jsonb_build_object('offer_id', s ->> 'id', 'url', s ->> 'url', 'current_price_cents', s -> 'current_price_cents')), '[]')
       from jsonb_array_elements(v_salvas) s where (s ->> 'nova')::boolean),
    p_tarefa, p_agora);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('url', s ->> 'url', 'id', s ->> 'id', 'nova', (s ->> 'nova')::boolean,
                              'job_id', coalesce(p ->> 'job_id', s ->> 'enrichment_job_id')) order by d.ordinality), '[]')
      from jsonb_array_elements(p_ofertas) with ordinality d
      join jsonb_array_elements(v_salvas) s on s ->> 'url' = d.value ->> 'url'
      left join jsonb_array_elements(v_pares) p on p ->> 'offer_id' = s ->> 'id');
end $$;

-- Põe uma oferta na fila à mão. Sem p_url e p_preco valem os guardados. Com uma tarefa ativa responde a dela.
create function public.enfileirar_oferta(p_id uuid, p_tarefa jsonb, p_url text default null, p_preco integer default null,
                                         p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_oferta offers;
begin
  select * into v_oferta from offers where id = p_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'Oferta não encontrada', detail = 'offer_id';
  end if;
  return interno.enfileirar_ofertas(
    jsonb_build_array(jsonb_build_object('offer_id', p_id, 'url', coalesce(p_url, v_oferta.url),
                                         'current_price_cents', coalesce(p_preco, v_oferta.current_price_cents))),
    p_tarefa, p_agora) -> 0;
end $$;

-- As ofertas a que falta algum dos campos pedidos (§4.3), da mais antiga para a mais nova. Ficam fora as que têm tarefa ativa, as que
-- falharam (só à mão, ou com p_falhas) e as lidas há menos de p_recheck_h horas. Sem campo pedido, nenhuma.
create function public.ofertas_a_enriquecer(p_limite integer, p_preco boolean, p_desconto boolean, p_link boolean,
                                            p_recheck_h integer default 24, p_falhas boolean default false,
                                            p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object('offer_id', id, 'url', url, 'current_price_cents', current_price_cents) order by created_at, id), '[]')
    from (select id, url, current_price_cents, created_at from offers
           where (enrichment_status in ('none', 'finished') or p_falhas and enrichment_status = 'failed')
             and (old_price_cents is null or discount_pct is null or affiliate_link is null)
             and (p_preco and old_price_cents is null or p_desconto and discount_pct is null or p_link and affiliate_link is null)
             and (enriched_at is null or enriched_at <= p_agora - p_recheck_h * interval '1 hour' or p_falhas and enrichment_status = 'failed')
             and not exists (select 1 from background_jobs j where j.job_id = offers.enrichment_job_id and j.status in ('queued', 'in_progress'))
           order by created_at, id limit least(p_limite, 1000)) o
$$;

-- As de ofertas_a_enriquecer, postas na fila. Responde quantas.
create function public.enfileirar_ofertas_pendentes(p_limite integer, p_preco boolean, p_desconto boolean, p_link boolean,
                                                    p_recheck_h integer, p_falhas boolean, p_tarefa jsonb,
                                                    p_agora timestamptz default now()) returns integer
language sql set search_path = public, extensions, pg_temp as $$
  select count(*)::integer
    from jsonb_array_elements(interno.enfileirar_ofertas(
      ofertas_a_enriquecer(p_limite, p_preco, p_desconto, p_link, p_recheck_h, p_falhas, p_agora), p_tarefa, p_agora)) e
   where (e ->> 'created')::boolean
$$;

-- A oferta de uma tarefa começa a ser lida. Falso: a oferta não existe.
create function public.iniciar_oferta(p_id uuid, p_job uuid, p_agora timestamptz default now()) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update offers set enrichment_status = 'started', enrichment_job_id = p_job, updated_at = p_agora where id = p_id;
  return found;
end $$;

-- Fim da leitura de ofertas. p_itens: [{offer_id, job_id, outcome, error, product_id, old_fraction, old_cents, old_price_cents,
-- discount_pct, affiliate_link, affiliation_id}]; com error a oferta falhou e nada mais muda. Só grava quem ainda é a tarefa da oferta e
-- não foi encerrada por outro; um null nunca apaga um valor, e um link de afiliado bom fica. Uma página lida encerra a sequência de
-- bloqueios da fila. Responde as ofertas gravadas.
create function public.concluir_ofertas(p_itens jsonb, p_fila text, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_gravadas uuid[];
  v_lidas    boolean;
begin
  with fins as (
    update offers o
       set enrichment_status = case when i.error is null then 'finished' else 'failed' end,
           enrichment_outcome = case when i.error is null then i.outcome else o.enrichment_outcome end,
           enrichment_error = i.error,
           enrichment_attempts = o.enrichment_attempts + 1,
           enrichment_blocks = 0,
           enriched_at = case when i.error is null then p_agora else o.enriched_at end,
           product_id = coalesce(o.product_id, i.product_id),
           -- Os três dizem um preço só: trocam juntos ou ficam juntos.
           old_fraction = case when i.old_price_cents is null then o.old_fraction else i.old_fraction end,
           old_cents = case when i.old_price_cents is null then o.old_cents else i.old_cents end,
           old_price_cents = coalesce(i.old_price_cents, o.old_price_cents),
           discount_pct = coalesce(i.discount_pct, o.discount_pct),
           affiliation_id = case when o.affiliate_link is null then coalesce(i.affiliation_id, o.affiliation_id) else o.affiliation_id end,
           affiliate_link = coalesce(o.affiliate_link, i.affiliate_link),
           updated_at = p_agora
      from jsonb_to_recordset(p_itens) as i(offer_id uuid, job_id uuid, outcome text, error text, product_id text, old_fraction text,
             old_cents text, old_price_cents integer, discount_pct integer, affiliate_link text, affiliation_id text)
     where o.id = i.offer_id and o.enrichment_job_id = i.job_id and o.enrichment_status in ('queued', 'started')
       and exists (select 1 from background_jobs j where j.job_id = i.job_id and j.status = 'in_progress')
    returning o.id, i.error is null as lida)
  select array_agg(id), bool_or(lida) into v_gravadas, v_lidas from fins;
  if v_lidas then
    update queue_state set bloqueios_seguidos = 0, motivo = null, alertado_em = null
     where queue = p_fila and (bloqueios_seguidos > 0 or motivo is not null);
  end if;
  return to_jsonb(coalesce(v_gravadas, '{}'));
end $$;

-- A loja bloqueou a leitura de uma oferta: ela volta à fila e a sequência de bloqueios cresce. No p_limite-ésimo seguido, ou quando a loja
-- disse quanto esperar (p_espera_s), a fila para. Responde {seguidos, da_oferta, pausada_ate}.
create function public.bloquear_oferta(p_id uuid, p_job uuid, p_fila text, p_motivo text, p_espera_s integer default null,
                                       p_limite integer default 3, p_pausa_s integer default 900, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_estado    queue_state;
  v_da_oferta integer;
begin
  update offers
     set enrichment_status = 'queued', enrichment_blocks = enrichment_blocks + 1, enrichment_error = left(p_motivo, 500), updated_at = p_agora
   where id = p_id and enrichment_job_id = p_job
  returning enrichment_blocks into v_da_oferta;
  insert into queue_state as q (queue, bloqueios_seguidos) values (p_fila, 1)
  on conflict (queue) do update set bloqueios_seguidos = q.bloqueios_seguidos + 1
  returning * into v_estado;
  if v_estado.bloqueios_seguidos >= p_limite or p_espera_s is not null then
    update queue_state
       set pausada_ate = greatest(pausada_ate, p_agora + coalesce(p_espera_s, p_pausa_s) * interval '1 second'), motivo = left(p_motivo, 500)
     where queue = p_fila
    returning * into v_estado;
  end if;
  return jsonb_build_object('seguidos', v_estado.bloqueios_seguidos, 'da_oferta', coalesce(v_da_oferta, 0),
                            'pausada_ate', case when v_estado.pausada_ate > p_agora then v_estado.pausada_ate end);
end $$;

-- O que a fila de enriquecimento tem a alertar: {bloqueada, alertada, seguidos, motivo, pausada_ate}.
create function public.estado_bloqueio_ofertas(p_fila text, p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce((select jsonb_build_object('bloqueada', motivo is not null, 'alertada', alertado_em is not null,
                            'seguidos', bloqueios_seguidos, 'motivo', motivo,
                            'pausada_ate', case when pausada_ate > p_agora then pausada_ate end)
                     from queue_state where queue = p_fila),
                  jsonb_build_object('bloqueada', false, 'alertada', false, 'seguidos', 0, 'motivo', null, 'pausada_ate', null))
$$;

create function public.marcar_bloqueio_alertado(p_fila text, p_agora timestamptz default now()) returns void
language sql set search_path = public, extensions, pg_temp as $$
  update queue_state set alertado_em = p_agora where queue = p_fila and motivo is not null
$$;

-- A oferta acompanha a sua tarefa onde ninguém pôde dizê-lo: processo morto, tempo esgotado, tarefa devolvida no encerramento ou
-- reposta na fila por um operador. No máximo p_limite de cada vez. Responde quantas mudaram.
create function public.sincronizar_ofertas(p_limite integer default 1000, p_agora timestamptz default now()) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_n     integer;
  v_falhas integer;
begin
  -- Sem tarefa viva: a oferta falhou, com o erro da tarefa se ela ainda existe.
  update offers o
     set enrichment_status = 'failed', enrichment_error = coalesce(f.error, 'a tarefa terminou sem gravar o resultado'),
         enrichment_attempts = o.enrichment_attempts + 1, updated_at = p_agora
    from (select k.id, j.error from offers k left join background_jobs j on j.job_id = k.enrichment_job_id
           where k.enrichment_status in ('queued', 'started') and (j.job_id is null or j.status in ('complete', 'failed'))
           order by k.id limit p_limite for update of k skip locked) f
   where o.id = f.id;
  get diagnostics v_falhas = row_count;
  update offers o
     set enrichment_status = f.status, enrichment_error = case when f.status = 'queued' then null else o.enrichment_error end, updated_at = p_agora
    from (select k.id, case j.status when 'queued' then 'queued' else 'started' end as status
            from background_jobs j join offers k on k.enrichment_job_id = j.job_id
           where j.function = 'enrich_offer' and j.status in ('queued', 'in_progress')
             and (k.enrichment_status = 'failed' or j.status = 'queued' and k.enrichment_status = 'started')
           order by k.id limit p_limite for update of k skip locked) f
   where o.id = f.id;
  get diagnostics v_n = row_count;
  delete from rate_limits where next_allowed_at < p_agora - interval '1 day';
  return v_n + v_falhas;
end $$;

create function public.detalhar_oferta(p_id uuid) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select to_jsonb(o) from offers o where o.id = p_id
$$;

select interno.proteger();
