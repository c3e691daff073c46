-- Inside the API: one run per job at a time, and one run per Idempotency-Key, whoever calls (scheduler, curl, a retry).

create table public.job_locks (
  job_name     text        not null,
  token        uuid        not null,
  owner        text        not null,
  execution_id uuid        not null,
  acquired_at  timestamptz not null,
  expires_at   timestamptz not null,
  constraint job_locks_pkey primary key (job_name),
  constraint job_locks_token_key unique (token)
);
comment on table public.job_locks is
  'Exclusão por job dentro da API: vive enquanto o trabalho vive, mesmo depois que a conexão HTTP caiu. Uma linha por job em andamento.';

create table public.job_requests (
  chave       text        not null,
  job_name    text        not null,
  token       uuid        not null,
  status      text        not null default 'running',
  http_status integer,
  resposta    jsonb,
  criado_em   timestamptz not null,
  expira_em   timestamptz not null,
  constraint job_requests_pkey primary key (chave),
  constraint job_requests_chave_check check (char_length(chave) between 1 and 200),
  constraint job_requests_status_check check (status in ('running', 'done')),
  constraint job_requests_done_check check ((status = 'done') = (http_status is not null and resposta is not null))
);
comment on table public.job_requests is
  'Idempotency-Key de POST /jobs/*: uma chave executa no máximo uma vez em 24 h. Podada por podar_agendador (agendador, diária).';
create index job_requests_expira_idx on public.job_requests (expira_em);

-- The answer to a repeated Idempotency-Key, or null when the key is new (or its 24 h are over).
create function interno.consultar_pedido(p_job text, p_chave text, p_agora timestamptz) returns jsonb
language plpgsql set search_path = public, pg_temp as $$
declare
  v_pedido job_requests;
  v_desde  timestamptz;
begin
  select * into v_pedido from job_requests where chave = p_chave and expira_em > p_agora;
  if not found then
    return null;
  elsif v_pedido.job_name <> p_job then
    raise exception using errcode = 'PT409', detail = 'Idempotency-Key',
      message = format('esta Idempotency-Key já foi usada com o job %s', v_pedido.job_name);
  elsif v_pedido.status = 'done' then
    return jsonb_build_object('resultado', 'repetida', 'http_status', v_pedido.http_status, 'resposta', v_pedido.resposta);
  end if;
  select acquired_at into v_desde from job_locks where token = v_pedido.token and expires_at > p_agora;
  -- Whoever ran it died on the way; the key promises at most one run, so it does not run again.
  return jsonb_build_object('resultado', case when v_desde is null then 'interrompida' else 'em_execucao' end, 'desde', v_desde);
end $$;

