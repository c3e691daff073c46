-- Pauses of jobs, and the journal of what operators did: who, when, what, why, before and after.

create table public.auditoria_operacional (
  id     bigint      generated always as identity,
  em     timestamptz not null default now(),
  autor  text        not null,
  acao   text        not null,
  alvo   text        not null,
  motivo text,
  antes  jsonb,
  depois jsonb,
  constraint auditoria_operacional_pkey primary key (id),
  constraint auditoria_operacional_autor_check check (char_length(autor) between 1 and 100),
  constraint auditoria_operacional_acao_check check (acao ~ '^[a-z][a-z_]{1,39}$'),
  constraint auditoria_operacional_alvo_check check (char_length(alvo) between 1 and 200),
  constraint auditoria_operacional_motivo_check check (char_length(motivo) between 1 and 500)
);
comment on table public.auditoria_operacional is
  'Diário do que operadores fizeram: só cresce, UPDATE e DELETE são recusados. Uma linha por gesto de uma pessoa, por isso nunca é podada.';
comment on column public.auditoria_operacional.autor is
  'Quem disse ser (X-Operador, --autor): registrado, nunca usado para dar acesso.';
create index auditoria_operacional_alvo_idx on public.auditoria_operacional (alvo, id desc);

create function interno.recusar_mudanca_da_auditoria() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = 'PT409', message = 'auditoria_operacional só cresce: uma linha não muda nem sai';
end $$;
create trigger auditoria_operacional_so_cresce before update or delete on public.auditoria_operacional
  for each row execute function interno.recusar_mudanca_da_auditoria();

create table public.job_pausas (
  id            uuid        not null default gen_random_uuid(),
  job_name      text        not null,
  motivo        text        not null,
  autor         text        not null,
  desde         timestamptz not null,
  ate           timestamptz,
  encerrada_em  timestamptz,
  encerrada_por text,
  constraint job_pausas_pkey primary key (id),
  constraint job_pausas_motivo_check check (char_length(motivo) between 1 and 500),
  constraint job_pausas_autor_check check (char_length(autor) between 1 and 100),
  constraint job_pausas_periodo_check check (ate > desde and encerrada_em >= desde),
  constraint job_pausas_encerrada_check check ((encerrada_em is null) = (encerrada_por is null))
);
comment on table public.job_pausas is
  'Pausas de jobs pelo agendador; execuções manuais continuam permitidas. Poucas linhas, uma por gesto de operador: nunca podada.';
comment on column public.job_pausas.ate is 'Quando expira sozinha; nulo: até alguém retomar.';
comment on column public.job_pausas.encerrada_em is 'Retomada antes do fim, ou substituída por outra pausa.';
create unique index job_pausas_aberta_key on public.job_pausas (job_name) where encerrada_em is null;
create index job_pausas_job_desde_idx on public.job_pausas (job_name, desde desc);

-- The pause that keeps a slot from running, if any: one that covers the slot, or one in force at p_em.
create function interno.pausa_do_slot(p_job text, p_slot timestamptz, p_em timestamptz) returns public.job_pausas
language sql stable set search_path = public, pg_temp as $$
  select * from job_pausas p
   where p.job_name = p_job
     and ((p.desde <= p_slot and p_slot < coalesce(p.encerrada_em, p.ate, 'infinity'))
          or (p.desde <= p_em and p_em < coalesce(p.encerrada_em, p.ate, 'infinity')))
   order by p.desde desc limit 1
$$;

create function interno.pausa_em_json(p job_pausas) returns jsonb
language sql immutable set search_path = public, pg_temp as $$
  select case when p.id is not null then jsonb_build_object(
           'id', p.id, 'job_name', p.job_name, 'motivo', p.motivo, 'autor', p.autor, 'desde', p.desde, 'ate', p.ate) end
$$;

-- A trigger, so that no way of claiming a slot can forget it. The claim is refused (no row) and the slot goes on record as
-- skipped, in the claim's own transaction. Manual runs stand for no slot and do not come here.
create function interno.barrar_slot_pausado() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
  v_pausa job_pausas := interno.pausa_do_slot(new.job_name, new.scheduled_for, new.started_at);
