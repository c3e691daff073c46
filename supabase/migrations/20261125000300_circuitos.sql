-- Journal of the circuit breakers (evolution, llm, supabase …): one row per change of state, written in batches by the
-- process that saw it. The state itself lives in each process.
create table public.circuit_transitions (
  id                   uuid constraint pk_circuit_transitions primary key default gen_random_uuid(),
  circuit_name         text not null,
  from_state           text not null,
  to_state             text not null,
  reason               text not null,
  falhas_consecutivas  integer not null default 0,
  tentativas_half_open integer not null default 0,
  created_at           timestamptz not null default now(),
  constraint ck_circuit_transitions_from check (from_state in ('closed', 'open', 'half_open')),
  constraint ck_circuit_transitions_to check (to_state in ('closed', 'open', 'half_open'))
);
comment on table public.circuit_transitions is
  'Mudanças de estado dos circuitos. Podada pela manutenção do scheduler (podar_circuit_transitions) após 30 dias.';
create index ix_circuit_transitions_nome on public.circuit_transitions (circuit_name, created_at desc);
create index ix_circuit_transitions_data on public.circuit_transitions (created_at desc);

-- Grava um lote. Ids vêm de quem grava: repetir um lote cuja resposta se perdeu não duplica. Responde quantas entraram.
create function public.registrar_circuit_transitions(p_itens jsonb) returns integer
language plpgsql security invoker set search_path = public, extensions, pg_temp as $$
declare
  n integer;
begin
  if jsonb_typeof(p_itens) is distinct from 'array' or jsonb_array_length(p_itens) > 1000 then
    raise exception 'p_itens deve ser uma lista de até 1000 transições' using errcode = 'PT400', detail = 'p_itens';
  end if;
  insert into circuit_transitions (id, circuit_name, from_state, to_state, reason, falhas_consecutivas,
                                   tentativas_half_open, created_at)
  select t.id, t.circuit_name, t.from_state, t.to_state, t.reason, t.falhas_consecutivas, t.tentativas_half_open, t.created_at
    from jsonb_to_recordset(p_itens) as t(id uuid, circuit_name text, from_state text, to_state text, reason text,
                                          falhas_consecutivas integer, tentativas_half_open integer, created_at timestamptz)
  on conflict (id) do nothing;
  get diagnostics n = row_count;
  return n;
end $$;

-- Um processo que começa tem os circuitos fechados: os que a última linha diz abertos ganham uma linha `reinicio`.
create function public.registrar_reinicio_circuitos(p_nomes text[], p_agora timestamptz default now()) returns integer
language sql security invoker set search_path = public, extensions, pg_temp as $$
  with novas as (
    insert into circuit_transitions (circuit_name, from_state, to_state, reason, created_at)
    select u.circuit_name, u.to_state, 'closed', 'reinicio', p_agora
      from unnest(p_nomes) as n(nome)
     cross join lateral (select t.circuit_name, t.to_state from circuit_transitions t
                          where t.circuit_name = n.nome order by t.created_at desc, t.id desc limit 1) u
     where u.to_state <> 'closed'
    returning 1)
  select count(*)::integer from novas
$$;

-- Resposta de GET /health/circuits/history: total real, as 50 mais novas, e por circuito as 50 mais novas de cada um.
create function public.obter_historico_circuitos(p_circuit_name text default null, p_horas integer default 24,
                                                 p_agora timestamptz default now()) returns jsonb
language plpgsql stable security invoker set search_path = public, extensions, pg_temp as $$
declare
  desde timestamptz := p_agora - make_interval(hours => p_horas);
  resposta jsonb;
begin
  if p_horas is null or p_horas not between 1 and 720 then
    raise exception 'horas deve estar entre 1 e 720' using errcode = 'PT400', detail = 'horas';
  end if;
  with alvo as (
    select circuit_name, created_at, id,
           jsonb_build_object('from', from_state, 'to', to_state, 'reason', reason, 'falhas', falhas_consecutivas,
                              'at', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as linha,
           row_number() over (order by created_at desc, id desc) as ordem,
           row_number() over (partition by circuit_name order by created_at desc, id desc) as ordem_no_circuito
      from circuit_transitions
     where created_at > desde and (p_circuit_name is null or circuit_name = p_circuit_name))
  select jsonb_build_object(
           'circuit_filter', p_circuit_name,
           'period_hours', p_horas,
           'total_transitions', (select count(*) from alvo),
           'by_circuit', coalesce((select jsonb_object_agg(c.circuit_name, c.linhas)
                                     from (select circuit_name, jsonb_agg(linha order by ordem) as linhas from alvo
                                            where ordem_no_circuito <= 50 group by circuit_name) c), '{}'::jsonb),
           'transitions', coalesce((select jsonb_agg(jsonb_build_object('circuit_name', circuit_name) || linha order by ordem)
                                      from alvo where ordem <= 50), '[]'::jsonb),
           'timestamp', to_char(p_agora at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    into resposta;
  return resposta;
end $$;

-- Remove até p_limite (no máximo 5000) linhas com mais de 30 dias; responde quantas. Repetir até responder menos.
create function public.podar_circuit_transitions(p_limite integer default 5000, p_agora timestamptz default now())
returns integer language sql security invoker set search_path = public, extensions, pg_temp as $$
  with velhas as (
    select id from circuit_transitions
     where created_at < p_agora - interval '30 days' order by created_at limit least(greatest(p_limite, 0), 5000)),
  removidas as (
    delete from circuit_transitions t using velhas v where t.id = v.id returning 1)
  select count(*)::integer from removidas
$$;

select interno.proteger();
