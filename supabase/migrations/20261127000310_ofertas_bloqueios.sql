-- Um bloqueio conta contra a oferta só enquanto as outras são lidas: numa sequência é a loja que recusa, e oferta nenhuma falha por isso,
-- dure quanto durar. Ver bloquear_oferta em 20261127000300.
create or replace function public.bloquear_oferta(p_id uuid, p_job uuid, p_fila text, p_motivo text, p_espera_s integer default null,
                                                  p_limite integer default 3, p_pausa_s integer default 900, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_estado    queue_state;
  v_da_oferta integer;
begin
  update offers
     set enrichment_status = 'queued', enrichment_error = left(p_motivo, 500), updated_at = p_agora,
         enrichment_blocks = enrichment_blocks
           + case when coalesce((select bloqueios_seguidos from queue_state where queue = p_fila), 0) + 1 < p_limite then 1 else 0 end
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
comment on column public.offers.enrichment_blocks is 'Bloqueios da loja desde o último fim, enquanto outras páginas eram lidas; não contam como tentativa.';

select interno.proteger();
