-- How much of the groups queue a cycle of p_limite items per phase has before it, for the progress of a run by hand.
create function public.contar_prontos_fila_grupos(p_limite integer, p_agora timestamptz default now()) returns integer
language sql stable set search_path = public, extensions, pg_temp as $$
  select count(*)::integer from (
    (select 1 from fila_processamento_grupos i
      where i.estagio not in ('finalizado', 'descartado', 'erro') and i.vaga_grupo_id is null
        and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))
    union all
    (select 1 from fila_processamento_grupos i
      where i.estagio not in ('finalizado', 'descartado', 'erro') and i.vaga_grupo_id is not null
        and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))) prontos
$$;

select interno.proteger();
