-- Answers of the LLM, parsed and valid, so that a repost costs nothing: key = kind, text, model, prompt version (and the
-- reference date for extraction). Made by the application; see packages/dominio/grupos/src/llm/cache.ts.
create table public.cache_llm_grupos (
  chave      text constraint pk_cache_llm_grupos primary key,
  tipo       text not null,
  resposta   jsonb not null,
  expira_em  timestamptz not null,
  created_at timestamptz not null default now(),
  constraint ck_cache_llm_grupos_tipo check (tipo in ('classificacao', 'extracao'))
);
comment on table public.cache_llm_grupos is
  'Respostas do LLM por 24 h. Linhas vencidas são podadas por limpar_grupos_finalizados (podar_cache_llm_grupos).';
create index ix_cache_llm_grupos_expira on public.cache_llm_grupos (expira_em);

-- Respostas ainda válidas das chaves pedidas (até 1000): {"<chave>": <resposta>}.
create function public.obter_cache_llm_grupos(p_chaves text[], p_agora timestamptz default now()) returns jsonb
language plpgsql stable security invoker set search_path = public, extensions, pg_temp as $$
begin
  if coalesce(cardinality(p_chaves), 0) > 1000 then
    raise exception 'no máximo 1000 chaves por chamada' using errcode = 'PT400', detail = 'p_chaves';
  end if;
  return (select coalesce(jsonb_object_agg(c.chave, c.resposta), '{}'::jsonb) from cache_llm_grupos c
           where c.chave = any (p_chaves) and c.expira_em > p_agora);
end $$;

-- Grava ou renova um lote [{"chave","tipo","resposta","ttl_s"}]; responde quantas chaves.
create function public.gravar_cache_llm_grupos(p_itens jsonb, p_agora timestamptz default now()) returns integer
language plpgsql security invoker set search_path = public, extensions, pg_temp as $$
declare
  n integer;
begin
  if jsonb_typeof(p_itens) is distinct from 'array' or jsonb_array_length(p_itens) > 1000 then
    raise exception 'p_itens deve ser uma lista de até 1000 respostas' using errcode = 'PT400', detail = 'p_itens';
  end if;
  -- Ordered by key: two batches that share keys lock them in the same order. One row per key, else ON CONFLICT refuses.
  insert into cache_llm_grupos (chave, tipo, resposta, expira_em, created_at)
  select distinct on (i.chave) i.chave, i.tipo, i.resposta, p_agora + make_interval(secs => i.ttl_s), p_agora
    from jsonb_to_recordset(p_itens) as i(chave text, tipo text, resposta jsonb, ttl_s integer)
   order by i.chave
  on conflict (chave) do update
     set resposta = excluded.resposta, expira_em = excluded.expira_em, created_at = excluded.created_at;
  get diagnostics n = row_count;
  return n;
end $$;

-- Remove até p_limite (no máximo 5000) respostas vencidas; responde quantas. Repetir até responder menos.
create function public.podar_cache_llm_grupos(p_limite integer default 5000, p_agora timestamptz default now())
returns integer language sql security invoker set search_path = public, extensions, pg_temp as $$
  with vencidas as (
    select chave from cache_llm_grupos where expira_em <= p_agora order by expira_em limit least(greatest(p_limite, 0), 5000)),
  removidas as (
    delete from cache_llm_grupos c using vencidas v where c.chave = v.chave returning 1)
  select count(*)::integer from removidas
$$;

select interno.proteger();
