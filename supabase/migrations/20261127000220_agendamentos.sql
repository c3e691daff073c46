-- Agendamentos importados de planilhas e a normalização do seu endereço e dos seus documentos (requisito 003).

-- SHA-256 do texto sem espaços nas pontas, em hexadecimal; nulo quando não há texto.
create function interno.hash_texto(p_texto text) returns text
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(convert_to(nullif(btrim(p_texto, E' \t\r\n\u00a0'), ''), 'UTF8')), 'hex')
$$;

create table public.appointment_imports (
  id             uuid        not null default gen_random_uuid(),
  arquivo_nome   text        not null,
  arquivo_sha256 text        not null,
  total          integer     not null,
  imported       integer     not null,
  rejected       integer     not null,
  skipped        integer     not null,
  jobs_enqueued  integer     not null,
  duracao_ms     integer     not null,
  created_at     timestamptz not null,
  constraint appointment_imports_pkey primary key (id),
  constraint appointment_imports_sha256_check check (arquivo_sha256 ~ '^[0-9a-f]{64}$')
);
comment on table public.appointment_imports is 'Uma linha por planilha importada; não é podada: é o registro de onde os agendamentos vieram.';
create index appointment_imports_arquivo_idx on public.appointment_imports (arquivo_sha256, created_at);

create table public.appointments (
  id                        uuid        not null default gen_random_uuid(),
  import_id                 uuid,
  linha                     integer,
  nome                      text        not null,
  telefone                  text,
  data                      date,
  hora                      time,
  endereco_completo         text,
  documento_completo        text,
  endereco_hash             text        generated always as (interno.hash_texto(endereco_completo)) stored,
  documento_hash            text        generated always as (interno.hash_texto(documento_completo)) stored,
  normalization_status      text        not null default 'pending',
  normalization_job_id      uuid,
  normalization_error       text,
  endereco_normalizado      jsonb,
  endereco_normalizado_hash text,
  documento_normalizado     jsonb,
  documento_normalizado_hash text,
  cpf                       text,
  rg                        text,
  created_at                timestamptz not null default now(),
  updated_at                timestamptz not null default now(),
  constraint appointments_pkey primary key (id),
  constraint appointments_import_fkey foreign key (import_id) references public.appointment_imports (id),
  constraint appointments_nome_check check (btrim(nome) <> ''),
  constraint appointments_status_check check (normalization_status in ('pending', 'processing', 'completed', 'failed', 'skipped')),
  constraint appointments_cpf_check check (cpf ~ '^[0-9]{11}$')
) with (fillfactor = 70);
comment on table public.appointments is 'Agendamentos: dado do negócio, não é podado.';
comment on column public.appointments.endereco_normalizado_hash is
  'Hash do texto que deu endereco_normalizado; igual a endereco_hash enquanto o texto não mudar.';
create index appointments_status_idx on public.appointments (normalization_status);
create index appointments_import_idx on public.appointments (import_id);
create index appointments_cpf_idx on public.appointments (cpf) where cpf is not null;
create index appointments_abertos_idx on public.appointments (updated_at) where normalization_status in ('pending', 'processing');

-- Os sinalizadores em vigor: os do ambiente, a menos que app_settings diga outra coisa. Lidos a cada execução, para que desligar um
-- valha na hora.
create function interno.sinalizadores_normalizacao(p_padrao jsonb) returns jsonb
language sql stable set search_path = public, pg_temp as $$
  select jsonb_build_object(
    'endereco', coalesce((select value::boolean from app_settings where key = 'ADDRESS_NORMALIZATION_ENABLED'), (p_padrao ->> 'endereco')::boolean),
    'documento', coalesce((select value::boolean from app_settings where key = 'DOCUMENT_NORMALIZATION_ENABLED'), (p_padrao ->> 'documento')::boolean))
$$;