-- The API starts a job: idempotency key, the job's lock and, for a call that no scheduler made, its manual row, in one
-- transaction and always in this order. p_execucao: X-Job-Execution-Id when given; what is not a scheduler's row of the last
-- hour counts as not given. (Its job_name may differ from p_job: two catalogue entries may share one job.) `resultado`: iniciado | em_execucao | repetida | interrompida.
create function public.iniciar_job(
  p_job text, p_instancia text, p_token uuid, p_execucao uuid, p_nova uuid, p_chave text,
  p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_fim      timestamptz := p_agora + make_interval(secs => p_lease_ms / 1000.0);
  v_manual   boolean := not exists (
    select 1 from job_executions
     where id = p_execucao and trigger <> 'manual' and started_at > p_agora - interval '1 hour');
  v_execucao uuid := case when v_manual then p_nova else p_execucao end;
  v_repetida jsonb;
  v_desde    timestamptz;
begin
  if p_chave is not null then
    v_repetida := interno.consultar_pedido(p_job, p_chave, p_agora);
    if v_repetida is not null then
      return v_repetida;
    end if;
  end if;

  insert into job_locks as l (job_name, token, owner, execution_id, acquired_at, expires_at)
  values (p_job, p_token, p_instancia, v_execucao, p_agora, v_fim)
  on conflict (job_name) do update
    set token = excluded.token, owner = excluded.owner, execution_id = excluded.execution_id,
        acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
    where l.expires_at <= p_agora;
  if not found then
    select acquired_at into v_desde from job_locks where job_name = p_job;
    return jsonb_build_object('resultado', 'em_execucao', 'desde', v_desde);
  end if;

  if p_chave is not null then
    insert into job_requests as r (chave, job_name, token, criado_em, expira_em)
    values (p_chave, p_job, p_token, p_agora, p_agora + interval '24 hours')
    on conflict (chave) do update
      set job_name = excluded.job_name, token = excluded.token, status = 'running', http_status = null, resposta = null,
          criado_em = excluded.criado_em, expira_em = excluded.expira_em
      where r.expira_em <= p_agora;
    if not found then -- the same key ran from start to end since it was looked up above
      delete from job_locks where job_name = p_job and token = p_token;
      return interno.consultar_pedido(p_job, p_chave, p_agora);
    end if;
  end if;

  if v_manual then
    -- What an API process that died left running must not block the job until a scheduler passes by.
    update job_executions e
       set status = 'error', error = 'interrompido: API parou', finished_at = least(p_agora, e.lease_expires_at),
           duration_ms = greatest(0, extract(epoch from least(p_agora, e.lease_expires_at) - e.started_at) * 1000)
     where e.job_name = p_job and e.status = 'running' and e.trigger = 'manual' and e.lease_expires_at <= p_agora;
    insert into job_executions (id, job_name, started_at, trigger, instance_id, lease_token, lease_expires_at)
    values (v_execucao, p_job, p_agora, 'manual', p_instancia, p_token, v_fim)
    on conflict do nothing;
    if not found then
      select started_at into v_desde from job_executions where job_name = p_job and status = 'running';
      delete from job_requests where chave = p_chave and token = p_token;
      delete from job_locks where job_name = p_job and token = p_token;
      return jsonb_build_object('resultado', 'em_execucao', 'desde', v_desde);
    end if;
  end if;
  return jsonb_build_object('resultado', 'iniciado', 'execution_id', v_execucao, 'manual', v_manual);
end $$;

-- The API ends a job: stores the answer of its key (null: the job never ran, the key is free again), frees the lock, closes
-- the manual row. Answers whether the lock was still its own. Repeating a call is harmless.
create function public.encerrar_job(
  p_job text, p_token uuid, p_execucao uuid, p_chave text, p_status text, p_http_status integer, p_resposta jsonb,
  p_erro text, p_itens integer, p_duracao_ms integer, p_agora timestamptz default now()
) returns boolean
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_minha boolean;
begin
  if p_resposta is null then
    delete from job_requests where chave = p_chave and token = p_token;
  else
    update job_requests set status = 'done', http_status = p_http_status, resposta = p_resposta
     where chave = p_chave and token = p_token;
  end if;

  delete from job_locks where job_name = p_job and token = p_token;
  v_minha := found;

  update job_executions e
     set status = p_status, duration_ms = p_duracao_ms, response_code = p_http_status, error = p_erro,
         items_processed = p_itens,
         finished_at = least(p_agora, e.started_at + make_interval(secs => p_duracao_ms / 1000.0))
   where e.id = p_execucao and e.trigger = 'manual' and e.lease_token = p_token
     and (e.status = 'running' or (e.status = 'error' and e.error like 'interrompido: % parou'));
  return v_minha;
end $$;

-- Renews the locks, and the leases of the manual rows, of everything an API process runs. Answers the tokens still held.
create function public.renovar_travas_jobs(
  p_tokens uuid[], p_lease_ms integer default 30000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_fim    timestamptz := p_agora + make_interval(secs => p_lease_ms / 1000.0);
  v_minhas jsonb;
begin
  with minhas as (
    update job_locks set expires_at = v_fim where token = any (p_tokens) returning token)
  select coalesce(jsonb_agg(token), '[]') into v_minhas from minhas;

  update job_executions set lease_expires_at = v_fim
   where status = 'running' and trigger = 'manual' and lease_token = any (p_tokens);
  return v_minhas;
end $$;

-- One batch of everything else the scheduler and the API's job runner leave behind; call again while any number is p_limite.
create function public.podar_agendador(
  p_dias integer default 90, p_limite integer default 5000, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_pulados    integer;
  v_pedidos    integer;
  v_instancias integer;
begin
  delete from job_slots_pulados where ctid in (
    select ctid from job_slots_pulados
     where scheduled_for < p_agora - make_interval(days => p_dias) limit least(p_limite, 5000) for update skip locked);
  get diagnostics v_pulados = row_count;
  delete from job_requests where chave in (
    select chave from job_requests where expira_em <= p_agora limit least(p_limite, 5000) for update skip locked);
  get diagnostics v_pedidos = row_count;
  delete from scheduler_instances where instance_id in (
    select instance_id from scheduler_instances
     where last_seen_at < p_agora - interval '7 days' limit least(p_limite, 5000) for update skip locked);
  get diagnostics v_instancias = row_count;
  return jsonb_build_object('pulados', v_pulados, 'pedidos', v_pedidos, 'instancias', v_instancias);
end $$;

select interno.proteger();
