-- O estado operacional da Julia e o sinal de vida do agendador, na mesma tabela (domain/mensagens.md §5.7, §6.1).
create table public.julia_status (
  id           uuid primary key default gen_random_uuid(),
  status       text not null,
  motivo       text,
  alterado_por text,
  alterado_via text not null default 'sistema',
  created_at   timestamptz not null default now(),
  constraint ck_julia_status_status check (status in ('ativo', 'pausado', 'manutencao', 'erro')),
  constraint ck_julia_status_via check (alterado_via in ('slack', 'sistema', 'api', 'manual'))
);
comment on table public.julia_status is 'Estado operacional; heartbeat apaga as linhas dele mesmo com mais de 24 h. As de pessoas ficam.';
create index ix_julia_status_created on public.julia_status (created_at desc);
create index ix_julia_status_operacional on public.julia_status (created_at desc) where alterado_por is distinct from 'scheduler';

-- Um sinal de vida que copia o estado em que a operação está: nunca desfaz um `pausado` de emergência (incidente 20).
create function public.registrar_heartbeat(p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_status text;
  v_removidos integer;
begin
  insert into public.julia_status (status, motivo, alterado_por, alterado_via, created_at)
  select coalesce((select s.status from public.julia_status s where s.alterado_por is distinct from 'scheduler'
                    order by s.created_at desc, s.id limit 1), 'ativo'),
         'Heartbeat automático', 'scheduler', 'sistema', p_agora
  returning status into v_status;
  delete from public.julia_status
   where id = any (array(select s.id from public.julia_status s
                          where s.alterado_por = 'scheduler' and s.created_at < p_agora - interval '24 hours' limit 2000));
  get diagnostics v_removidos = row_count;
  return jsonb_build_object('status', v_status, 'removidos', v_removidos);
end $$;

select interno.proteger();
