-- O custo por item não cresce com o que já passou, medido com cem mil mensagens.

-- Como antes, com os estágios ditos: pelo prefixo do índice da reserva, cada metade lê só o que conta, também quando nada está pronto.
create or replace function public.contar_prontos_fila_grupos(p_limite integer, p_agora timestamptz default now()) returns integer
language sql stable set search_path = public, extensions, pg_temp as $$
  select count(*)::integer from (
    (select 1 from fila_processamento_grupos i
      where i.estagio = any (array['pendente', 'heuristica', 'classificacao', 'extracao'])
        and i.estagio not in ('finalizado', 'descartado', 'erro') and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))
    union all
    (select 1 from fila_processamento_grupos i
      where i.estagio = any (array['normalizacao', 'deduplicacao', 'importacao'])
        and i.estagio not in ('finalizado', 'descartado', 'erro') and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))) prontos
$$;

-- As principais de um hash, na ordem em que se procuram: as duplicadas, que podem ser centenas, não são lidas.
create index ix_vagas_grupo_principal on public.vagas_grupo (hash_dedup, created_at, id) where hash_dedup is not null and not eh_duplicada;

select interno.proteger();