begin
  if v_pausa.id is null then
    return new;
  end if;
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  values (new.job_name, new.scheduled_for, 'pausado',
          left(format('pausado por %s %s: %s', v_pausa.autor,
            coalesce('até ' || to_char(v_pausa.ate at time zone 'America/Sao_Paulo', 'DD/MM/YYYY HH24:MI'), 'até ser retomado'),
            v_pausa.motivo), 500),
          new.instance_id, new.started_at)
  on conflict do nothing;
  return null;
end $$;
create trigger job_executions_pausa before insert on public.job_executions
  for each row when (new.scheduled_for is not null) execute function interno.barrar_slot_pausado();

-- Pauses jobs from p_agora on. One already paused gets the new reason, author and end. Answers per job the pause before and
-- after; each leaves a row in auditoria_operacional.
create function public.pausar_jobs(
  p_jobs text[], p_motivo text, p_autor text, p_ate timestamptz, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_mudancas jsonb;
begin
  if p_ate <= p_agora then
    raise exception using errcode = 'PT400', detail = 'ate', message = 'ate deve ser um instante no futuro';
  end if;
  perform interno.travar_agendador(); -- a claim is wholly before or wholly after the pause
  select coalesce(jsonb_object_agg(p.job_name, interno.pausa_em_json(p)) filter (where p.ate is null or p.ate > p_agora), '{}')
    into v_mudancas from job_pausas p where p.job_name = any (p_jobs) and p.encerrada_em is null;

  update job_pausas p
     set encerrada_em = greatest(p.desde, least(p_agora, coalesce(p.ate, p_agora))),
         encerrada_por = case when p.ate <= p_agora then p.autor else p_autor end
   where p.job_name = any (p_jobs) and p.encerrada_em is null;

  with depois as (
    insert into job_pausas (job_name, motivo, autor, desde, ate)
    select distinct n, p_motivo, p_autor, p_agora, p_ate from unnest(p_jobs) n order by n
    returning job_name, interno.pausa_em_json(job_pausas) as pausa
  ), diario as (
    insert into auditoria_operacional (em, autor, acao, alvo, motivo, antes, depois)
    select p_agora, p_autor, 'pausar', d.job_name, p_motivo, v_mudancas -> d.job_name, d.pausa
      from depois d order by d.job_name)
  select coalesce(jsonb_agg(jsonb_build_object('job_name', d.job_name, 'antes', v_mudancas -> d.job_name, 'depois', d.pausa)
                            order by d.job_name), '[]')
    into v_mudancas from depois d;
  return v_mudancas;
end $$;

-- Ends the pauses in force. Answers per job the pause that was ended (null: it was not paused, nothing was done or recorded).
create function public.retomar_jobs(
  p_jobs text[], p_motivo text, p_autor text, p_agora timestamptz default now()
) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_fim jsonb;
begin
  perform interno.travar_agendador();
  with fim as (
    update job_pausas p set encerrada_em = greatest(p_agora, p.desde), encerrada_por = p_autor
     where p.job_name = any (p_jobs) and p.encerrada_em is null and coalesce(p.ate > p_agora, true)
    returning p.job_name, interno.pausa_em_json(p) as pausa
  ), diario as (
    insert into auditoria_operacional (em, autor, acao, alvo, motivo, antes)
    select p_agora, p_autor, 'retomar', f.job_name, p_motivo, f.pausa from fim f order by f.job_name)
  select coalesce(jsonb_agg(jsonb_build_object('job_name', n.n, 'antes', f.pausa) order by n.n), '[]')
    into v_fim from (select distinct n from unnest(p_jobs) n) n left join fim f on f.job_name = n.n;
  return v_fim;
end $$;

-- Pauses in force at p_agora.
create function public.pausas_em_vigor(p_agora timestamptz default now()) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(interno.pausa_em_json(p) order by p.job_name), '[]')
    from job_pausas p
   where p.encerrada_em is null and p.desde <= p_agora and coalesce(p.ate > p_agora, true)
$$;

-- The journal, newest first. p_alvo null: of everything; p_antes_de: continue before this id. At most 200 lines.
create function public.listar_auditoria_operacional(
  p_alvo text default null, p_antes_de bigint default null, p_limite integer default 50
) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(a) order by a.id desc), '[]') from (
    select * from auditoria_operacional
     where (p_alvo is null or alvo = p_alvo) and (p_antes_de is null or id < p_antes_de)
     order by id desc limit greatest(1, least(p_limite, 200))) a
$$;

select interno.proteger();