-- Liga ou desliga a normalização de uma das partes; nulo volta a valer o ambiente.
create function public.definir_sinalizadores_normalizacao(p_endereco boolean, p_documento boolean, p_padrao jsonb, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  delete from app_settings
   where key = 'ADDRESS_NORMALIZATION_ENABLED' and p_endereco is null or key = 'DOCUMENT_NORMALIZATION_ENABLED' and p_documento is null;
  insert into app_settings (key, value, updated_at)
  select k, v::text, p_agora from (values ('ADDRESS_NORMALIZATION_ENABLED', p_endereco), ('DOCUMENT_NORMALIZATION_ENABLED', p_documento)) as t(k, v)
   where v is not null
  on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at;
  return interno.sinalizadores_normalizacao(p_padrao);
end $$;

-- Uma planilha inteira numa transação: a linha da importação, os agendamentos e as suas tarefas, ou nada.
-- p_linhas: [{linha, nome, telefone, data, hora, endereco, documento, tem_endereco, tem_documento}]; `tem_…`: o texto não é um
-- preenchimento vazio como "n/a". p_tarefa: as colunas comuns das tarefas. O mesmo arquivo em 24 h é recusado, salvo p_forcar.
create function public.importar_agendamentos(
  p_arquivo jsonb, p_linhas jsonb, p_tarefa jsonb, p_sinalizadores jsonb, p_forcar boolean default false, p_agora timestamptz default now()
) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_import  uuid := gen_random_uuid();
  v_ids     uuid[] := array(select gen_random_uuid() from generate_series(1, jsonb_array_length(p_linhas)));
  v_sinal   jsonb := interno.sinalizadores_normalizacao(p_sinalizadores);
  v_tarefas jsonb;
  v_inicio  timestamptz := clock_timestamp();
  v_total   integer := jsonb_array_length(p_linhas);
begin
  -- Dois cliques: o segundo espera o primeiro e então o encontra.
  perform pg_advisory_xact_lock(hashtextextended('appointment_imports ' || (p_arquivo ->> 'sha256'), 0));
  if not p_forcar and exists (select 1 from appointment_imports
                               where arquivo_sha256 = p_arquivo ->> 'sha256' and created_at > p_agora - interval '24 hours') then
    raise exception using errcode = 'PT409', detail = 'file',
      message = 'este arquivo já foi importado nas últimas 24 horas; para importar de novo use forcar=true';
  end if;
  with linhas as materialized (
    select l.*, row_number() over () as n,
           (v_sinal ->> 'endereco')::boolean and l.tem_endereco or (v_sinal ->> 'documento')::boolean and l.tem_documento as ativa
      from jsonb_to_recordset(p_linhas) as l(tem_endereco boolean, tem_documento boolean))
  select enqueue_tasks(coalesce(jsonb_agg(p_tarefa || jsonb_build_object('args', jsonb_build_object('appointment_id', v_ids[n]),
                                                                         'dedupe_key', v_ids[n]) order by n) filter (where ativa), '[]'), p_agora)
    into v_tarefas from linhas;
  insert into appointment_imports (id, arquivo_nome, arquivo_sha256, total, imported, rejected, skipped, jobs_enqueued, duracao_ms, created_at)
  values (v_import, left(p_arquivo ->> 'nome', 255), p_arquivo ->> 'sha256', v_total + (p_arquivo ->> 'rejected')::integer, v_total,
          (p_arquivo ->> 'rejected')::integer, v_total - jsonb_array_length(v_tarefas), jsonb_array_length(v_tarefas),
          (p_arquivo ->> 'duracao_ms')::integer + extract(epoch from clock_timestamp() - v_inicio) * 1000, p_agora);
  insert into appointments (id, import_id, linha, nome, telefone, data, hora, endereco_completo, documento_completo, normalization_status,
                            normalization_job_id, created_at, updated_at)
  select v_ids[x.n], v_import, x.linha, x.nome, x.telefone, x.data, x.hora, x.endereco, x.documento,
         case when x.ativa then 'pending' else 'skipped' end,
         case when x.ativa then (v_tarefas -> (count(*) filter (where x.ativa) over (order by x.n) - 1)::integer ->> 'job_id')::uuid end,
         p_agora, p_agora
    from (select l.*, row_number() over () as n,
                 (v_sinal ->> 'endereco')::boolean and l.tem_endereco or (v_sinal ->> 'documento')::boolean and l.tem_documento as ativa
            from jsonb_to_recordset(p_linhas) as l(linha integer, nome text, telefone text, data date, hora time, endereco text,
                                                   documento text, tem_endereco boolean, tem_documento boolean)) x;
  return jsonb_build_object('import_id', v_import, 'imported', v_total, 'skipped', v_total - jsonb_array_length(v_tarefas),
                            'jobs_enqueued', jsonb_array_length(v_tarefas));
end $$;

-- Um agendamento, com as mesmas regras. p_linha como em importar_agendamentos.
create function public.criar_agendamento(p_linha jsonb, p_tarefa jsonb, p_sinalizadores jsonb, p_agora timestamptz default now())
returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_sinal  jsonb := interno.sinalizadores_normalizacao(p_sinalizadores);
  v_ativa  boolean := (v_sinal ->> 'endereco')::boolean and (p_linha ->> 'tem_endereco')::boolean
                      or (v_sinal ->> 'documento')::boolean and (p_linha ->> 'tem_documento')::boolean;
  v_id     uuid := gen_random_uuid();
  v_tarefa uuid;
begin
  if v_ativa then
    v_tarefa := (enqueue_tasks(jsonb_build_array(p_tarefa || jsonb_build_object(
      'args', jsonb_build_object('appointment_id', v_id), 'dedupe_key', v_id)), p_agora) -> 0 ->> 'job_id')::uuid;
  end if;
  insert into appointments (id, nome, telefone, data, hora, endereco_completo, documento_completo, normalization_status,
                            normalization_job_id, created_at, updated_at)
  values (v_id, p_linha ->> 'nome', p_linha ->> 'telefone', (p_linha ->> 'data')::date, (p_linha ->> 'hora')::time, p_linha ->> 'endereco',
          p_linha ->> 'documento', case when v_ativa then 'pending' else 'skipped' end, v_tarefa, p_agora, p_agora);
  return jsonb_build_object('id', v_id, 'normalization_status', case when v_ativa then 'pending' else 'skipped' end, 'job_id', v_tarefa);
end $$;

-- Começo da normalização de um lote: [{id, job_id, token}] → os textos, com o que já está feito para o texto atual. Marca `processing`.
-- Quem perdeu a reserva da tarefa não recebe nada; um agendamento que não existe fica fora da resposta.
create function public.carregar_agendamentos(p_itens jsonb, p_sinalizadores jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_resposta jsonb;
begin
  with pedido as materialized (
    select i.id, b.job_id from jsonb_to_recordset(p_itens) as i(id uuid, job_id uuid, token uuid)
      join background_jobs b on b.job_id = i.job_id and b.lease_token = i.token
     order by b.job_id for share of b),
  marcado as (
    update appointments a
       set normalization_status = 'processing', normalization_job_id = p.job_id, updated_at = p_agora
      from pedido p where a.id = p.id
    returning a.*)
  select jsonb_build_object(
           'sinalizadores', interno.sinalizadores_normalizacao(p_sinalizadores),
           'itens', coalesce(jsonb_agg(jsonb_build_object(
             'id', m.id, 'endereco', m.endereco_completo, 'documento', m.documento_completo,
             'endereco_hash', m.endereco_hash, 'documento_hash', m.documento_hash,
             'endereco_feito', m.endereco_normalizado is not null and m.endereco_normalizado_hash = m.endereco_hash,
             'documento_feito', m.documento_normalizado is not null and m.documento_normalizado_hash = m.documento_hash)), '[]'))
    into v_resposta from marcado m;
  return v_resposta;
end $$;

-- Grava partes normalizadas e, com `fim`, o estado final: [{id, job_id, token, endereco_hash, documento_hash, endereco, documento, cpf, rg, fim}].
-- Os hashes são os lidos no começo. Se um dos textos mudou desde então, nada do item é gravado: o agendamento volta a `pending` com
-- uma tarefa nova, e a que corre perde a sua chave. Quem perdeu a reserva da tarefa não escreve. Responde {id: salvo | mudou | perdido}.
create function public.salvar_normalizacoes(p_itens jsonb, p_tarefa jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set plan_cache_mode = force_custom_plan set search_path = public, extensions, pg_temp as $$
declare
  v_salvos   uuid[];
  v_mudaram  uuid[];
  v_tarefas  jsonb;
begin
  with item as materialized (
    select i.*, b.job_id as dona
      from jsonb_to_recordset(p_itens) as i(id uuid, job_id uuid, token uuid, endereco_hash text, documento_hash text, endereco jsonb,
                                            documento jsonb, cpf text, rg text, fim text)
      join background_jobs b on b.job_id = i.job_id and b.lease_token = i.token
     order by b.job_id for share of b),
  atual as materialized (
    select a.id, a.endereco_hash is not distinct from i.endereco_hash and a.documento_hash is not distinct from i.documento_hash as igual
      from item i join appointments a on a.id = i.id and a.normalization_job_id = i.dona order by a.id for no key update of a),
  salvo as (
    update appointments a
       set endereco_normalizado = coalesce(i.endereco, a.endereco_normalizado),
           endereco_normalizado_hash = case when i.endereco is null then a.endereco_normalizado_hash else i.endereco_hash end,
           documento_normalizado = coalesce(i.documento, a.documento_normalizado),
           documento_normalizado_hash = case when i.documento is null then a.documento_normalizado_hash else i.documento_hash end,
           cpf = case when i.documento is null then a.cpf else i.cpf end,
           rg = case when i.documento is null then a.rg else i.rg end,
           normalization_status = coalesce(i.fim, a.normalization_status),
           normalization_error = case when i.fim is null then a.normalization_error end,
           updated_at = p_agora
      from item i join atual t on t.id = i.id and t.igual
     where a.id = i.id
    returning a.id)
  select array(select id from salvo), array(select id from atual where not igual order by id) into v_salvos, v_mudaram;

  if cardinality(v_mudaram) > 0 then
    -- A tarefa que corre solta a chave do agendamento, para que a nova a tenha.
    update background_jobs b set dedupe_key = null
      from appointments a where a.id = any (v_mudaram) and b.job_id = a.normalization_job_id;
    v_tarefas := enqueue_tasks((select jsonb_agg(p_tarefa || jsonb_build_object('args', jsonb_build_object('appointment_id', id), 'dedupe_key', id)
                                                 order by n) from unnest(v_mudaram) with ordinality u(id, n)), p_agora);
    update appointments a
       set normalization_status = 'pending', normalization_job_id = (v_tarefas -> (u.n - 1)::integer ->> 'job_id')::uuid, updated_at = p_agora
      from unnest(v_mudaram) with ordinality u(id, n) where a.id = u.id;
  end if;
  return (select coalesce(jsonb_object_agg(i ->> 'id', case when (i ->> 'id')::uuid = any (v_salvos) then 'salvo'
                                                            when (i ->> 'id')::uuid = any (v_mudaram) then 'mudou' else 'perdido' end), '{}')
            from jsonb_array_elements(p_itens) i);
end $$;

-- O fim ruim de uma tarefa (falha, tempo, processo perdido) e a sua volta à fila são também do agendamento, na mesma transação, qualquer
-- que seja o caminho. O resultado guardado de uma falha diz o que ficou gravado.
create function interno.refletir_tarefa_de_agendamento() returns trigger
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_id     uuid := (new.args ->> 'appointment_id')::uuid;
  v_partes jsonb;
begin
  update appointments
     set normalization_status = case when new.status = 'failed' then 'failed' else 'pending' end,
         normalization_error = coalesce(new.error, normalization_error), updated_at = greatest(updated_at, coalesce(new.finish_time, new.start_time, updated_at))
   where id = v_id and normalization_job_id = new.job_id;
  if new.status = 'failed' then
    select jsonb_path_query_array(jsonb_build_array(
             case when endereco_normalizado is not null and endereco_normalizado_hash = endereco_hash then 'endereco_normalizado' end,
             case when documento_normalizado is not null and documento_normalizado_hash = documento_hash then 'documento_normalizado' end), '$[*] ? (@ != null)')
      into v_partes from appointments where id = v_id;
    new.result := jsonb_build_object('success', false, 'appointment_id', v_id, 'error', new.error, 'fields_normalized', coalesce(v_partes, '[]'));
  end if;
  return new;
end $$;
create trigger background_jobs_agendamento before update on public.background_jobs
  for each row when (new.function = 'normalize_appointment' and new.status in ('queued', 'failed') and old.status is distinct from new.status)
  execute function interno.refletir_tarefa_de_agendamento();

-- Tarefas novas para agendamentos que não estão sendo normalizados: os dados, ou os p_limite que falharam primeiro. Responde
-- [{id, job_id}]; um que já tem tarefa ativa recebe essa.
create function public.renormalizar_agendamentos(p_ids uuid[], p_limite integer, p_tarefa jsonb, p_agora timestamptz default now()) returns jsonb
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids     uuid[];
  v_tarefas jsonb;
begin
  v_ids := array(
    select a.id from appointments a
     where case when p_ids is null then a.normalization_status = 'failed' else a.id = any (p_ids) end
     order by a.updated_at, a.id limit least(p_limite, 1000) for no key update);
  v_tarefas := enqueue_tasks((select coalesce(jsonb_agg(p_tarefa || jsonb_build_object('args', jsonb_build_object('appointment_id', id), 'dedupe_key', id)
                                               order by n), '[]') from unnest(v_ids) with ordinality u(id, n)), p_agora);
  update appointments a
     set normalization_status = 'pending', normalization_job_id = (v_tarefas -> (u.n - 1)::integer ->> 'job_id')::uuid,
         normalization_error = null, updated_at = p_agora
    from unnest(v_ids) with ordinality u(id, n)
   where a.id = u.id and (v_tarefas -> (u.n - 1)::integer ->> 'created')::boolean;
  return (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'job_id', v_tarefas -> (n - 1)::integer ->> 'job_id') order by n), '[]')
            from unnest(v_ids) with ordinality u(id, n));
