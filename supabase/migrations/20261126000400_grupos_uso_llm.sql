-- Custo de uma chamada ao modelo que não pertence à conclusão de um lote de mensagens (a busca de hospital, §5.5 passo 7).
create function public.registrar_uso_llm_grupos(p_estagio text, p_modelo text, p_tokens_input integer, p_tokens_output integer,
                                                p_custo_usd numeric, p_duracao_ms integer, p_agora timestamptz default now())
returns void
language sql security invoker set search_path = public, extensions, pg_temp as $$
  insert into public.uso_llm_grupos (estagio, modelo, tokens_input, tokens_output, custo_usd, duracao_ms, created_at)
  values (p_estagio, p_modelo, p_tokens_input, p_tokens_output, p_custo_usd, p_duracao_ms, p_agora)
$$;

select interno.proteger();
