-- Lifting a pause of a task queue, and the selection of offers with the index it was given.

-- Nobody called these but their own tests; bloquear_oferta counts and pauses.
drop function public.pause_queue(text, timestamptz, text);
drop function public.note_queue_block(text, integer, integer, text, boolean, timestamptz);
drop function public.clear_queue_blocks(text);

-- The queue is worked again from now on, and its refusals in a row are forgotten. False: it was not paused.
create function public.resume_queue(p_queue text, p_agora timestamptz default now()) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  update queue_state set pausada_ate = null, motivo = null, bloqueios_seguidos = 0, alertado_em = null
   where queue = p_queue and pausada_ate > p_agora;
  return found;
end $$;

-- Como em 20261127000300, com um plano por chamada: só com os parâmetros no lugar a condição implica a do índice offers_incompletas_idx
-- (`or false and …` desaparece). O plano genérico, que é o de uma função sql com search_path próprio, lia também o das falhas.
create or replace function public.ofertas_a_enriquecer(p_limite integer, p_preco boolean, p_desconto boolean, p_link boolean,
                                                       p_recheck_h integer default 24, p_falhas boolean default false,
                                                       p_agora timestamptz default now()) returns jsonb
language plpgsql stable set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
begin
  return (
  select coalesce(jsonb_agg(jsonb_build_object('offer_id', id, 'url', url, 'current_price_cents', current_price_cents) order by created_at, id), '[]')
    from (select id, url, current_price_cents, created_at from offers
           where (enrichment_status in ('none', 'finished') or p_falhas and enrichment_status = 'failed')
             and (old_price_cents is null or discount_pct is null or affiliate_link is null)
             and (p_preco and old_price_cents is null or p_desconto and discount_pct is null or p_link and affiliate_link is null)
             and (enriched_at is null or enriched_at <= p_agora - p_recheck_h * interval '1 hour' or p_falhas and enrichment_status = 'failed')
             and not exists (select 1 from background_jobs j where j.job_id = offers.enrichment_job_id and j.status in ('queued', 'in_progress'))
           order by created_at, id limit least(p_limite, 1000)) o);
end $$;

select interno.proteger();