end $$;

-- Agendamentos abertos há mais de 15 minutos sem tarefa ativa recebem uma; responde quantos.
create function public.reparar_agendamentos(p_tarefa jsonb, p_limite integer default 100, p_agora timestamptz default now()) returns integer
language plpgsql set search_path = public, extensions, pg_temp as $$
declare
  v_ids uuid[];
begin
  v_ids := array(
    select a.id from appointments a
     where a.normalization_status in ('pending', 'processing') and a.updated_at < p_agora - interval '15 minutes'
       and not exists (select 1 from background_jobs b
                        where b.function = 'normalize_appointment' and b.dedupe_key = a.id::text and b.status in ('queued', 'in_progress'))
     order by a.updated_at limit p_limite);
  if cardinality(v_ids) > 0 then
    perform renormalizar_agendamentos(v_ids, cardinality(v_ids), p_tarefa, p_agora);
  end if;
  return cardinality(v_ids);
end $$;

create function public.contar_agendamentos() returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
  select (select jsonb_object_agg(s, 0) from unnest(array['pending', 'processing', 'completed', 'failed', 'skipped']) s)
      || coalesce((select jsonb_object_agg(normalization_status, n)
                     from (select normalization_status, count(*) as n from appointments group by 1) c), '{}')
$$;

select interno.proteger();
