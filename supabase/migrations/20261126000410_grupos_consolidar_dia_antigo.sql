-- Consolidar de novo um dia cujas linhas de fila já foram limpas (7 dias) recalcula o que mensagens e vagas ainda dizem e guarda
-- os tempos que só a fila sabia.
alter function public.fn_grupos_consolidar(date, timestamptz) set schema interno;
alter function interno.fn_grupos_consolidar(date, timestamptz) rename to grupos_recalcular_dia;

create function public.fn_grupos_consolidar(p_data date, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_grupos jsonb;
  v_dia public.metricas_pipeline_diarias;
  v_resposta jsonb;
begin
  select coalesce(jsonb_object_agg(grupo_id, tempo_medio_processamento_ms), '{}') into v_grupos
    from public.metricas_grupos_diarias where data = p_data and tempo_medio_processamento_ms is not null;
  select * into v_dia from public.metricas_pipeline_diarias where data = p_data;
  v_resposta := interno.grupos_recalcular_dia(p_data, p_agora);
  update public.metricas_grupos_diarias m
     set tempo_medio_processamento_ms = (v_grupos ->> m.grupo_id::text)::integer
   where m.data = p_data and m.tempo_medio_processamento_ms is null and v_grupos ? m.grupo_id::text;
  update public.metricas_pipeline_diarias
     set p50_tempo_ms = v_dia.p50_tempo_ms, p95_tempo_ms = v_dia.p95_tempo_ms, p99_tempo_ms = v_dia.p99_tempo_ms
   where data = p_data and p50_tempo_ms is null and v_dia.p50_tempo_ms is not null;
  return v_resposta;
end $$;

select interno.proteger();
