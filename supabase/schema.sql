-- Gerado por `npm run gen` a partir de supabase/migrations. Não edite.

-- Extensions

create extension pg_trgm with schema extensions;

-- Tables

create table public.alertas_enviados (
  id uuid not null default gen_random_uuid(),
  chave text not null,
  tipo text not null,
  grupo text not null,
  severidade text not null,
  titulo text not null,
  mensagem text not null,
  valor numeric,
  limiar numeric,
  alvo text,
  conteudo jsonb not null default '{}'::jsonb,
  detectado_em timestamp with time zone not null,
  ultima_deteccao_em timestamp with time zone not null,
  estado text not null default 'novo'::text,
  suprimido_por text,
  notificado boolean not null default false,
  notificado_em timestamp with time zone,
  severidade_notificada text,
  notificacoes integer not null default 0,
  tentativas integer not null default 0,
  ultima_tentativa_em timestamp with time zone,
  tentativa_ate timestamp with time zone,
  versao integer not null default 0,
  erro_envio text,
  resolvido_em timestamp with time zone,
  constraint alertas_enviados_pkey PRIMARY KEY (id),
  constraint ck_alertas_enviados_erro CHECK ((char_length(erro_envio) <= 500)),
  constraint ck_alertas_enviados_estado CHECK ((estado = ANY (ARRAY['novo'::text, 'adiado'::text, 'suprimido'::text, 'enviado'::text, 'falhou'::text]))),
  constraint ck_alertas_enviados_notificado CHECK ((notificado = (notificado_em IS NOT NULL))),
  constraint ck_alertas_enviados_severidade CHECK ((severidade = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text, 'critical'::text])))
);
alter table public.alertas_enviados enable row level security;
CREATE INDEX ix_alertas_enviados_chave ON public.alertas_enviados USING btree (chave, notificado_em DESC);
CREATE INDEX ix_alertas_enviados_detectado ON public.alertas_enviados USING btree (detectado_em DESC);
CREATE INDEX ix_alertas_enviados_notificado ON public.alertas_enviados USING btree (notificado_em DESC) WHERE notificado;
CREATE INDEX ix_alertas_enviados_pendente ON public.alertas_enviados USING btree (grupo, estado) WHERE (estado = ANY (ARRAY['novo'::text, 'adiado'::text]));
CREATE UNIQUE INDEX uq_alertas_enviados_aberto ON public.alertas_enviados USING btree (chave) WHERE (resolvido_em IS NULL);
comment on table public.alertas_enviados is 'Alertas de todos os domínios. O próprio notificador apaga, a cada registro, os resolvidos há mais de 180 dias.';
-- rights: service_role=delete,insert,select,update

create table public.app_settings (
  key text not null,
  value text not null,
  updated_at timestamp with time zone not null default now(),
  constraint app_settings_pkey PRIMARY KEY (key)
);
alter table public.app_settings enable row level security;
comment on table public.app_settings is 'Marcadores do ambiente; poucas linhas, nunca podada.';
-- rights: service_role=delete,insert,select,update

create table public.appointment_imports (
  id uuid not null default gen_random_uuid(),
  arquivo_nome text not null,
  arquivo_sha256 text not null,
  total integer not null,
  imported integer not null,
  rejected integer not null,
  skipped integer not null,
  jobs_enqueued integer not null,
  duracao_ms integer not null,
  created_at timestamp with time zone not null,
  constraint appointment_imports_pkey PRIMARY KEY (id),
  constraint appointment_imports_sha256_check CHECK ((arquivo_sha256 ~ '^[0-9a-f]{64}$'::text))
);
alter table public.appointment_imports enable row level security;
CREATE INDEX appointment_imports_arquivo_idx ON public.appointment_imports USING btree (arquivo_sha256, created_at);
comment on table public.appointment_imports is 'Uma linha por planilha importada; não é podada: é o registro de onde os agendamentos vieram.';
-- rights: service_role=delete,insert,select,update

create table public.appointments (
  id uuid not null default gen_random_uuid(),
  import_id uuid,
  linha integer,
  nome text not null,
  telefone text,
  data date,
  hora time without time zone,
  endereco_completo text,
  documento_completo text,
  endereco_hash text generated always as (interno.hash_texto(endereco_completo)) stored,
  documento_hash text generated always as (interno.hash_texto(documento_completo)) stored,
  normalization_status text not null default 'pending'::text,
  normalization_job_id uuid,
  normalization_error text,
  endereco_normalizado jsonb,
  endereco_normalizado_hash text,
  documento_normalizado jsonb,
  documento_normalizado_hash text,
  cpf text,
  rg text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint appointments_cpf_check CHECK ((cpf ~ '^[0-9]{11}$'::text)),
  constraint appointments_import_fkey FOREIGN KEY (import_id) REFERENCES public.appointment_imports(id),
  constraint appointments_nome_check CHECK ((btrim(nome) <> ''::text)),
  constraint appointments_pkey PRIMARY KEY (id),
  constraint appointments_status_check CHECK ((normalization_status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'skipped'::text])))
);
alter table public.appointments enable row level security;
CREATE INDEX appointments_abertos_idx ON public.appointments USING btree (updated_at) WHERE (normalization_status = ANY (ARRAY['pending'::text, 'processing'::text]));
CREATE INDEX appointments_cpf_idx ON public.appointments USING btree (cpf) WHERE (cpf IS NOT NULL);
CREATE INDEX appointments_import_idx ON public.appointments USING btree (import_id);
CREATE INDEX appointments_status_idx ON public.appointments USING btree (normalization_status);
comment on table public.appointments is 'Agendamentos: dado do negócio, não é podado.';
comment on column public.appointments.endereco_normalizado_hash is 'Hash do texto que deu endereco_normalizado; igual a endereco_hash enquanto o texto não mudar.';
-- rights: service_role=delete,insert,select,update

create table public.auditoria_operacional (
  id bigint not null generated always as identity,
  em timestamp with time zone not null default now(),
  autor text not null,
  acao text not null,
  alvo text not null,
  motivo text,
  antes jsonb,
  depois jsonb,
  constraint auditoria_operacional_acao_check CHECK ((acao ~ '^[a-z][a-z_]{1,39}$'::text)),
  constraint auditoria_operacional_alvo_check CHECK (((char_length(alvo) >= 1) AND (char_length(alvo) <= 200))),
  constraint auditoria_operacional_autor_check CHECK (((char_length(autor) >= 1) AND (char_length(autor) <= 100))),
  constraint auditoria_operacional_motivo_check CHECK (((char_length(motivo) >= 1) AND (char_length(motivo) <= 500))),
  constraint auditoria_operacional_pkey PRIMARY KEY (id)
);
alter table public.auditoria_operacional enable row level security;
CREATE INDEX auditoria_operacional_alvo_idx ON public.auditoria_operacional USING btree (alvo, id DESC);
CREATE TRIGGER auditoria_operacional_so_cresce BEFORE DELETE OR UPDATE ON public.auditoria_operacional FOR EACH ROW EXECUTE FUNCTION interno.recusar_mudanca_da_auditoria();
comment on table public.auditoria_operacional is 'Diário do que operadores fizeram: só cresce, UPDATE e DELETE são recusados. Uma linha por gesto de uma pessoa, por isso nunca é podada.';
comment on column public.auditoria_operacional.autor is 'Quem disse ser (X-Operador, --autor): registrado, nunca usado para dar acesso.';
-- rights: service_role=delete,insert,select,update

create table public.background_job_logs (
  job_id uuid not null,
  ts timestamp with time zone not null,
  level text not null,
  prefix text not null,
  message text not null,
  constraint background_job_logs_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warn'::text, 'error'::text])))
);
alter table public.background_job_logs enable row level security;
CREATE INDEX background_job_logs_job_idx ON public.background_job_logs USING btree (job_id, ts);
comment on table public.background_job_logs is 'Linhas de log de uma tarefa, apagadas junto com ela por purge_tasks.';
-- rights: service_role=delete,insert,select,update

create table public.background_job_totals (
  queue text not null,
  hora timestamp with time zone not null,
  complete integer not null default 0,
  failed integer not null default 0,
  constraint background_job_totals_pkey PRIMARY KEY (queue, hora)
);
alter table public.background_job_totals enable row level security;
comment on table public.background_job_totals is 'Tarefas terminadas por fila e hora, das linhas já apagadas. Podada por purge_tasks após 7 dias.';
-- rights: service_role=delete,insert,select,update

create table public.background_jobs (
  job_id uuid not null default gen_random_uuid(),
  queue text not null,
  function text not null,
  args jsonb not null default '{}'::jsonb,
  dedupe_key text,
  status text not null default 'queued'::text,
  tries integer not null default 0,
  max_tries integer not null,
  timeout_s integer not null,
  keep_result_s integer not null,
  keep_failed_s integer not null,
  available_at timestamp with time zone not null,
  locked_by text,
  lease_token uuid,
  locked_until timestamp with time zone,
  enqueue_time timestamp with time zone not null,
  start_time timestamp with time zone,
  finish_time timestamp with time zone,
  result jsonb,
  error text,
  expires_at timestamp with time zone,
  constraint background_jobs_end_check CHECK ((((status = ANY (ARRAY['complete'::text, 'failed'::text])) = (finish_time IS NOT NULL)) AND ((finish_time IS NULL) = (expires_at IS NULL)))),
  constraint background_jobs_lease_check CHECK ((((status = 'in_progress'::text) = (lease_token IS NOT NULL)) AND ((lease_token IS NULL) = (locked_until IS NULL)))),
  constraint background_jobs_limits_check CHECK (((max_tries >= 1) AND (timeout_s >= 1) AND (keep_result_s >= 0) AND (keep_failed_s >= 0))),
  constraint background_jobs_pkey PRIMARY KEY (job_id),
  constraint background_jobs_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'in_progress'::text, 'complete'::text, 'failed'::text])))
);
alter table public.background_jobs enable row level security;
CREATE UNIQUE INDEX background_jobs_dedupe_idx ON public.background_jobs USING btree (function, dedupe_key) WHERE ((status = ANY (ARRAY['queued'::text, 'in_progress'::text])) AND (dedupe_key IS NOT NULL));
CREATE INDEX background_jobs_due_idx ON public.background_jobs USING btree (queue, available_at) WHERE (status = 'queued'::text);
CREATE INDEX background_jobs_expires_idx ON public.background_jobs USING btree (expires_at) WHERE (expires_at IS NOT NULL);
CREATE INDEX background_jobs_lease_idx ON public.background_jobs USING btree (queue, locked_until) WHERE (status = 'in_progress'::text);
CREATE TRIGGER background_jobs_agendamento BEFORE UPDATE ON public.background_jobs FOR EACH ROW WHEN (((new.function = 'normalize_appointment'::text) AND (new.status = ANY (ARRAY['queued'::text, 'failed'::text])) AND (old.status IS DISTINCT FROM new.status))) EXECUTE FUNCTION interno.refletir_tarefa_de_agendamento();
comment on table public.background_jobs is 'Tarefas em segundo plano. Uma linha terminada vive até expires_at (1 h por padrão) e é apagada por purge_tasks, chamada pelos jobs que drenam as filas.';
comment on column public.background_jobs.lease_token is 'Novo a cada reserva: quem perdeu a reserva não escreve mais nada sobre a tarefa.';
-- rights: service_role=delete,insert,select,update

create table public.background_workers (
  worker text not null,
  queues text[] not null default '{}'::text[],
  running integer not null default 0,
  rss_mb integer,
  cpu_pct real,
  last_drain_at timestamp with time zone,
  seen_at timestamp with time zone not null,
  constraint background_workers_pkey PRIMARY KEY (worker)
);
alter table public.background_workers enable row level security;
comment on table public.background_workers is 'Processos que drenam tarefas, com o último sinal de vida. Podada por purge_tasks após um dia.';
-- rights: service_role=delete,insert,select,update

create table public.cache_llm_grupos (
  chave text not null,
  tipo text not null,
  resposta jsonb not null,
  expira_em timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  constraint ck_cache_llm_grupos_tipo CHECK ((tipo = ANY (ARRAY['classificacao'::text, 'extracao'::text]))),
  constraint pk_cache_llm_grupos PRIMARY KEY (chave)
);
alter table public.cache_llm_grupos enable row level security;
CREATE INDEX ix_cache_llm_grupos_expira ON public.cache_llm_grupos USING btree (expira_em);
comment on table public.cache_llm_grupos is 'Respostas do LLM por 24 h. Linhas vencidas são podadas por limpar_grupos_finalizados (podar_cache_llm_grupos).';
-- rights: service_role=delete,insert,select,update

create table public.circuit_transitions (
  id uuid not null default gen_random_uuid(),
  circuit_name text not null,
  from_state text not null,
  to_state text not null,
  reason text not null,
  falhas_consecutivas integer not null default 0,
  tentativas_half_open integer not null default 0,
  created_at timestamp with time zone not null default now(),
  constraint ck_circuit_transitions_from CHECK ((from_state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text]))),
  constraint ck_circuit_transitions_to CHECK ((to_state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text]))),
  constraint pk_circuit_transitions PRIMARY KEY (id)
);
alter table public.circuit_transitions enable row level security;
CREATE INDEX ix_circuit_transitions_data ON public.circuit_transitions USING btree (created_at DESC);
CREATE INDEX ix_circuit_transitions_nome ON public.circuit_transitions USING btree (circuit_name, created_at DESC);
comment on table public.circuit_transitions is 'Mudanças de estado dos circuitos. Podada pela manutenção do scheduler (podar_circuit_transitions) após 30 dias.';
-- rights: service_role=delete,insert,select,update

create table public.clientes (
  id uuid not null default gen_random_uuid(),
  telefone character varying(20) not null,
  primeiro_nome text,
  sobrenome text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint clientes_pkey PRIMARY KEY (id),
  constraint uq_clientes_telefone UNIQUE (telefone)
);
alter table public.clientes enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.cnes_estabelecimentos (
  cnes_codigo text not null,
  razao_social text not null,
  nome_fantasia text,
  nome_busca text not null generated always as (public.fn_normalizar_busca(COALESCE(nome_fantasia, razao_social))) stored,
  tipo_unidade text,
  logradouro text,
  numero text,
  bairro text,
  cidade text not null,
  uf text not null,
  cep text,
  telefone text,
  latitude double precision,
  longitude double precision,
  ativo boolean not null default true,
  constraint cnes_estabelecimentos_pkey PRIMARY KEY (cnes_codigo)
);
alter table public.cnes_estabelecimentos enable row level security;
CREATE INDEX ix_cnes_nome_busca ON public.cnes_estabelecimentos USING gin (nome_busca extensions.gin_trgm_ops) WHERE ativo;
-- rights: service_role=delete,insert,select,update

create table public.contatos_grupo (
  id uuid not null default gen_random_uuid(),
  jid text not null,
  telefone text,
  nome text,
  empresa text,
  tipo text not null default 'desconhecido'::text,
  total_mensagens integer not null default 0,
  total_vagas_postadas integer not null default 0,
  total_vagas_validas integer not null default 0,
  taxa_qualidade double precision,
  cliente_id uuid,
  primeiro_contato timestamp with time zone,
  ultimo_contato timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_contatos_grupo_telefone CHECK ((telefone ~ '^[0-9]+$'::text)),
  constraint ck_contatos_grupo_tipo CHECK ((tipo = ANY (ARRAY['escalista'::text, 'hospital'::text, 'medico'::text, 'desconhecido'::text]))),
  constraint contatos_grupo_pkey PRIMARY KEY (id),
  constraint fk_contatos_grupo_cliente FOREIGN KEY (cliente_id) REFERENCES public.clientes(id),
  constraint uq_contatos_grupo_jid UNIQUE (jid)
);
alter table public.contatos_grupo enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.especialidades (
  id uuid not null default gen_random_uuid(),
  nome text not null,
  created_at timestamp with time zone not null default now(),
  constraint especialidades_pkey PRIMARY KEY (id),
  constraint uq_especialidades_nome UNIQUE (nome)
);
alter table public.especialidades enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.especialidades_alias (
  id uuid not null default gen_random_uuid(),
  especialidade_id uuid not null,
  alias text not null,
  alias_normalizado text not null,
  origem text not null default 'sistema'::text,
  criado_por text,
  confianca double precision not null default 1.0,
  confirmado boolean not null default false,
  vezes_usado integer not null default 0,
  ultimo_uso timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint ck_especialidades_alias_normalizado CHECK ((alias_normalizado <> ''::text)),
  constraint ck_especialidades_alias_origem CHECK ((origem = ANY (ARRAY['sistema'::text, 'seed'::text, 'manual'::text, 'revisao'::text, 'cnes'::text]))),
  constraint especialidades_alias_pkey PRIMARY KEY (id),
  constraint fk_especialidades_alias_especialidade FOREIGN KEY (especialidade_id) REFERENCES public.especialidades(id) ON DELETE CASCADE,
  constraint uq_especialidades_alias_normalizado UNIQUE (alias_normalizado)
);
alter table public.especialidades_alias enable row level security;
CREATE INDEX ix_especialidades_alias_especialidade ON public.especialidades_alias USING btree (especialidade_id);
CREATE INDEX ix_especialidades_alias_trgm ON public.especialidades_alias USING gin (alias_normalizado extensions.gin_trgm_ops);
CREATE TRIGGER tg_especialidades_alias_normalizado BEFORE INSERT OR UPDATE OF alias, alias_normalizado ON public.especialidades_alias FOR EACH ROW EXECUTE FUNCTION interno.preencher_alias_normalizado();
-- rights: service_role=delete,insert,select,update

create table public.event_deliveries (
  id bigint not null generated by default as identity,
  message_id bigint not null,
  topic text not null,
  group_id text not null,
  key text,
  status text not null default 'pendente'::text,
  attempts integer not null default 0,
  blocked boolean not null default false,
  available_at timestamp with time zone not null,
  lease_token uuid,
  locked_by text,
  locked_until timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  bytes integer not null default 0,
  constraint event_deliveries_pkey PRIMARY KEY (message_id, group_id),
  constraint event_deliveries_status_check CHECK ((status = ANY (ARRAY['pendente'::text, 'processando'::text, 'aguardando_retry'::text, 'concluida'::text, 'morta'::text])))
);
alter table public.event_deliveries enable row level security;
CREATE INDEX event_deliveries_dead ON public.event_deliveries USING btree (finished_at, id) WHERE (status = 'morta'::text);
CREATE INDEX event_deliveries_due ON public.event_deliveries USING btree (topic, group_id, available_at, message_id) WHERE ((status = ANY (ARRAY['pendente'::text, 'aguardando_retry'::text])) AND (NOT blocked));
CREATE INDEX event_deliveries_key_order ON public.event_deliveries USING btree (topic, group_id, key, message_id) WHERE ((key IS NOT NULL) AND (status <> ALL (ARRAY['concluida'::text, 'morta'::text])));
CREATE UNIQUE INDEX event_deliveries_key_turn ON public.event_deliveries USING btree (topic, group_id, key) WHERE ((key IS NOT NULL) AND (NOT blocked) AND (status <> ALL (ARRAY['concluida'::text, 'morta'::text])));
CREATE INDEX event_deliveries_leases ON public.event_deliveries USING btree (locked_until) WHERE (status = 'processando'::text);
comment on table public.event_deliveries is 'Uma linha por mensagem e grupo; some com a sua mensagem.';
-- rights: service_role=delete,insert,select,update

create table public.event_groups (
  topic text not null,
  group_id text not null,
  worker text not null,
  start_id bigint not null,
  pausado boolean not null default false,
  created_at timestamp with time zone not null default now(),
  backfill_after bigint,
  backfill_until bigint,
  pausar_depois boolean not null default false,
  constraint event_groups_backfill_check CHECK (((backfill_after IS NULL) = (backfill_until IS NULL))),
  constraint event_groups_pkey PRIMARY KEY (topic, group_id)
);
alter table public.event_groups enable row level security;
comment on table public.event_groups is 'Grupos declarados pelos workers; poucas linhas. Um grupo sem worker é removido por quem opera (remove_topic_group).';
comment on column public.event_groups.backfill_until is 'Até esta mensagem o grupo ainda recebe as guardadas antes dele (backfill_topic_groups), a partir de backfill_after; null: já tem todas.';
comment on column public.event_groups.pausar_depois is 'O que pausado passa a ser no fim do backfill: até lá o grupo não entrega, ou a ordem por chave se perderia.';
-- rights: service_role=delete,insert,select,update

create table public.event_messages (
  id bigint not null generated by default as identity,
  topic text not null,
  key text,
  payload jsonb not null,
  headers jsonb not null default '{}'::jsonb,
  correlation_id uuid not null default gen_random_uuid(),
  causation_id bigint,
  dedupe_key text,
  published_at timestamp with time zone not null default now(),
  published_by text,
  constraint event_messages_pkey PRIMARY KEY (id),
  constraint event_messages_topic_check CHECK (((length(topic) >= 1) AND (length(topic) <= 200)))
);
alter table public.event_messages enable row level security;
CREATE UNIQUE INDEX event_messages_dedupe ON public.event_messages USING btree (topic, dedupe_key) WHERE (dedupe_key IS NOT NULL);
CREATE INDEX event_messages_published_at ON public.event_messages USING btree (published_at);
CREATE INDEX event_messages_topic_id ON public.event_messages USING btree (topic, id);
comment on table public.event_messages is 'Mensagens publicadas. processar_eventos remove as que terminaram há 7 dias (30 as mortas e as de DLQ), até 1000 por vez.';
-- rights: service_role=delete,insert,select,update

create table public.event_outcomes (
  em timestamp with time zone not null,
  topic text not null,
  group_id text not null,
  ok integer not null,
  falhas integer not null
);
alter table public.event_outcomes enable row level security;
CREATE INDEX event_outcomes_em ON public.event_outcomes USING btree (em);
comment on table public.event_outcomes is 'Fins por lote, para a taxa da última hora; processar_eventos remove os de mais de 2 horas.';
-- rights: service_role=delete,insert,select,update

create table public.fila_processamento_grupos (
  id uuid not null default gen_random_uuid(),
  mensagem_id uuid not null,
  vaga_grupo_id uuid,
  estagio character varying(50) not null default 'pendente'::character varying,
  ultimo_estagio character varying(50),
  motivo text,
  tentativas integer not null default 0,
  max_tentativas integer not null default 3,
  ultimo_erro text,
  proximo_retry timestamp with time zone,
  lease_token uuid,
  lease_ate timestamp with time zone,
  lease_por text,
  leases_expirados integer not null default 0,
  reprocessos integer not null default 0,
  estagio_desde timestamp with time zone not null default now(),
  finalizado_em timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_fila_grupos_erro CHECK ((((estagio)::text <> 'erro'::text) OR (ultimo_estagio IS NOT NULL))),
  constraint ck_fila_grupos_estagio CHECK (((((estagio)::text = ANY ((ARRAY['pendente'::character varying, 'heuristica'::character varying, 'classificacao'::character varying, 'extracao'::character varying])::text[])) AND (vaga_grupo_id IS NULL)) OR (((estagio)::text = ANY ((ARRAY['normalizacao'::character varying, 'deduplicacao'::character varying, 'importacao'::character varying])::text[])) AND (vaga_grupo_id IS NOT NULL)) OR ((estagio)::text = ANY ((ARRAY['finalizado'::character varying, 'descartado'::character varying, 'erro'::character varying])::text[])))),
  constraint ck_fila_grupos_lease CHECK ((num_nonnulls(lease_token, lease_ate, lease_por) = ANY (ARRAY[0, 3]))),
  constraint ck_fila_grupos_tentativas CHECK (((tentativas >= 0) AND (max_tentativas >= 1))),
  constraint ck_fila_grupos_ultimo_erro CHECK ((char_length(ultimo_erro) <= 500)),
  constraint fila_processamento_grupos_pkey PRIMARY KEY (id),
  constraint fk_fila_grupos_mensagem FOREIGN KEY (mensagem_id) REFERENCES public.mensagens_grupo(id) ON DELETE CASCADE,
  constraint fk_fila_grupos_vaga FOREIGN KEY (vaga_grupo_id) REFERENCES public.vagas_grupo(id) ON DELETE CASCADE
);
alter table public.fila_processamento_grupos enable row level security;
CREATE INDEX ix_fila_grupos_created ON public.fila_processamento_grupos USING brin (created_at);
CREATE INDEX ix_fila_grupos_esgotados ON public.fila_processamento_grupos USING btree (id) WHERE ((tentativas >= max_tentativas) AND ((estagio)::text <> ALL ((ARRAY['finalizado'::character varying, 'descartado'::character varying, 'erro'::character varying])::text[])));
CREATE INDEX ix_fila_grupos_estagio ON public.fila_processamento_grupos USING btree (estagio);
CREATE INDEX ix_fila_grupos_fim ON public.fila_processamento_grupos USING btree (updated_at) WHERE ((estagio)::text = ANY ((ARRAY['finalizado'::character varying, 'descartado'::character varying, 'erro'::character varying])::text[]));
CREATE INDEX ix_fila_grupos_lease ON public.fila_processamento_grupos USING btree (lease_ate) WHERE (lease_token IS NOT NULL);
CREATE INDEX ix_fila_grupos_proximo_retry ON public.fila_processamento_grupos USING btree (proximo_retry) WHERE (proximo_retry IS NOT NULL);
CREATE INDEX ix_fila_grupos_reserva ON public.fila_processamento_grupos USING btree (estagio, ((tentativas > 0)), created_at, id) WHERE ((lease_token IS NULL) AND ((estagio)::text <> ALL ((ARRAY['finalizado'::character varying, 'descartado'::character varying, 'erro'::character varying])::text[])));
CREATE INDEX ix_fila_grupos_vagas_da_mensagem ON public.fila_processamento_grupos USING btree (mensagem_id) WHERE (vaga_grupo_id IS NOT NULL);
CREATE UNIQUE INDEX uq_fila_grupos_mensagem ON public.fila_processamento_grupos USING btree (mensagem_id) WHERE (vaga_grupo_id IS NULL);
CREATE UNIQUE INDEX uq_fila_grupos_vaga ON public.fila_processamento_grupos USING btree (vaga_grupo_id) WHERE (vaga_grupo_id IS NOT NULL);
comment on table public.fila_processamento_grupos is 'Fila do pipeline de grupos. limpar_grupos_finalizados remove finalizado e descartado depois de 7 dias; erro só sai por reprocesso ou operador.';
-- rights: service_role=delete,insert,select,update

create table public.formas_recebimento (
  id uuid not null default gen_random_uuid(),
  forma_recebimento text not null,
  constraint formas_recebimento_pkey PRIMARY KEY (id),
  constraint uq_formas_recebimento_forma UNIQUE (forma_recebimento)
);
alter table public.formas_recebimento enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.grupos_pipeline_estado (
  id smallint not null default 1,
  ciclo_iniciado_em timestamp with time zone,
  ciclo_por text,
  ultimo_ciclo_em timestamp with time zone,
  ultimo_ciclo jsonb,
  constraint ck_grupos_pipeline_estado_unica CHECK ((id = 1)),
  constraint grupos_pipeline_estado_pkey PRIMARY KEY (id)
);
alter table public.grupos_pipeline_estado enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.grupos_whatsapp (
  id uuid not null default gen_random_uuid(),
  jid text not null,
  nome text,
  descricao text,
  regiao text,
  tipo text not null default 'vagas'::text,
  hospital_id uuid,
  ativo boolean not null default true,
  monitorar_ofertas boolean not null default true,
  total_mensagens integer not null default 0,
  total_ofertas_detectadas integer not null default 0,
  total_vagas_importadas integer not null default 0,
  primeira_mensagem_em timestamp with time zone,
  ultima_mensagem_em timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_grupos_whatsapp_jid CHECK ((jid ~~ '%@g.us'::text)),
  constraint ck_grupos_whatsapp_tipo CHECK ((tipo = ANY (ARRAY['vagas'::text, 'geral'::text, 'regional'::text, 'hospital'::text]))),
  constraint fk_grupos_whatsapp_hospital FOREIGN KEY (hospital_id) REFERENCES public.hospitais(id),
  constraint grupos_whatsapp_pkey PRIMARY KEY (id),
  constraint uq_grupos_whatsapp_jid UNIQUE (jid)
);
alter table public.grupos_whatsapp enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.hospitais (
  id uuid not null default gen_random_uuid(),
  nome text not null,
  nome_busca text not null generated always as (public.fn_normalizar_busca(nome)) stored,
  logradouro text,
  numero text,
  bairro text,
  cidade text not null default 'Não informada'::text,
  estado text not null default 'SP'::text,
  cep text,
  latitude double precision,
  longitude double precision,
  cnes_codigo text,
  google_place_id text,
  criado_automaticamente boolean not null default false,
  precisa_revisao boolean not null default false,
  enriched_at timestamp with time zone,
  enriched_by text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_hospitais_nome CHECK ((btrim(nome) <> ''::text)),
  constraint hospitais_pkey PRIMARY KEY (id)
);
alter table public.hospitais enable row level security;
CREATE INDEX ix_hospitais_nome_busca ON public.hospitais USING gin (nome_busca extensions.gin_trgm_ops);
CREATE UNIQUE INDEX uq_hospitais_cnes ON public.hospitais USING btree (cnes_codigo) WHERE (cnes_codigo IS NOT NULL);
-- rights: service_role=delete,insert,select,update

create table public.hospitais_alias (
  id uuid not null default gen_random_uuid(),
  hospital_id uuid not null,
  alias text not null,
  alias_normalizado text not null,
  origem text not null default 'sistema'::text,
  criado_por text,
  confianca double precision not null default 1.0,
  confirmado boolean not null default false,
  vezes_usado integer not null default 0,
  ultimo_uso timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint ck_hospitais_alias_normalizado CHECK ((alias_normalizado <> ''::text)),
  constraint ck_hospitais_alias_origem CHECK ((origem = ANY (ARRAY['sistema'::text, 'seed'::text, 'manual'::text, 'revisao'::text, 'cnes'::text]))),
  constraint fk_hospitais_alias_hospital FOREIGN KEY (hospital_id) REFERENCES public.hospitais(id) ON DELETE CASCADE,
  constraint hospitais_alias_pkey PRIMARY KEY (id),
  constraint uq_hospitais_alias_normalizado UNIQUE (alias_normalizado)
);
alter table public.hospitais_alias enable row level security;
CREATE INDEX ix_hospitais_alias_hospital ON public.hospitais_alias USING btree (hospital_id);
CREATE INDEX ix_hospitais_alias_trgm ON public.hospitais_alias USING gin (alias_normalizado extensions.gin_trgm_ops);
CREATE TRIGGER tg_hospitais_alias_normalizado BEFORE INSERT OR UPDATE OF alias, alias_normalizado ON public.hospitais_alias FOR EACH ROW EXECUTE FUNCTION interno.preencher_alias_normalizado();
-- rights: service_role=delete,insert,select,update

create table public.hospitais_bloqueados (
  id uuid not null default gen_random_uuid(),
  hospital_id uuid not null,
  status text not null default 'bloqueado'::text,
  motivo text,
  bloqueado_por text,
  created_at timestamp with time zone not null default now(),
  constraint ck_hospitais_bloqueados_status CHECK ((status = ANY (ARRAY['bloqueado'::text, 'desbloqueado'::text]))),
  constraint fk_hospitais_bloqueados_hospital FOREIGN KEY (hospital_id) REFERENCES public.hospitais(id) ON DELETE CASCADE,
  constraint hospitais_bloqueados_pkey PRIMARY KEY (id)
);
alter table public.hospitais_bloqueados enable row level security;
CREATE UNIQUE INDEX uq_hospitais_bloqueados_ativo ON public.hospitais_bloqueados USING btree (hospital_id) WHERE (status = 'bloqueado'::text);
-- rights: service_role=delete,insert,select,update

create table public.job_executions (
  id uuid not null default gen_random_uuid(),
  job_name text not null,
  scheduled_for timestamp with time zone,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  status text not null default 'running'::text,
  duration_ms integer,
  response_code integer,
  error text,
  items_processed integer,
  trigger text not null default 'manual'::text,
  instance_id text,
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint job_executions_error_check CHECK ((char_length(error) <= 500)),
  constraint job_executions_finished_check CHECK (((status = 'running'::text) = (finished_at IS NULL))),
  constraint job_executions_numbers_check CHECK (((duration_ms >= 0) AND (items_processed >= 0))),
  constraint job_executions_pkey PRIMARY KEY (id),
  constraint job_executions_slot_check CHECK (((trigger = 'manual'::text) = (scheduled_for IS NULL))),
  constraint job_executions_slot_key UNIQUE (job_name, scheduled_for),
  constraint job_executions_status_check CHECK ((status = ANY (ARRAY['running'::text, 'success'::text, 'error'::text, 'timeout'::text]))),
  constraint job_executions_trigger_check CHECK ((trigger = ANY (ARRAY['schedule'::text, 'catchup'::text, 'manual'::text])))
);
alter table public.job_executions enable row level security;
CREATE INDEX job_executions_failed_idx ON public.job_executions USING btree (started_at DESC) WHERE (status = ANY (ARRAY['error'::text, 'timeout'::text]));
CREATE INDEX job_executions_job_failed_idx ON public.job_executions USING btree (job_name, started_at DESC) WHERE (status = ANY (ARRAY['error'::text, 'timeout'::text]));
CREATE INDEX job_executions_job_started_idx ON public.job_executions USING btree (job_name, started_at DESC);
CREATE INDEX job_executions_nunca_enviadas_idx ON public.job_executions USING btree (scheduled_for) WHERE ((status = 'error'::text) AND (error = 'interrompido: scheduler parou'::text));
CREATE UNIQUE INDEX job_executions_running_key ON public.job_executions USING btree (job_name) WHERE (status = 'running'::text);
CREATE INDEX job_executions_started_brin ON public.job_executions USING brin (started_at);
CREATE INDEX job_executions_success_idx ON public.job_executions USING btree (job_name, started_at DESC) WHERE (status = 'success'::text);
CREATE TRIGGER job_executions_pausa BEFORE INSERT ON public.job_executions FOR EACH ROW WHEN (((new.scheduled_for IS NOT NULL) AND (current_setting('julia.sem_pausas'::text, true) IS DISTINCT FROM 'sim'::text))) EXECUTE FUNCTION interno.barrar_slot_pausado();
comment on table public.job_executions is 'Uma linha por tentativa de execução. Podada por podar_job_executions (agendador, diária): 90 dias, erros 1 ano; ficam a última linha e o último sucesso de cada job.';
comment on column public.job_executions.scheduled_for is 'O horário que a execução cumpre (UTC); nulo só quando manual.';
comment on column public.job_executions.lease_expires_at is 'Até quando o dono é tido por vivo; renovado a cada 10 s.';
-- rights: service_role=delete,insert,select,update

create table public.job_locks (
  job_name text not null,
  token uuid not null,
  owner text not null,
  execution_id uuid not null,
  acquired_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  progresso jsonb,
  constraint job_locks_pkey PRIMARY KEY (job_name),
  constraint job_locks_token_key UNIQUE (token)
);
alter table public.job_locks enable row level security;
comment on table public.job_locks is 'Exclusão por job dentro da API: vive enquanto o trabalho vive, mesmo depois que a conexão HTTP caiu. Uma linha por job em andamento.';
comment on column public.job_locks.progresso is 'Até onde o trabalho chegou: {feitos, total, texto, em}; total nulo quando não se sabe. Gravado no máximo uma vez por segundo.';
-- rights: service_role=delete,insert,select,update

create table public.job_pausas (
  id uuid not null default gen_random_uuid(),
  job_name text not null,
  motivo text not null,
  autor text not null,
  desde timestamp with time zone not null,
  ate timestamp with time zone,
  encerrada_em timestamp with time zone,
  encerrada_por text,
  constraint job_pausas_autor_check CHECK (((char_length(autor) >= 1) AND (char_length(autor) <= 100))),
  constraint job_pausas_encerrada_check CHECK (((encerrada_em IS NULL) = (encerrada_por IS NULL))),
  constraint job_pausas_motivo_check CHECK (((char_length(motivo) >= 1) AND (char_length(motivo) <= 500))),
  constraint job_pausas_periodo_check CHECK (((ate > desde) AND (encerrada_em >= desde))),
  constraint job_pausas_pkey PRIMARY KEY (id)
);
alter table public.job_pausas enable row level security;
CREATE UNIQUE INDEX job_pausas_aberta_key ON public.job_pausas USING btree (job_name) WHERE (encerrada_em IS NULL);
CREATE INDEX job_pausas_fim_idx ON public.job_pausas USING btree (COALESCE(encerrada_em, ate, 'infinity'::timestamp with time zone));
CREATE INDEX job_pausas_job_desde_idx ON public.job_pausas USING btree (job_name, desde DESC);
comment on table public.job_pausas is 'Pausas de jobs pelo agendador; execuções manuais continuam permitidas. Poucas linhas, uma por gesto de operador: nunca podada.';
comment on column public.job_pausas.ate is 'Quando expira sozinha; nulo: até alguém retomar.';
comment on column public.job_pausas.encerrada_em is 'Retomada antes do fim, ou substituída por outra pausa.';
-- rights: service_role=delete,insert,select,update

create table public.job_requests (
  chave text not null,
  job_name text not null,
  token uuid not null,
  status text not null default 'running'::text,
  http_status integer,
  resposta jsonb,
  criado_em timestamp with time zone not null,
  expira_em timestamp with time zone not null,
  execucao_status text,
  erro text,
  itens integer,
  duracao_ms integer,
  constraint job_requests_chave_check CHECK (((char_length(chave) >= 1) AND (char_length(chave) <= 200))),
  constraint job_requests_done_check CHECK (((status = 'done'::text) = ((http_status IS NOT NULL) AND (resposta IS NOT NULL)))),
  constraint job_requests_execucao_status_check CHECK ((execucao_status = ANY (ARRAY['success'::text, 'error'::text]))),
  constraint job_requests_pkey PRIMARY KEY (chave),
  constraint job_requests_status_check CHECK ((status = ANY (ARRAY['running'::text, 'done'::text])))
);
alter table public.job_requests enable row level security;
CREATE INDEX job_requests_expira_idx ON public.job_requests USING btree (expira_em);
comment on table public.job_requests is 'Idempotency-Key de POST /jobs/*: uma chave executa no máximo uma vez em 24 h. Podada por podar_agendador (agendador, diária).';
-- rights: service_role=delete,insert,select,update

create table public.job_slots_pulados (
  job_name text not null,
  scheduled_for timestamp with time zone not null,
  motivo text not null,
  detalhe text,
  instance_id text,
  registrado_em timestamp with time zone not null default now(),
  constraint job_slots_pulados_detalhe_check CHECK ((char_length(detalhe) <= 500)),
  constraint job_slots_pulados_motivo_check CHECK ((motivo = ANY (ARRAY['sobreposicao'::text, 'perdido'::text, 'coalescido'::text, 'pausado'::text, 'fora_da_janela'::text]))),
  constraint job_slots_pulados_pkey PRIMARY KEY (job_name, scheduled_for)
);
alter table public.job_slots_pulados enable row level security;
CREATE INDEX job_slots_pulados_scheduled_brin ON public.job_slots_pulados USING brin (scheduled_for);
comment on table public.job_slots_pulados is 'Um horário que não foi executado, e por quê. Podada por podar_agendador (agendador, diária): 90 dias.';
-- rights: service_role=delete,insert,select,update

create table public.julia_status (
  id uuid not null default gen_random_uuid(),
  status text not null,
  motivo text,
  alterado_por text,
  alterado_via text not null default 'sistema'::text,
  created_at timestamp with time zone not null default now(),
  constraint ck_julia_status_status CHECK ((status = ANY (ARRAY['ativo'::text, 'pausado'::text, 'manutencao'::text, 'erro'::text]))),
  constraint ck_julia_status_via CHECK ((alterado_via = ANY (ARRAY['slack'::text, 'sistema'::text, 'api'::text, 'manual'::text]))),
  constraint julia_status_pkey PRIMARY KEY (id)
);
alter table public.julia_status enable row level security;
CREATE INDEX ix_julia_status_created ON public.julia_status USING btree (created_at DESC);
CREATE INDEX ix_julia_status_operacional ON public.julia_status USING btree (created_at DESC) WHERE (alterado_por IS DISTINCT FROM 'scheduler'::text);
comment on table public.julia_status is 'Estado operacional; heartbeat apaga as linhas dele mesmo com mais de 24 h. As de pessoas ficam.';
-- rights: service_role=delete,insert,select,update

create table public.limites_envio (
  escopo text not null,
  chave text not null,
  janela text not null,
  contador integer not null,
  expira_em timestamp with time zone not null,
  constraint limites_envio_contador_check CHECK ((contador >= 0)),
  constraint limites_envio_escopo_check CHECK ((escopo ~ '^[a-z][a-z_]{0,39}$'::text)),
  constraint limites_envio_pkey PRIMARY KEY (escopo, chave, janela)
);
alter table public.limites_envio enable row level security;
CREATE INDEX limites_envio_expira_idx ON public.limites_envio USING btree (expira_em);
comment on table public.limites_envio is 'Quanto de cada limite já foi usado numa janela (hora YYYYMMDDHH ou dia YYYYMMDD de São Paulo). Podada a cada reserva, vencida a janela.';
-- rights: service_role=delete,insert,select,update

create table public.mensagens_grupo (
  id uuid not null default gen_random_uuid(),
  grupo_id uuid not null,
  contato_id uuid,
  message_id text not null,
  sender_jid text,
  sender_nome text,
  texto text,
  tipo_midia text not null default 'texto'::text,
  tem_midia boolean not null default false,
  is_forwarded boolean not null default false,
  is_reply boolean not null default false,
  reply_to_id text,
  timestamp_msg timestamp with time zone not null,
  instance_name text,
  status text not null default 'pendente'::text,
  passou_heuristica boolean,
  score_heuristica double precision,
  keywords_encontradas text[],
  motivo_descarte text,
  eh_oferta boolean,
  confianca_classificacao double precision,
  classificador text,
  extrator text,
  qtd_vagas_extraidas integer not null default 0,
  erro text,
  processado_em timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint ck_mensagens_grupo_midia CHECK ((tipo_midia = ANY (ARRAY['texto'::text, 'imagem'::text, 'audio'::text, 'video'::text, 'documento'::text, 'sticker'::text, 'outro'::text]))),
  constraint ck_mensagens_grupo_status CHECK ((status = ANY (ARRAY['pendente'::text, 'ignorada_midia'::text, 'ignorada_curta'::text, 'ignorada_propria'::text, 'ignorada_grupo'::text, 'heuristica_passou'::text, 'heuristica_rejeitou'::text, 'classificada_oferta'::text, 'classificada_nao_oferta'::text, 'extraida'::text, 'extracao_falhou'::text, 'processada'::text, 'erro'::text]))),
  constraint fk_mensagens_grupo_contato FOREIGN KEY (contato_id) REFERENCES public.contatos_grupo(id),
  constraint fk_mensagens_grupo_grupo FOREIGN KEY (grupo_id) REFERENCES public.grupos_whatsapp(id),
  constraint mensagens_grupo_pkey PRIMARY KEY (id),
  constraint uq_mensagens_grupo_message_id UNIQUE (message_id)
);
alter table public.mensagens_grupo enable row level security;
CREATE INDEX ix_mensagens_grupo_contato ON public.mensagens_grupo USING btree (contato_id);
CREATE INDEX ix_mensagens_grupo_created ON public.mensagens_grupo USING brin (created_at);
CREATE INDEX ix_mensagens_grupo_grupo ON public.mensagens_grupo USING btree (grupo_id);
CREATE INDEX ix_mensagens_grupo_ofertas ON public.mensagens_grupo USING btree (grupo_id, timestamp_msg) WHERE eh_oferta;
CREATE INDEX ix_mensagens_grupo_status ON public.mensagens_grupo USING btree (status);
CREATE INDEX ix_mensagens_grupo_timestamp ON public.mensagens_grupo USING btree (timestamp_msg DESC);
comment on table public.mensagens_grupo is 'Mensagens de grupos. limpar_grupos_finalizados apaga texto, nome e telefone depois de 180 dias (LGPD).';
-- rights: service_role=delete,insert,select,update

create table public.metricas_grupos_diarias (
  data date not null,
  grupo_id uuid not null,
  mensagens_total integer not null default 0,
  mensagens_processadas integer not null default 0,
  mensagens_descartadas integer not null default 0,
  vagas_extraidas integer not null default 0,
  vagas_importadas integer not null default 0,
  vagas_revisao integer not null default 0,
  vagas_descartadas integer not null default 0,
  vagas_duplicadas integer not null default 0,
  tempo_medio_processamento_ms integer,
  tempo_medio_llm_ms integer,
  tokens_input integer not null default 0,
  tokens_output integer not null default 0,
  custo_estimado_usd numeric(10,4) not null default 0,
  confianca_media_extracao numeric(3,2),
  confianca_media_match numeric(3,2),
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint fk_metricas_grupos_grupo FOREIGN KEY (grupo_id) REFERENCES public.grupos_whatsapp(id) ON DELETE CASCADE,
  constraint uq_metricas_grupos_data_grupo UNIQUE (data, grupo_id)
);
alter table public.metricas_grupos_diarias enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.metricas_pipeline_diarias (
  data date not null,
  grupos_ativos integer not null default 0,
  mensagens_total integer not null default 0,
  mensagens_processadas integer not null default 0,
  heuristica_passou integer not null default 0,
  llm_classificou integer not null default 0,
  extracao_sucesso integer not null default 0,
  normalizacao_sucesso integer not null default 0,
  vagas_importadas integer not null default 0,
  vagas_revisao integer not null default 0,
  vagas_duplicadas integer not null default 0,
  p50_tempo_ms integer,
  p95_tempo_ms integer,
  p99_tempo_ms integer,
  custo_total_usd numeric(10,4) not null default 0,
  erros_total integer not null default 0,
  erros_por_estagio jsonb not null default '{}'::jsonb,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint uq_metricas_pipeline_data UNIQUE (data)
);
alter table public.metricas_pipeline_diarias enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.offers (
  id uuid not null default gen_random_uuid(),
  url text not null,
  product_id text,
  title text,
  current_price_cents integer not null,
  old_fraction text,
  old_cents text,
  old_price_cents integer,
  discount_pct integer,
  affiliate_link text,
  affiliation_id text,
  enrichment_status text not null default 'none'::text,
  enrichment_outcome text,
  enrichment_job_id uuid,
  enrichment_error text,
  enrichment_attempts integer not null default 0,
  enrichment_blocks integer not null default 0,
  enriched_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint offers_current_price_check CHECK ((current_price_cents > 0)),
  constraint offers_discount_check CHECK (((discount_pct >= 0) AND (discount_pct <= 99))),
  constraint offers_enrichment_outcome_check CHECK ((enrichment_outcome = ANY (ARRAY['enriquecida'::text, 'sem_desconto'::text, 'indisponivel'::text]))),
  constraint offers_enrichment_status_check CHECK ((enrichment_status = ANY (ARRAY['none'::text, 'queued'::text, 'started'::text, 'finished'::text, 'failed'::text]))),
  constraint offers_old_price_check CHECK ((old_price_cents > 0)),
  constraint offers_pkey PRIMARY KEY (id),
  constraint offers_url_check CHECK (((length(url) >= 1) AND (length(url) <= 2048))),
  constraint offers_url_key UNIQUE (url)
);
alter table public.offers enable row level security;
CREATE INDEX offers_created_at_idx ON public.offers USING btree (created_at);
CREATE INDEX offers_enriched_at_idx ON public.offers USING btree (enriched_at);
CREATE INDEX offers_enrichment_job_idx ON public.offers USING btree (enrichment_job_id);
CREATE INDEX offers_enrichment_status_idx ON public.offers USING btree (enrichment_status);
CREATE INDEX offers_incompletas_idx ON public.offers USING btree (created_at, id) WHERE ((enrichment_status = ANY (ARRAY['none'::text, 'finished'::text])) AND ((old_price_cents IS NULL) OR (discount_pct IS NULL) OR (affiliate_link IS NULL)));
comment on table public.offers is 'Ofertas coletadas e o seu enriquecimento. Dados do produto: nenhum job as apaga.';
comment on column public.offers.current_price_cents is 'Do scraping; o enriquecimento nunca o reescreve.';
comment on column public.offers.old_fraction is 'Parte inteira do preço anterior como a página a escreve, com pontos de milhar.';
comment on column public.offers.enrichment_blocks is 'Bloqueios da loja desde o último fim, enquanto outras páginas eram lidas; não contam como tentativa.';
-- rights: service_role=delete,insert,select,update

create table public.periodos (
  id uuid not null default gen_random_uuid(),
  nome text not null,
  constraint periodos_pkey PRIMARY KEY (id),
  constraint uq_periodos_nome UNIQUE (nome)
);
alter table public.periodos enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.queue_state (
  queue text not null,
  pausada_ate timestamp with time zone,
  motivo text,
  bloqueios_seguidos integer not null default 0,
  alertado_em timestamp with time zone,
  constraint queue_state_pkey PRIMARY KEY (queue)
);
alter table public.queue_state enable row level security;
comment on table public.queue_state is 'Pausa e bloqueios de uma fila de tarefas; uma linha por fila, nunca podada.';
comment on column public.queue_state.alertado_em is 'Quando a sequência de bloqueios em curso foi alertada; null fora de uma, ou antes do alerta.';
-- rights: service_role=delete,insert,select,update

create table public.rate_limits (
  host text not null,
  next_allowed_at timestamp with time zone not null,
  constraint rate_limits_pkey PRIMARY KEY (host)
);
alter table public.rate_limits enable row level security;
comment on table public.rate_limits is 'Quando o próximo pedido a cada host pode começar, para todos os processos. Podada por sincronizar_ofertas (enriquecer_ofertas) após um dia.';
-- rights: service_role=delete,insert,select,update

create table public.scheduler_instances (
  instance_id text not null,
  started_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  last_tick_at timestamp with time zone,
  stopped_at timestamp with time zone,
  jobs integer not null,
  constraint scheduler_instances_pkey PRIMARY KEY (instance_id)
);
alter table public.scheduler_instances enable row level security;
comment on table public.scheduler_instances is 'Processos agendadores e seu último sinal (relógio do banco). Podada por podar_agendador (agendador, diária): 7 dias sem sinal.';
-- rights: service_role=delete,insert,select,update

create table public.scheduler_jobs (
  job_name text not null,
  registered_at timestamp with time zone not null default now(),
  constraint scheduler_jobs_pkey PRIMARY KEY (job_name)
);
alter table public.scheduler_jobs enable row level security;
comment on table public.scheduler_jobs is 'Quando cada job entrou no catálogo de um agendador em execução: de onde os horários passam a ser esperados. Nunca podada.';
-- rights: service_role=delete,insert,select,update

create table public.setores (
  id uuid not null default gen_random_uuid(),
  nome text not null,
  constraint setores_pkey PRIMARY KEY (id),
  constraint uq_setores_nome UNIQUE (nome)
);
alter table public.setores enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.telefone_ultimo_envio (
  telefone text not null,
  em timestamp with time zone not null,
  constraint telefone_ultimo_envio_pkey PRIMARY KEY (telefone)
);
alter table public.telefone_ultimo_envio enable row level security;
CREATE INDEX telefone_ultimo_envio_em_idx ON public.telefone_ultimo_envio USING btree (em);
comment on table public.telefone_ultimo_envio is 'O último envio a cada telefone, para o intervalo mínimo. Podada a cada reserva, depois de uma hora.';
-- rights: service_role=delete,insert,select,update

create table public.tipos_vaga (
  id uuid not null default gen_random_uuid(),
  nome text not null,
  constraint tipos_vaga_pkey PRIMARY KEY (id),
  constraint uq_tipos_vaga_nome UNIQUE (nome)
);
alter table public.tipos_vaga enable row level security;
-- rights: service_role=delete,insert,select,update

create table public.uso_llm_grupos (
  id uuid not null default gen_random_uuid(),
  mensagem_id uuid,
  grupo_id uuid,
  estagio text not null,
  modelo text not null,
  tokens_input integer not null default 0,
  tokens_output integer not null default 0,
  custo_usd numeric(12,6) not null default 0,
  do_cache boolean not null default false,
  duracao_ms integer not null default 0,
  created_at timestamp with time zone not null default now(),
  constraint ck_uso_llm_grupos_estagio CHECK ((estagio = ANY (ARRAY['classificacao'::text, 'extracao'::text, 'normalizacao'::text]))),
  constraint fk_uso_llm_grupos_grupo FOREIGN KEY (grupo_id) REFERENCES public.grupos_whatsapp(id),
  constraint fk_uso_llm_grupos_mensagem FOREIGN KEY (mensagem_id) REFERENCES public.mensagens_grupo(id) ON DELETE SET NULL,
  constraint uso_llm_grupos_pkey PRIMARY KEY (id)
);
alter table public.uso_llm_grupos enable row level security;
CREATE INDEX ix_uso_llm_grupos_created ON public.uso_llm_grupos USING btree (created_at);
comment on table public.uso_llm_grupos is 'Custo de IA, uma linha por chamada. limpar_grupos_finalizados remove depois de 400 dias.';
-- rights: service_role=delete,insert,select,update

create table public.vagas (
  id uuid not null default gen_random_uuid(),
  hospital_id uuid not null,
  especialidade_id uuid not null,
  setor_id uuid,
  periodo_id uuid,
  tipos_vaga_id uuid,
  forma_recebimento_id uuid,
  data date not null,
  hora_inicio time without time zone,
  hora_fim time without time zone,
  valor integer,
  valor_minimo integer,
  valor_maximo integer,
  valor_tipo text not null default 'a_combinar'::text,
  observacoes text,
  contato_nome text,
  contato_whatsapp text,
  status text not null default 'aberta'::text,
  origem text not null default 'manual'::text,
  vaga_grupo_id uuid,
  posicao_grupo integer,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_vagas_posicao CHECK (((vaga_grupo_id IS NULL) OR (posicao_grupo >= 1))),
  constraint ck_vagas_valor_tipo CHECK ((valor_tipo = ANY (ARRAY['fixo'::text, 'a_combinar'::text, 'faixa'::text]))),
  constraint fk_vagas_especialidade FOREIGN KEY (especialidade_id) REFERENCES public.especialidades(id),
  constraint fk_vagas_forma FOREIGN KEY (forma_recebimento_id) REFERENCES public.formas_recebimento(id),
  constraint fk_vagas_hospital FOREIGN KEY (hospital_id) REFERENCES public.hospitais(id),
  constraint fk_vagas_periodo FOREIGN KEY (periodo_id) REFERENCES public.periodos(id),
  constraint fk_vagas_setor FOREIGN KEY (setor_id) REFERENCES public.setores(id),
  constraint fk_vagas_tipo FOREIGN KEY (tipos_vaga_id) REFERENCES public.tipos_vaga(id),
  constraint fk_vagas_vaga_grupo FOREIGN KEY (vaga_grupo_id) REFERENCES public.vagas_grupo(id),
  constraint vagas_pkey PRIMARY KEY (id)
);
alter table public.vagas enable row level security;
CREATE INDEX ix_vagas_data_status ON public.vagas USING btree (data, status);
CREATE UNIQUE INDEX uq_vagas_grupo_posicao ON public.vagas USING btree (vaga_grupo_id, posicao_grupo) WHERE (vaga_grupo_id IS NOT NULL);
-- rights: service_role=delete,insert,select,update

create table public.vagas_grupo (
  id uuid not null default gen_random_uuid(),
  mensagem_id uuid not null,
  grupo_origem_id uuid not null,
  contato_responsavel_id uuid,
  instance_name text,
  chave_vaga text not null,
  ordem_na_mensagem integer,
  hospital_raw text,
  especialidade_raw text,
  setor_raw text,
  periodo_raw text,
  tipo_vaga_raw text,
  forma_pagamento_raw text,
  endereco_raw text,
  cidade text,
  estado text,
  contato_nome text,
  contato_whatsapp text,
  observacoes_raw text,
  data date,
  dia_semana text,
  periodo text,
  hora_inicio time without time zone,
  hora_fim time without time zone,
  valor integer,
  valor_minimo integer,
  valor_maximo integer,
  valor_tipo text not null default 'a_combinar'::text,
  numero_vagas integer not null default 1,
  hospital_id uuid,
  especialidade_id uuid,
  setor_id uuid,
  periodo_id uuid,
  tipos_vaga_id uuid,
  forma_recebimento_id uuid,
  hospital_criado boolean not null default false,
  hospital_match_score double precision,
  especialidade_match_score double precision,
  confianca_geral double precision,
  confianca_hospital double precision,
  confianca_especialidade double precision,
  confianca_data double precision,
  confianca_horario double precision,
  confianca_valor double precision,
  campos_faltando text[] not null default '{}'::text[],
  impedimentos text[] not null default '{}'::text[],
  data_valida boolean,
  dados_minimos_ok boolean not null default false,
  hash_dedup text,
  eh_duplicada boolean not null default false,
  duplicada_de uuid,
  qtd_fontes integer not null default 1,
  status text not null default 'nova'::text,
  motivo_status text,
  vaga_importada_id uuid,
  importada_em timestamp with time zone,
  revisada_por text,
  revisada_em timestamp with time zone,
  notas_revisao text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint ck_vagas_grupo_dia_semana CHECK ((dia_semana = ANY (ARRAY['segunda'::text, 'terca'::text, 'quarta'::text, 'quinta'::text, 'sexta'::text, 'sabado'::text, 'domingo'::text]))),
  constraint ck_vagas_grupo_numero CHECK (((numero_vagas >= 1) AND (numero_vagas <= 10))),
  constraint ck_vagas_grupo_periodo CHECK ((periodo = ANY (ARRAY['manha'::text, 'tarde'::text, 'diurno'::text, 'noturno'::text, 'cinderela'::text, '24h'::text]))),
  constraint ck_vagas_grupo_status CHECK ((status = ANY (ARRAY['nova'::text, 'normalizada'::text, 'duplicada'::text, 'aguardando_revisao'::text, 'aprovada'::text, 'importada'::text, 'rejeitada'::text, 'descartada'::text, 'substituida'::text, 'erro'::text]))),
  constraint ck_vagas_grupo_valor CHECK ((((valor_tipo = 'fixo'::text) AND (valor > 0) AND (valor_minimo IS NULL) AND (valor_maximo IS NULL)) OR ((valor_tipo = 'faixa'::text) AND (valor IS NULL) AND (COALESCE(valor_minimo, valor_maximo) IS NOT NULL) AND ((valor_minimo IS NULL) OR (valor_maximo IS NULL) OR (valor_minimo <= valor_maximo))) OR ((valor_tipo = 'a_combinar'::text) AND (valor IS NULL) AND (valor_minimo IS NULL) AND (valor_maximo IS NULL)))),
  constraint fk_vagas_grupo_contato FOREIGN KEY (contato_responsavel_id) REFERENCES public.contatos_grupo(id),
  constraint fk_vagas_grupo_duplicada_de FOREIGN KEY (duplicada_de) REFERENCES public.vagas_grupo(id),
  constraint fk_vagas_grupo_especialidade FOREIGN KEY (especialidade_id) REFERENCES public.especialidades(id),
  constraint fk_vagas_grupo_forma FOREIGN KEY (forma_recebimento_id) REFERENCES public.formas_recebimento(id),
  constraint fk_vagas_grupo_grupo FOREIGN KEY (grupo_origem_id) REFERENCES public.grupos_whatsapp(id),
  constraint fk_vagas_grupo_hospital FOREIGN KEY (hospital_id) REFERENCES public.hospitais(id),
  constraint fk_vagas_grupo_mensagem FOREIGN KEY (mensagem_id) REFERENCES public.mensagens_grupo(id),
  constraint fk_vagas_grupo_periodo FOREIGN KEY (periodo_id) REFERENCES public.periodos(id),
  constraint fk_vagas_grupo_setor FOREIGN KEY (setor_id) REFERENCES public.setores(id),
  constraint fk_vagas_grupo_tipo FOREIGN KEY (tipos_vaga_id) REFERENCES public.tipos_vaga(id),
  constraint fk_vagas_grupo_vaga FOREIGN KEY (vaga_importada_id) REFERENCES public.vagas(id),
  constraint uq_vagas_grupo_chave UNIQUE (mensagem_id, chave_vaga),
  constraint vagas_grupo_pkey PRIMARY KEY (id)
);
alter table public.vagas_grupo enable row level security;
CREATE INDEX ix_vagas_grupo_data ON public.vagas_grupo USING btree (data);
CREATE INDEX ix_vagas_grupo_grupo ON public.vagas_grupo USING btree (grupo_origem_id);
CREATE INDEX ix_vagas_grupo_hash ON public.vagas_grupo USING btree (hash_dedup) WHERE (hash_dedup IS NOT NULL);
CREATE INDEX ix_vagas_grupo_principal ON public.vagas_grupo USING btree (hash_dedup, created_at, id) WHERE ((hash_dedup IS NOT NULL) AND (NOT eh_duplicada));
CREATE INDEX ix_vagas_grupo_status ON public.vagas_grupo USING btree (status, created_at);
-- rights: service_role=delete,insert,select,update

create table public.vagas_grupo_fontes (
  id uuid not null default gen_random_uuid(),
  vaga_grupo_id uuid not null,
  mensagem_id uuid not null,
  grupo_id uuid not null,
  contato_id uuid,
  ordem integer not null,
  texto_original text,
  valor_informado integer,
  created_at timestamp with time zone not null default now(),
  constraint ck_vagas_grupo_fontes_texto CHECK ((char_length(texto_original) <= 500)),
  constraint fk_vagas_grupo_fontes_contato FOREIGN KEY (contato_id) REFERENCES public.contatos_grupo(id),
  constraint fk_vagas_grupo_fontes_grupo FOREIGN KEY (grupo_id) REFERENCES public.grupos_whatsapp(id),
  constraint fk_vagas_grupo_fontes_mensagem FOREIGN KEY (mensagem_id) REFERENCES public.mensagens_grupo(id),
  constraint fk_vagas_grupo_fontes_vaga FOREIGN KEY (vaga_grupo_id) REFERENCES public.vagas_grupo(id) ON DELETE CASCADE,
  constraint uq_vagas_grupo_fontes_mensagem UNIQUE (vaga_grupo_id, mensagem_id),
  constraint vagas_grupo_fontes_pkey PRIMARY KEY (id)
);
alter table public.vagas_grupo_fontes enable row level security;
-- rights: service_role=delete,insert,select,update

-- Views

create view public.grupo_pipeline_fila with (security_invoker=true) as
 SELECT f.id,
    m.grupo_id,
    f.mensagem_id,
    f.vaga_grupo_id,
    (f.estagio)::text AS estagio,
        CASE f.estagio
            WHEN 'finalizado'::text THEN 'concluido'::text
            WHEN 'descartado'::text THEN 'descartado'::text
            WHEN 'erro'::text THEN 'erro'::text
            ELSE
            CASE
                WHEN (f.lease_ate >= now()) THEN 'processando'::text
                ELSE 'pendente'::text
            END
        END AS status,
    f.tentativas,
    f.ultimo_erro AS erro,
    (f.ultimo_estagio)::text AS ultimo_estagio,
    f.motivo,
    f.proximo_retry,
    f.created_at,
    f.updated_at
   FROM (public.fila_processamento_grupos f
     JOIN public.mensagens_grupo m ON ((m.id = f.mensagem_id)));
-- rights: service_role=delete,insert,select,update

-- Functions

CREATE OR REPLACE FUNCTION interno.alerta_com_historico(p_alerta public.alertas_enviados)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'id', p_alerta.id, 'chave', p_alerta.chave, 'tipo', p_alerta.tipo, 'severidade', p_alerta.severidade,
    'estado', p_alerta.estado, 'tentativas', p_alerta.tentativas, 'ultima_tentativa_em', p_alerta.ultima_tentativa_em, 'versao', p_alerta.versao,
    'ultima_deteccao_em', p_alerta.ultima_deteccao_em, 'conteudo', p_alerta.conteudo,
    'notificado_em', u.notificado_em, 'severidade_notificada', u.severidade_notificada)
    from (select 1) um
    left join lateral (
      select e.notificado_em, e.severidade_notificada from public.alertas_enviados e
       where e.chave = p_alerta.chave and e.notificado_em is not null order by e.notificado_em desc limit 1) u on true
$function$
;
comment on function interno.alerta_com_historico(public.alertas_enviados) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.atualizar_grupo_pipeline_fila()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_viva boolean := old.status in ('pendente', 'processando');
  v_alvo text;
begin
  v_alvo := case when new.status = 'pendente' and v_viva then new.estagio
                 when new.status = 'pendente' and old.status = 'erro' then old.ultimo_estagio
                 when new.status = 'descartado' and (v_viva or old.status = 'erro') then 'descartado'
                 when new.status = 'erro' and v_viva then 'erro' end;
  if v_alvo is null then
    raise exception 'transicao_invalida: % -> %', old.status, new.status using errcode = 'PT409', detail = 'status';
  end if;
  update public.fila_processamento_grupos
     set estagio = v_alvo,
         ultimo_estagio = case when v_viva then old.estagio else ultimo_estagio end,
         tentativas = case when old.status = 'erro' and v_alvo <> 'descartado' then 0 else new.tentativas end,
         ultimo_erro = case when v_alvo = 'erro' then left(coalesce(new.erro, 'erro_manual'), 500)
                            when old.status = 'erro' then null else left(new.erro, 500) end,
         motivo = case when v_alvo = 'descartado' then coalesce(new.motivo, 'descartado_manual') end,
         proximo_retry = null, lease_token = null, lease_ate = null, lease_por = null,
         finalizado_em = case when v_alvo in ('descartado', 'erro') then now() end,
         estagio_desde = case when v_alvo <> old.estagio then now() else estagio_desde end,
         updated_at = now()
   where id = old.id;
  if v_alvo = 'erro' then
    perform interno.grupos_refletir_erro(array[old.id], now());
  end if;
  return new;
end $function$
;
comment on function interno.atualizar_grupo_pipeline_fila() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.barrar_slot_pausado()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_pausa job_pausas;
begin
  if not exists (
    select 1 from job_pausas p
     where p.job_name = new.job_name
       and ((p.desde <= new.scheduled_for and new.scheduled_for < coalesce(p.encerrada_em, p.ate, 'infinity'))
            or (p.desde <= new.started_at and new.started_at < coalesce(p.encerrada_em, p.ate, 'infinity')))) then
    return new;
  end if;
  v_pausa := interno.pausa_do_slot(new.job_name, new.scheduled_for, new.started_at);
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  values (new.job_name, new.scheduled_for, 'pausado', left(interno.pausa_em_palavras(v_pausa), 500),
          new.instance_id, new.started_at)
  on conflict do nothing;
  return null;
end $function$
;
comment on function interno.barrar_slot_pausado() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.chave_de_slot(p_job text, p_slot timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  return p_job || ':' || to_char(p_slot at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end $function$
;
comment on function interno.chave_de_slot(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.claim_deliveries(p_topic text, p_group text, p_max integer, p_max_bytes bigint, p_by text, p_lease_s double precision, p_now timestamp with time zone)
 RETURNS json
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_seed text := gen_random_uuid()::text;
  v_taken json;
begin
  with travadas as materialized (
    select i.ctid as lugar, i.bytes from public.event_deliveries i
     where i.topic = p_topic and i.group_id = p_group and i.status in ('pendente', 'aguardando_retry') and not i.blocked
       and i.available_at <= p_now
     order by i.available_at, i.message_id
     limit p_max for update skip locked),
  levadas as (
    update public.event_deliveries d
       set status = 'processando', attempts = d.attempts + 1, lease_token = md5(v_seed || d.message_id)::uuid, locked_by = p_by,
           locked_until = p_now + make_interval(secs => p_lease_s), started_at = p_now
     where d.ctid = any (array( -- a linha está travada: o seu endereço não muda, e poupa uma busca
       select t.lugar from (select lugar, bytes, sum(bytes) over (rows unbounded preceding) as ate from travadas) t
        where t.ate - t.bytes < p_max_bytes))
    returning d.lease_token, d.message_id, d.attempts, d.key)
  select json_build_array(array_agg(l.message_id), array_agg(l.lease_token), array_agg(l.attempts),
                          case when count(l.key) > 0 then array_agg(l.key) end, array_agg(m.correlation_id),
                          case when bool_or(m.headers <> '{}') then json_agg(m.headers) end, json_agg(m.payload))
    into v_taken
    from levadas l join public.event_messages m on m.id = l.message_id
  having count(*) > 0;
  return v_taken;
end $function$
;
comment on function interno.claim_deliveries(text,text,integer,bigint,text,double precision,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.consultar_pedido(p_job text, p_chave text, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$
;
comment on function interno.consultar_pedido(text,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.contar_reserva(p_itens jsonb, p_telefone text, p_anterior timestamp with time zone, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  update limites_envio l set contador = l.contador + i.quantidade
    from (select i.escopo, i.chave, i.janela, sum(i.quantidade) as quantidade
            from jsonb_to_recordset(p_itens) as i(escopo text, chave text, janela text, quantidade integer) group by 1, 2, 3) i
   where l.escopo = i.escopo and l.chave = i.chave and l.janela = i.janela;
  update telefone_ultimo_envio set em = p_agora where telefone = p_telefone;
  return jsonb_build_object(
    'itens', (select coalesce(jsonb_agg(i - '{ordem,limite,fim}'::text[]), '[]') from jsonb_array_elements(p_itens) i),
    'telefone', p_telefone, 'em', p_agora, 'anterior', nullif(p_anterior, '-infinity'));
end $function$
;
comment on function interno.contar_reserva(jsonb,text,timestamp with time zone,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.encerrar_execucoes_mortas(p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if exists (select 1 from job_executions e
              where e.status = 'running'
                and (coalesce(e.lease_expires_at, e.started_at + interval '330 s') < p_agora
                     or e.started_at < p_agora - interval '600 s')) then
    return interno.encerrar_lote_de_mortas(p_agora);
  end if;
  return '[]';
end $function$
;
comment on function interno.encerrar_execucoes_mortas(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.encerrar_lote_de_mortas(p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_encerradas jsonb;
begin
  with mortas as (
    select e.id, greatest(e.started_at, least(p_agora, coalesce(e.lease_expires_at, e.started_at + interval '300 s'))) as fim,
           e.scheduled_for is not null and r.chave is null as nunca_chegou,
           case when r.status = 'done' then r.execucao_status end as fim_real,
           r.erro, r.itens, r.duracao_ms, r.http_status,
           case when r.status = 'running' and e.started_at >= p_agora - interval '600 s' then l.expires_at end as vive_ate
      from job_executions e
      left join job_requests r on r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for)
      left join job_locks l on l.token = r.token and l.expires_at > p_agora
     where e.status = 'running'
       and (coalesce(e.lease_expires_at, e.started_at + interval '330 s') < p_agora
            or e.started_at < p_agora - interval '600 s')
     order by e.job_name
       for update of e skip locked
  ), adotadas as (
    -- Asked again soon: the API's answer is to be on record shortly after it is given.
    update job_executions e set lease_expires_at = least(m.vive_ate, p_agora + interval '5 s')
      from mortas m where e.id = m.id and m.vive_ate is not null
    returning e.id
  ), encerradas as (
    update job_executions e
       set status = coalesce(m.fim_real, 'error'),
           finished_at = case when m.fim_real is null then m.fim
                              else least(p_agora, e.started_at + make_interval(secs => m.duracao_ms / 1000.0)) end,
           duration_ms = case when m.fim_real is null
                              then least(2147483647, round(1000 * extract(epoch from m.fim - e.started_at)))::integer
                              else m.duracao_ms end,
           response_code = case when m.fim_real is null then null else m.http_status end,
           items_processed = case when m.fim_real is null then null else m.itens end,
           error = case when m.fim_real is not null then m.erro
                        when e.trigger = 'manual' then 'interrompido: API parou'
                        else 'interrompido: scheduler parou' end
      from mortas m
     where e.id = m.id and m.vive_ate is null
    returning e.id, e.job_name, e.scheduled_for, e.instance_id, e.lease_token, e.status, e.error, e.finished_at, e.duration_ms,
              e.response_code, e.items_processed, m.nunca_chegou
  )
  select coalesce(jsonb_agg(to_jsonb(e)), '[]') into v_encerradas from encerradas e;
  return v_encerradas;
end $function$
;
comment on function interno.encerrar_lote_de_mortas(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.enfileirar_ofertas(p_itens jsonb, p_tarefa jsonb, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_tarefas jsonb;
  v_criadas jsonb;
  v_pares   jsonb;
begin
  if jsonb_array_length(p_itens) = 0 then
    return '[]';
  end if;
  select jsonb_agg(p_tarefa || jsonb_build_object('dedupe_key', i.value ->> 'offer_id', 'args', i.value) order by i.ordinality)
    into v_tarefas from jsonb_array_elements(p_itens) with ordinality i;
  v_criadas := enqueue_tasks(v_tarefas, p_agora);
  select jsonb_agg(jsonb_build_object('offer_id', i.value ->> 'offer_id', 'job_id', c.value ->> 'job_id', 'created', (c.value ->> 'created')::boolean)
                   order by i.ordinality)
    into v_pares
    from jsonb_array_elements(p_itens) with ordinality i
    join jsonb_array_elements(v_criadas) with ordinality c using (ordinality);
  -- Na ordem das chaves, como em toda escrita de lote sobre esta tabela.
  perform 1 from offers where id in (select (p ->> 'offer_id')::uuid from jsonb_array_elements(v_pares) p) order by id for update;
  update offers o
     set enrichment_status = 'queued', enrichment_job_id = p.job_id, enrichment_error = null, enrichment_blocks = 0, updated_at = p_agora
    from jsonb_to_recordset(v_pares) as p(offer_id uuid, job_id uuid, created boolean)
   where o.id = p.offer_id and p.created;
  return v_pares;
end $function$
;
comment on function interno.enfileirar_ofertas(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.execucao_em_json(e public.job_executions)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when e.id is not null then jsonb_build_object(
    'id', e.id, 'job_name', e.job_name, 'scheduled_for', e.scheduled_for, 'started_at', e.started_at,
    'finished_at', e.finished_at, 'status', e.status, 'duration_ms', e.duration_ms, 'response_code', e.response_code,
    'error', e.error, 'items_processed', e.items_processed, 'trigger', e.trigger) end
$function$
;
comment on function interno.execucao_em_json(public.job_executions) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_casar_especialidade(p_texto text, p_limiar numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
  v jsonb;
begin
  if v_busca = '' then return null; end if;
  select jsonb_build_object('id', a.especialidade_id, 'score', 1, 'exato', true, 'alias_id', a.id) into v
    from public.especialidades_alias a where a.alias_normalizado = v_busca;
  if v is not null then return v; end if;
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  select jsonb_build_object('id', a.especialidade_id, 'score', interno.semelhanca(a.alias_normalizado, v_busca),
                            'exato', false, 'alias_id', null) into v
    from public.especialidades_alias a
   where a.alias_normalizado % v_busca and interno.semelhanca(a.alias_normalizado, v_busca) >= p_limiar
   order by interno.semelhanca(a.alias_normalizado, v_busca) desc, a.id limit 1;
  return v;
end $function$
;
comment on function interno.grupos_casar_especialidade(text,numeric) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_casar_hospital(p_texto text, p_limiar numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
  v jsonb;
begin
  if v_busca = '' then return null; end if;
  select jsonb_build_object('id', a.hospital_id, 'score', 1, 'exato', true, 'alias_id', a.id) into v
    from public.hospitais_alias a where a.alias_normalizado = v_busca;
  if v is not null then return v; end if;
  select jsonb_build_object('id', h.id, 'score', 1, 'exato', true, 'alias_id', null) into v
    from public.hospitais h where h.nome_busca = v_busca order by h.created_at, h.id limit 1;
  if v is not null then return v; end if;
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  select jsonb_build_object('id', x.id, 'score', x.s, 'exato', false, 'alias_id', null) into v from (
    select a.hospital_id as id, interno.semelhanca(a.alias_normalizado, v_busca) as s
      from public.hospitais_alias a where a.alias_normalizado % v_busca
    union all
    select h.id, interno.semelhanca(h.nome_busca, v_busca) from public.hospitais h where h.nome_busca % v_busca
    order by s desc, id limit 1) x
   where x.s >= p_limiar;
  return v;
end $function$
;
comment on function interno.grupos_casar_hospital(text,numeric) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_concluir_mensagens_juntos(p_itens jsonb, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_mapa jsonb;
  v_todos uuid[];
  v_ids uuid[];
  v_mensagens uuid[];
  v_vivos jsonb;
  v_com_vagas uuid[];
  v_vagas uuid[];
  v_primeira uuid[];
  v_criadas integer := 0;
  v_postadas jsonb;
  v_por_mensagem jsonb;
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_todos from jsonb_array_elements(p_itens) e;
  v_ids := interno.grupos_travar(v_mapa, v_todos);

  select coalesce(jsonb_agg(e), '[]'), coalesce(array_agg((e ->> 'mensagem_id')::uuid), '{}'),
         coalesce(array_agg((e ->> 'mensagem_id')::uuid) filter (where e ? 'vagas'), '{}'),
         coalesce(jsonb_object_agg(e ->> 'mensagem_id', e - 'vagas' - 'uso'), '{}')
    into v_vivos, v_mensagens, v_com_vagas, v_por_mensagem
    from jsonb_array_elements(p_itens) e where (e ->> 'id')::uuid = any (v_ids);

  if cardinality(v_com_vagas) > 0 then
    select coalesce(array_agg(id), '{}') into v_primeira
      from public.mensagens_grupo where id = any (v_com_vagas) and qtd_vagas_extraidas = 0;
    with gravada as (
      insert into public.vagas_grupo as g (mensagem_id, grupo_origem_id, contato_responsavel_id, instance_name, chave_vaga, ordem_na_mensagem,
             hospital_raw, especialidade_raw, setor_raw, periodo_raw, tipo_vaga_raw, forma_pagamento_raw, endereco_raw, cidade, estado,
             contato_nome, contato_whatsapp, observacoes_raw, data, dia_semana, periodo, hora_inicio, hora_fim, valor, valor_minimo,
             valor_maximo, valor_tipo, numero_vagas, confianca_hospital, confianca_especialidade, confianca_data, confianca_horario,
             confianca_valor, impedimentos, data_valida, created_at, updated_at)
      select (e ->> 'mensagem_id')::uuid, (e ->> 'grupo_id')::uuid, (e ->> 'contato_id')::uuid, e ->> 'instance_name', v.chave_vaga,
             v.ordem_na_mensagem, v.hospital_raw, v.especialidade_raw, v.setor_raw, v.periodo_raw, v.tipo_vaga_raw, v.forma_pagamento_raw,
             v.endereco_raw, v.cidade, v.estado, v.contato_nome, v.contato_whatsapp, v.observacoes_raw, v.data, v.dia_semana, v.periodo,
             v.hora_inicio, v.hora_fim, v.valor, v.valor_minimo, v.valor_maximo, v.valor_tipo, v.numero_vagas, v.confianca_hospital,
             v.confianca_especialidade, v.confianca_data, v.confianca_horario, v.confianca_valor, v.impedimentos, v.data_valida,
             -- Um microssegundo entre vizinhas: a mais antiga de um lote é a que veio primeiro, não a de menor id.
             p_agora + make_interval(secs => 0.000001 * row_number() over (order by n, v.ordem_na_mensagem)), p_agora
        from jsonb_array_elements(v_vivos) with ordinality as t(e, n)
        cross join lateral jsonb_populate_recordset(null::public.vagas_grupo, e -> 'vagas') v
       where e ? 'vagas'
      on conflict (mensagem_id, chave_vaga) do update
         set hospital_raw = excluded.hospital_raw, especialidade_raw = excluded.especialidade_raw, setor_raw = excluded.setor_raw,
             periodo_raw = excluded.periodo_raw, tipo_vaga_raw = excluded.tipo_vaga_raw, forma_pagamento_raw = excluded.forma_pagamento_raw,
             endereco_raw = excluded.endereco_raw, cidade = excluded.cidade, estado = excluded.estado, contato_nome = excluded.contato_nome,
             contato_whatsapp = excluded.contato_whatsapp, observacoes_raw = excluded.observacoes_raw, dia_semana = excluded.dia_semana,
             hora_fim = excluded.hora_fim, valor = excluded.valor, valor_minimo = excluded.valor_minimo, valor_maximo = excluded.valor_maximo,
             valor_tipo = excluded.valor_tipo, numero_vagas = excluded.numero_vagas, confianca_hospital = excluded.confianca_hospital,
             confianca_especialidade = excluded.confianca_especialidade, confianca_data = excluded.confianca_data,
             confianca_horario = excluded.confianca_horario, confianca_valor = excluded.confianca_valor,
             impedimentos = excluded.impedimentos, data_valida = excluded.data_valida, ordem_na_mensagem = excluded.ordem_na_mensagem,
             status = case when g.status = 'substituida' then 'nova' else g.status end,
             motivo_status = case when g.status = 'substituida' then null else g.motivo_status end, updated_at = p_agora
       where g.status in ('nova', 'aguardando_revisao', 'substituida')
      returning g.id, g.contato_responsavel_id as contato, (g.xmax = 0) as criada)
    select coalesce((select array_agg(id) from gravada), '{}'),
           (select count(*) from gravada where criada),
           coalesce((select jsonb_object_agg(contato, n) from (
              select contato, count(*) as n from gravada where criada and contato is not null group by 1) x), '{}')
      into v_vagas, v_criadas, v_postadas;

    -- O que uma extração anterior leu e esta não: sai da frente, com o seu item.
    with velha as (
      update public.vagas_grupo v set status = 'substituida', motivo_status = 'reextraida', updated_at = p_agora
       where v.mensagem_id = any (v_com_vagas) and v.status in ('nova', 'aguardando_revisao') and v.id <> all (v_vagas)
      returning v.id)
    update public.fila_processamento_grupos f
       set ultimo_estagio = case when f.estagio in ('finalizado', 'descartado', 'erro') then f.ultimo_estagio else f.estagio end,
           estagio = 'descartado', motivo = 'substituida', lease_token = null, lease_ate = null, lease_por = null,
           proximo_retry = null, finalizado_em = p_agora, updated_at = p_agora
      from velha where f.vaga_grupo_id = velha.id;

    insert into public.fila_processamento_grupos as f (mensagem_id, vaga_grupo_id, estagio, max_tentativas, estagio_desde, created_at, updated_at)
    select v.mensagem_id, v.id, 'normalizacao', coalesce((v_por_mensagem -> v.mensagem_id::text ->> 'max_tentativas')::integer, 3),
           p_agora, greatest(v.created_at, p_agora), p_agora
      from public.vagas_grupo v where v.id = any (v_vagas)
     order by v.created_at
    on conflict (vaga_grupo_id) where vaga_grupo_id is not null do update
       set estagio = 'normalizacao', motivo = null, tentativas = 0, finalizado_em = null, estagio_desde = p_agora, updated_at = p_agora
     where f.estagio = 'descartado' and f.motivo = 'substituida';
  end if;

  update public.mensagens_grupo m
     set (status, passou_heuristica, score_heuristica, keywords_encontradas, motivo_descarte, eh_oferta, confianca_classificacao,
          classificador, extrator, qtd_vagas_extraidas, erro, processado_em)
       = (select p.status, p.passou_heuristica, p.score_heuristica, p.keywords_encontradas, p.motivo_descarte, p.eh_oferta,
                 p.confianca_classificacao, p.classificador, p.extrator, p.qtd_vagas_extraidas, p.erro, p_agora
            from jsonb_populate_record(m, coalesce(v_por_mensagem -> m.id::text -> 'mensagem', '{}')) p)
   where m.id = any (v_mensagens);

  insert into public.uso_llm_grupos (mensagem_id, grupo_id, estagio, modelo, tokens_input, tokens_output, custo_usd, do_cache, duracao_ms, created_at)
  select (e ->> 'mensagem_id')::uuid, (e ->> 'grupo_id')::uuid, u ->> 'estagio', u ->> 'modelo', (u ->> 'tokens_input')::integer,
         (u ->> 'tokens_output')::integer, (u ->> 'custo_usd')::numeric, (u ->> 'do_cache')::boolean, (u ->> 'duracao_ms')::integer, p_agora
    from jsonb_array_elements(v_vivos) e cross join lateral jsonb_array_elements(coalesce(e -> 'uso', '[]')) u;

  perform interno.grupos_transitar(v_mapa, v_ids, p_agora);

  if cardinality(v_com_vagas) > 0 then
    perform 1 from public.grupos_whatsapp where id in (
      select (e ->> 'grupo_id')::uuid from jsonb_array_elements(v_vivos) e where (e ->> 'mensagem_id')::uuid = any (v_primeira))
      order by id for no key update;
    update public.grupos_whatsapp g set total_ofertas_detectadas = g.total_ofertas_detectadas + x.n, updated_at = p_agora
      from (select (e ->> 'grupo_id')::uuid as id, count(*) as n from jsonb_array_elements(v_vivos) e
             where (e ->> 'mensagem_id')::uuid = any (v_primeira) group by 1) x
     where g.id = x.id;
    perform interno.grupos_contar_contatos(v_postadas, '{}', p_agora);
    -- Uma reextração pode não deixar item de vaga aberto.
    perform interno.grupos_fechar_mensagens(array(select m from unnest(v_com_vagas) m where m <> all (v_primeira)), p_agora);
  end if;

  return jsonb_build_object(
    'itens', (select coalesce(jsonb_object_agg(t::text, case when t = any (v_ids) then v_mapa -> t::text ->> 'estagio' else 'lease_perdido' end), '{}')
                from unnest(v_todos) t),
    'vagas_criadas', v_criadas);
end $function$
;
comment on function interno.grupos_concluir_mensagens_juntos(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_concluir_vagas_juntas(p_itens jsonb, p_janela_h integer, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_mapa jsonb;
  v_todos uuid[];
  v_ids uuid[];
  v_vagas jsonb;
  v_fim jsonb;
  v_principais jsonb;
  v_patches jsonb;
  v_importadas uuid[];
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_todos from jsonb_array_elements(p_itens) e;
  v_ids := interno.grupos_travar(v_mapa, v_todos);
  -- {vaga_id: elemento} dos itens vivos.
  select coalesce(jsonb_object_agg(e ->> 'vaga_id', e || jsonb_build_object('posicao', n)), '{}') into v_vagas
    from jsonb_array_elements(p_itens) with ordinality as t(e, n) where (e ->> 'id')::uuid = any (v_ids);

  v_principais := interno.grupos_deduplicar_lote(v_vagas, p_janela_h, p_agora);

  -- O que muda em cada linha. O estado dela manda: quem já foi importada repete a resposta; quem foi rejeitada, descartada ou
  -- substituída enquanto esperava termina sem efeito.
  select coalesce(jsonb_object_agg(v.id, case
           when v.status in ('importada', 'aprovada', 'rejeitada', 'descartada', 'substituida') then '{}'
           when v_principais ->> v.id::text is not null then
             coalesce(e -> 'normalizacao', '{}') || jsonb_build_object('hash_dedup', e -> 'hash', 'eh_duplicada', true, 'status', 'duplicada',
               'duplicada_de', v_principais -> v.id::text, 'motivo_status', 'duplicata_detectada')
           when v.eh_duplicada then '{}'
           else coalesce(e -> 'normalizacao', '{}')
             || case when e ->> 'hash' is null then '{}' else jsonb_build_object('hash_dedup', e -> 'hash') end
             || case when e ? 'importacao' then jsonb_build_object('status', e -> 'importacao' -> 'resultado',
                  'motivo_status', e -> 'importacao' -> 'motivo_status', 'confianca_geral', e -> 'importacao' -> 'score',
                  'impedimentos', e -> 'importacao' -> 'impedimentos') else '{}' end
         end), '{}')
    into v_patches
    from (select * from public.vagas_grupo g where g.id = any (array(select k::uuid from jsonb_object_keys(v_vagas) k)) order by g.id for no key update) v
   cross join lateral (select v_vagas -> v.id::text as e) x;
  v_importadas := array(select k::uuid from jsonb_each(v_patches) as t(k, p) where p ->> 'status' = 'importada');

  if cardinality(v_importadas) > 0 then
    insert into public.vagas (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, data, hora_inicio, hora_fim,
           valor, valor_minimo, valor_maximo, valor_tipo, observacoes, contato_nome, contato_whatsapp, status, origem, vaga_grupo_id,
           posicao_grupo, created_at, updated_at)
    select p.hospital_id, p.especialidade_id, p.setor_id, p.periodo_id, p.tipos_vaga_id, p.forma_recebimento_id, p.data,
           coalesce(p.hora_inicio, (v_vagas -> v.id::text -> 'importacao' ->> 'hora_inicio')::time),
           coalesce(p.hora_fim, (v_vagas -> v.id::text -> 'importacao' ->> 'hora_fim')::time),
           p.valor, p.valor_minimo, p.valor_maximo, p.valor_tipo,
           'Origem: grupo WhatsApp (' || coalesce(g.nome, g.jid) || '). ' || coalesce(p.observacoes_raw, ''),
           coalesce(p.contato_nome, c.nome), coalesce(p.contato_whatsapp, c.telefone), 'aberta', 'grupo_whatsapp', v.id, n, p_agora, p_agora
      from public.vagas_grupo v
      cross join lateral jsonb_populate_record(v, v_patches -> v.id::text) p
      join public.grupos_whatsapp g on g.id = v.grupo_origem_id
      left join public.contatos_grupo c on c.id = v.contato_responsavel_id
      cross join lateral generate_series(1, v.numero_vagas) n
     where v.id = any (v_importadas)
    on conflict (vaga_grupo_id, posicao_grupo) where vaga_grupo_id is not null do nothing;
  end if;

  update public.vagas_grupo v
     set (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, hospital_criado, hospital_match_score,
          especialidade_match_score, periodo, campos_faltando, dados_minimos_ok, hash_dedup, eh_duplicada, duplicada_de, status,
          motivo_status, confianca_geral, impedimentos, vaga_importada_id, importada_em, updated_at)
       = (select p.hospital_id, p.especialidade_id, p.setor_id, p.periodo_id, p.tipos_vaga_id, p.forma_recebimento_id, p.hospital_criado,
                 p.hospital_match_score, p.especialidade_match_score, p.periodo, p.campos_faltando, p.dados_minimos_ok, p.hash_dedup,
                 p.eh_duplicada, p.duplicada_de, p.status, p.motivo_status, p.confianca_geral, p.impedimentos,
                 case when p.status = 'importada'
                      then (select x.id from public.vagas x where x.vaga_grupo_id = v.id order by x.posicao_grupo limit 1) end,
                 case when p.status = 'importada' then p_agora end, p_agora
            from jsonb_populate_record(v, v_patches -> v.id::text) p)
   where v.id = any (array(select k::uuid from jsonb_each(v_patches) as t(k, p) where p <> '{}'));

  -- Onde cada item termina: duplicada, o estado da vaga, ou o fim que a normalização decidiu.
  select coalesce(jsonb_object_agg(e ->> 'id', case
           when v_principais ->> k is not null then
             jsonb_build_object('estagio', 'finalizado', 'motivo', 'duplicada', 'ultimo_estagio', 'deduplicacao')
           when e ? 'importacao' then jsonb_build_object('estagio', 'finalizado', 'ultimo_estagio', 'importacao', 'motivo',
             coalesce(v_patches -> k ->> 'status', (select g.status from public.vagas_grupo g where g.id = k::uuid)))
           else jsonb_build_object('estagio', coalesce(e ->> 'estagio', 'finalizado'), 'motivo', e ->> 'motivo',
                                   'ultimo_estagio', e ->> 'ultimo_estagio') end), '{}')
    into v_fim from jsonb_each(v_vagas) as t(k, e);

  perform interno.grupos_transitar(v_fim, v_ids, p_agora);
  perform interno.grupos_fechar_mensagens(array(select distinct (v_mapa -> i::text ->> 'mensagem_id')::uuid from unnest(v_ids) i), p_agora);
  -- As linhas quentes por último, sempre nesta ordem: grupos, contatos, aliases. Quem as segura está para terminar.
  if cardinality(v_importadas) > 0 then
    perform interno.grupos_contar_importadas(v_importadas, p_agora);
  end if;
  perform interno.grupos_usar_aliases(v_vagas, p_agora);
  return jsonb_build_object('itens', (
    select coalesce(jsonb_object_agg(t::text, case when t = any (v_ids) then v_fim -> t::text else '"lease_perdido"' end), '{}') from unnest(v_todos) t));
end $function$
;
comment on function interno.grupos_concluir_vagas_juntas(jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_contar_contatos(p_postadas jsonb, p_validas jsonb, p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids uuid[] := array(select k::uuid from jsonb_object_keys(p_postadas || p_validas) k order by 1);
begin
  if cardinality(v_ids) = 0 then return; end if;
  perform 1 from public.contatos_grupo where id = any (v_ids) order by id for no key update;
  update public.contatos_grupo c
     set total_vagas_postadas = c.total_vagas_postadas + coalesce((p_postadas ->> c.id::text)::integer, 0),
         total_vagas_validas = c.total_vagas_validas + coalesce((p_validas ->> c.id::text)::integer, 0),
         taxa_qualidade = (c.total_vagas_validas + coalesce((p_validas ->> c.id::text)::integer, 0))::double precision
           / nullif(c.total_vagas_postadas + coalesce((p_postadas ->> c.id::text)::integer, 0), 0),
         updated_at = p_agora
   where c.id = any (v_ids);
end $function$
;
comment on function interno.grupos_contar_contatos(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_contar_importadas(p_vagas uuid[], p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_grupos jsonb;
  v_contatos jsonb;
begin
  select coalesce((select jsonb_object_agg(g, n) from (
            select grupo_origem_id as g, count(*) as n from public.vagas_grupo where id = any (p_vagas) group by 1) x), '{}'),
         coalesce((select jsonb_object_agg(c, n) from (
            select contato_responsavel_id as c, count(*) as n from public.vagas_grupo
             where id = any (p_vagas) and contato_responsavel_id is not null group by 1) x), '{}')
    into v_grupos, v_contatos;
  perform 1 from public.grupos_whatsapp where id = any (array(select k::uuid from jsonb_object_keys(v_grupos) k)) order by id for no key update;
  update public.grupos_whatsapp g
     set total_vagas_importadas = g.total_vagas_importadas + (v_grupos ->> g.id::text)::integer, updated_at = p_agora
   where g.id = any (array(select k::uuid from jsonb_object_keys(v_grupos) k));
  perform interno.grupos_contar_contatos('{}', v_contatos, p_agora);
end $function$
;
comment on function interno.grupos_contar_importadas(uuid[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_deduplicar_lote(p_vagas jsonb, p_janela_h integer, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_sos uuid[];
  v_repetidas uuid[];
  v_vaga uuid;
  v_resposta jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('grupos_dedup:' || h, 0))
     from (select distinct e ->> 'hash' as h from jsonb_each(p_vagas) as t(k, e) where e ->> 'hash' is not null order by 1) x;
  select coalesce(array_agg(k::uuid) filter (where n = 1), '{}'),
         coalesce(array_agg(k::uuid order by posicao) filter (where n > 1), '{}')
    into v_sos, v_repetidas
    from (select k, (e ->> 'posicao')::integer as posicao, count(*) over (partition by e ->> 'hash') as n
            from jsonb_each(p_vagas) as t(k, e) where e ->> 'hash' is not null) x;

  -- Quem já é duplicada repete a resposta; quem foi importada é o seu próprio principal; quem alguém decidiu fica de fora.
  with situacao as materialized (
    select v.id, v.mensagem_id, v.grupo_origem_id, v.contato_responsavel_id, v.valor,
           case when v.eh_duplicada then v.duplicada_de
                when v.status in ('importada', 'aprovada') then null
                else interno.grupos_principal(v.id, v.mensagem_id, v.setor_raw, p_vagas -> v.id::text ->> 'hash', p_janela_h, p_agora) end as principal
      from public.vagas_grupo v
     where v.id = any (v_sos) and v.status not in ('rejeitada', 'descartada', 'substituida')),
  fonte as (
    insert into public.vagas_grupo_fontes (vaga_grupo_id, mensagem_id, grupo_id, contato_id, ordem, texto_original, valor_informado, created_at)
    select coalesce(s.principal, s.id), s.mensagem_id, s.grupo_origem_id, s.contato_responsavel_id,
           1 + (select count(*) from public.vagas_grupo_fontes y where y.vaga_grupo_id = coalesce(s.principal, s.id)),
           (select left(m.texto, 500) from public.mensagens_grupo m where m.id = s.mensagem_id), s.valor, p_agora
      from situacao s
    on conflict (vaga_grupo_id, mensagem_id) do nothing
    returning vaga_grupo_id),
  contada as (
    update public.vagas_grupo g set qtd_fontes = g.qtd_fontes + 1, updated_at = p_agora
     where g.id = any (array(select vaga_grupo_id from fonte)) and g.id <> all (v_sos)
    returning 1)
  select coalesce(jsonb_object_agg(s.id, s.principal), '{}') into v_resposta
    from situacao s, (select count(*) from contada) c;

  foreach v_vaga in array v_repetidas loop
    v_resposta := v_resposta || interno.grupos_deduplicar_uma(v_vaga, p_vagas -> v_vaga::text ->> 'hash', p_janela_h, p_agora);
  end loop;
  return v_resposta;
end $function$
;
comment on function interno.grupos_deduplicar_lote(jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_deduplicar_uma(p_vaga uuid, p_hash text, p_janela_h integer, p_agora timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'auto'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v public.vagas_grupo;
  v_principal uuid;
begin
  select * into v from public.vagas_grupo where id = p_vaga for no key update;
  if not found then
    raise exception 'vaga_nao_encontrada' using errcode = 'PT404', detail = 'vaga_id';
  end if;
  if v.status in ('rejeitada', 'descartada', 'substituida') then
    return '{}';
  elsif v.eh_duplicada then
    v_principal := v.duplicada_de;
  elsif v.status not in ('importada', 'aprovada') then
    v_principal := interno.grupos_principal(v.id, v.mensagem_id, v.setor_raw, p_hash, p_janela_h, p_agora);
  end if;
  update public.vagas_grupo
     set hash_dedup = p_hash, eh_duplicada = v_principal is not null, duplicada_de = v_principal,
         status = case when v_principal is null then status else 'duplicada' end,
         motivo_status = case when v_principal is null then motivo_status else 'duplicata_detectada' end, updated_at = p_agora
   where id = p_vaga;
  insert into public.vagas_grupo_fontes (vaga_grupo_id, mensagem_id, grupo_id, contato_id, ordem, texto_original, valor_informado, created_at)
  select coalesce(v_principal, p_vaga), v.mensagem_id, v.grupo_origem_id, v.contato_responsavel_id,
         1 + (select count(*) from public.vagas_grupo_fontes y where y.vaga_grupo_id = coalesce(v_principal, p_vaga)),
         (select left(m.texto, 500) from public.mensagens_grupo m where m.id = v.mensagem_id), v.valor, p_agora
  on conflict (vaga_grupo_id, mensagem_id) do nothing;
  if found and v_principal is not null then
    update public.vagas_grupo set qtd_fontes = qtd_fontes + 1, updated_at = p_agora where id = v_principal;
  end if;
  return jsonb_build_object(p_vaga, v_principal);
end $function$
;
comment on function interno.grupos_deduplicar_uma(uuid,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_erro_definitivo(p_sqlstate text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select p_sqlstate like '23%' $function$
;
comment on function interno.grupos_erro_definitivo(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_estagio_final(p_estagio text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select p_estagio in ('finalizado', 'descartado', 'erro')
$function$
;
comment on function interno.grupos_estagio_final(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_fechar_mensagens(p_mensagens uuid[], p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_abertas uuid[];
begin
  perform 1 from public.mensagens_grupo where id = any (p_mensagens) order by id for no key update;
  -- Uma busca por mensagem, o que a agregação obriga: num `not exists` ou num filtro comum, estatísticas de antes da primeira
  -- vaga fazem o planejador percorrer a fila inteira a cada lote.
  v_abertas := array(
    select m from unnest(p_mensagens) m cross join lateral (
      select bool_or(f.estagio not in ('finalizado', 'descartado', 'erro')) as aberta
        from public.fila_processamento_grupos f where f.mensagem_id = m and f.vaga_grupo_id is not null) x
     where x.aberta);
  update public.mensagens_grupo m
     set status = 'processada', processado_em = p_agora
   where m.id = any (p_mensagens) and m.status = 'extraida' and m.id <> all (v_abertas);
end $function$
;
comment on function interno.grupos_fechar_mensagens(uuid[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_principal(p_vaga uuid, p_mensagem uuid, p_setor text, p_hash text, p_janela_h integer, p_agora timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select c.id from public.vagas_grupo c
   where c.hash_dedup = p_hash and c.id <> p_vaga and c.mensagem_id <> p_mensagem and not c.eh_duplicada
     and c.status not in ('descartada', 'rejeitada', 'erro', 'substituida')
     and (c.setor_raw <> p_setor and not (c.setor_raw in ('PS', 'PA') and p_setor in ('PS', 'PA'))) is not true
     and (c.created_at >= p_agora - make_interval(hours => p_janela_h)
          or exists (select 1 from public.vagas x where x.vaga_grupo_id = c.id and x.status not in ('cancelada', 'fechada', 'realizada')
                       and x.data >= public.dia_local(p_agora)))
   order by c.created_at, c.id limit 1
$function$
;
comment on function interno.grupos_principal(uuid,uuid,text,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_recalcular_dia(p_data date, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_de timestamptz := p_data::timestamp at time zone 'America/Sao_Paulo';
  v_ate timestamptz := (p_data + 1)::timestamp at time zone 'America/Sao_Paulo';
  v_grupos integer;
begin
  delete from public.metricas_grupos_diarias where data = p_data;
  with msg as (
    select m.grupo_id, count(*) as total,
           count(*) filter (where m.status <> 'pendente') as processadas,
           count(*) filter (where m.status in ('heuristica_rejeitou', 'classificada_nao_oferta', 'extracao_falhou')) as descartadas,
           avg(extract(epoch from f.finalizado_em - f.created_at) * 1000) filter (where f.finalizado_em is not null) as tempo_ms
      from public.mensagens_grupo m
      left join public.fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is null
     where m.created_at >= v_de and m.created_at < v_ate group by 1),
  vaga as (
    select v.grupo_origem_id as grupo_id, count(*) as extraidas,
           count(*) filter (where v.status = 'importada') as importadas,
           count(*) filter (where v.status = 'aguardando_revisao') as revisao,
           count(*) filter (where v.status = 'descartada') as descartadas,
           count(*) filter (where v.status = 'duplicada') as duplicadas,
           avg(v.confianca_geral) as confianca,
           avg((v.hospital_match_score + v.especialidade_match_score) / 2) as casamento
      from public.vagas_grupo v where v.created_at >= v_de and v.created_at < v_ate group by 1),
  uso as (
    select u.grupo_id, sum(u.tokens_input) as entrada, sum(u.tokens_output) as saida, sum(u.custo_usd) as custo,
           avg(u.duracao_ms) filter (where not u.do_cache) as tempo_ms
      from public.uso_llm_grupos u where u.created_at >= v_de and u.created_at < v_ate and u.grupo_id is not null group by 1)
  insert into public.metricas_grupos_diarias (data, grupo_id, mensagens_total, mensagens_processadas, mensagens_descartadas, vagas_extraidas,
         vagas_importadas, vagas_revisao, vagas_descartadas, vagas_duplicadas, tempo_medio_processamento_ms, tempo_medio_llm_ms, tokens_input,
         tokens_output, custo_estimado_usd, confianca_media_extracao, confianca_media_match, created_at, updated_at)
  select p_data, g.grupo_id, coalesce(msg.total, 0), coalesce(msg.processadas, 0), coalesce(msg.descartadas, 0), coalesce(vaga.extraidas, 0),
         coalesce(vaga.importadas, 0), coalesce(vaga.revisao, 0), coalesce(vaga.descartadas, 0), coalesce(vaga.duplicadas, 0), msg.tempo_ms,
         uso.tempo_ms, coalesce(uso.entrada, 0), coalesce(uso.saida, 0), coalesce(uso.custo, 0), vaga.confianca, vaga.casamento, p_agora, p_agora
    from (select grupo_id from msg union select grupo_id from vaga union select grupo_id from uso) g
    left join msg on msg.grupo_id = g.grupo_id
    left join vaga on vaga.grupo_id = g.grupo_id
    left join uso on uso.grupo_id = g.grupo_id;
  get diagnostics v_grupos = row_count;

  insert into public.metricas_pipeline_diarias (data, grupos_ativos, mensagens_total, mensagens_processadas, heuristica_passou, llm_classificou,
         extracao_sucesso, normalizacao_sucesso, vagas_importadas, vagas_revisao, vagas_duplicadas, p50_tempo_ms, p95_tempo_ms, p99_tempo_ms,
         custo_total_usd, erros_total, erros_por_estagio, created_at, updated_at)
  select p_data, m.grupos, m.total, m.processadas, m.passou, m.classificou, m.extraiu, v.normalizadas, v.importadas, v.revisao, v.duplicadas,
         t.p50, t.p95, t.p99, coalesce((select sum(custo_usd) from public.uso_llm_grupos where created_at >= v_de and created_at < v_ate), 0),
         e.total, e.por_estagio, p_agora, p_agora
    from (select count(distinct grupo_id) as grupos, count(*) as total, count(*) filter (where status <> 'pendente') as processadas,
                 count(*) filter (where passou_heuristica) as passou,
                 count(*) filter (where eh_oferta is not null) as classificou,
                 count(*) filter (where qtd_vagas_extraidas > 0) as extraiu
            from public.mensagens_grupo where created_at >= v_de and created_at < v_ate) m,
         (select count(*) filter (where dados_minimos_ok) as normalizadas, count(*) filter (where status = 'importada') as importadas,
                 count(*) filter (where status = 'aguardando_revisao') as revisao, count(*) filter (where status = 'duplicada') as duplicadas
            from public.vagas_grupo where created_at >= v_de and created_at < v_ate) v,
         (select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95,
                 percentile_cont(0.99) within group (order by ms) as p99
            from (select extract(epoch from max(f.finalizado_em) - min(m.created_at)) * 1000 as ms
                    from public.mensagens_grupo m join public.fila_processamento_grupos f on f.mensagem_id = m.id and f.vaga_grupo_id is not null
                   where m.created_at >= v_de and m.created_at < v_ate and f.finalizado_em is not null group by m.id) x) t,
         (select coalesce(sum(n), 0) as total, coalesce(jsonb_object_agg(ultimo_estagio, n), '{}') as por_estagio
            from (select ultimo_estagio, count(*) as n from public.fila_processamento_grupos
                   where estagio = 'erro' and updated_at >= v_de and updated_at < v_ate group by 1) x) e
  on conflict (data) do update
     set grupos_ativos = excluded.grupos_ativos, mensagens_total = excluded.mensagens_total, mensagens_processadas = excluded.mensagens_processadas,
         heuristica_passou = excluded.heuristica_passou, llm_classificou = excluded.llm_classificou, extracao_sucesso = excluded.extracao_sucesso,
         normalizacao_sucesso = excluded.normalizacao_sucesso, vagas_importadas = excluded.vagas_importadas, vagas_revisao = excluded.vagas_revisao,
         vagas_duplicadas = excluded.vagas_duplicadas, p50_tempo_ms = excluded.p50_tempo_ms, p95_tempo_ms = excluded.p95_tempo_ms,
         p99_tempo_ms = excluded.p99_tempo_ms, custo_total_usd = excluded.custo_total_usd, erros_total = excluded.erros_total,
         erros_por_estagio = excluded.erros_por_estagio, updated_at = excluded.updated_at;
  return jsonb_build_object('data', p_data, 'grupos', v_grupos);
end $function$
;
comment on function interno.grupos_recalcular_dia(date,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_refletir_erro(p_itens uuid[], p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.mensagens_grupo m
     set status = 'erro', erro = f.ultimo_erro, processado_em = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (p_itens) and f.estagio = 'erro' and f.vaga_grupo_id is null and m.id = f.mensagem_id;
  update public.vagas_grupo v
     set status = 'erro', motivo_status = 'erro:' || f.ultimo_estagio, updated_at = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (p_itens) and f.estagio = 'erro' and v.id = f.vaga_grupo_id and v.status in ('nova', 'normalizada');
  perform interno.grupos_fechar_mensagens(array(
    select f.mensagem_id from public.fila_processamento_grupos f
     where f.id = any (p_itens) and f.estagio = 'erro' and f.vaga_grupo_id is not null), p_agora);
end $function$
;
comment on function interno.grupos_refletir_erro(uuid[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_transitar(p_mapa jsonb, p_ids uuid[], p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  update public.fila_processamento_grupos f
     set ultimo_estagio = coalesce(p_mapa -> f.id::text ->> 'ultimo_estagio', f.estagio),
         estagio = p_mapa -> f.id::text ->> 'estagio', motivo = p_mapa -> f.id::text ->> 'motivo',
         tentativas = 0, ultimo_erro = null, proximo_retry = null,
         lease_token = null, lease_ate = null, lease_por = null, estagio_desde = p_agora, updated_at = p_agora,
         finalizado_em = case when p_mapa -> f.id::text ->> 'estagio' in ('finalizado', 'descartado') then p_agora end
   where f.id = any (p_ids)
$function$
;
comment on function interno.grupos_transitar(jsonb,uuid[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_travar(p_mapa jsonb, p_ids uuid[])
 RETURNS uuid[]
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(array_agg(id), '{}') from (
    select f.id from public.fila_processamento_grupos f
     where f.id = any (p_ids) and f.lease_token = (p_mapa -> f.id::text ->> 'token')::uuid
     order by f.id for update) x
$function$
;
comment on function interno.grupos_travar(jsonb,uuid[]) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.grupos_usar_aliases(p_vagas jsonb, p_agora timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_hospital jsonb;
  v_especialidade jsonb;
begin
  select coalesce(jsonb_object_agg(a, n) filter (where tipo = 'h'), '{}'), coalesce(jsonb_object_agg(a, n) filter (where tipo = 'e'), '{}')
    into v_hospital, v_especialidade
    from (select tipo, a, count(*) as n from (
            select 'h' as tipo, e ->> 'alias_hospital_id' as a from jsonb_each(p_vagas) as t(k, e)
            union all select 'e', e ->> 'alias_especialidade_id' from jsonb_each(p_vagas) as t(k, e)) y
           where a is not null group by 1, 2) x;
  perform 1 from public.hospitais_alias where id = any (array(select k::uuid from jsonb_object_keys(v_hospital) k)) order by id for no key update;
  update public.hospitais_alias a set vezes_usado = a.vezes_usado + (v_hospital ->> a.id::text)::integer, ultimo_uso = p_agora
   where a.id = any (array(select k::uuid from jsonb_object_keys(v_hospital) k));
  perform 1 from public.especialidades_alias where id = any (array(select k::uuid from jsonb_object_keys(v_especialidade) k)) order by id for no key update;
  update public.especialidades_alias a set vezes_usado = a.vezes_usado + (v_especialidade ->> a.id::text)::integer, ultimo_uso = p_agora
   where a.id = any (array(select k::uuid from jsonb_object_keys(v_especialidade) k));
end $function$
;
comment on function interno.grupos_usar_aliases(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.hash_texto(p_texto text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select encode(sha256(convert_to(nullif(btrim(p_texto, E' \t\r\n\u00a0'), ''), 'UTF8')), 'hex')
$function$
;
comment on function interno.hash_texto(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.insert_messages(p_messages jsonb, p_keyed boolean, p_dedupe boolean, p_by text, p_now timestamp with time zone)
 RETURNS bigint[]
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids bigint[];
  v_new bigint[];
  v_seed text := gen_random_uuid()::text; -- um sorteio por chamada: por linha, custaria mais do que o resto dela
begin
  if not p_keyed and not p_dedupe then
    with x as materialized (
      select nextval('public.event_messages_id_seq') as id, r.* from jsonb_to_recordset(p_messages)
          as r (topic text, payload jsonb, headers jsonb, correlation_id uuid, causation_id bigint, delay_ms double precision)),
    m as (
      insert into public.event_messages (id, topic, payload, headers, correlation_id, causation_id, published_at, published_by)
      select x.id, x.topic, coalesce(x.payload, 'null'), coalesce(x.headers, '{}'), coalesce(x.correlation_id, overlay(overlay(md5(v_seed || x.id) placing '4' from 13) placing '8' from 17)::uuid), x.causation_id, p_now, p_by from x),
    d as (
      insert into public.event_deliveries (message_id, topic, group_id, available_at, created_at, bytes)
      select x.id, x.topic, g.group_id, p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now, coalesce(pg_column_size(x.payload), 0)
        from x join public.event_groups g on g.topic = x.topic)
    select array_agg(x.id order by x.id) into v_ids from x;
    return coalesce(v_ids, '{}');
  end if;

  select array_agg(nextval('public.event_messages_id_seq')) into v_ids from jsonb_array_elements(p_messages);
  with m as (
    insert into public.event_messages (id, topic, key, payload, headers, correlation_id, causation_id, dedupe_key, published_at, published_by)
    select v_ids[x.n], x.topic, x.key, coalesce(x.payload, 'null'), coalesce(x.headers, '{}'),
           coalesce(x.correlation_id, overlay(overlay(md5(v_seed || x.n) placing '4' from 13) placing '8' from 17)::uuid), x.causation_id, x.dedupe_key, p_now, p_by
      from rows from (jsonb_to_recordset(p_messages) as (topic text, key text, payload jsonb, headers jsonb, correlation_id uuid,
             causation_id bigint, dedupe_key text)) with ordinality as x (topic, key, payload, headers, correlation_id, causation_id, dedupe_key, n)
     order by x.n
    on conflict (topic, dedupe_key) where dedupe_key is not null do nothing
    returning id)
  select coalesce(array_agg(id), '{}') into v_new from m;

  -- Da vez é a primeira deste lote, se nenhuma mais antiga da mesma chave está aberta no grupo.
  insert into public.event_deliveries (message_id, topic, group_id, key, blocked, available_at, created_at, bytes)
  select v_ids[x.n], x.topic, g.group_id, x.key,
         x.key is not null and (
           row_number() over (partition by x.topic, g.group_id, x.key order by x.n) > 1
           or exists (select 1 from public.event_deliveries o
                       where o.topic = x.topic and o.group_id = g.group_id and o.key = x.key
                         and o.key is not null and o.status not in ('concluida', 'morta'))),
         p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000), p_now, coalesce(pg_column_size(x.payload), 0)
    from rows from (jsonb_to_recordset(p_messages) as (topic text, key text, payload jsonb, delay_ms double precision))
           with ordinality as x (topic, key, payload, delay_ms, n)
    join public.event_groups g on g.topic = x.topic
   where v_ids[x.n] = any (v_new);

  if not p_dedupe then
    return v_ids;
  end if;
  return (
    select array_agg(case when v_ids[x.n] = any (v_new) then v_ids[x.n] else
             (select m.id from public.event_messages m where m.topic = x.topic and m.dedupe_key = x.dedupe_key) end order by x.n)
      from rows from (jsonb_to_recordset(p_messages) as (topic text, dedupe_key text)) with ordinality as x (topic, dedupe_key, n));
end $function$
;
comment on function interno.insert_messages(jsonb,boolean,boolean,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.janela_de_envio(p_periodo text, p_agora timestamp with time zone, OUT janela text, OUT fim timestamp with time zone)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select to_char(l.em, case p_periodo when 'hora' then 'YYYYMMDDHH24' else 'YYYYMMDD' end),
         case p_periodo
           when 'hora' then date_trunc('hour', p_agora) + interval '1 hour'
           else (date_trunc('day', l.em) + interval '1 day') at time zone 'America/Sao_Paulo' end
    from (select p_agora at time zone 'America/Sao_Paulo' as em) l
$function$
;
comment on function interno.janela_de_envio(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.jobs_registrados()
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  with recursive executados as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from executados n where n.job_name is not null
  ), pulados as (
    (select job_name from job_slots_pulados order by job_name limit 1)
    union all
    select (select p.job_name from job_slots_pulados p where p.job_name > n.job_name order by p.job_name limit 1)
      from pulados n where n.job_name is not null
  )
  select job_name from executados where job_name is not null
  union
  select job_name from pulados where job_name is not null
  union
  select job_name from scheduler_jobs
$function$
;
comment on function interno.jobs_registrados() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.listar_interrompidas(p_agora timestamp with time zone)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
  return (
    select coalesce(json_agg(i), '[]') from (
      select u.id, u.job_name, u.scheduled_for, u.instance_id, u.lease_token, u.status, u.error, u.finished_at, u.duration_ms,
             u.response_code, u.items_processed, r.chave is null as nunca_chegou
        from (select distinct on (e.job_name) e.* from job_executions e
               where e.status = 'error' and e.error = 'interrompido: scheduler parou'
                 and e.scheduled_for > p_agora - interval '24 hours'
               order by e.job_name, e.scheduled_for desc) u
        left join job_requests r on r.chave = interno.chave_de_slot(u.job_name, u.scheduled_for)
       where r.chave is null or u.finished_at > p_agora - interval '5 minutes'
       order by u.scheduled_for desc limit 1000) i);
end $function$
;
comment on function interno.listar_interrompidas(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.lock_topic_keys(p_keys text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_bucket integer;
begin
  for v_bucket in select distinct hashtextextended(k, 0) & 63 from unnest(p_keys) k order by 1 loop
    perform pg_advisory_xact_lock(727001, v_bucket);
  end loop;
end $function$
;
comment on function interno.lock_topic_keys(text[]) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.marcar_versao_do_esquema()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into app_settings (key, value, updated_at)
  select m.key, m.value, now()
    from (values ('schema_version', (select max(h.version) from supabase_migrations.schema_migrations h)),
                 ('schema_applied_at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) as m(key, value)
   where m.value is not null
  on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at;
  return null;
end $function$
;
comment on function interno.marcar_versao_do_esquema() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.pass_key_turn(p_topics text[], p_groups text[], p_keys text[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  update public.event_deliveries d set blocked = false
    from (select distinct t.topic, t.group_id, t.key from unnest(p_topics, p_groups, p_keys) as t (topic, group_id, key)) e
    cross join lateral (
      select o.message_id from public.event_deliveries o
       where o.topic = e.topic and o.group_id = e.group_id and o.key = e.key
         and o.key is not null and o.status not in ('concluida', 'morta')
       order by o.message_id limit 1) n
   where d.message_id = n.message_id and d.group_id = e.group_id and d.blocked
     and not exists (select 1 from public.event_deliveries v
                      where v.topic = e.topic and v.group_id = e.group_id and v.key = e.key and v.key is not null
                        and not v.blocked and v.status not in ('concluida', 'morta'))
$function$
;
comment on function interno.pass_key_turn(text[],text[],text[]) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.pausa_do_slot(p_job text, p_slot timestamp with time zone, p_em timestamp with time zone)
 RETURNS public.job_pausas
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
declare
  v_pausa job_pausas;
begin
  select * into v_pausa from job_pausas p
   where p.job_name = p_job
     and ((p.desde <= p_slot and p_slot < coalesce(p.encerrada_em, p.ate, 'infinity'))
          or (p.desde <= p_em and p_em < coalesce(p.encerrada_em, p.ate, 'infinity')))
   order by p.desde desc limit 1;
  return v_pausa;
end $function$
;
comment on function interno.pausa_do_slot(text,timestamp with time zone,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.pausa_em_json(p public.job_pausas)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select case when p.id is not null then jsonb_build_object(
           'id', p.id, 'job_name', p.job_name, 'motivo', p.motivo, 'autor', p.autor, 'desde', p.desde, 'ate', p.ate) end
$function$
;
comment on function interno.pausa_em_json(public.job_pausas) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.pausa_em_palavras(p public.job_pausas)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select format('pausado por %s %s: %s', p.autor,
    coalesce('até ' || to_char(p.ate at time zone 'America/Sao_Paulo', 'DD/MM/YYYY HH24:MI'), 'até ser retomado'), p.motivo)
$function$
;
comment on function interno.pausa_em_palavras(public.job_pausas) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.preencher_alias_normalizado()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  new.alias_normalizado := public.fn_normalizar_busca(new.alias);
  return new;
end $function$
;
comment on function interno.preencher_alias_normalizado() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.proteger()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  r record;
begin
  for r in select c.oid::regclass as nome, c.relkind from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v') loop
    if r.relkind <> 'v' then
      execute format('alter table %s enable row level security', r.nome);
    end if;
    execute format('revoke all on %s from public, anon, authenticated', r.nome);
    execute format('grant select, insert, update, delete on %s to service_role', r.nome);
  end loop;
  for r in select p.oid::regprocedure as nome, p.proconfig, n.nspname from pg_proc p
             join pg_namespace n on n.oid = p.pronamespace
            where n.nspname in ('public', 'interno')
              and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e') loop
    execute format('revoke execute on function %s from public, anon, authenticated', r.nome);
    execute format('grant execute on function %s to service_role', r.nome);
    if not exists (select 1 from unnest(r.proconfig) s where s like 'search_path=%') then
      raise exception 'funcao % sem search_path fixo', r.nome;
    end if;
  end loop;
end $function$
;
comment on function interno.proteger() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.queue_paused_until(p_queue text, p_agora timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select pausada_ate from queue_state where queue = p_queue and pausada_ate > p_agora
$function$
;
comment on function interno.queue_paused_until(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.recusar_mudanca_da_auditoria()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  raise exception using errcode = 'PT409', message = 'auditoria_operacional só cresce: uma linha não muda nem sai';
end $function$
;
comment on function interno.recusar_mudanca_da_auditoria() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.refletir_tarefa_de_agendamento()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function interno.refletir_tarefa_de_agendamento() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.registrar_lote_de_pulados(p_pulados jsonb, p_instancia text, p_agora timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_novos integer;
begin
  insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
  select p.job_name, p.scheduled_for, p.motivo, left(p.detalhe, 500), p_instancia, p_agora
    from jsonb_to_recordset(p_pulados) as p(job_name text, scheduled_for timestamptz, motivo text, detalhe text)
   where p.scheduled_for <= p_agora - interval '30 s'
     and not exists (select 1 from job_executions e
                      where e.job_name = p.job_name and e.scheduled_for = p.scheduled_for)
   order by p.job_name, p.scheduled_for
  on conflict do nothing;
  get diagnostics v_novos = row_count;
  return v_novos;
end $function$
;
comment on function interno.registrar_lote_de_pulados(jsonb,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.registrar_pulados(p_pulados jsonb, p_instancia text, p_agora timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  if jsonb_array_length(p_pulados) = 0 then
    return 0;
  end if;
  return interno.registrar_lote_de_pulados(p_pulados, p_instancia, p_agora);
end $function$
;
comment on function interno.registrar_pulados(jsonb,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.resumo_vaga_grupo(v public.vagas_grupo)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'id', v.id, 'id_curto', left(v.id::text, 8), 'status', v.status, 'motivo_status', v.motivo_status, 'confianca_geral', v.confianca_geral,
    'hospital_raw', v.hospital_raw, 'hospital', (select nome from public.hospitais where id = v.hospital_id),
    'especialidade', coalesce((select nome from public.especialidades where id = v.especialidade_id), v.especialidade_raw),
    'setor', v.setor_raw, 'data', v.data, 'periodo', v.periodo, 'hora_inicio', v.hora_inicio, 'hora_fim', v.hora_fim, 'valor_tipo', v.valor_tipo,
    'valor', v.valor, 'valor_minimo', v.valor_minimo, 'valor_maximo', v.valor_maximo, 'numero_vagas', v.numero_vagas,
    'campos_faltando', v.campos_faltando, 'impedimentos', v.impedimentos, 'qtd_fontes', v.qtd_fontes,
    'grupo', (select nome from public.grupos_whatsapp where id = v.grupo_origem_id), 'created_at', v.created_at)
$function$
;
comment on function interno.resumo_vaga_grupo(public.vagas_grupo) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.sem_pausas(p_horarios timestamp with time zone[], p_agora timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  return not exists (
    select 1 from job_pausas p
     where coalesce(p.encerrada_em, p.ate, 'infinity') > least(p_agora, (select min(h) from unnest(p_horarios) h)));
end $function$
;
comment on function interno.sem_pausas(timestamp with time zone[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.semelhanca(p_a text, p_b text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$ select round(similarity(p_a, p_b)::numeric, 6) $function$
;
comment on function interno.semelhanca(text,text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.settle_deliveries(p_by text, p_ids bigint[], p_tokens uuid[], p_others jsonb, p_out jsonb, p_keys text[], p_dedupe boolean, p_now timestamp with time zone)
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids bigint[] := p_ids;
  v_tokens uuid[] := p_tokens;
  v_held uuid[];
  v_topics text[];
  v_groups text[];
  v_keys text[];
  v_ok integer;
begin
  perform interno.lock_topic_keys(p_keys);
  with fim as (
    update public.event_deliveries d
       set status = 'concluida', locked_until = null, finished_at = p_now, last_error = null
     where d.message_id = any (p_ids) and d.lease_token = any (p_tokens) and d.status = 'processando'
    returning d.lease_token, d.topic, d.group_id, d.key),
  conta as (
    insert into public.event_outcomes (em, topic, group_id, ok, falhas)
    select p_now, topic, group_id, count(*), 0 from fim group by topic, group_id)
  select coalesce(array_agg(lease_token), '{}'), array_agg(topic) filter (where key is not null),
         array_agg(group_id) filter (where key is not null), array_agg(key) filter (where key is not null)
    into v_held, v_topics, v_groups, v_keys from fim;
  if v_keys is not null then
    perform interno.pass_key_turn(v_topics, v_groups, v_keys);
  end if;

  if jsonb_array_length(p_others) > 0 then
    select p_ids || array_agg(x.id), p_tokens || array_agg(x.token) into v_ids, v_tokens
      from jsonb_to_recordset(p_others) as x (id bigint, token uuid);
    with x as (
      select * from jsonb_to_recordset(p_others) as r (kind text, id bigint, token uuid, delay_ms double precision, error text)),
    fim as (
      update public.event_deliveries d
         set status = case x.kind when 'bury' then 'morta' when 'retry' then 'aguardando_retry'
                        else case when d.attempts > 1 then 'aguardando_retry' else 'pendente' end end,
             attempts = d.attempts - (x.kind = 'release')::integer,
             available_at = case when x.kind = 'bury' then d.available_at else p_now + make_interval(secs => coalesce(x.delay_ms, 0) / 1000) end,
             finished_at = case when x.kind = 'bury' then p_now end,
             last_error = case when x.kind = 'release' then d.last_error else left(x.error, 500) end,
             locked_until = null
        from x
       where d.message_id = x.id and d.lease_token = x.token and d.status = 'processando'
      returning d.lease_token, d.topic, d.group_id, d.key, d.status, x.kind),
    conta as (
      insert into public.event_outcomes (em, topic, group_id, ok, falhas)
      select p_now, topic, group_id, 0, count(*) from fim where kind <> 'release' group by topic, group_id)
    select v_held || coalesce(array_agg(lease_token), '{}'), array_agg(topic) filter (where key is not null and status = 'morta'),
           array_agg(group_id) filter (where key is not null and status = 'morta'), array_agg(key) filter (where key is not null and status = 'morta')
      into v_held, v_topics, v_groups, v_keys from fim;
    if v_keys is not null then
      perform interno.pass_key_turn(v_topics, v_groups, v_keys);
    end if;
  end if;

  if jsonb_array_length(p_out) > 0 then
    perform interno.insert_messages(
      (select coalesce(jsonb_agg(o order by n), '[]') from jsonb_array_elements(p_out) with ordinality as t (o, n)
        where (o ->> 'token')::uuid = any (v_held)), cardinality(p_keys) > 0, p_dedupe, p_by, p_now);
  end if;

  if cardinality(v_held) = cardinality(v_tokens) then
    return '{}';
  end if;
  -- Aceitas de uma vez anterior, cuja resposta se perdeu: o token ainda é o da linha.
  return (select coalesce(array_agg(t), '{}') from unnest(v_tokens) t
           where t <> all (v_held)
             and not exists (select 1 from public.event_deliveries d
                              where d.message_id = any (v_ids) and d.lease_token = t and d.status <> 'processando'));
end $function$
;
comment on function interno.settle_deliveries(text,bigint[],uuid[],jsonb,jsonb,text[],boolean,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.sinalizadores_normalizacao(p_padrao jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'endereco', coalesce((select value::boolean from app_settings where key = 'ADDRESS_NORMALIZATION_ENABLED'), (p_padrao ->> 'endereco')::boolean),
    'documento', coalesce((select value::boolean from app_settings where key = 'DOCUMENT_NORMALIZATION_ENABLED'), (p_padrao ->> 'documento')::boolean))
$function$
;
comment on function interno.sinalizadores_normalizacao(jsonb) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.take_wait_slot()
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  for v_slot in 1..4 loop
    if pg_try_advisory_xact_lock(727003, v_slot) then
      return true;
    end if;
  end loop;
  return false;
end $function$
;
comment on function interno.take_wait_slot() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.task_ids(p_n integer)
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
declare
  v_time bytea := substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3);
begin
  return array(select encode(v_time || substring(uuid_send(gen_random_uuid()) from 7), 'hex')::uuid from generate_series(1, p_n));
end $function$
;
comment on function interno.task_ids(integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.topic_key(p_topic text, p_key text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ select p_topic || ' ' || p_key $function$
;
comment on function interno.topic_key(text,text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.travar_agendador()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform pg_advisory_xact_lock(20261125, 2);
end $function$
;
comment on function interno.travar_agendador() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION interno.vaga_grupo_por_id(p_id text)
 RETURNS uuid
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids uuid[];
begin
  if p_id ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then
    v_ids := array(select id from public.vagas_grupo where id = p_id::uuid);
  elsif p_id ~ '^[0-9a-f]{8}$' then
    v_ids := array(select id from public.vagas_grupo
                    where id >= (p_id || '-0000-0000-0000-000000000000')::uuid and id <= (p_id || '-ffff-ffff-ffff-ffffffffffff')::uuid limit 2);
  else
    raise exception 'id deve ser um UUID ou os seus 8 primeiros algarismos' using errcode = 'PT400', detail = 'id';
  end if;
  if cardinality(v_ids) = 0 then
    raise exception 'vaga % não encontrada', p_id using errcode = 'PT404', detail = 'id';
  elsif cardinality(v_ids) > 1 then
    raise exception 'mais de uma vaga começa por %; use o id inteiro', p_id using errcode = 'PT409', detail = 'id';
  end if;
  return v_ids[1];
end $function$
;
comment on function interno.vaga_grupo_por_id(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.adicionar_alias_hospital(p_hospital_id uuid, p_alias text, p_por text DEFAULT NULL::text, p_origem text DEFAULT 'manual'::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_busca text := public.fn_normalizar_busca(p_alias);
  v_dono text;
  v_id uuid;
begin
  if v_busca = '' then
    raise exception 'o alias precisa de letras ou algarismos' using errcode = 'PT400', detail = 'alias';
  end if;
  if not exists (select 1 from public.hospitais where id = p_hospital_id) then
    raise exception 'hospital não encontrado' using errcode = 'PT404', detail = 'hospital_id';
  end if;
  select h.nome into v_dono from public.hospitais_alias a join public.hospitais h on h.id = a.hospital_id where a.alias_normalizado = v_busca;
  if v_dono is not null then
    raise exception 'o alias já é de %', v_dono using errcode = 'PT409', detail = 'alias';
  end if;
  insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, criado_por, confirmado)
  values (p_hospital_id, p_alias, '', p_origem, p_por, true) returning id into v_id;
  return jsonb_build_object('id', v_id, 'alias', p_alias, 'alias_normalizado', v_busca);
end $function$
;
comment on function public.adicionar_alias_hospital(uuid,text,text,text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.aprovar_vaga_grupo(p_id text, p_correcoes jsonb DEFAULT '{}'::jsonb, p_por text DEFAULT NULL::text, p_hora_inicio time without time zone DEFAULT NULL::time without time zone, p_hora_fim time without time zone DEFAULT NULL::time without time zone, p_janela_h integer DEFAULT 48, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_id uuid := interno.vaga_grupo_por_id(p_id);
  v public.vagas_grupo;
  v_dedup jsonb;
  v_primeira uuid;
begin
  select * into v from public.vagas_grupo where id = v_id for update;
  if v.status <> 'aguardando_revisao' then
    raise exception 'a vaga está em %, não em aguardando_revisao', v.status using errcode = 'PT409', detail = 'id';
  end if;
  update public.vagas_grupo
     set hospital_id = coalesce((p_correcoes ->> 'hospital_id')::uuid, hospital_id),
         hospital_match_score = case when p_correcoes ->> 'hospital_id' is not null then 1 else hospital_match_score end,
         especialidade_id = coalesce((p_correcoes ->> 'especialidade_id')::uuid, especialidade_id),
         especialidade_match_score = case when p_correcoes ->> 'especialidade_id' is not null then 1 else especialidade_match_score end,
         data = coalesce((p_correcoes ->> 'data')::date, data),
         valor = case when p_correcoes ->> 'valor' is not null then (p_correcoes ->> 'valor')::integer else valor end,
         valor_tipo = case when p_correcoes ->> 'valor' is not null then 'fixo' else valor_tipo end,
         valor_minimo = case when p_correcoes ->> 'valor' is not null then null else valor_minimo end,
         valor_maximo = case when p_correcoes ->> 'valor' is not null then null else valor_maximo end,
         updated_at = p_agora
   where id = v_id returning * into v;
  if v.hospital_id is null or v.especialidade_id is null or v.data is null then
    raise exception 'faltam hospital, especialidade ou data: informe as correções' using errcode = 'PT400', detail = 'correcoes';
  end if;
  if v.data < public.dia_local(p_agora) then
    raise exception 'a data % já passou', v.data using errcode = 'PT409', detail = 'data';
  end if;
  v_dedup := public.fn_grupos_deduplicar(v_id,
    md5(concat_ws('|', v.hospital_id, v.data, coalesce(v.periodo_id::text, 'sem_periodo'), v.especialidade_id)), p_janela_h, p_agora);
  if (v_dedup ->> 'duplicada')::boolean then
    raise exception 'a vaga já existe: é repetição de %', left(v_dedup ->> 'principal_id', 8) using errcode = 'PT409', detail = 'id';
  end if;
  insert into public.vagas (hospital_id, especialidade_id, setor_id, periodo_id, tipos_vaga_id, forma_recebimento_id, data, hora_inicio, hora_fim,
         valor, valor_minimo, valor_maximo, valor_tipo, observacoes, contato_nome, contato_whatsapp, status, origem, vaga_grupo_id, posicao_grupo,
         created_at, updated_at)
  select v.hospital_id, v.especialidade_id, v.setor_id, v.periodo_id, v.tipos_vaga_id, v.forma_recebimento_id, v.data,
         coalesce(v.hora_inicio, p_hora_inicio), coalesce(v.hora_fim, p_hora_fim), v.valor, v.valor_minimo, v.valor_maximo, v.valor_tipo,
         'Origem: grupo WhatsApp (' || coalesce(g.nome, g.jid) || '). ' || coalesce(v.observacoes_raw, ''),
         coalesce(v.contato_nome, c.nome), coalesce(v.contato_whatsapp, c.telefone), 'aberta', 'grupo_whatsapp', v.id, n, p_agora, p_agora
    from public.grupos_whatsapp g left join public.contatos_grupo c on c.id = v.contato_responsavel_id
    cross join generate_series(1, v.numero_vagas) n
   where g.id = v.grupo_origem_id
  on conflict (vaga_grupo_id, posicao_grupo) where vaga_grupo_id is not null do nothing;
  select id into v_primeira from public.vagas where vaga_grupo_id = v_id order by posicao_grupo limit 1;
  update public.vagas_grupo
     set status = 'importada', motivo_status = 'aprovada', vaga_importada_id = v_primeira, importada_em = p_agora, revisada_por = p_por,
         revisada_em = p_agora, dados_minimos_ok = true, updated_at = p_agora
   where id = v_id;
  perform interno.grupos_contar_importadas(array[v_id], p_agora);
  if p_correcoes ->> 'hospital_id' is not null and public.fn_normalizar_busca(coalesce(v.hospital_raw, '')) <> '' then
    insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, criado_por, confirmado)
    values (v.hospital_id, v.hospital_raw, '', 'revisao', p_por, true) on conflict (alias_normalizado) do nothing;
  end if;
  if p_correcoes ->> 'especialidade_id' is not null and public.fn_normalizar_busca(coalesce(v.especialidade_raw, '')) <> '' then
    insert into public.especialidades_alias (especialidade_id, alias, alias_normalizado, origem, criado_por, confirmado)
    values (v.especialidade_id, v.especialidade_raw, '', 'revisao', p_por, true) on conflict (alias_normalizado) do nothing;
  end if;
  return jsonb_build_object('id', v_id, 'status', 'importada', 'vaga_importada_id', v_primeira, 'linhas', v.numero_vagas);
end $function$
;
comment on function public.aprovar_vaga_grupo(text,jsonb,text,time without time zone,time without time zone,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.backfill_topic_groups(p_groups jsonb, p_limit integer DEFAULT 5000, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  g public.event_groups;
  v_last bigint;
  v_keys text[];
begin
  perform pg_advisory_xact_lock_shared(727000); -- a group is not removed meanwhile
  select e.* into g from public.event_groups e
    join jsonb_to_recordset(p_groups) as x (topic text, group_id text) using (topic, group_id)
   where e.backfill_until is not null order by e.topic, e.group_id limit 1 for update of e;
  if not found then
    return false;
  end if;
  select max(b.id), array_agg(distinct b.key) filter (where b.key is not null) into v_last, v_keys
    from (select m.id, m.key from public.event_messages m
           where m.topic = g.topic and m.id > g.backfill_after and m.id <= g.backfill_until order by m.id limit p_limit) b;
  if v_keys is not null then
    perform interno.lock_topic_keys(array(select interno.topic_key(g.topic, k) from unnest(v_keys) k));
    -- Only of the keys of messages that come in now: those of a group registered again may have ended before.
    update public.event_deliveries d set blocked = true
     where d.topic = g.topic and d.group_id = g.group_id and d.key is not null and not d.blocked and d.status not in ('concluida', 'morta')
       and d.message_id > g.backfill_until
       and d.key in (select m.key from public.event_messages m
                      where m.topic = g.topic and m.id > g.backfill_after and m.id <= v_last
                        and not exists (select 1 from public.event_deliveries o where o.message_id = m.id and o.group_id = g.group_id));
  end if;
  insert into public.event_deliveries (message_id, topic, group_id, key, blocked, available_at, created_at, bytes)
  select m.id, m.topic, g.group_id, m.key,
         m.key is not null and (
           row_number() over (partition by m.key order by m.id) > 1
           or exists (select 1 from public.event_deliveries o
                       where o.topic = g.topic and o.group_id = g.group_id and o.key = m.key and o.key is not null
                         and o.status not in ('concluida', 'morta') and not o.blocked)),
         v_now, v_now, coalesce(octet_length(m.payload::text), 0)
    from public.event_messages m
   where m.topic = g.topic and m.id > g.backfill_after and m.id <= v_last
     and not exists (select 1 from public.event_deliveries o where o.message_id = m.id and o.group_id = g.group_id);
  if v_last is null or v_last >= g.backfill_until then
    update public.event_groups e set backfill_after = null, backfill_until = null, pausado = e.pausar_depois, pausar_depois = false
     where e.topic = g.topic and e.group_id = g.group_id;
  else
    update public.event_groups e set backfill_after = v_last where e.topic = g.topic and e.group_id = g.group_id;
  end if;
  return exists (select 1 from public.event_groups e join jsonb_to_recordset(p_groups) as x (topic text, group_id text) using (topic, group_id)
                  where e.backfill_until is not null);
end $function$
;
comment on function public.backfill_topic_groups(jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.bater_scheduler(p_instancia text, p_tick_ha_ms integer, p_tokens uuid[], p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS json
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_renovados     json := '[]';
  v_mortas        jsonb;
  v_interrompidas json := '[]';
begin
  -- Before reaping, so that an owner that is merely late keeps its runs.
  if cardinality(p_tokens) > 0 then
    with vivos as (
      update job_executions set lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
       where status = 'running' and instance_id = p_instancia and lease_token = any (p_tokens)
      returning lease_token)
    select coalesce(json_agg(lease_token), '[]') into v_renovados from vivos;
  end if;

  update scheduler_instances
     set last_seen_at = p_agora,
         last_tick_at = coalesce(p_agora - make_interval(secs => p_tick_ha_ms / 1000.0), last_tick_at)
   where instance_id = p_instancia;

  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  -- Nearly always nobody left a run without a known end in the last day. Then the question is enough.
  if exists (select 1 from job_executions e
              where e.status = 'error' and e.error = 'interrompido: scheduler parou'
                and e.scheduled_for > p_agora - interval '24 hours') then
    v_interrompidas := interno.listar_interrompidas(p_agora);
  end if;
  return json_build_object('agora', p_agora, 'renovados', v_renovados, 'mortas', v_mortas,
    'interrompidas', v_interrompidas, 'proxima_expiracao', (
    select min(lease_expires_at) from job_executions
     where status = 'running' and (lease_token is null or lease_token <> all (p_tokens))));
end $function$
;
comment on function public.bater_scheduler(text,integer,uuid[],integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.beat_worker(p_worker text, p_queues text[], p_running integer, p_rss_mb integer DEFAULT NULL::integer, p_cpu_pct real DEFAULT NULL::real, p_drained boolean DEFAULT false, p_agora timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  insert into background_workers as w (worker, queues, running, rss_mb, cpu_pct, last_drain_at, seen_at)
  values (p_worker, p_queues, p_running, p_rss_mb, p_cpu_pct, case when p_drained then p_agora end, p_agora)
  on conflict (worker) do update
    set queues = excluded.queues, running = excluded.running, rss_mb = excluded.rss_mb, cpu_pct = excluded.cpu_pct,
        last_drain_at = coalesce(excluded.last_drain_at, w.last_drain_at), seen_at = excluded.seen_at
$function$
;
comment on function public.beat_worker(text,text[],integer,integer,real,boolean,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.bloquear_oferta(p_id uuid, p_job uuid, p_fila text, p_motivo text, p_espera_s integer DEFAULT NULL::integer, p_limite integer DEFAULT 3, p_pausa_s integer DEFAULT 900, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.bloquear_oferta(uuid,uuid,text,text,integer,integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.buscar_hospitais(p_texto text, p_limite integer DEFAULT 10)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_busca text := public.fn_normalizar_busca(p_texto);
begin
  return (select coalesce(jsonb_agg(to_jsonb(x) order by x.score desc, x.nome), '[]') from (
    select h.id, h.nome, h.cidade, h.estado, h.precisa_revisao,
           greatest(interno.semelhanca(h.nome_busca, v_busca),
                    (select max(interno.semelhanca(a.alias_normalizado, v_busca)) from public.hospitais_alias a where a.hospital_id = h.id)) as score,
           (select coalesce(jsonb_agg(a.alias order by a.alias), '[]') from public.hospitais_alias a where a.hospital_id = h.id) as aliases
      from public.hospitais h
     order by 6 desc, h.nome limit least(p_limite, 50)) x where x.score >= 0.2);
end $function$
;
comment on function public.buscar_hospitais(text,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.carregar_agendamentos(p_itens jsonb, p_sinalizadores jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.carregar_agendamentos(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.concluir_ofertas(p_itens jsonb, p_fila text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_gravadas uuid[];
  v_lidas    boolean;
begin
  with fins as (
    update offers o
       set enrichment_status = case when i.error is null then 'finished' else 'failed' end,
           enrichment_outcome = case when i.error is null then i.outcome else o.enrichment_outcome end,
           enrichment_error = i.error,
           enrichment_attempts = o.enrichment_attempts + 1,
           enrichment_blocks = 0,
           enriched_at = case when i.error is null then p_agora else o.enriched_at end,
           product_id = coalesce(o.product_id, i.product_id),
           -- Os três dizem um preço só: trocam juntos ou ficam juntos.
           old_fraction = case when i.old_price_cents is null then o.old_fraction else i.old_fraction end,
           old_cents = case when i.old_price_cents is null then o.old_cents else i.old_cents end,
           old_price_cents = coalesce(i.old_price_cents, o.old_price_cents),
           discount_pct = coalesce(i.discount_pct, o.discount_pct),
           affiliation_id = case when o.affiliate_link is null then coalesce(i.affiliation_id, o.affiliation_id) else o.affiliation_id end,
           affiliate_link = coalesce(o.affiliate_link, i.affiliate_link),
           updated_at = p_agora
      from jsonb_to_recordset(p_itens) as i(offer_id uuid, job_id uuid, outcome text, error text, product_id text, old_fraction text,
             old_cents text, old_price_cents integer, discount_pct integer, affiliate_link text, affiliation_id text)
     where o.id = i.offer_id and o.enrichment_job_id = i.job_id and o.enrichment_status in ('queued', 'started')
       and exists (select 1 from background_jobs j where j.job_id = i.job_id and j.status = 'in_progress')
    returning o.id, i.error is null as lida)
  select array_agg(id), bool_or(lida) into v_gravadas, v_lidas from fins;
  if v_lidas then
    update queue_state set bloqueios_seguidos = 0, motivo = null, alertado_em = null
     where queue = p_fila and (bloqueios_seguidos > 0 or motivo is not null);
  end if;
  return to_jsonb(coalesce(v_gravadas, '{}'));
end $function$
;
comment on function public.concluir_ofertas(jsonb,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.contar_agendamentos()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select (select jsonb_object_agg(s, 0) from unnest(array['pending', 'processing', 'completed', 'failed', 'skipped']) s)
      || coalesce((select jsonb_object_agg(normalization_status, n)
                     from (select normalization_status, count(*) as n from appointments group by 1) c), '{}')
$function$
;
comment on function public.contar_agendamentos() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.contar_prontos_fila_grupos(p_limite integer, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select count(*)::integer from (
    (select 1 from fila_processamento_grupos i
      where i.estagio = any (array['pendente', 'heuristica', 'classificacao', 'extracao'])
        and i.estagio not in ('finalizado', 'descartado', 'erro') and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))
    union all
    (select 1 from fila_processamento_grupos i
      where i.estagio = any (array['normalizacao', 'deduplicacao', 'importacao'])
        and i.estagio not in ('finalizado', 'descartado', 'erro') and i.lease_token is null and i.tentativas < i.max_tentativas
        and (i.proximo_retry is null or i.proximo_retry <= p_agora)
      limit greatest(0, least(p_limite, 1000)))) prontos
$function$
;
comment on function public.contar_prontos_fila_grupos(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.count_topic_backlog(p_groups jsonb DEFAULT '[]'::jsonb, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  return jsonb_build_object(
    'devidas', (
      select coalesce(sum((
        select count(*) from public.event_deliveries d
         where d.topic = g.topic and d.group_id = g.group_id and d.status in ('pendente', 'aguardando_retry') and not d.blocked
           and d.available_at <= v_now)), 0)
        from public.event_groups g
       where not g.pausado and (p_groups = '[]' or exists (
         select 1 from jsonb_to_recordset(p_groups) as x (topic text, group_id text) where x.topic = g.topic and x.group_id = g.group_id))),
    'sem_consumidor', (
      -- Um salto de índice por tópico, e não uma leitura de todas as mensagens.
      with recursive t as (
        (select topic from public.event_messages order by topic limit 1)
        union all
        select (select m.topic from public.event_messages m where m.topic > t.topic order by m.topic limit 1) from t where t.topic is not null)
      select coalesce(sum((select count(*) from public.event_messages m where m.topic = t.topic)), 0)
        from t where t.topic is not null and not exists (select 1 from public.event_groups g where g.topic = t.topic)));
end $function$
;
comment on function public.count_topic_backlog(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.criar_agendamento(p_linha jsonb, p_tarefa jsonb, p_sinalizadores jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.criar_agendamento(jsonb,jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.definir_sinalizadores_normalizacao(p_endereco boolean, p_documento boolean, p_padrao jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  delete from app_settings
   where key = 'ADDRESS_NORMALIZATION_ENABLED' and p_endereco is null or key = 'DOCUMENT_NORMALIZATION_ENABLED' and p_documento is null;
  insert into app_settings (key, value, updated_at)
  select k, v::text, p_agora from (values ('ADDRESS_NORMALIZATION_ENABLED', p_endereco), ('DOCUMENT_NORMALIZATION_ENABLED', p_documento)) as t(k, v)
   where v is not null
  on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at;
  return interno.sinalizadores_normalizacao(p_padrao);
end $function$
;
comment on function public.definir_sinalizadores_normalizacao(boolean,boolean,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.detalhar_oferta(p_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select to_jsonb(o) from offers o where o.id = p_id
$function$
;
comment on function public.detalhar_oferta(uuid) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.detalhar_vaga_grupo(p_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select interno.resumo_vaga_grupo(v) || jsonb_build_object(
    'fontes', (select coalesce(jsonb_agg(jsonb_build_object('ordem', f.ordem, 'grupo', g.nome, 'valor_informado', f.valor_informado,
                 'texto_original', f.texto_original, 'created_at', f.created_at) order by f.ordem), '[]')
                 from public.vagas_grupo_fontes f join public.grupos_whatsapp g on g.id = f.grupo_id where f.vaga_grupo_id = v.id),
    'item', (select jsonb_build_object('estagio', f.estagio, 'motivo', f.motivo, 'tentativas', f.tentativas, 'ultimo_erro', f.ultimo_erro)
               from public.fila_processamento_grupos f where f.vaga_grupo_id = v.id),
    'vaga_importada_id', v.vaga_importada_id, 'revisada_por', v.revisada_por, 'revisada_em', v.revisada_em, 'notas_revisao', v.notas_revisao)
    from public.vagas_grupo v where v.id = interno.vaga_grupo_por_id(p_id)
$function$
;
comment on function public.detalhar_vaga_grupo(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.devolver_limites_envio(p_reserva jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  perform 1 from limites_envio l
    join jsonb_to_recordset(p_reserva -> 'itens') as i(escopo text, chave text, janela text) using (escopo, chave, janela)
   order by l.escopo, l.chave, l.janela for update of l;
  update limites_envio l set contador = greatest(0, l.contador - i.quantidade)
    from (select i.escopo, i.chave, i.janela, sum(i.quantidade)::integer as quantidade
            from jsonb_to_recordset(p_reserva -> 'itens') as i(escopo text, chave text, janela text, quantidade integer)
           group by 1, 2, 3) i
   where l.escopo = i.escopo and l.chave = i.chave and l.janela = i.janela;
  update telefone_ultimo_envio set em = coalesce((p_reserva ->> 'anterior')::timestamptz, '-infinity')
   where telefone = p_reserva ->> 'telefone' and em = (p_reserva ->> 'em')::timestamptz;
end $function$
;
comment on function public.devolver_limites_envio(jsonb) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.dia_local(p_em timestamp with time zone)
 RETURNS date
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select (p_em at time zone 'America/Sao_Paulo')::date
$function$
;
comment on function public.dia_local(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.dobra(p_texto text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select lower(regexp_replace(normalize(p_texto, NFD), '[\u0300-\u036f]', '', 'g'))
$function$
;
comment on function public.dobra(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.duracoes_dos_jobs(p_jobs text[], p_desde timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('job_name', d.nome, 'execucoes', d.n, 'p50', d.p50, 'p95', d.p95)), '[]')
    from (
      select n.nome, count(*) as n,
             round(percentile_cont(0.5) within group (order by e.duration_ms)) as p50,
             round(percentile_cont(0.95) within group (order by e.duration_ms)) as p95
        from unnest(p_jobs) as n(nome)
       cross join lateral (
         select x.duration_ms from job_executions x
          where x.job_name = n.nome and x.started_at >= p_desde and x.duration_ms is not null
            and (x.response_code is not null or x.status = 'timeout')
          order by x.started_at desc limit 1000) e
       group by n.nome) d
$function$
;
comment on function public.duracoes_dos_jobs(text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.encerrar_execucoes(p_itens jsonb, p_instancia text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_encerradas integer;
begin
  update job_executions e
     set status = i.status, duration_ms = i.duration_ms, response_code = i.response_code, error = i.error,
         items_processed = i.items_processed,
         finished_at = least(p_agora, e.started_at + make_interval(secs => i.duration_ms / 1000.0))
    from jsonb_to_recordset(p_itens)
           as i(id uuid, lease_token uuid, status text, duration_ms integer, response_code integer, error text,
                items_processed integer)
   where e.id = i.id and e.instance_id = p_instancia and e.lease_token = i.lease_token
     and (e.status = 'running' or (e.status = 'error' and e.error like 'interrompido: % parou'));
  get diagnostics v_encerradas = row_count;
  if v_encerradas = jsonb_array_length(p_itens) then
    return jsonb_path_query_array(p_itens, '$[*].id');
  end if;

  return (select coalesce(jsonb_agg(e.id), '[]')
            from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid, status text)
            join job_executions e on e.id = i.id and e.lease_token = i.lease_token and e.status = i.status);
end $function$
;
comment on function public.encerrar_execucoes(jsonb,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.encerrar_job(p_job text, p_token uuid, p_execucao uuid, p_chave text, p_status text, p_http_status integer, p_resposta jsonb, p_erro text, p_itens integer, p_duracao_ms integer, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_minha boolean;
begin
  if p_resposta is null then
    delete from job_requests where chave = p_chave and token = p_token;
  else
    update job_requests
       set status = 'done', http_status = p_http_status, resposta = p_resposta, execucao_status = p_status, erro = p_erro,
           itens = p_itens, duracao_ms = p_duracao_ms
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
end $function$
;
comment on function public.encerrar_job(text,uuid,uuid,text,text,integer,jsonb,text,integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.enfileirar_oferta(p_id uuid, p_tarefa jsonb, p_url text DEFAULT NULL::text, p_preco integer DEFAULT NULL::integer, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_oferta offers;
begin
  select * into v_oferta from offers where id = p_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'Oferta não encontrada', detail = 'offer_id';
  end if;
  return interno.enfileirar_ofertas(
    jsonb_build_array(jsonb_build_object('offer_id', p_id, 'url', coalesce(p_url, v_oferta.url),
                                         'current_price_cents', coalesce(p_preco, v_oferta.current_price_cents))),
    p_tarefa, p_agora) -> 0;
end $function$
;
comment on function public.enfileirar_oferta(uuid,jsonb,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.enfileirar_ofertas_pendentes(p_limite integer, p_preco boolean, p_desconto boolean, p_link boolean, p_recheck_h integer, p_falhas boolean, p_tarefa jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select count(*)::integer
    from jsonb_array_elements(interno.enfileirar_ofertas(
      ofertas_a_enriquecer(p_limite, p_preco, p_desconto, p_link, p_recheck_h, p_falhas, p_agora), p_tarefa, p_agora)) e
   where (e ->> 'created')::boolean
$function$
;
comment on function public.enfileirar_ofertas_pendentes(integer,boolean,boolean,boolean,integer,boolean,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.enqueue_batch(p_template jsonb, p_args jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS json
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n   integer := jsonb_array_length(p_args);
  v_ids uuid[];
begin
  if v_n > 5000 then
    raise exception using errcode = 'PT400', message = 'no máximo 5000 tarefas por chamada', detail = 'p_args';
  end if;
  v_ids := interno.task_ids(v_n);
  insert into background_jobs (job_id, queue, function, args, max_tries, timeout_s, keep_result_s, keep_failed_s, available_at, enqueue_time)
  select v_ids[a.n], c.queue, c.function, a.args, c.max_tries, c.timeout_s, c.keep_result_s, c.keep_failed_s,
         p_agora + coalesce(c.delay_ms, 0) * interval '1 millisecond', p_agora
    from jsonb_to_record(p_template) as c(queue text, function text, max_tries integer, timeout_s integer, keep_result_s integer,
                                          keep_failed_s integer, delay_ms bigint),
         jsonb_array_elements(p_args) with ordinality as a(args, n);
  return to_json(v_ids);
end $function$
;
comment on function public.enqueue_batch(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.enqueue_tasks(p_tasks jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids    uuid[] := interno.task_ids(jsonb_array_length(p_tasks));
  v_active uuid[];
begin
  if jsonb_array_length(p_tasks) > 5000 then
    raise exception using errcode = 'PT400', message = 'no máximo 5000 tarefas por chamada', detail = 'p_tasks';
  end if;
  -- An active task may end between the insert that met it and the look-up that wants its id: then it is inserted after all.
  for attempt in 1..5 loop
    -- In the order of the keys: two callers with the same keys wait for one another, never both.
    insert into background_jobs (job_id, queue, function, args, dedupe_key, max_tries, timeout_s, keep_result_s, keep_failed_s,
                                 available_at, enqueue_time)
    select v_ids[t.place], t.queue, t.function, coalesce(t.args, '{}'), t.dedupe_key, t.max_tries, t.timeout_s, t.keep_result_s, t.keep_failed_s,
           p_agora + coalesce(t.delay_ms, 0) * interval '1 millisecond', p_agora
      from (select r.*, row_number() over () as place
              from jsonb_to_recordset(p_tasks) as r(queue text, function text, args jsonb, dedupe_key text, max_tries integer,
                                                    timeout_s integer, keep_result_s integer, keep_failed_s integer, delay_ms bigint)) t
     where v_active is null or v_active[t.place] is null
     order by t.function, t.dedupe_key, t.place
    on conflict (function, dedupe_key) where status in ('queued', 'in_progress') and dedupe_key is not null do nothing;
    if attempt = 1 and not jsonb_path_exists(p_tasks, '$[*].dedupe_key ? (@ != null)') then
      v_active := v_ids;
    else
      select array_agg(case when t.key is null then v_ids[t.place] else b.job_id end order by t.place) into v_active
        from (select e.ordinality as place, e.value ->> 'function' as function, e.value ->> 'dedupe_key' as key
                from jsonb_array_elements(p_tasks) with ordinality e) t
        left join lateral (select j.job_id from background_jobs j
                            where j.function = t.function and j.dedupe_key = t.key and j.status in ('queued', 'in_progress') limit 1) b
               on t.key is not null;
    end if;
    exit when array_position(v_active, null) is null;
  end loop;
  return (select coalesce(jsonb_agg(jsonb_build_object('job_id', a, 'created', a = v_ids[place]) order by place), '[]')
            from unnest(v_active) with ordinality u(a, place));
end $function$
;
comment on function public.enqueue_tasks(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.estado_bloqueio_ofertas(p_fila text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce((select jsonb_build_object('bloqueada', motivo is not null, 'alertada', alertado_em is not null,
                            'seguidos', bloqueios_seguidos, 'motivo', motivo,
                            'pausada_ate', case when pausada_ate > p_agora then pausada_ate end)
                     from queue_state where queue = p_fila),
                  jsonb_build_object('bloqueada', false, 'alertada', false, 'seguidos', 0, 'motivo', null, 'pausada_ate', null))
$function$
;
comment on function public.estado_bloqueio_ofertas(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.estatisticas_grupos(p_periodo text DEFAULT 'hoje'::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with de as (select ((public.dia_local(p_agora) - case p_periodo when 'hoje' then 0 when 'semana' then 6 else 29 end)::timestamp
                       at time zone 'America/Sao_Paulo') as inicio)
  select jsonb_build_object('periodo', p_periodo, 'desde', de.inicio,
    'mensagens', (select count(*) from public.mensagens_grupo where created_at >= de.inicio),
    'ofertas', (select count(*) from public.mensagens_grupo where created_at >= de.inicio and eh_oferta),
    'vagas', (select coalesce(jsonb_object_agg(status, n), '{}') from (
       select status, count(*) as n from public.vagas_grupo where created_at >= de.inicio group by 1) x),
    'grupos_ativos', (select count(distinct grupo_id) from public.mensagens_grupo where created_at >= de.inicio)) from de
$function$
;
comment on function public.estatisticas_grupos(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.exchange_deliveries(p_by text, p_lease_s double precision, p_ids bigint[], p_tokens uuid[], p_others jsonb, p_out jsonb, p_keys text[], p_dedupe boolean, p_claim jsonb, p_wait_ms integer, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS json
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_until timestamptz := clock_timestamp() + make_interval(secs => least(p_wait_ms, 5000) / 1000.0);
  v_lost uuid[] := '{}';
  v_taken json[] := '{}';
  v_one json;
  v_paused text[];
  -- Por grupo, para que a resposta caiba no que o cliente aceita mesmo que o JSON a escreva com escapes.
  v_bytes bigint := 4000000 / greatest(jsonb_array_length(p_claim), 1);
  v_waits boolean := false;
  r record;
begin
  if cardinality(p_ids) > 0 or jsonb_array_length(p_others) > 0 then
    perform pg_advisory_xact_lock_shared(727000);
    v_lost := interno.settle_deliveries(p_by, p_ids, p_tokens, p_others, p_out, p_keys, p_dedupe, v_now);
    v_until := '-infinity'; -- e não v_now, que p_now pode pôr à frente do relógio com que se espera
  end if;
  if jsonb_array_length(p_claim) > 0 then
    loop
      v_paused := array(select g.topic || ' ' || g.group_id from public.event_groups g where g.pausado);
      for r in select x.topic, x.group_id, x.max, x.n - 1 as n
                 from rows from (jsonb_to_recordset(p_claim) as (topic text, group_id text, max integer)) with ordinality as x (topic, group_id, max, n) loop
        continue when r.topic || ' ' || r.group_id = any (v_paused);
        v_one := interno.claim_deliveries(r.topic, r.group_id, least(r.max, 1000), v_bytes, p_by, p_lease_s, v_now);
        if v_one is not null then
          v_taken := v_taken || json_build_array(r.n, v_one);
        end if;
      end loop;
      exit when cardinality(v_taken) > 0 or clock_timestamp() >= v_until;
      if not v_waits then
        v_waits := interno.take_wait_slot();
        if not v_waits then
          return json_build_object('lost', v_lost, 'taken', v_taken, 'full', true);
        end if;
      end if;
      perform pg_sleep(0.003);
      v_now := coalesce(p_now, clock_timestamp());
    end loop;
  end if;
  return json_build_object('lost', v_lost, 'taken', v_taken);
end $function$
;
comment on function public.exchange_deliveries(text,double precision,bigint[],uuid[],jsonb,jsonb,text[],boolean,jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.exchange_tasks(p_queue text, p_limit integer, p_functions text[], p_worker text, p_done_ids uuid[] DEFAULT '{}'::uuid[], p_done_tokens uuid[] DEFAULT '{}'::uuid[], p_results jsonb DEFAULT '[]'::jsonb, p_ended jsonb DEFAULT '[]'::jsonb, p_logs jsonb DEFAULT '[]'::jsonb, p_max_running integer DEFAULT NULL::integer, p_rescue boolean DEFAULT false, p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS json
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_lost    uuid[] := '{}';
  v_limit   integer := least(p_limit, 1000);
  v_paused  timestamptz;
  v_seed    text := gen_random_uuid()::text;
  v_claimed json;
begin
  if cardinality(p_done_ids) > 0 or p_ended <> '[]' or p_logs <> '[]' then
    v_lost := settle_tasks(p_done_ids, p_done_tokens, p_results, p_ended, p_logs, p_agora);
  end if;
  if p_rescue then
    perform rescue_tasks(p_queue, p_agora);
  end if;
  if v_limit > 0 then
    v_paused := interno.queue_paused_until(p_queue, p_agora);
    if v_paused is null and p_max_running is not null then
      perform pg_advisory_xact_lock(hashtextextended('background_jobs ' || p_queue, 0));
      select least(v_limit, p_max_running - count(*)::integer) into v_limit from background_jobs
       where queue = p_queue and status = 'in_progress' and locked_until > p_agora;
    end if;
    if v_paused is null and v_limit > 0 then
      with taken as (
        update background_jobs j
           set status = 'in_progress', tries = j.tries + 1, lease_token = md5(v_seed || j.job_id)::uuid, locked_by = p_worker,
               locked_until = p_agora + p_lease_s * interval '1 second', start_time = p_agora
         where j.ctid = any (array(
           select k.ctid from background_jobs k
            where k.queue = p_queue and k.status = 'queued' and k.available_at <= p_agora and k.function = any (p_functions)
            order by k.available_at limit v_limit for update skip locked))
           and j.status = 'queued'
        returning j.job_id, j.lease_token, j.function, j.args, j.tries, j.max_tries, j.timeout_s)
      select json_build_array(array_agg(job_id), array_agg(lease_token), array_agg(function), json_agg(args), array_agg(tries), array_agg(max_tries),
                              array_agg(timeout_s)) into v_claimed from taken having count(*) > 0;
    end if;
  end if;
  return json_build_object('claimed', v_claimed, 'lost', v_lost, 'paused_until', v_paused);
end $function$
;
comment on function public.exchange_tasks(text,integer,text[],text,uuid[],uuid[],jsonb,jsonb,jsonb,integer,boolean,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.extend_deliveries(p_ids bigint[], p_tokens uuid[], p_lease_s double precision, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  update public.event_deliveries d set locked_until = v_now + make_interval(secs => p_lease_s)
    from (select i.message_id, i.group_id from public.event_deliveries i
           where i.message_id = any (p_ids) and i.lease_token = any (p_tokens) and i.status = 'processando'
           order by i.message_id, i.group_id for update skip locked) x
   where d.message_id = x.message_id and d.group_id = x.group_id;
  return (select coalesce(jsonb_agg(t), '[]') from unnest(p_tokens) t
           where not exists (select 1 from public.event_deliveries d
                              where d.message_id = any (p_ids) and d.lease_token = t and d.status = 'processando'));
end $function$
;
comment on function public.extend_deliveries(bigint[],uuid[],double precision,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fatos_do_slot(p_job text, p_slot timestamp with time zone, p_chave text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with linhas as (
    select max(x.antes) as antes, min(x.depois) as depois from interno.jobs_registrados() n cross join lateral (
      select (select e.started_at from job_executions e
               where e.job_name = n and e.started_at < p_slot and e.trigger <> 'manual' order by e.started_at desc limit 1) as antes,
             (select e.started_at from job_executions e
               where e.job_name = n and e.started_at >= p_slot and e.trigger <> 'manual' order by e.started_at limit 1) as depois) x
  ), instancias as (
    select max(i.last_seen_at) filter (where i.last_seen_at < p_slot) as antes,
           min(i.started_at) filter (where i.started_at >= p_slot) as depois,
           coalesce(bool_or(i.started_at <= p_slot + interval '60 s' and i.last_seen_at >= p_slot), false) as viva
      from scheduler_instances i
  )
  select jsonb_build_object(
    'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = p_job),
    'execucao', (select interno.execucao_em_json(e) from job_executions e
                  where e.job_name = p_job and e.scheduled_for = p_slot),
    'resposta', (select r.resposta from job_requests r
                  where r.chave = p_chave and r.status = 'done' and r.resposta ->> 'status' = 'skipped'),
    'pulado', (select jsonb_build_object('motivo', k.motivo, 'detalhe', k.detalhe, 'registrado_em', k.registrado_em)
                 from job_slots_pulados k where k.job_name = p_job and k.scheduled_for = p_slot),
    'pausa', (select interno.pausa_em_json(interno.pausa_do_slot(p_job, p_slot, p_slot))),
    'bloqueio', (select interno.execucao_em_json(e) from job_executions e
                  where e.job_name = p_job and e.scheduled_for is distinct from p_slot
                    and e.started_at <= p_slot + interval '60 s' and e.started_at > p_slot - interval '1 hour'
                    and coalesce(e.finished_at, 'infinity') > p_slot
                  order by e.started_at desc limit 1),
    'ultima', (select interno.execucao_em_json(e) from job_executions e
                where e.job_name = p_job order by e.started_at desc limit 1),
    'instancia_viva', i.viva,
    'agendador_vivo', exists (select 1 from scheduler_instances i
                               where i.stopped_at is null and i.last_seen_at >= p_agora - interval '90 s'),
    'sinal_antes', greatest(l.antes, i.antes), 'sinal_depois', least(l.depois, i.depois),
    'linha_antes', l.antes, 'linha_depois', l.depois)
    from linhas l, instancias i
$function$
;
comment on function public.fatos_do_slot(text,timestamp with time zone,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_alertas_confirmar(p_id uuid, p_enviado boolean, p_erro text DEFAULT NULL::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.alertas_enviados
     set estado = case when p_enviado then 'enviado' when tentativas >= 3 then 'falhou' else 'novo' end,
         notificado = notificado or p_enviado,
         notificado_em = case when p_enviado then p_agora else notificado_em end,
         severidade_notificada = case when p_enviado then severidade else severidade_notificada end,
         notificacoes = notificacoes + case when p_enviado then 1 else 0 end,
         tentativas = case when p_enviado then 0 else tentativas end,
         erro_envio = case when p_enviado then null else left(p_erro, 500) end,
         tentativa_ate = null, versao = versao + 1
   where id = p_id;
  return found;
end $function$
;
comment on function public.fn_alertas_confirmar(uuid,boolean,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_alertas_decidir(p_decisoes jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_enviar jsonb;
begin
  update public.alertas_enviados a
     set estado = case d ->> 'decisao' when 'adiar' then 'adiado' else 'suprimido' end, suprimido_por = d ->> 'suprimido_por'
    from jsonb_array_elements(p_decisoes) d
   where a.id = (d ->> 'id')::uuid and d ->> 'decisao' in ('adiar', 'suprimir');
  with ganho as (
    update public.alertas_enviados a
       set tentativas = (d ->> 'tentativa')::integer, ultima_tentativa_em = p_agora, tentativa_ate = p_agora + interval '2 minutes',
           versao = versao + 1, estado = 'novo', suprimido_por = null
      from jsonb_array_elements(p_decisoes) d
     where a.id = (d ->> 'id')::uuid and d ->> 'decisao' = 'enviar'
       and a.versao = (d ->> 'versao')::integer and (a.tentativa_ate is null or a.tentativa_ate <= p_agora)
    returning a.id)
  select coalesce(jsonb_agg(id), '[]') into v_enviar from ganho;
  return v_enviar;
end $function$
;
comment on function public.fn_alertas_decidir(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_alertas_registrar(p_grupo text, p_alertas jsonb, p_tipos_avaliados text[] DEFAULT '{}'::text[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_chaves text[] := coalesce((select array_agg(distinct a ->> 'chave') from jsonb_array_elements(p_alertas) a), '{}');
begin
  -- Uma rodada de cada vez por grupo: a linha aberta de uma chave é uma só.
  perform pg_advisory_xact_lock(hashtextextended('alertas:' || p_grupo, 0));

  delete from public.alertas_enviados where id = any (array(
    select id from public.alertas_enviados where resolvido_em < p_agora - interval '180 days'
     order by resolvido_em limit 500 for update skip locked));

  update public.alertas_enviados
     set resolvido_em = p_agora
   where grupo = p_grupo and resolvido_em is null and tipo = any (p_tipos_avaliados) and chave <> all (v_chaves);

  -- Um adiado que se resolveu e voltou antes de ser dito continua a mesma linha: uma mensagem por chave.
  update public.alertas_enviados a set resolvido_em = null
   where a.id = any (array(
     select distinct on (r.chave) r.id from public.alertas_enviados r
      where r.chave = any (v_chaves) and r.estado = 'adiado' and r.resolvido_em is not null
        and r.ultima_deteccao_em >= p_agora - interval '12 hours'
        and not exists (select 1 from public.alertas_enviados o where o.chave = r.chave and o.resolvido_em is null)
      order by r.chave, r.ultima_deteccao_em desc));

  insert into public.alertas_enviados (chave, tipo, grupo, severidade, titulo, mensagem, valor, limiar, alvo, conteudo,
                                       detectado_em, ultima_deteccao_em)
  select distinct on (1) a ->> 'chave', a ->> 'tipo', p_grupo, a ->> 'severidade', a ->> 'titulo', a ->> 'mensagem',
         (a ->> 'valor')::numeric, (a ->> 'limiar')::numeric, a ->> 'alvo', a, p_agora, p_agora
    from jsonb_array_elements(p_alertas) with ordinality as e(a, ordem)
   order by 1, e.ordem
  on conflict (chave) where resolvido_em is null do update
     set tipo = excluded.tipo, grupo = excluded.grupo, severidade = excluded.severidade, titulo = excluded.titulo,
         mensagem = excluded.mensagem, valor = excluded.valor, limiar = excluded.limiar, alvo = excluded.alvo,
         conteudo = excluded.conteudo, ultima_deteccao_em = p_agora;

  return jsonb_build_object(
    'ativos', (select coalesce(jsonb_agg(interno.alerta_com_historico(a) order by a.chave), '[]')
                 from public.alertas_enviados a where a.chave = any (v_chaves) and a.resolvido_em is null),
    'pendentes', (select coalesce(jsonb_agg(interno.alerta_com_historico(x) order by x.detectado_em), '[]') from (
                 select a.* from public.alertas_enviados a
                  where a.grupo = p_grupo and a.chave <> all (v_chaves)
                    and (a.estado = 'adiado' or (a.estado = 'novo' and a.resolvido_em is null))
                  order by a.detectado_em limit 100) x),
    'entregues', (select coalesce(jsonb_agg(jsonb_build_object('chave', chave, 'tipo', tipo, 'notificado_em', notificado_em)), '[]') from (
                 select chave, tipo, notificado_em from public.alertas_enviados
                  where notificado and notificado_em > p_agora - interval '61 minutes'
                  order by notificado_em desc limit 500) x));
end $function$
;
comment on function public.fn_alertas_registrar(text,jsonb,text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_buscar_ou_criar_hospital(p_nome text, p_dados jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_busca text := public.fn_normalizar_busca(p_nome);
  v_id uuid;
  c public.cnes_estabelecimentos;
begin
  if v_busca = '' then
    raise exception 'nome de hospital vazio' using errcode = 'PT400', detail = 'nome';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('hospital:' || v_busca, 0));
  select hospital_id into v_id from public.hospitais_alias where alias_normalizado = v_busca;
  if v_id is not null then return jsonb_build_object('id', v_id, 'criado', false); end if;
  select * into c from public.cnes_estabelecimentos where cnes_codigo = p_dados ->> 'cnes_codigo';
  if c.cnes_codigo is not null then
    select id into v_id from public.hospitais where cnes_codigo = c.cnes_codigo;
  end if;
  if v_id is null then
    insert into public.hospitais (nome, logradouro, numero, bairro, cidade, estado, cep, latitude, longitude, cnes_codigo, google_place_id,
                                  criado_automaticamente, precisa_revisao, enriched_at, enriched_by, created_at, updated_at)
    values (coalesce(c.nome_fantasia, c.razao_social, p_dados ->> 'nome', p_nome),
            coalesce(c.logradouro, p_dados ->> 'logradouro'), coalesce(c.numero, p_dados ->> 'numero'), coalesce(c.bairro, p_dados ->> 'bairro'),
            coalesce(c.cidade, p_dados ->> 'cidade', 'Não informada'), coalesce(c.uf, p_dados ->> 'estado', 'SP'), coalesce(c.cep, p_dados ->> 'cep'),
            coalesce(c.latitude, (p_dados ->> 'latitude')::double precision), coalesce(c.longitude, (p_dados ->> 'longitude')::double precision),
            c.cnes_codigo, p_dados ->> 'google_place_id', true,
            coalesce(c.logradouro, p_dados ->> 'logradouro') is null
              or coalesce(c.latitude, (p_dados ->> 'latitude')::double precision) is null,
            p_agora, coalesce(p_dados ->> 'origem', 'cnes'), p_agora, p_agora)
    returning id into v_id;
    insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, confianca)
    select v_id, h.nome, '', case when c.cnes_codigo is not null then 'cnes' else 'sistema' end, 1.0 from public.hospitais h where h.id = v_id
    on conflict (alias_normalizado) do nothing;
  end if;
  insert into public.hospitais_alias (hospital_id, alias, alias_normalizado, origem, confianca)
  values (v_id, p_nome, '', case when c.cnes_codigo is not null then 'cnes' else 'sistema' end, coalesce((p_dados ->> 'score')::double precision, 1.0))
  on conflict (alias_normalizado) do nothing;
  return jsonb_build_object('id', v_id, 'criado', true);
end $function$
;
comment on function public.fn_buscar_ou_criar_hospital(text,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_anonimizar(p_dias integer DEFAULT 180, p_limite integer DEFAULT 2000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_limite timestamptz := p_agora - make_interval(days => p_dias);
  v_mensagens uuid[];
  v_vagas uuid[];
  v_n integer;
  v_contatos integer;
begin
  v_mensagens := array(
    select id from public.mensagens_grupo
     where timestamp_msg < v_limite and num_nonnulls(texto, sender_jid, sender_nome) > 0
     order by timestamp_msg limit least(p_limite, 5000) for update skip locked);
  update public.mensagens_grupo set texto = null, sender_jid = null, sender_nome = null, keywords_encontradas = null
   where id = any (v_mensagens);
  update public.vagas_grupo_fontes set texto_original = null where mensagem_id = any (v_mensagens) and texto_original is not null;
  v_vagas := array(select id from public.vagas_grupo where mensagem_id = any (v_mensagens));
  update public.vagas_grupo set contato_nome = null, contato_whatsapp = null, observacoes_raw = null where id = any (v_vagas);
  update public.vagas set contato_nome = null, contato_whatsapp = null, updated_at = p_agora
   where vaga_grupo_id = any (v_vagas) and num_nonnulls(contato_nome, contato_whatsapp) > 0;
  v_n := cardinality(v_mensagens);
  -- O jid de um contato é o seu telefone: quem não fala há tanto tempo vira um anônimo.
  update public.contatos_grupo
     set jid = 'anonimo:' || id, telefone = null, nome = null, empresa = null, updated_at = p_agora
   where id = any (array(select id from public.contatos_grupo
                          where ultimo_contato < v_limite and jid not like 'anonimo:%' limit least(p_limite, 5000) for update skip locked));
  get diagnostics v_contatos = row_count;
  return v_n + v_contatos;
end $function$
;
comment on function public.fn_grupos_anonimizar(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_avancar(p_id uuid, p_token uuid, p_estagio text, p_motivo text DEFAULT NULL::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.fila_processamento_grupos
     set ultimo_estagio = estagio, estagio = p_estagio, motivo = p_motivo, tentativas = 0, ultimo_erro = null, proximo_retry = null,
         lease_token = null, lease_ate = null, lease_por = null, estagio_desde = p_agora, updated_at = p_agora,
         finalizado_em = case when p_estagio in ('finalizado', 'descartado') then p_agora end
   where id = p_id and lease_token = p_token;
  return found;
end $function$
;
comment on function public.fn_grupos_avancar(uuid,uuid,text,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_backfill(p_limite integer DEFAULT 1000, p_max_tentativas integer DEFAULT 3, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  insert into public.fila_processamento_grupos (mensagem_id, max_tentativas, estagio_desde, created_at, updated_at)
  select m.id, p_max_tentativas, p_agora, p_agora, p_agora from public.mensagens_grupo m
   where m.status = 'pendente'
     and not exists (select 1 from public.fila_processamento_grupos f where f.mensagem_id = m.id and f.vaga_grupo_id is null)
   order by m.created_at, m.id limit least(p_limite, 10000)
  on conflict (mensagem_id) where vaga_grupo_id is null do nothing;
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.fn_grupos_backfill(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_buscar_cnes(p_consultas jsonb, p_limiar numeric DEFAULT 0.60)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  perform set_config('pg_trgm.similarity_threshold', (p_limiar - 0.00001)::text, true);
  return (select coalesce(jsonb_object_agg(q ->> 'nome', (
    select jsonb_build_object('cnes_codigo', c.cnes_codigo, 'score', least(interno.semelhanca(c.nome_busca, b.t) + 0.2, 1))
      from public.cnes_estabelecimentos c, (select public.fn_normalizar_busca(q ->> 'nome') as t) b
     where c.ativo and c.nome_busca % b.t and interno.semelhanca(c.nome_busca, b.t) >= p_limiar and (q ->> 'estado' is null or c.uf = q ->> 'estado')
     order by (public.dobra(c.cidade) = public.dobra(coalesce(q ->> 'cidade', ''))) desc, interno.semelhanca(c.nome_busca, b.t) desc, c.cnes_codigo
     limit 1)), '{}') from jsonb_array_elements(p_consultas) q);
end $function$
;
comment on function public.fn_grupos_buscar_cnes(jsonb,numeric) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_casar(p_hospitais text[], p_especialidades text[], p_limiar_hospital numeric DEFAULT 0.70, p_limiar_especialidade numeric DEFAULT 0.60)
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'hospitais', (select coalesce(jsonb_object_agg(t, c) filter (where c is not null), '{}')
                    from (select t, interno.grupos_casar_hospital(t, p_limiar_hospital) as c from unnest(p_hospitais) t) x),
    'especialidades', (select coalesce(jsonb_object_agg(t, c) filter (where c is not null), '{}')
                    from (select t, interno.grupos_casar_especialidade(t, p_limiar_especialidade) as c from unnest(p_especialidades) t) x),
    'bloqueados', (select coalesce(jsonb_agg(hospital_id), '[]') from public.hospitais_bloqueados where status = 'bloqueado'))
$function$
;
comment on function public.fn_grupos_casar(text[],text[],numeric,numeric) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_catalogos()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'aliases_hospital', (select coalesce(jsonb_agg(alias order by alias), '[]') from (
        select alias from public.hospitais_alias union select nome from public.hospitais) a),
    'periodos', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.periodos),
    'setores', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.setores),
    'tipos_vaga', (select coalesce(jsonb_object_agg(nome, id), '{}') from public.tipos_vaga),
    'formas_recebimento', (select coalesce(jsonb_object_agg(forma_recebimento, id), '{}') from public.formas_recebimento),
    'tem_cnes', exists (select 1 from public.cnes_estabelecimentos where ativo))
$function$
;
comment on function public.fn_grupos_catalogos() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_concluir_mensagens_lote(p_itens jsonb, p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_item jsonb;
  v_uma jsonb;
  v_itens jsonb := '{}';
  v_erros jsonb := '{}';
  v_criadas integer := 0;
begin
  begin
    return interno.grupos_concluir_mensagens_juntos(p_itens, p_agora) || '{"erros":{}}';
  exception when others then
    -- Um impasse não é culpa de nenhum elemento: quem chama repete o lote. O resto não se perde: o laço abaixo encontra de novo o
    -- elemento que falhou e o registra na fila.
    if sqlstate in ('40P01', '40001', '55P03') then
      raise;
    end if;
  end;
  for v_item in select * from jsonb_array_elements(p_itens) loop
    begin
      v_uma := interno.grupos_concluir_mensagens_juntos(jsonb_build_array(v_item), p_agora);
      v_itens := v_itens || (v_uma -> 'itens');
      v_criadas := v_criadas + (v_uma ->> 'vagas_criadas')::integer;
    exception when others then
      v_erros := v_erros || jsonb_build_object(v_item ->> 'id', sqlerrm);
      v_itens := v_itens || public.fn_grupos_falhar_lote(jsonb_build_array(jsonb_build_object('id', v_item ->> 'id', 'token', v_item ->> 'token',
        'erro', 'falha_persistir_vagas_grupo: ' || sqlerrm, 'definitivo', interno.grupos_erro_definitivo(sqlstate))), p_delays, p_agora);
    end;
  end loop;
  return jsonb_build_object('itens', v_itens, 'vagas_criadas', v_criadas, 'erros', v_erros);
end $function$
;
comment on function public.fn_grupos_concluir_mensagens_lote(jsonb,integer[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_concluir_vagas_lote(p_itens jsonb, p_janela_h integer DEFAULT 48, p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_item jsonb;
  v_itens jsonb := '{}';
  v_erros jsonb := '{}';
begin
  begin
    return interno.grupos_concluir_vagas_juntas(p_itens, p_janela_h, p_agora) || '{"erros":{}}';
  exception when others then
    -- Um impasse não é culpa de nenhum elemento: quem chama repete o lote. O resto não se perde: o laço abaixo encontra de novo o
    -- elemento que falhou e o registra na fila.
    if sqlstate in ('40P01', '40001', '55P03') then
      raise;
    end if;
  end;
  for v_item in select * from jsonb_array_elements(p_itens) loop
    begin
      v_itens := v_itens || (interno.grupos_concluir_vagas_juntas(jsonb_build_array(v_item), p_janela_h, p_agora) -> 'itens');
    exception when others then
      v_erros := v_erros || jsonb_build_object(v_item ->> 'id', sqlerrm);
      v_itens := v_itens || public.fn_grupos_falhar_lote(jsonb_build_array(jsonb_build_object('id', v_item ->> 'id', 'token', v_item ->> 'token',
        'erro', sqlerrm, 'definitivo', interno.grupos_erro_definitivo(sqlstate))), p_delays, p_agora);
    end;
  end loop;
  return jsonb_build_object('itens', v_itens, 'erros', v_erros);
end $function$
;
comment on function public.fn_grupos_concluir_vagas_lote(jsonb,integer,integer[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_consolidar(p_data date, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.fn_grupos_consolidar(date,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_deduplicar(p_vaga uuid, p_hash text, p_janela_h integer DEFAULT 48, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_principal uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('grupos_dedup:' || p_hash, 0));
  v_principal := (interno.grupos_deduplicar_uma(p_vaga, p_hash, p_janela_h, p_agora) ->> p_vaga::text)::uuid;
  return (select jsonb_build_object('duplicada', v_principal is not null, 'principal_id', g.id, 'fontes', g.qtd_fontes)
            from public.vagas_grupo g where g.id = coalesce(v_principal, p_vaga));
end $function$
;
comment on function public.fn_grupos_deduplicar(uuid,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_devolver(p_tokens uuid[], p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  update public.fila_processamento_grupos
     set lease_token = null, lease_ate = null, lease_por = null, updated_at = p_agora
   where lease_token is not null and lease_token = any (p_tokens);
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.fn_grupos_devolver(uuid[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_encerrar_ciclo(p_trabalhador text, p_resumo jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.grupos_pipeline_estado
     set ultimo_ciclo_em = p_agora, ultimo_ciclo = p_resumo,
         ciclo_iniciado_em = case when ciclo_por = p_trabalhador then null else ciclo_iniciado_em end
   where id = 1;
  return public.fn_grupos_fila(p_agora);
end $function$
;
comment on function public.fn_grupos_encerrar_ciclo(text,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_falhar(p_id uuid, p_token uuid, p_erro text, p_definitivo boolean DEFAULT false, p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now())
 RETURNS text
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select public.fn_grupos_falhar_lote(
    jsonb_build_array(jsonb_build_object('id', p_id, 'token', p_token, 'erro', p_erro, 'definitivo', p_definitivo)),
    p_delays, p_agora) ->> p_id::text
$function$
;
comment on function public.fn_grupos_falhar(uuid,uuid,text,boolean,integer[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_falhar_lote(p_falhas jsonb, p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_mapa jsonb;
  v_ids uuid[];
  v_resposta jsonb;
begin
  select coalesce(jsonb_object_agg(e ->> 'id', e), '{}'), coalesce(array_agg((e ->> 'id')::uuid), '{}')
    into v_mapa, v_ids from jsonb_array_elements(p_falhas) e;
  with falho as (
    update public.fila_processamento_grupos f
       set estagio = case when fim then 'erro' else f.estagio end,
           ultimo_estagio = f.estagio,
           tentativas = f.tentativas + 1,
           ultimo_erro = left(v_mapa -> f.id::text ->> 'erro', 500),
           proximo_retry = case when fim or imediato then null
             else p_agora + make_interval(mins => p_delays[least(f.tentativas + 1, array_length(p_delays, 1))]) end,
           estagio_desde = case when fim then p_agora else f.estagio_desde end,
           finalizado_em = case when fim then p_agora end,
           lease_token = null, lease_ate = null, lease_por = null, updated_at = p_agora
      from (select i.id as alvo, coalesce((v_mapa -> i.id::text ->> 'definitivo')::boolean, false)
                          or i.tentativas + 1 >= i.max_tentativas as fim,
                     coalesce((v_mapa -> i.id::text ->> 'imediato')::boolean, false) as imediato
              from public.fila_processamento_grupos i
             where i.id = any (v_ids) and i.lease_token = (v_mapa -> i.id::text ->> 'token')::uuid
             order by i.id for update) x
     where f.id = x.alvo
    returning f.id, f.estagio)
  select coalesce(jsonb_object_agg(id, estagio), '{}') into v_resposta from falho;
  perform interno.grupos_refletir_erro(array(select k::uuid from jsonb_each_text(v_resposta) as t(k, v) where v = 'erro'), p_agora);
  return (select coalesce(jsonb_object_agg(t::text, coalesce(v_resposta ->> t::text, 'lease_perdido')), '{}') from unnest(v_ids) t);
end $function$
;
comment on function public.fn_grupos_falhar_lote(jsonb,integer[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_fatos(p_pendentes_horas integer DEFAULT 4, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_erros integer;
  v_custo numeric;
  v_antigos integer;
  v_pendentes integer;
  v_mais_antigo timestamptz;
  v_ultimo_ciclo timestamptz;
  v_falhas jsonb := '[]';
begin
  begin
    select count(*) into v_erros from public.fila_processamento_grupos where estagio = 'erro';
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'fila_travada', 'erro', sqlerrm);
  end;
  begin
    select coalesce(sum(custo_usd), 0) into v_custo from public.uso_llm_grupos
     where created_at >= (public.dia_local(p_agora)::timestamp at time zone 'America/Sao_Paulo');
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'custo_alto', 'erro', sqlerrm);
  end;
  begin
    select count(*) into v_antigos from public.fila_processamento_grupos
     where estagio = 'pendente' and created_at < p_agora - make_interval(hours => p_pendentes_horas);
  exception when others then
    v_falhas := v_falhas || jsonb_build_object('regra', 'itens_pendentes_antigos', 'erro', sqlerrm);
  end;
  begin
    select count(*), min(created_at) into v_pendentes, v_mais_antigo from public.fila_processamento_grupos where estagio = 'pendente';
    select ultimo_ciclo_em into v_ultimo_ciclo from public.grupos_pipeline_estado;
  exception when others then
    v_pendentes := null;
    v_falhas := v_falhas || jsonb_build_object('regra', 'pipeline_parado', 'erro', sqlerrm);
  end;
  return jsonb_build_object('erros', v_erros, 'custo_usd', v_custo, 'pendentes_antigos', v_antigos, 'pendentes', v_pendentes,
    'pendente_mais_antigo_em', v_mais_antigo, 'ultimo_ciclo_em', v_ultimo_ciclo, 'erros_regras', v_falhas);
end $function$
;
comment on function public.fn_grupos_fatos(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_fila(p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with contagem as materialized (
    select estagio, count(*) as n from public.fila_processamento_grupos group by estagio)
  select (select jsonb_object_agg(e, coalesce((select n from contagem where estagio = e), 0))
            from unnest(array['pendente', 'heuristica', 'classificacao', 'extracao', 'normalizacao', 'deduplicacao', 'importacao',
                              'finalizado', 'descartado', 'erro']) e)
      || jsonb_build_object(
           'em_processamento', (select count(*) from public.fila_processamento_grupos
                                 where lease_token is not null and lease_ate >= p_agora),
           'aguardando_retry', (select count(*) from public.fila_processamento_grupos
                                 where proximo_retry > p_agora and lease_token is null),
           'erros_max_tentativas', (select count(*) from public.fila_processamento_grupos
                                     where estagio = 'erro' and tentativas >= max_tentativas))
$function$
;
comment on function public.fn_grupos_fila(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_ingerir(p_mensagens jsonb, p_max_tentativas integer DEFAULT 3, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_novas jsonb;
  v_total integer := jsonb_array_length(p_mensagens);
  v_enfileiradas integer;
begin
  -- Grupos e contatos em ordem de jid: dois webhooks simultâneos travam as mesmas linhas na mesma ordem.
  insert into public.grupos_whatsapp (jid, nome, created_at, updated_at)
  select m ->> 'grupo_jid', max(m ->> 'grupo_nome'), p_agora, p_agora
    from jsonb_array_elements(p_mensagens) m group by 1 order by 1
  on conflict (jid) do update set nome = excluded.nome, updated_at = p_agora
   where grupos_whatsapp.nome is null and excluded.nome is not null;

  insert into public.contatos_grupo (jid, telefone, nome, empresa, primeiro_contato, ultimo_contato, created_at, updated_at)
  select distinct on (1) m -> 'contato' ->> 'jid', m -> 'contato' ->> 'telefone', m -> 'contato' ->> 'nome', m -> 'contato' ->> 'empresa',
         (m ->> 'timestamp_msg')::timestamptz, (m ->> 'timestamp_msg')::timestamptz, p_agora, p_agora
    from jsonb_array_elements(p_mensagens) m
   where m -> 'contato' ->> 'jid' is not null
   order by 1, (m ->> 'timestamp_msg')::timestamptz desc
  on conflict (jid) do update
     set telefone = coalesce(excluded.telefone, contatos_grupo.telefone),
         nome = coalesce(excluded.nome, contatos_grupo.nome),
         empresa = coalesce(excluded.empresa, contatos_grupo.empresa),
         ultimo_contato = greatest(contatos_grupo.ultimo_contato, excluded.ultimo_contato),
         updated_at = p_agora;

  with nova as (
    insert into public.mensagens_grupo (grupo_id, contato_id, message_id, sender_jid, sender_nome, texto, tipo_midia, tem_midia,
           is_forwarded, is_reply, reply_to_id, timestamp_msg, instance_name, status, created_at)
    select g.id, c.id, e.m ->> 'message_id', e.m ->> 'sender_jid', e.m ->> 'sender_nome', e.m ->> 'texto', e.m ->> 'tipo_midia',
           (e.m ->> 'tem_midia')::boolean, (e.m ->> 'is_forwarded')::boolean, (e.m ->> 'is_reply')::boolean, e.m ->> 'reply_to_id',
           (e.m ->> 'timestamp_msg')::timestamptz, e.m ->> 'instance_name',
           case when e.m ->> 'status_inicial' = 'ignorada_propria' then 'ignorada_propria'
                when not (g.ativo and g.monitorar_ofertas) then 'ignorada_grupo'
                else e.m ->> 'status_inicial' end,
           p_agora + make_interval(secs => 0.000001 * e.ordem) -- a ordem do webhook é a da fila
      from jsonb_array_elements(p_mensagens) with ordinality as e(m, ordem)
      join public.grupos_whatsapp g on g.jid = e.m ->> 'grupo_jid'
      left join public.contatos_grupo c on c.jid = e.m -> 'contato' ->> 'jid'
     order by e.ordem
    on conflict (message_id) do nothing
    returning id, grupo_id, contato_id, status, timestamp_msg, created_at)
  select coalesce(jsonb_agg(to_jsonb(nova)), '[]') into v_novas from nova;

  insert into public.fila_processamento_grupos (mensagem_id, max_tentativas, estagio_desde, created_at, updated_at)
  select (n ->> 'id')::uuid, p_max_tentativas, p_agora, (n ->> 'created_at')::timestamptz, p_agora
    from jsonb_array_elements(v_novas) n where n ->> 'status' = 'pendente'
  on conflict (mensagem_id) where vaga_grupo_id is null do nothing;
  get diagnostics v_enfileiradas = row_count;

  perform 1 from public.grupos_whatsapp
    where id in (select (n ->> 'grupo_id')::uuid from jsonb_array_elements(v_novas) n) order by id for no key update;
  update public.grupos_whatsapp g
     set total_mensagens = g.total_mensagens + x.n,
         primeira_mensagem_em = least(coalesce(g.primeira_mensagem_em, x.primeira), x.primeira),
         ultima_mensagem_em = greatest(g.ultima_mensagem_em, x.ultima), updated_at = p_agora
    from (select (n ->> 'grupo_id')::uuid as id, count(*) as n, min((n ->> 'timestamp_msg')::timestamptz) as primeira,
                 max((n ->> 'timestamp_msg')::timestamptz) as ultima
            from jsonb_array_elements(v_novas) n group by 1) x
   where g.id = x.id;
  perform 1 from public.contatos_grupo
    where id in (select (n ->> 'contato_id')::uuid from jsonb_array_elements(v_novas) n) order by id for no key update;
  update public.contatos_grupo c set total_mensagens = c.total_mensagens + x.n, updated_at = p_agora
    from (select (n ->> 'contato_id')::uuid as id, count(*) as n from jsonb_array_elements(v_novas) n group by 1) x
   where c.id = x.id;

  return jsonb_build_object(
    'novas', jsonb_array_length(v_novas),
    'duplicadas', v_total - jsonb_array_length(v_novas),
    'enfileiradas', v_enfileiradas,
    'ignoradas', (select coalesce(jsonb_object_agg(s, q), '{}') from (
       select n ->> 'status' as s, count(*) as q from jsonb_array_elements(v_novas) n where n ->> 'status' <> 'pendente' group by 1) x),
    'grupos_sem_nome', (select coalesce(jsonb_agg(distinct jsonb_build_object('jid', g.jid, 'instance_name', m ->> 'instance_name')), '[]')
       from jsonb_array_elements(p_mensagens) m join public.grupos_whatsapp g on g.jid = m ->> 'grupo_jid' where g.nome is null));
end $function$
;
comment on function public.fn_grupos_ingerir(jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_iniciar_ciclo(p_trabalhador text, p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.grupos_pipeline_estado set ciclo_iniciado_em = p_agora, ciclo_por = p_trabalhador where id = 1;
  return public.fn_grupos_recuperar_leases(p_delays, p_agora);
end $function$
;
comment on function public.fn_grupos_iniciar_ciclo(text,integer[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_limpar(p_dias integer DEFAULT 7, p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  delete from public.fila_processamento_grupos
   where id = any (array(
     select id from public.fila_processamento_grupos
      where estagio in ('finalizado', 'descartado') and updated_at < p_agora - make_interval(days => p_dias)
      limit least(p_limite, 5000) for update skip locked));
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.fn_grupos_limpar(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_metricas(p_dias integer DEFAULT 7, p_limite integer DEFAULT 10, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with janela as (select public.dia_local(p_agora) - p_dias as de)
  select jsonb_build_object(
    'dias', (select coalesce(jsonb_agg(to_jsonb(m) - 'created_at' - 'updated_at' order by m.data desc), '[]')
               from public.metricas_pipeline_diarias m, janela where m.data >= janela.de),
    'top_grupos', (select coalesce(jsonb_agg(to_jsonb(t) order by t.vagas_importadas desc, t.mensagens_total desc), '[]') from (
        select g.id as grupo_id, g.nome, sum(m.mensagens_total) as mensagens_total, sum(m.vagas_extraidas) as vagas_extraidas,
               sum(m.vagas_importadas) as vagas_importadas, sum(m.vagas_duplicadas) as vagas_duplicadas, sum(m.custo_estimado_usd) as custo_usd
          from public.metricas_grupos_diarias m join public.grupos_whatsapp g on g.id = m.grupo_id, janela
         where m.data >= janela.de group by g.id, g.nome
         order by sum(m.vagas_importadas) desc, sum(m.mensagens_total) desc limit p_limite) t),
    'custos', (select coalesce(jsonb_agg(to_jsonb(c) order by c.data desc), '[]') from (
        select public.dia_local(u.created_at) as data, u.modelo, u.estagio, count(*) as chamadas, count(*) filter (where u.do_cache) as do_cache,
               sum(u.tokens_input) as tokens_input, sum(u.tokens_output) as tokens_output, sum(u.custo_usd) as custo_usd
          from public.uso_llm_grupos u, janela
         where u.created_at >= (janela.de::timestamp at time zone 'America/Sao_Paulo') group by 1, 2, 3 limit 500) c))
$function$
;
comment on function public.fn_grupos_metricas(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_nomear(p_jid text, p_nome text, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.grupos_whatsapp set nome = p_nome, updated_at = p_agora where jid = p_jid and nome is null and btrim(p_nome) <> '';
  return found;
end $function$
;
comment on function public.fn_grupos_nomear(text,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_podar_uso(p_dias integer DEFAULT 400, p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  delete from public.uso_llm_grupos
   where id = any (array(select id from public.uso_llm_grupos where created_at < p_agora - make_interval(days => p_dias)
                          order by created_at limit least(p_limite, 5000)));
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.fn_grupos_podar_uso(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_recuperar_leases(p_delays integer[] DEFAULT '{1,5,15}'::integer[], p_agora timestamp with time zone DEFAULT now(), p_limite integer DEFAULT 1000)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_falhas jsonb;
  v_n integer;
  v_esgotados uuid[];
begin
  with vencido as (
    update public.fila_processamento_grupos f set leases_expirados = f.leases_expirados + 1
     where f.id = any (array(
       select i.id from public.fila_processamento_grupos i
        where i.lease_token is not null and i.lease_ate < p_agora
        order by i.lease_ate limit p_limite for update skip locked))
    returning f.id, f.lease_token)
  select coalesce(jsonb_agg(jsonb_build_object('id', id, 'token', lease_token, 'erro', 'lease_expirado', 'imediato', true)), '[]'), count(*)
    into v_falhas, v_n from vencido;
  if v_n > 0 then
    perform public.fn_grupos_falhar_lote(v_falhas, p_delays, p_agora);
  end if;
  with esgotado as (
    update public.fila_processamento_grupos f
       set ultimo_estagio = f.estagio, estagio = 'erro', ultimo_erro = coalesce(f.ultimo_erro, 'tentativas_esgotadas'),
           estagio_desde = p_agora, finalizado_em = p_agora, proximo_retry = null, updated_at = p_agora
     where f.estagio not in ('finalizado', 'descartado', 'erro') and f.lease_token is null and f.tentativas >= f.max_tentativas
    returning f.id)
  select coalesce(array_agg(id), '{}') into v_esgotados from esgotado;
  if cardinality(v_esgotados) > 0 then
    perform interno.grupos_refletir_erro(v_esgotados, p_agora);
  end if;
  return v_n;
end $function$
;
comment on function public.fn_grupos_recuperar_leases(integer[],timestamp with time zone,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_reivindicar(p_estagios text[], p_limite integer, p_trabalhador text, p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS SETOF public.fila_processamento_grupos
 LANGUAGE plpgsql
 ROWS 20
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_estagio text;
  v_resto integer := least(p_limite, 1000);
  v_levados integer;
begin
  foreach v_estagio in array p_estagios loop
    exit when v_resto <= 0;
    return query
      update public.fila_processamento_grupos f
         set lease_token = gen_random_uuid(), lease_ate = p_agora + make_interval(secs => p_lease_s),
             lease_por = p_trabalhador, updated_at = p_agora
       where f.id = any (array(
         select i.id from public.fila_processamento_grupos i
          where i.estagio = v_estagio and i.estagio not in ('finalizado', 'descartado', 'erro')
            and i.lease_token is null and i.tentativas < i.max_tentativas
            and (i.proximo_retry is null or i.proximo_retry <= p_agora)
          order by (i.tentativas > 0), i.created_at, i.id
          limit v_resto for update skip locked))
      returning f.*;
    get diagnostics v_levados = row_count;
    v_resto := v_resto - v_levados;
  end loop;
end $function$
;
comment on function public.fn_grupos_reivindicar(text[],integer,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_reivindicar_mensagens(p_estagios text[], p_limite integer, p_trabalhador text, p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with f as materialized (
    select * from public.fn_grupos_reivindicar(p_estagios, p_limite, p_trabalhador, p_lease_s, p_agora))
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', f.id, 'token', f.lease_token, 'estagio', f.estagio, 'tentativas', f.tentativas, 'max_tentativas', f.max_tentativas,
           'mensagem_id', m.id, 'texto', m.texto, 'data_referencia', public.dia_local(m.timestamp_msg),
           'instance_name', m.instance_name, 'grupo_id', g.id, 'grupo_nome', g.nome, 'grupo_regiao', g.regiao,
           'grupo_hospital', (select h.nome from public.hospitais h where h.id = g.hospital_id),
           'contato_id', c.id, 'remetente_nome', coalesce(m.sender_nome, c.nome), 'remetente_telefone', c.telefone,
           'classificada', m.classificador is not null)
           order by f.created_at, f.id), '[]')
    from f
    join public.mensagens_grupo m on m.id = f.mensagem_id
    join public.grupos_whatsapp g on g.id = m.grupo_id
    left join public.contatos_grupo c on c.id = m.contato_id
$function$
;
comment on function public.fn_grupos_reivindicar_mensagens(text[],integer,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_reivindicar_vagas(p_estagios text[], p_limite integer, p_trabalhador text, p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with f as materialized (
    select * from public.fn_grupos_reivindicar(p_estagios, p_limite, p_trabalhador, p_lease_s, p_agora))
  select coalesce(jsonb_agg(jsonb_build_object(
           'id', f.id, 'token', f.lease_token, 'estagio', f.estagio, 'tentativas', f.tentativas, 'max_tentativas', f.max_tentativas,
           'mensagem_id', f.mensagem_id, 'vaga', to_jsonb(v), 'grupo_nome', g.nome, 'grupo_regiao', g.regiao,
           'grupo_hospital_id', g.hospital_id)
           order by f.created_at, f.id), '[]')
    from f
    join public.vagas_grupo v on v.id = f.vaga_grupo_id
    join public.grupos_whatsapp g on g.id = v.grupo_origem_id
$function$
;
comment on function public.fn_grupos_reivindicar_vagas(text[],integer,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_renovar_leases(p_tokens uuid[], p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_vivos uuid[];
begin
  with renovado as (
    update public.fila_processamento_grupos
       set lease_ate = p_agora + make_interval(secs => p_lease_s)
     where lease_token is not null and lease_token = any (p_tokens)
    returning lease_token)
  select coalesce(array_agg(lease_token), '{}') into v_vivos from renovado;
  return (select coalesce(jsonb_agg(t), '[]') from unnest(p_tokens) t where t <> all (v_vivos));
end $function$
;
comment on function public.fn_grupos_renovar_leases(uuid[],integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_reprocessar(p_estagio text DEFAULT NULL::text, p_limite integer DEFAULT 100, p_desde_inicio boolean DEFAULT false, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids uuid[];
  v_mensagens uuid[];
  v_por_estagio jsonb;
begin
  if p_estagio is not null and p_estagio not in ('pendente', 'heuristica', 'classificacao', 'extracao', 'normalizacao', 'deduplicacao', 'importacao') then
    return jsonb_build_object('sucesso', false, 'erro', 'estagio_invalido');
  end if;
  v_ids := array(
    select id from public.fila_processamento_grupos
     where estagio = 'erro' and (p_estagio is null or ultimo_estagio = p_estagio) and (not p_desde_inicio or vaga_grupo_id is null)
     order by updated_at, id limit least(p_limite, 1000) for update skip locked);
  with movido as (
    update public.fila_processamento_grupos f
       set estagio = case when p_desde_inicio then 'pendente' else f.ultimo_estagio end, tentativas = 0, ultimo_erro = null,
           proximo_retry = null, motivo = null, reprocessos = f.reprocessos + 1, finalizado_em = null, estagio_desde = p_agora, updated_at = p_agora
     where f.id = any (v_ids) returning f.estagio, f.mensagem_id, f.vaga_grupo_id)
  select coalesce((select jsonb_object_agg(estagio, n) from (select estagio, count(*) as n from movido group by 1) x), '{}'),
         coalesce((select array_agg(mensagem_id) from movido where vaga_grupo_id is null), '{}')
    into v_por_estagio, v_mensagens;
  update public.mensagens_grupo m
     set erro = null, processado_em = null,
         status = case when f.estagio in ('pendente', 'heuristica') then 'pendente'
                       when f.estagio = 'extracao' and m.classificador is not null then 'classificada_oferta'
                       else 'heuristica_passou' end
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and f.vaga_grupo_id is null and m.id = f.mensagem_id;
  update public.vagas_grupo v
     set status = case when f.estagio = 'normalizacao' then 'nova' else 'normalizada' end, motivo_status = null, updated_at = p_agora
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and v.id = f.vaga_grupo_id and v.status = 'erro';
  -- A mensagem de uma vaga que volta a andar já não está processada.
  update public.mensagens_grupo m set status = 'extraida', processado_em = null
    from public.fila_processamento_grupos f
   where f.id = any (v_ids) and f.vaga_grupo_id is not null and m.id = f.mensagem_id and m.status = 'processada';
  if p_desde_inicio then
    update public.vagas_grupo set status = 'substituida', motivo_status = 'reprocesso_desde_inicio', updated_at = p_agora
     where mensagem_id = any (v_mensagens) and status not in ('importada', 'aprovada', 'rejeitada', 'substituida', 'duplicada');
    update public.fila_processamento_grupos f
       set ultimo_estagio = case when f.estagio in ('finalizado', 'descartado', 'erro') then f.ultimo_estagio else f.estagio end,
           estagio = 'descartado', motivo = 'substituida', lease_token = null, lease_ate = null, lease_por = null, finalizado_em = p_agora, updated_at = p_agora
      from public.vagas_grupo v
     where f.vaga_grupo_id = v.id and v.mensagem_id = any (v_mensagens) and v.status = 'substituida' and f.motivo is distinct from 'substituida';
  end if;
  return jsonb_build_object('sucesso', true, 'reprocessados', cardinality(v_ids), 'por_estagio', v_por_estagio,
                            'mensagem', cardinality(v_ids) || ' itens enviados para reprocessamento');
end $function$
;
comment on function public.fn_grupos_reprocessar(text,integer,boolean,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_saude(p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with travado as (
    select estagio, count(*) as n, min(updated_at) as desde from public.fila_processamento_grupos
     where estagio not in ('finalizado', 'descartado', 'erro') and updated_at < p_agora - interval '1 hour' group by estagio)
  select jsonb_build_object(
    'fila', public.fn_grupos_fila(p_agora),
    'travados', jsonb_build_object(
      'count', (select coalesce(sum(n), 0) from travado),
      'por_estagio', (select coalesce(jsonb_object_agg(estagio, n), '{}') from travado),
      'mais_antigo_em', (select min(desde) from travado)),
    'erros_24h', (select count(*) from public.fila_processamento_grupos
                   where estagio = 'erro' and updated_at >= p_agora - interval '24 hours'),
    'ciclo_em_andamento', coalesce((select ciclo_iniciado_em > p_agora - interval '5 minutes' from public.grupos_pipeline_estado), false),
    'ultimo_ciclo_em', (select ultimo_ciclo_em from public.grupos_pipeline_estado))
$function$
;
comment on function public.fn_grupos_saude(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_grupos_vencida_desde(p_agora timestamp with time zone DEFAULT now())
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select min(coalesce(f.proximo_retry, f.estagio_desde)) from public.fila_processamento_grupos f
   where f.estagio not in ('finalizado', 'descartado', 'erro') and f.lease_token is null
     and f.tentativas < f.max_tentativas and coalesce(f.proximo_retry, f.estagio_desde) <= p_agora
$function$
;
comment on function public.fn_grupos_vencida_desde(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.fn_normalizar_busca(p_texto text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  with dobrado as (
    select public.dobra(p_texto) as inteiro
  ), sem_qualificador as (
    -- O que está entre parênteses qualifica; só fica quando é tudo o que há.
    select case when regexp_replace(inteiro, '\([^()]*\)', ' ', 'g') ~ '[a-z0-9]'
                then regexp_replace(inteiro, '\([^()]*\)', ' ', 'g') else inteiro end as texto
      from dobrado
  ), limpo as (
    select regexp_replace(
             regexp_replace(regexp_replace(texto, '[''’‘ʼ´`]', '', 'g'), '[^a-z0-9]+', ' ', 'g'),
             '\m(upa|ps|pa|hosp|hospital) 24 ?h(s|rs|oras?)?\M', '\1', 'g') as texto
      from sem_qualificador
  ), palavras as (
    select palavra, row_number() over (order by ordem) as posicao
      from limpo, regexp_split_to_table(texto, ' +') with ordinality as x(palavra, ordem)
     where palavra not in ('', 'de', 'da', 'do', 'das', 'dos', 'e')
  )
  select coalesce(string_agg(
           coalesce(
             case when posicao = 1 then
               '{"h": "hospital", "hm": "hospital municipal", "hr": "hospital regional", "he": "hospital estadual",
                 "hge": "hospital geral estadual", "hu": "hospital universitario", "ps": "pronto socorro",
                 "pa": "pronto atendimento", "mat": "maternidade"}'::jsonb ->> palavra end,
             '{"hosp": "hospital", "mun": "municipal", "reg": "regional", "univ": "universitario", "sta": "santa",
               "sto": "santo", "ns": "nossa senhora", "nsa": "nossa senhora", "dr": "doutor", "dra": "doutora",
               "prof": "professor", "jd": "jardim", "pq": "parque", "vl": "vila"}'::jsonb ->> palavra,
             palavra), ' ' order by posicao), '')
    from palavras
$function$
;
comment on function public.fn_normalizar_busca(text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.gravar_cache_llm_grupos(p_itens jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  n integer;
begin
  if jsonb_typeof(p_itens) is distinct from 'array' or jsonb_array_length(p_itens) > 1000 then
    raise exception 'p_itens deve ser uma lista de até 1000 respostas' using errcode = 'PT400', detail = 'p_itens';
  end if;
  -- Ordered by key: two batches that share keys lock them in the same order. One row per key, else ON CONFLICT refuses.
  insert into cache_llm_grupos (chave, tipo, resposta, expira_em, created_at)
  select distinct on (i.chave) i.chave, i.tipo, i.resposta, p_agora + make_interval(secs => i.ttl_s), p_agora
    from jsonb_to_recordset(p_itens) as i(chave text, tipo text, resposta jsonb, ttl_s integer)
   order by i.chave
  on conflict (chave) do update
     set resposta = excluded.resposta, expira_em = excluded.expira_em, created_at = excluded.created_at;
  get diagnostics n = row_count;
  return n;
end $function$
;
comment on function public.gravar_cache_llm_grupos(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.historico_do_job(p_job text, p_antes timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, p_limite integer DEFAULT 20)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(h.linha order by h.em desc), '[]') from (
    (select e.started_at as em, interno.execucao_em_json(e) || jsonb_build_object('motivo', null, 'detalhe', null) as linha
       from job_executions e
      where e.job_name = p_job and e.started_at < p_antes
      order by e.started_at desc limit greatest(1, least(p_limite, 200)))
    union all
    (select p.scheduled_for, jsonb_build_object(
              'id', null, 'job_name', p.job_name, 'scheduled_for', p.scheduled_for, 'started_at', null, 'finished_at', null,
              'status', 'pulado', 'duration_ms', null, 'response_code', null, 'error', null, 'items_processed', null,
              'trigger', null, 'motivo', p.motivo, 'detalhe', p.detalhe)
       from job_slots_pulados p
      where p.job_name = p_job and p.scheduled_for < p_antes
      order by p.scheduled_for desc limit greatest(1, least(p_limite, 200)))
    order by em desc limit greatest(1, least(p_limite, 200))) h
$function$
;
comment on function public.historico_do_job(text,timestamp with time zone,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.importar_agendamentos(p_arquivo jsonb, p_linhas jsonb, p_tarefa jsonb, p_sinalizadores jsonb, p_forcar boolean DEFAULT false, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.importar_agendamentos(jsonb,jsonb,jsonb,jsonb,boolean,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.iniciar_job(p_job text, p_instancia text, p_token uuid, p_execucao uuid, p_nova uuid, p_chave text, p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.iniciar_job(text,text,uuid,uuid,uuid,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.iniciar_job_com_diario(p_job text, p_instancia text, p_token uuid, p_execucao uuid, p_nova uuid, p_chave text, p_alvo text, p_autor text, p_motivo text, p_parametros jsonb, p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_inicio jsonb := iniciar_job(p_job, p_instancia, p_token, p_execucao, p_nova, p_chave, p_lease_ms, p_agora);
begin
  if (v_inicio ->> 'manual')::boolean then
    insert into auditoria_operacional (em, autor, acao, alvo, motivo, depois)
    values (p_agora, coalesce(p_autor, 'desconhecido'), 'executar', coalesce(p_alvo, p_job), p_motivo,
            jsonb_build_object('execution_id', v_inicio ->> 'execution_id', 'parametros', p_parametros));
  end if;
  return v_inicio;
end $function$
;
comment on function public.iniciar_job_com_diario(text,text,uuid,uuid,uuid,text,text,text,text,jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.iniciar_oferta(p_id uuid, p_job uuid, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update offers set enrichment_status = 'started', enrichment_job_id = p_job, updated_at = p_agora where id = p_id;
  return found;
end $function$
;
comment on function public.iniciar_oferta(uuid,uuid,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.inspecionar_esquema(p_tabelas text[], p_visoes text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with relacao as (
    select c.oid, c.relname::text as nome, c.relkind from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
  ), coluna as (
    select r.nome || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             || case when a.attnotnull then ' not null' else '' end as texto
      from relacao r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
     where r.relkind in ('r', 'p') and r.nome = any (p_tabelas)
  ), impressao as (
    select count(*) as colunas,
           left(encode(sha256(convert_to(string_agg(c.texto, E'\n' order by c.texto collate "C"), 'UTF8')), 'hex'), 16) as digitos
      from coluna c
  )
  select jsonb_build_object(
    'marcadores', (select coalesce(jsonb_object_agg(s.key, s.value), '{}') from app_settings s
                    where s.key in ('schema_version', 'schema_applied_at', 'environment', 'supabase_project_ref')),
    'tabelas_em_falta', (select coalesce(jsonb_agg(t order by t), '[]') from unnest(p_tabelas) t
                          where not exists (select 1 from relacao r where r.nome = t and r.relkind in ('r', 'p'))),
    'visoes_em_falta', (select coalesce(jsonb_agg(v order by v), '[]') from unnest(p_visoes) v
                         where not exists (select 1 from relacao r where r.nome = v and r.relkind in ('v', 'm'))),
    'colunas', i.colunas,
    'impressao', i.digitos)
    from impressao i
$function$
;
comment on function public.inspecionar_esquema(text[],text[]) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.jobs_do_agendador(p_jobs text[] DEFAULT NULL::text[])
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('job_name', s.job_name, 'registered_at', s.registered_at)
                            order by s.job_name), '[]')
    from scheduler_jobs s where p_jobs is null or s.job_name = any (p_jobs)
$function$
;
comment on function public.jobs_do_agendador(text[]) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.ler_limites_envio(p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_object_agg(p.periodo, jsonb_build_object(
           'usado', coalesce(l.contador, 0), 'janela', j.janela, 'termina_em', j.fim))
    from unnest(array['hora', 'dia']) as p(periodo)
   cross join lateral interno.janela_de_envio(p.periodo, p_agora) j
    left join limites_envio l on l.escopo = 'limite_' || p.periodo and l.chave = '' and l.janela = j.janela
$function$
;
comment on function public.ler_limites_envio(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.ler_marcadores()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'environment', (select value from app_settings where key = 'environment'),
    'supabase_project_ref', (select value from app_settings where key = 'supabase_project_ref'))
$function$
;
comment on function public.ler_marcadores() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.list_dead_deliveries(p_worker text DEFAULT NULL::text, p_limit integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(to_jsonb(x) order by x.finished_at desc, x.id desc), '[]') from (
    select d.id, d.message_id, d.topic, d.group_id, coalesce(g.worker, d.group_id) as worker, d.attempts, d.last_error, m.payload, m.published_at,
           d.finished_at
      from public.event_deliveries d
      left join public.event_groups g on g.topic = d.topic and g.group_id = d.group_id
      join public.event_messages m on m.id = d.message_id
     where d.status = 'morta' and (p_worker is null or coalesce(g.worker, d.group_id) = p_worker)
     order by d.finished_at desc, d.id desc
     limit least(p_limit, 1000)) x
$function$
;
comment on function public.list_dead_deliveries(text,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.list_tasks(p_queue text, p_status text DEFAULT NULL::text, p_limit integer DEFAULT 50, p_offset integer DEFAULT 0, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(to_jsonb(t) order by t.enqueue_time desc, t.job_id), '[]') from (
    select job_id, function, args, status, tries, max_tries, enqueue_time, available_at, start_time, finish_time, error
      from background_jobs
     where queue = p_queue and (p_status is null or status = p_status) and (expires_at is null or expires_at > p_agora)
     order by enqueue_time desc, job_id limit least(p_limit, 1000) offset p_offset) t
$function$
;
comment on function public.list_tasks(text,text,integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.list_workers(p_queue text DEFAULT NULL::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(to_jsonb(w) order by w.seen_at desc), '[]') from (
    select worker, queues, running, rss_mb, cpu_pct, last_drain_at, seen_at from background_workers
     where seen_at > p_agora - interval '15 minutes' and (p_queue is null or p_queue = any (queues))
     order by seen_at desc limit 100) w
$function$
;
comment on function public.list_workers(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.listar_auditoria_operacional(p_alvo text DEFAULT NULL::text, p_antes_de bigint DEFAULT NULL::bigint, p_limite integer DEFAULT 50)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(to_jsonb(a) order by a.id desc), '[]') from (
    select * from auditoria_operacional
     where (p_alvo is null or alvo = p_alvo) and (p_antes_de is null or id < p_antes_de)
     order by id desc limit greatest(1, least(p_limite, 200))) a
$function$
;
comment on function public.listar_auditoria_operacional(text,bigint,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.listar_vagas_revisao(p_limite integer DEFAULT 20, p_grupo text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(interno.resumo_vaga_grupo(v)), '[]') from (
    select v.* from public.vagas_grupo v join public.grupos_whatsapp g on g.id = v.grupo_origem_id
     where v.status = 'aguardando_revisao' and (p_grupo is null or g.jid = p_grupo or public.dobra(g.nome) like '%' || public.dobra(p_grupo) || '%')
     order by v.confianca_geral desc nulls last, v.created_at limit least(p_limite, 20)) v
$function$
;
comment on function public.listar_vagas_revisao(integer,text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.marcar_ambiente(p_environment text, p_project_ref text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  if p_environment is null or p_environment not in ('production', 'staging', 'dev', 'test') then
    raise exception using errcode = 'PT400', detail = 'p_environment',
      message = 'p_environment deve ser production, staging, dev ou test';
  elsif coalesce(p_project_ref, '') = '' then
    raise exception using errcode = 'PT400', detail = 'p_project_ref', message = 'p_project_ref não pode ser vazio';
  end if;
  insert into app_settings (key, value) values ('environment', p_environment), ('supabase_project_ref', p_project_ref)
  on conflict (key) do update set value = excluded.value, updated_at = now();
end $function$
;
comment on function public.marcar_ambiente(text,text) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.marcar_bloqueio_alertado(p_fila text, p_agora timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  update queue_state set alertado_em = p_agora where queue = p_fila and motivo is not null
$function$
;
comment on function public.marcar_bloqueio_alertado(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.obter_cache_llm_grupos(p_chaves text[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  if coalesce(cardinality(p_chaves), 0) > 1000 then
    raise exception 'no máximo 1000 chaves por chamada' using errcode = 'PT400', detail = 'p_chaves';
  end if;
  return (select coalesce(jsonb_object_agg(c.chave, c.resposta), '{}'::jsonb) from cache_llm_grupos c
           where c.chave = any (p_chaves) and c.expira_em > p_agora);
end $function$
;
comment on function public.obter_cache_llm_grupos(text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.obter_historico_circuitos(p_circuit_name text DEFAULT NULL::text, p_horas integer DEFAULT 24, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.obter_historico_circuitos(text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.ofertas_a_enriquecer(p_limite integer, p_preco boolean, p_desconto boolean, p_link boolean, p_recheck_h integer DEFAULT 24, p_falhas boolean DEFAULT false, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.ofertas_a_enriquecer(integer,boolean,boolean,boolean,integer,boolean,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.parar_scheduler(p_instancia text, p_agora timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  update scheduler_instances set stopped_at = p_agora, last_seen_at = p_agora where instance_id = p_instancia
$function$
;
comment on function public.parar_scheduler(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.pausar_jobs(p_jobs text[], p_motivo text, p_autor text, p_ate timestamp with time zone, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.pausar_jobs(text[],text,text,timestamp with time zone,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.pausas_em_vigor(p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(interno.pausa_em_json(p) order by p.job_name), '[]')
    from job_pausas p
   where p.encerrada_em is null and p.desde <= p_agora and coalesce(p.ate > p_agora, true)
$function$
;
comment on function public.pausas_em_vigor(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.pause_topic_group(p_topic text, p_group_id text, p_paused boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update public.event_groups
     set pausado = p_paused or backfill_until is not null, pausar_depois = p_paused and backfill_until is not null
   where topic = p_topic and group_id = p_group_id;
  return found;
end $function$
;
comment on function public.pause_topic_group(text,text,boolean) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.podar_agendador(p_dias integer DEFAULT 90, p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.podar_agendador(integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.podar_cache_llm_grupos(p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with vencidas as (
    select chave from cache_llm_grupos where expira_em <= p_agora order by expira_em limit least(greatest(p_limite, 0), 5000)),
  removidas as (
    delete from cache_llm_grupos c using vencidas v where c.chave = v.chave returning 1)
  select count(*)::integer from removidas
$function$
;
comment on function public.podar_cache_llm_grupos(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.podar_circuit_transitions(p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with velhas as (
    select id from circuit_transitions
     where created_at < p_agora - interval '30 days' order by created_at limit least(greatest(p_limite, 0), 5000)),
  removidas as (
    delete from circuit_transitions t using velhas v where t.id = v.id returning 1)
  select count(*)::integer from removidas
$function$
;
comment on function public.podar_circuit_transitions(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.podar_job_executions(p_dias integer DEFAULT 90, p_dias_erros integer DEFAULT 365, p_limite integer DEFAULT 5000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_manter   uuid[];
  v_apagadas integer;
begin
  with recursive nomes as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from nomes n where n.job_name is not null
  ), manter as (
    select u.id from nomes n cross join lateral (
      (select e.id from job_executions e where e.job_name = n.job_name order by e.started_at desc limit 1)
      union
      (select e.id from job_executions e
        where e.job_name = n.job_name and e.status = 'success' order by e.started_at desc limit 1)) u
  )
  select coalesce(array_agg(id), '{}') into v_manter from manter;

  delete from job_executions
   where id in (
     select e.id from job_executions e
      where e.started_at < p_agora - make_interval(days => p_dias)
        and (e.status = 'success'
             or (e.status in ('error', 'timeout') and e.started_at < p_agora - make_interval(days => greatest(p_dias, p_dias_erros))))
        and e.id <> all (v_manter)
      limit least(p_limite, 5000)
        for update skip locked);
  get diagnostics v_apagadas = row_count;
  return v_apagadas;
end $function$
;
comment on function public.podar_job_executions(integer,integer,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.publish_messages(p_messages jsonb, p_keys text[] DEFAULT '{}'::text[], p_dedupe boolean DEFAULT false, p_by text DEFAULT NULL::text, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  perform pg_advisory_xact_lock_shared(727000);
  perform interno.lock_topic_keys(p_keys);
  return to_jsonb(interno.insert_messages(p_messages, cardinality(p_keys) > 0, p_dedupe, p_by, coalesce(p_now, clock_timestamp())));
end $function$
;
comment on function public.publish_messages(jsonb,text[],boolean,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.purge_messages(p_limit integer DEFAULT 1000, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_ids bigint[];
begin
  v_ids := array(
    select m.id from public.event_messages m
     where m.published_at < v_now - interval '7 days'
       and case when exists (select 1 from public.event_deliveries d where d.message_id = m.id)
             then not exists (
               select 1 from public.event_deliveries d
                where d.message_id = m.id
                  and (d.status not in ('concluida', 'morta')
                       or d.finished_at >= v_now - case d.status when 'morta' then interval '30 days' else interval '7 days' end))
             else m.published_at < v_now - case when m.headers ? 'x-original-topic' then interval '30 days' else interval '7 days' end end
     order by m.published_at limit least(p_limit, 1000));
  delete from public.event_deliveries where message_id = any (v_ids);
  delete from public.event_messages where id = any (v_ids);
  delete from public.event_outcomes where em < v_now - interval '2 hours';
  return cardinality(v_ids);
end $function$
;
comment on function public.purge_messages(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.purge_tasks(p_limit integer DEFAULT 1000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  with gone as (
    delete from background_jobs j where j.job_id = any (array(
      select k.job_id from background_jobs k where k.expires_at <= p_agora order by k.expires_at limit p_limit for update skip locked))
    returning j.job_id, j.queue, j.status, j.finish_time),
  logs as (
    delete from background_job_logs l where l.job_id = any (array(select job_id from gone))),
  counted as (
    insert into background_job_totals as t (queue, hora, complete, failed)
    select queue, date_trunc('hour', finish_time), count(*) filter (where status = 'complete'), count(*) filter (where status = 'failed')
      from gone group by 1, 2 order by 1, 2
    on conflict (queue, hora) do update set complete = t.complete + excluded.complete, failed = t.failed + excluded.failed)
  select count(*) into v_n from gone;
  delete from background_job_totals where hora < p_agora - interval '7 days';
  delete from background_workers where seen_at < p_agora - interval '1 day';
  return v_n;
end $function$
;
comment on function public.purge_tasks(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.queue_counts(p_queue text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object(
    'queued', (select count(*) from background_jobs where queue = p_queue and status = 'queued'),
    'due', (select count(*) from background_jobs where queue = p_queue and status = 'queued' and available_at <= p_agora),
    'in_progress', (select count(*) from background_jobs where queue = p_queue and status = 'in_progress' and locked_until > p_agora),
    'paused_until', interno.queue_paused_until(p_queue, p_agora))
$function$
;
comment on function public.queue_counts(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.queue_stats(p_queue text DEFAULT NULL::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with names as (
    select p_queue as queue where p_queue is not null
    union select queue from background_jobs where p_queue is null
    union select queue from queue_state where p_queue is null
    union select queue from background_job_totals where p_queue is null),
  live as (
    select j.queue,
           count(*) filter (where status = 'queued') as queued,
           count(*) filter (where status = 'queued' and available_at > p_agora) as waiting_retry,
           count(*) filter (where status = 'in_progress') as in_progress,
           count(*) filter (where status = 'complete' and expires_at > p_agora) as complete,
           count(*) filter (where status = 'failed' and expires_at > p_agora) as failed,
           min(available_at) filter (where status = 'queued' and available_at <= p_agora) as oldest,
           count(*) filter (where finish_time > p_agora - interval '15 minutes') as ended_15m,
           count(*) filter (where finish_time > p_agora - interval '1 hour') as ended_1h,
           count(*) filter (where status = 'failed' and finish_time > p_agora - interval '1 hour') as failed_1h,
           count(*) filter (where finish_time > p_agora - interval '24 hours') as ended_24h,
           count(*) filter (where status = 'complete' and finish_time > p_agora - interval '24 hours') as complete_24h,
           avg(extract(epoch from finish_time - start_time) * 1000) filter (where finish_time > p_agora - interval '1 hour') as duration_avg,
           percentile_cont(0.95) within group (order by extract(epoch from finish_time - start_time) * 1000)
             filter (where finish_time > p_agora - interval '1 hour') as duration_p95,
           avg(extract(epoch from finish_time - enqueue_time) * 1000) filter (where finish_time > p_agora - interval '1 hour') as latency_avg,
           percentile_cont(0.95) within group (order by extract(epoch from finish_time - enqueue_time) * 1000)
             filter (where finish_time > p_agora - interval '1 hour') as latency_p95
      from background_jobs j where p_queue is null or j.queue = p_queue group by j.queue),
  purged as (
    select queue, sum(complete) as complete, sum(complete + failed) as ended from background_job_totals
     where hora > p_agora - interval '24 hours' and (p_queue is null or queue = p_queue) group by queue)
  select coalesce(jsonb_object_agg(n.queue, jsonb_build_object(
           'queued', coalesce(l.queued, 0), 'waiting_retry', coalesce(l.waiting_retry, 0), 'in_progress', coalesce(l.in_progress, 0),
           'complete', coalesce(l.complete, 0), 'failed', coalesce(l.failed, 0),
           'oldest_queued_age_s', floor(extract(epoch from p_agora - l.oldest)),
           'ended_per_minute_15m', round(coalesce(l.ended_15m, 0) / 15.0, 2),
           'error_rate_1h', case when l.ended_1h > 0 then round(100.0 * l.failed_1h / l.ended_1h, 2) end,
           'success_rate_24h', case when coalesce(l.ended_24h, 0) + coalesce(p.ended, 0) > 0
             then round(100.0 * (coalesce(l.complete_24h, 0) + coalesce(p.complete, 0)) / (coalesce(l.ended_24h, 0) + coalesce(p.ended, 0)), 2) end,
           'duration_ms', jsonb_build_object('avg', round(l.duration_avg::numeric), 'p95', round(l.duration_p95::numeric)),
           'latency_ms', jsonb_build_object('avg', round(l.latency_avg::numeric), 'p95', round(l.latency_p95::numeric)),
           'paused_until', interno.queue_paused_until(n.queue, p_agora),
           'workers_alive', (select count(*) from background_workers w where n.queue = any (w.queues) and w.seen_at > p_agora - interval '90 seconds'))), '{}')
    from names n left join live l on l.queue = n.queue left join purged p on p.queue = n.queue
$function$
;
comment on function public.queue_stats(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.recover_deliveries(p_limit integer DEFAULT 1000, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_n integer;
begin
  update public.event_deliveries d
     set status = 'aguardando_retry', available_at = v_now, lease_token = null, locked_until = null, last_error = 'Worker lost'
    from (select i.message_id, i.group_id from public.event_deliveries i
           where i.status = 'processando' and i.locked_until < v_now
           order by i.locked_until limit p_limit for update skip locked) x
   where d.message_id = x.message_id and d.group_id = x.group_id;
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.recover_deliveries(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.register_topic_groups(p_groups jsonb, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  v_new integer;
begin
  update public.event_groups g set worker = x.worker
    from jsonb_to_recordset(p_groups) as x (topic text, group_id text, worker text)
   where g.topic = x.topic and g.group_id = x.group_id and g.worker is distinct from x.worker;
  if not exists (
    select 1 from jsonb_to_recordset(p_groups) as x (topic text, group_id text)
     where not exists (select 1 from public.event_groups g where g.topic = x.topic and g.group_id = x.group_id)) then
    return 0;
  end if;
  -- Ids are drawn under the shared lock: of those up to the newest one seen here, none is still to come.
  perform pg_advisory_xact_lock(727000);
  with novo as (
    insert into public.event_groups (topic, group_id, worker, start_id, created_at, pausado, backfill_after, backfill_until)
    select x.topic, x.group_id, x.worker, case when x.earliest then 0 else x.newest end, v_now, x.earliest and x.newest > 0,
           case when x.earliest and x.newest > 0 then 0 end, case when x.earliest and x.newest > 0 then x.newest end
      from (select r.*, coalesce(r.start_from = 'earliest', false) as earliest,
                   coalesce((select max(m.id) from public.event_messages m where m.topic = r.topic), 0) as newest
              from jsonb_to_recordset(p_groups) as r (topic text, group_id text, worker text, start_from text)) x
    on conflict (topic, group_id) do nothing
    returning 1)
  select count(*) into v_new from novo;
  return v_new;
end $function$
;
comment on function public.register_topic_groups(jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_catalogo(p_jobs text[], p_instancia text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  insert into scheduler_jobs (job_name, registered_at)
  select distinct n, p_agora from unnest(p_jobs) n order by n
  on conflict do nothing;

  insert into scheduler_instances (instance_id, started_at, last_seen_at, jobs)
  values (p_instancia, p_agora, p_agora, cardinality(p_jobs))
  on conflict (instance_id) do update
    set started_at = excluded.started_at, last_seen_at = excluded.last_seen_at, jobs = excluded.jobs,
        last_tick_at = null, stopped_at = null;

  return jsonb_build_object('agora', p_agora, 'jobs', (
    select coalesce(jsonb_agg(jsonb_build_object(
             'job_name', s.job_name, 'registered_at', s.registered_at,
             'ultimo_slot', greatest(
               (select max(e.scheduled_for) from job_executions e where e.job_name = s.job_name),
               (select max(p.scheduled_for) from job_slots_pulados p where p.job_name = s.job_name)))), '[]')
      from scheduler_jobs s where s.job_name = any (p_jobs)));
end $function$
;
comment on function public.registrar_catalogo(text[],text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_circuit_transitions(p_itens jsonb)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.registrar_circuit_transitions(jsonb) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_heartbeat(p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.registrar_heartbeat(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_progresso(p_token uuid, p_feitos integer, p_total integer, p_texto text, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update job_locks
     set progresso = jsonb_build_object('feitos', p_feitos, 'total', p_total, 'texto', left(p_texto, 100), 'em', p_agora)
   where token = p_token;
  return found;
end $function$
;
comment on function public.registrar_progresso(uuid,integer,integer,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_reinicio_circuitos(p_nomes text[], p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  with novas as (
    insert into circuit_transitions (circuit_name, from_state, to_state, reason, created_at)
    select u.circuit_name, u.to_state, 'closed', 'reinicio', p_agora
      from unnest(p_nomes) as n(nome)
     cross join lateral (select t.circuit_name, t.to_state from circuit_transitions t
                          where t.circuit_name = n.nome order by t.created_at desc, t.id desc limit 1) u
     where u.to_state <> 'closed'
    returning 1)
  select count(*)::integer from novas
$function$
;
comment on function public.registrar_reinicio_circuitos(text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_slots_pulados(p_pulados jsonb, p_instancia text, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  perform interno.travar_agendador();
  return interno.registrar_pulados(p_pulados, p_instancia, p_agora);
end $function$
;
comment on function public.registrar_slots_pulados(jsonb,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.registrar_uso_llm_grupos(p_estagio text, p_modelo text, p_tokens_input integer, p_tokens_output integer, p_custo_usd numeric, p_duracao_ms integer, p_agora timestamp with time zone DEFAULT now())
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  insert into public.uso_llm_grupos (estagio, modelo, tokens_input, tokens_output, custo_usd, duracao_ms, created_at)
  values (p_estagio, p_modelo, p_tokens_input, p_tokens_output, p_custo_usd, p_duracao_ms, p_agora)
$function$
;
comment on function public.registrar_uso_llm_grupos(text,text,integer,integer,numeric,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.reivindicar_slots(p_ids uuid[], p_tokens uuid[], p_jobs text[], p_horarios timestamp with time zone[], p_gatilhos text[], p_pulados jsonb, p_instancia text, p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS json
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  v_mortas     jsonb;
  v_recusados  json := '[]';
  v_ganhos     integer := 0;
  v_resolvidos integer := 0;
begin
  perform interno.travar_agendador();
  v_mortas := interno.encerrar_execucoes_mortas(p_agora);
  if p_pulados <> '[]' then
    perform interno.registrar_pulados(p_pulados, p_instancia, p_agora);
  end if;

  -- What the whole rest of this function would find for slots that are all on record.
  if cardinality(p_ids) > 0
     and (exists (select 1 from job_executions e where e.job_name = p_jobs[1] and e.scheduled_for = p_horarios[1])
          or exists (select 1 from job_slots_pulados p where p.job_name = p_jobs[1] and p.scheduled_for = p_horarios[1])) then
    select count(*),
           coalesce(json_agg(a) filter (where a.motivo is not null), '[]')
      into v_resolvidos, v_recusados
      from (select i.id,
                   case when e.id = i.id and e.lease_token = i.lease_token and e.status = 'running' then null
                        when e.id is not null then 'ja_reivindicado'
                        else 'ja_pulado' end as motivo,
                   null::uuid as em_andamento, null::timestamptz as desde
              from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
              left join job_executions e on e.job_name = i.job_name and e.scheduled_for = i.scheduled_for
              left join job_slots_pulados p on p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
             where e.id is not null
                or (p.motivo is not null and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao')
                    and i.scheduled_for <= p_agora + interval '30 s')) a;
    if v_resolvidos < cardinality(p_ids) then
      v_recusados := '[]';
    end if;
  end if;

  if v_resolvidos < cardinality(p_ids) then
    perform set_config('julia.sem_pausas', case when interno.sem_pausas(p_horarios, p_agora) then 'sim' else '' end, true);
    insert into job_executions (id, job_name, scheduled_for, started_at, trigger, instance_id, lease_token, lease_expires_at)
    select i.id, i.job_name, i.scheduled_for, p_agora, i.gatilho, p_instancia, i.lease_token,
           p_agora + make_interval(secs => p_lease_ms / 1000.0)
      from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
     where i.scheduled_for <= p_agora + interval '30 s'
       and not exists (select 1 from job_slots_pulados p
                        where p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
                          and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao'))
     order by i.job_name, i.scheduled_for
    on conflict do nothing;
    get diagnostics v_ganhos = row_count;
    perform set_config('julia.sem_pausas', '', true);
  end if;

  if 'catchup' = any (p_gatilhos) then
    delete from job_slots_pulados p
     using unnest(p_ids, p_gatilhos) as i(id, gatilho), job_executions e
     where i.gatilho = 'catchup' and e.id = i.id
       and p.job_name = e.job_name and p.scheduled_for = e.scheduled_for;
  end if;

  if v_ganhos < cardinality(p_ids) and v_resolvidos < cardinality(p_ids) then
    with analise as (
      select i.id, i.job_name, i.scheduled_for, r.id as em_andamento, r.started_at as desde, r.trigger as gatilho,
             case when e.id = i.id and e.lease_token = i.lease_token and e.status = 'running' then null
                  when e.id is not null then 'ja_reivindicado'
                  when i.scheduled_for > p_agora + interval '30 s' then 'slot_no_futuro'
                  when p.motivo is not null and not (i.gatilho = 'catchup' and p.motivo = 'sobreposicao') then 'ja_pulado'
                  else 'em_execucao' end as motivo
        from unnest(p_ids, p_tokens, p_jobs, p_horarios, p_gatilhos) as i(id, lease_token, job_name, scheduled_for, gatilho)
        left join job_executions e on e.job_name = i.job_name and e.scheduled_for = i.scheduled_for
        left join job_executions r on r.job_name = i.job_name and r.status = 'running' and r.id <> i.id
        left join job_slots_pulados p on p.job_name = i.job_name and p.scheduled_for = i.scheduled_for
    ), sobrepostos as (
      insert into job_slots_pulados (job_name, scheduled_for, motivo, detalhe, instance_id, registrado_em)
      select a.job_name, a.scheduled_for, 'sobreposicao',
             'execução ' || coalesce(a.em_andamento::text, 'anterior') || case when a.gatilho = 'manual' then ' (manual)' else '' end
               || ' em andamento' || coalesce(' desde ' || to_char(a.desde at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), ''),
             p_instancia, p_agora
        from analise a where a.motivo = 'em_execucao'
       order by a.job_name, a.scheduled_for
      on conflict do nothing)
    select coalesce(json_agg(json_build_object(
             'id', a.id, 'motivo', a.motivo, 'em_andamento', a.em_andamento, 'desde', a.desde)), '[]')
      into v_recusados from analise a where a.motivo is not null;
  end if;

  return json_build_object('agora', p_agora, 'recusados', v_recusados, 'mortas', v_mortas);
end $function$
;
comment on function public.reivindicar_slots(uuid[],uuid[],text[],timestamp with time zone[],text[],jsonb,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.rejeitar_vaga_grupo(p_id text, p_motivo text, p_por text DEFAULT NULL::text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_id uuid := interno.vaga_grupo_por_id(p_id);
begin
  update public.vagas_grupo
     set status = 'rejeitada', motivo_status = 'rejeitada', notas_revisao = p_motivo, revisada_por = p_por, revisada_em = p_agora, updated_at = p_agora
   where id = v_id and status = 'aguardando_revisao';
  if not found then
    raise exception 'a vaga não está em aguardando_revisao' using errcode = 'PT409', detail = 'id';
  end if;
  return jsonb_build_object('id', v_id, 'status', 'rejeitada');
end $function$
;
comment on function public.rejeitar_vaga_grupo(text,text,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.remove_topic_group(p_topic text, p_group_id text, p_limit integer DEFAULT 5000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_removed boolean := false;
  v_ended integer;
begin
  if exists (select 1 from public.event_groups where topic = p_topic and group_id = p_group_id) then
    perform pg_advisory_xact_lock(727000); -- after this no publish under way still sees the group
    delete from public.event_groups where topic = p_topic and group_id = p_group_id;
    v_removed := found;
  end if;
  -- The waiting ones of a key before the one whose turn it is, so that none is ever left without a turn to come.
  with waiting as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.key is not null and i.status not in ('concluida', 'morta') and i.blocked
        limit p_limit for update skip locked),
    due as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.status in ('pendente', 'aguardando_retry') and not i.blocked
        limit p_limit for update skip locked),
    running as (
      select i.ctid from public.event_deliveries i
        where i.topic = p_topic and i.group_id = p_group_id and i.status = 'processando' limit p_limit for update skip locked)
  delete from public.event_deliveries d where d.ctid = any (array(
    select x.ctid from (select ctid, 1 as o from waiting union all select ctid, 2 from due union all select ctid, 3 from running) x
     order by x.o limit p_limit));
  get diagnostics v_ended = row_count;
  return jsonb_build_object('removed', v_removed, 'ended', v_ended, 'more', v_ended = p_limit);
end $function$
;
comment on function public.remove_topic_group(text,text,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.renew_tasks(p_ids uuid[], p_tokens uuid[], p_lease_s integer DEFAULT 30, p_agora timestamp with time zone DEFAULT now())
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update background_jobs j set locked_until = p_agora + p_lease_s * interval '1 second'
   where j.job_id = any (array(
     select k.job_id from background_jobs k where k.job_id = any (p_ids) and k.lease_token = any (p_tokens) for update skip locked));
  return array(select i from unnest(p_ids) i where i <> all (array(
    select k.job_id from background_jobs k where k.job_id = any (p_ids) and k.lease_token = any (p_tokens))));
end $function$
;
comment on function public.renew_tasks(uuid[],uuid[],integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.renormalizar_agendamentos(p_ids uuid[], p_limite integer, p_tarefa jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.renormalizar_agendamentos(uuid[],integer,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.renovar_travas_jobs(p_tokens uuid[], p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.renovar_travas_jobs(uuid[],integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.reparar_agendamentos(p_tarefa jsonb, p_limite integer DEFAULT 100, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.reparar_agendamentos(jsonb,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.replay_delivery(p_id bigint, p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
  d public.event_deliveries;
begin
  perform pg_advisory_xact_lock_shared(727000);
  select * into d from public.event_deliveries e where e.id = p_id and e.status = 'morta'
     and exists (select 1 from public.event_groups g where g.topic = e.topic and g.group_id = e.group_id);
  if not found then
    return false;
  end if;
  if d.key is not null then
    perform interno.lock_topic_keys(array[interno.topic_key(d.topic, d.key)]);
  end if;
  update public.event_deliveries e
     set status = 'pendente', attempts = 0, available_at = v_now, lease_token = null, locked_by = null, started_at = null,
         finished_at = null,
         blocked = e.key is not null and exists (
           select 1 from public.event_deliveries o
            where o.topic = e.topic and o.group_id = e.group_id and o.key = e.key
              and o.key is not null and o.status not in ('concluida', 'morta'))
   where e.message_id = d.message_id and e.group_id = d.group_id and e.status = 'morta';
  return found;
end $function$
;
comment on function public.replay_delivery(bigint,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.requeue_tasks(p_queue text, p_ids uuid[] DEFAULT NULL::uuid[], p_limit integer DEFAULT 100, p_agora timestamp with time zone DEFAULT now())
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_ids uuid[];
begin
  with back as (
    update background_jobs j
       set status = 'queued', tries = 0, available_at = p_agora, start_time = null, finish_time = null, expires_at = null, result = null,
           error = null
     where j.job_id = any (array(
       -- Of several failures of one key only the last goes back, and none while the key is active.
       select distinct on (k.function, coalesce(k.dedupe_key, k.job_id::text)) k.job_id
         from (select * from background_jobs f
                where f.queue = p_queue and f.status = 'failed' and f.expires_at > p_agora
                  and (p_ids is null or f.job_id = any (p_ids))
                  and not exists (select 1 from background_jobs a where a.function = f.function and a.dedupe_key = f.dedupe_key
                                                                    and a.status in ('queued', 'in_progress'))
                order by f.finish_time limit least(p_limit, 1000)) k
        order by k.function, coalesce(k.dedupe_key, k.job_id::text), k.finish_time desc))
       and j.status = 'failed'
    returning j.job_id)
  select coalesce(array_agg(job_id), '{}') into v_ids from back;
  return v_ids;
end $function$
;
comment on function public.requeue_tasks(text,uuid[],integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.rescue_tasks(p_queue text, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n integer;
begin
  update background_jobs j
     set status = case when j.tries >= j.max_tries then 'failed' else 'queued' end,
         error = 'Worker lost', lease_token = null, locked_until = null, locked_by = null,
         finish_time = case when j.tries >= j.max_tries then p_agora end,
         expires_at = case when j.tries >= j.max_tries then p_agora + j.keep_failed_s * interval '1 second' end
   where j.job_id = any (array(
     select k.job_id from background_jobs k
      where k.queue = p_queue and k.status = 'in_progress' and k.locked_until <= p_agora
      order by k.locked_until limit 500 for update skip locked));
  get diagnostics v_n = row_count;
  return v_n;
end $function$
;
comment on function public.rescue_tasks(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.reservar_limites_envio(p_limites jsonb, p_telefone text DEFAULT NULL::text, p_intervalo_s integer DEFAULT 45, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_itens    jsonb;
  v_n        integer;
  v_anterior timestamptz;
  v_linhas   integer;
begin
  delete from limites_envio where ctid in (
    select ctid from limites_envio where expira_em <= p_agora limit 100 for update skip locked);
  delete from telefone_ultimo_envio where ctid in (
    select ctid from telefone_ultimo_envio where em <= p_agora - interval '1 hour' limit 100 for update skip locked);

  select coalesce(jsonb_agg(jsonb_build_object(
           'ordem', i.ordem, 'escopo', i.item ->> 'escopo', 'chave', coalesce(i.item ->> 'chave', ''),
           'limite', (i.item ->> 'limite')::integer, 'quantidade', coalesce((i.item ->> 'quantidade')::integer, 1),
           'janela', j.janela, 'fim', j.fim) order by i.ordem), '[]'), count(*)
    into v_itens, v_n
    from jsonb_array_elements(p_limites) with ordinality as i(item, ordem)
   cross join lateral interno.janela_de_envio(i.item ->> 'periodo', p_agora) j
   where i.item ->> 'periodo' in ('hora', 'dia') and (i.item ->> 'limite')::integer >= 0
     and coalesce((i.item ->> 'quantidade')::integer, 1) >= 1;
  if v_n <> jsonb_array_length(p_limites) or p_intervalo_s < 0 then
    raise exception using errcode = 'PT400', detail = 'p_limites',
      message = 'cada limite tem escopo, periodo hora ou dia, limite a partir de 0 e quantidade a partir de 1';
  end if;

  -- As linhas passam a existir, e depois são travadas sempre na mesma ordem: duas reservas nunca esperam uma pela outra.
  insert into limites_envio (escopo, chave, janela, contador, expira_em)
  select distinct on (1, 2, 3) i.escopo, i.chave, i.janela, 0, i.fim + interval '1 hour'
    from jsonb_to_recordset(v_itens) as i(escopo text, chave text, janela text, fim timestamptz)
   order by 1, 2, 3
  on conflict do nothing;
  perform 1 from limites_envio l
    join (select distinct i.escopo, i.chave, i.janela
            from jsonb_to_recordset(v_itens) as i(escopo text, chave text, janela text)) i
      using (escopo, chave, janela)
   order by l.escopo, l.chave, l.janela for update of l;
  if p_telefone is not null then
    insert into telefone_ultimo_envio (telefone, em) values (p_telefone, '-infinity') on conflict do nothing;
    select em into v_anterior from telefone_ultimo_envio where telefone = p_telefone for update;
    if p_agora < v_anterior + make_interval(secs => p_intervalo_s) then
      return jsonb_build_object('permitido', false, 'recusado', 'telefone',
                                'libera_em', v_anterior + make_interval(secs => p_intervalo_s));
    end if;
  end if;

  return (
    with item as (
      select i.*, sum(i.quantidade) over (partition by i.escopo, i.chave, i.janela order by i.ordem) as pedido
        from jsonb_to_recordset(v_itens)
               as i(ordem integer, escopo text, chave text, janela text, fim timestamptz, limite integer, quantidade integer)
    ), recusado as (
      select i.escopo, i.fim from item i join limites_envio l using (escopo, chave, janela)
       where l.contador + i.pedido > i.limite order by i.ordem limit 1
    )
    select case when exists (select 1 from recusado)
      then (select jsonb_build_object('permitido', false, 'recusado', r.escopo, 'libera_em', r.fim) from recusado r)
      else jsonb_build_object('permitido', true, 'reserva', interno.contar_reserva(v_itens, p_telefone, v_anterior, p_agora)) end);
end $function$
;
comment on function public.reservar_limites_envio(jsonb,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.reservar_vez_host(p_host text, p_intervalo_ms integer, p_agora timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_intervalo interval := p_intervalo_ms * interval '1 millisecond';
  v_proxima   timestamptz;
begin
  insert into rate_limits as r (host, next_allowed_at)
  values (p_host, coalesce(p_agora, clock_timestamp()) + v_intervalo)
  on conflict (host) do update
    set next_allowed_at = greatest(r.next_allowed_at, coalesce(p_agora, clock_timestamp())) + v_intervalo
  returning r.next_allowed_at into v_proxima;
  return greatest(0, ceil(extract(epoch from v_proxima - v_intervalo - coalesce(p_agora, clock_timestamp())) * 1000))::integer;
end $function$
;
comment on function public.reservar_vez_host(text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.resume_queue(p_queue text, p_agora timestamp with time zone DEFAULT now())
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
begin
  update queue_state set pausada_ate = null, motivo = null, bloqueios_seguidos = 0, alertado_em = null
   where queue = p_queue and pausada_ate > p_agora;
  return found;
end $function$
;
comment on function public.resume_queue(text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.resumir_execucoes(p_jobs text[], p_progresso text[] DEFAULT '{}'::text[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
AS $function$
begin
  return (
  with recursive nomes as (
    (select job_name from job_executions order by job_name limit 1)
    union all
    select (select e.job_name from job_executions e where e.job_name > n.job_name order by e.job_name limit 1)
      from nomes n where n.job_name is not null
  ), periodo as materialized (
    select n.job_name, d.*, f.*
      from nomes n
     cross join lateral (
       select count(*) as runs, count(*) filter (where e.finished_at is null) as open,
              round(avg(e.duration_ms)) as avg_ms, sum(e.items_processed) as items
         from job_executions e
        where e.job_name = n.job_name and e.started_at > p_agora - interval '24 hours') d
     cross join lateral (
       select count(*) filter (where e.status = 'error') as errors,
              count(*) filter (where e.status = 'timeout') as timeouts,
              max(e.started_at) as last_failure_at
         from job_executions e
        where e.job_name = n.job_name and e.status in ('error', 'timeout')
          and e.started_at > p_agora - interval '24 hours') f
     where n.job_name is not null
  )
  select jsonb_build_object(
    'agora', p_agora,
    'last_tick_at', (select max(i.last_tick_at) from scheduler_instances i),
    'schedulers', (select count(*) from scheduler_instances i
                    where i.stopped_at is null and i.last_tick_at >= p_agora - interval '90 s'),
    'total_executions', (select coalesce(sum(p.runs), 0) from periodo p),
    'jobs', (
      select coalesce(jsonb_agg(jsonb_build_object(
          'job_name', j.nome,
          'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = j.nome),
          'pause', (
            select jsonb_build_object('desde', q.desde, 'ate', q.ate) from job_pausas q
             where q.job_name = j.nome and q.desde <= p_agora and p_agora < coalesce(q.encerrada_em, q.ate, 'infinity')
             order by q.desde desc limit 1),
          'last_pause_end', (
            select max(coalesce(q.encerrada_em, q.ate)) from job_pausas q
             where q.job_name = j.nome and coalesce(q.encerrada_em, q.ate) <= p_agora),
          'last', (
            select to_jsonb(u) from (
              select e.started_at, e.scheduled_for, e.finished_at, e.status, e.lease_expires_at from job_executions e
               where e.job_name = j.nome order by e.started_at desc limit 1) u),
          'running', (
            select to_jsonb(u) from (
              select e.started_at, e.scheduled_for, e.finished_at, e.status, e.lease_expires_at from job_executions e
               where e.job_name = j.nome and e.status = 'running') u),
          'last_finished', (
            select e.status from job_executions e
             where e.job_name = j.nome and e.status <> 'running' order by e.started_at desc limit 1),
          'last_success', sucesso.started_at,
          'consecutive_failures', (
            select count(*) from (
              select 1 from job_executions e
               where e.job_name = j.nome and e.status in ('error', 'timeout')
                 and e.started_at > coalesce(sucesso.started_at, '-infinity')
               order by e.started_at desc limit 1000) f),
          'runs_24h', coalesce(p.runs, 0),
          'success_24h', coalesce(p.runs - p.open - p.errors - p.timeouts, 0),
          'errors_24h', coalesce(p.errors, 0),
          'timeouts_24h', coalesce(p.timeouts, 0),
          'avg_duration_ms', coalesce(p.avg_ms, 0),
          'total_items_processed', coalesce(p.items, 0),
          'last_error', (
            select coalesce(e.error, e.status) from job_executions e
             where e.job_name = j.nome and e.started_at = p.last_failure_at and e.status in ('error', 'timeout') limit 1),
          'no_progress_since', case when j.nome = any (p_progresso) then (
            select min(d.started_at) from (
              select e.started_at, e.status, e.items_processed from job_executions e
               where e.job_name = j.nome and e.status <> 'running' order by e.started_at desc limit 10) d
            having count(*) filter (where d.status = 'success' and d.items_processed = 0) = 10) end
        ) order by j.ordem), '[]')
        from unnest(p_jobs) with ordinality as j(nome, ordem)
        left join periodo p on p.job_name = j.nome
        left join lateral (
          select e.started_at from job_executions e
           where e.job_name = j.nome and e.status = 'success' order by e.started_at desc limit 1) sucesso on true)));
end $function$
;
comment on function public.resumir_execucoes(text[],text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.retomar_execucoes(p_itens jsonb, p_instancia text, p_lease_ms integer DEFAULT 30000, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_item     record;
  v_linha    job_executions;
  v_pausa    job_pausas;
  v_ganhas   uuid[] := '{}';
begin
  perform interno.travar_agendador(); -- a pause, too, is wholly before or wholly after
  for v_item in select i.id, i.lease_token from jsonb_to_recordset(p_itens) as i(id uuid, lease_token uuid) order by i.id limit 1000 loop
    select * into v_linha from job_executions e
     where e.id = v_item.id and e.status = 'error' and e.error = 'interrompido: scheduler parou'
       and e.scheduled_for > p_agora - interval '24 hours'
       and not exists (select 1 from job_requests r where r.chave = interno.chave_de_slot(e.job_name, e.scheduled_for))
       for update;
    continue when not found;
    v_pausa := interno.pausa_do_slot(v_linha.job_name, v_linha.scheduled_for, p_agora);
    if v_pausa.id is not null then
      update job_executions e
         set error = left('interrompido: scheduler parou antes do envio; ' || interno.pausa_em_palavras(v_pausa), 500)
       where e.id = v_item.id;
      continue;
    end if;
    begin
      update job_executions e
         set status = 'running', trigger = 'catchup', started_at = p_agora, finished_at = null, duration_ms = null, error = null,
             instance_id = p_instancia, lease_token = v_item.lease_token,
             lease_expires_at = p_agora + make_interval(secs => p_lease_ms / 1000.0)
       where e.id = v_item.id
         and not exists (select 1 from job_executions o where o.job_name = e.job_name and o.status = 'running');
      if found then
        v_ganhas := v_ganhas || v_item.id;
      end if;
    exception when unique_violation then
      null; -- a call by hand began at this very moment: the job runs, and this slot stays closed
    end;
  end loop;
  return to_jsonb(v_ganhas);
end $function$
;
comment on function public.retomar_execucoes(jsonb,text,integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.retomar_jobs(p_jobs text[], p_motivo text, p_autor text, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.retomar_jobs(text[],text,text,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.salvar_normalizacoes(p_itens jsonb, p_tarefa jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
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
end $function$
;
comment on function public.salvar_normalizacoes(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.salvar_ofertas(p_ofertas jsonb, p_tarefa jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_salvas jsonb;
  v_pares  jsonb;
begin
  if jsonb_array_length(p_ofertas) > 1000 then
    raise exception using errcode = 'PT400', message = 'no máximo 1000 ofertas por chamada', detail = 'ofertas';
  end if;
  with dadas as (
    select d.* from jsonb_to_recordset(p_ofertas) as d(url text, title text, current_price_cents integer, product_id text,
      affiliate_link text, affiliation_id text, old_fraction text, old_cents text, old_price_cents integer, discount_pct integer)),
  salvas as (
    insert into offers as o (url, title, current_price_cents, product_id, affiliate_link, affiliation_id, old_fraction, old_cents,
                             old_price_cents, discount_pct, created_at, updated_at)
    select url, title, current_price_cents, product_id, affiliate_link, affiliation_id, old_fraction, old_cents, old_price_cents,
           discount_pct, p_agora, p_agora
      from dadas order by url
    on conflict (url) do update
      set title = coalesce(excluded.title, o.title), current_price_cents = excluded.current_price_cents,
          product_id = coalesce(excluded.product_id, o.product_id),
          affiliation_id = case when o.affiliate_link is null then coalesce(excluded.affiliation_id, o.affiliation_id) else o.affiliation_id end,
          affiliate_link = coalesce(o.affiliate_link, excluded.affiliate_link),
          old_fraction = coalesce(excluded.old_fraction, o.old_fraction), old_cents = coalesce(excluded.old_cents, o.old_cents),
          old_price_cents = coalesce(excluded.old_price_cents, o.old_price_cents),
          discount_pct = coalesce(excluded.discount_pct, o.discount_pct), updated_at = p_agora
    returning o.id, o.url, o.current_price_cents, o.xmax = 0 as nova, o.enrichment_job_id)
  select jsonb_agg(to_jsonb(s)) into v_salvas from salvas s;
  v_pares := interno.enfileirar_ofertas(
    (select coalesce(jsonb_agg(jsonb_build_object('offer_id', s ->> 'id', 'url', s ->> 'url', 'current_price_cents', s -> 'current_price_cents')), '[]')
       from jsonb_array_elements(v_salvas) s where (s ->> 'nova')::boolean),
    p_tarefa, p_agora);
  return (
    select coalesce(jsonb_agg(jsonb_build_object('url', s ->> 'url', 'id', s ->> 'id', 'nova', (s ->> 'nova')::boolean,
                              'job_id', coalesce(p ->> 'job_id', s ->> 'enrichment_job_id')) order by d.ordinality), '[]')
      from jsonb_array_elements(p_ofertas) with ordinality d
      join jsonb_array_elements(v_salvas) s on s ->> 'url' = d.value ->> 'url'
      left join jsonb_array_elements(v_pares) p on p ->> 'offer_id' = s ->> 'id');
end $function$
;
comment on function public.salvar_ofertas(jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.settle_tasks(p_done_ids uuid[], p_done_tokens uuid[], p_results jsonb, p_ended jsonb DEFAULT '[]'::jsonb, p_logs jsonb DEFAULT '[]'::jsonb, p_agora timestamp with time zone DEFAULT now())
 RETURNS uuid[]
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_done  uuid[] := '{}';
  v_ended uuid[] := '{}';
begin
  if cardinality(p_done_ids) > 0 then
    with settled as (
      update background_jobs j
         set status = 'complete', result = nullif(d.result, 'null'), error = null, lease_token = null, locked_until = null, locked_by = null,
             finish_time = p_agora, expires_at = p_agora + j.keep_result_s * interval '1 second'
        from rows from (unnest(p_done_ids, p_done_tokens), jsonb_array_elements(p_results)) as d(id, token, result)
       where j.job_id = d.id and j.lease_token = d.token
      returning j.job_id)
    select array_agg(job_id) into v_done from settled;
  end if;
  if p_ended <> '[]' then
    with settled as (
      update background_jobs j
         set status = case when e.failed then 'failed' else 'queued' end,
             tries = case when e.fate = 'released' then greatest(0, j.tries - 1) else j.tries end,
             available_at = case when e.failed or e.delay_ms is null then j.available_at
                                 else p_agora + e.delay_ms * interval '1 millisecond' end,
             error = coalesce(left(e.error, 500), j.error), result = case when e.failed then e.result end,
             lease_token = null, locked_until = null, locked_by = null,
             finish_time = case when e.failed then p_agora end,
             expires_at = case when e.failed then p_agora + j.keep_failed_s * interval '1 second' end
        from (select d.*, d.fate = 'failed' or (d.fate = 'retry' and k.tries >= k.max_tries) as failed
                from jsonb_to_recordset(p_ended) as d(id uuid, token uuid, fate text, error text, result jsonb, delay_ms bigint)
                join background_jobs k on k.job_id = d.id and k.lease_token = d.token) e
       where j.job_id = e.id and j.lease_token = e.token
      returning j.job_id)
    select array_agg(job_id) into v_ended from settled;
  end if;
  if p_logs <> '[]' then
    insert into background_job_logs (job_id, ts, level, prefix, message)
    select l.id, l.at, l.level, l.prefix, left(l.message, 500)
      from jsonb_to_recordset(p_logs) as l(id uuid, at timestamptz, level text, prefix text, message text);
  end if;
  if coalesce(cardinality(v_done), 0) + coalesce(cardinality(v_ended), 0) = cardinality(p_done_ids) + jsonb_array_length(p_ended) then
    return '{}';
  end if;
  return array(select i from (select unnest(p_done_ids) union all select (x ->> 'id')::uuid from jsonb_array_elements(p_ended) x) t(i)
                where i <> all (coalesce(v_done, '{}') || coalesce(v_ended, '{}')));
end $function$
;
comment on function public.settle_tasks(uuid[],uuid[],jsonb,jsonb,jsonb,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.sincronizar_ofertas(p_limite integer DEFAULT 1000, p_agora timestamp with time zone DEFAULT now())
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_n     integer;
  v_falhas integer;
begin
  -- Sem tarefa viva: a oferta falhou, com o erro da tarefa se ela ainda existe.
  update offers o
     set enrichment_status = 'failed', enrichment_error = coalesce(f.error, 'a tarefa terminou sem gravar o resultado'),
         enrichment_attempts = o.enrichment_attempts + 1, updated_at = p_agora
    from (select k.id, j.error from offers k left join background_jobs j on j.job_id = k.enrichment_job_id
           where k.enrichment_status in ('queued', 'started') and (j.job_id is null or j.status in ('complete', 'failed'))
           order by k.id limit p_limite for update of k skip locked) f
   where o.id = f.id;
  get diagnostics v_falhas = row_count;
  update offers o
     set enrichment_status = f.status, enrichment_error = case when f.status = 'queued' then null else o.enrichment_error end, updated_at = p_agora
    from (select k.id, case j.status when 'queued' then 'queued' else 'started' end as status
            from background_jobs j join offers k on k.enrichment_job_id = j.job_id
           where j.function = 'enrich_offer' and j.status in ('queued', 'in_progress')
             and (k.enrichment_status = 'failed' or j.status = 'queued' and k.enrichment_status = 'started')
           order by k.id limit p_limite for update of k skip locked) f
   where o.id = f.id;
  get diagnostics v_n = row_count;
  delete from rate_limits where next_allowed_at < p_agora - interval '1 day';
  return v_n + v_falhas;
end $function$
;
comment on function public.sincronizar_ofertas(integer,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.situacao_dos_jobs(p_jobs text[], p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object(
           'job_name', n.nome,
           'registered_at', (select s.registered_at from scheduler_jobs s where s.job_name = n.nome),
           'ultima', interno.execucao_em_json(u),
           'em_andamento', interno.execucao_em_json(r),
           'progresso', (select l.progresso from job_locks l where l.execution_id = r.id),
           'pausa', interno.pausa_em_json(p)) order by n.ordem), '[]')
    from unnest(p_jobs) with ordinality as n(nome, ordem)
    left join lateral (
      select * from job_executions e where e.job_name = n.nome order by e.started_at desc limit 1) u on true
    left join job_executions r on r.job_name = n.nome and r.status = 'running'
    left join job_pausas p on p.job_name = n.nome and p.encerrada_em is null and p.desde <= p_agora
                          and coalesce(p.ate > p_agora, true)
$function$
;
comment on function public.situacao_dos_jobs(text[],timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.slots_registrados(p_desde timestamp with time zone, p_ate timestamp with time zone, p_jobs text[] DEFAULT NULL::text[], p_depois_job text DEFAULT NULL::text, p_depois_slot timestamp with time zone DEFAULT NULL::timestamp with time zone, p_limite integer DEFAULT 5000)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_limite integer := greatest(1, least(p_limite, 5000));
  v_faltam integer := v_limite;
  v_slots  text[] := '{}';
  v_quantos integer;
  v_parte  text;
  v_job    text;
begin
  for v_job in
    select n from interno.jobs_registrados() n
     where (p_jobs is null or n = any (p_jobs)) and (p_depois_job is null or n collate "C" >= p_depois_job collate "C")
     order by n collate "C"
  loop
    -- Each side gives its first v_faltam slots: the first v_faltam of both together are among them.
    select count(*), string_agg(row_to_json(s)::text, ',' order by s.scheduled_for) into v_quantos, v_parte
      from (
        select v_job as job_name, coalesce(e.scheduled_for, p.scheduled_for) as scheduled_for,
               e.id as execution_id, e.started_at, e.trigger, e.status, p.motivo, p.detalhe
          from (select x.scheduled_for, x.id, x.started_at, x.trigger, x.status from job_executions x
                 where x.job_name = v_job and x.scheduled_for >= p_desde and x.scheduled_for < p_ate
                   and (v_job is distinct from p_depois_job or x.scheduled_for > p_depois_slot)
                 order by x.scheduled_for limit v_faltam) e
          full join
               (select k.scheduled_for, k.motivo, k.detalhe from job_slots_pulados k
                 where k.job_name = v_job and k.scheduled_for >= p_desde and k.scheduled_for < p_ate
                   and (v_job is distinct from p_depois_job or k.scheduled_for > p_depois_slot)
                 order by k.scheduled_for limit v_faltam) p
            on p.scheduled_for = e.scheduled_for
         order by 2 limit v_faltam) s;
    continue when v_quantos = 0;
    v_slots := v_slots || v_parte;
    v_faltam := v_faltam - v_quantos;
    exit when v_faltam = 0;
  end loop;
  return json_build_object('slots', ('[' || array_to_string(v_slots, ',') || ']')::json, 'continua', v_faltam = 0);
end $function$
;
comment on function public.slots_registrados(timestamp with time zone,timestamp with time zone,text[],text,timestamp with time zone,integer) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.summarize_topics(p_now timestamp with time zone DEFAULT NULL::timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_now timestamptz := coalesce(p_now, clock_timestamp());
begin
  return (
    with aberta as (
      select topic, group_id, count(*) filter (where status = 'pendente') as pendentes,
             count(*) filter (where status = 'aguardando_retry') as aguardando_retry,
             extract(epoch from v_now - min(available_at) filter (where available_at <= v_now)) as idade_s
        from public.event_deliveries where status in ('pendente', 'aguardando_retry') and not blocked group by topic, group_id),
    bloqueada as (
      select topic, group_id, count(*) as n from public.event_deliveries
       where key is not null and status not in ('concluida', 'morta') and blocked group by topic, group_id),
    correndo as (
      select topic, group_id, count(*) as n from public.event_deliveries where status = 'processando' group by topic, group_id),
    morta as (
      select topic, group_id, count(*) as n24, count(*) filter (where finished_at >= v_now - interval '1 hour') as n1
        from public.event_deliveries where status = 'morta' and finished_at >= v_now - interval '24 hours' group by topic, group_id),
    fim as (
      select topic, group_id, sum(ok) as ok, sum(falhas) as falhas from public.event_outcomes
       where em >= v_now - interval '1 hour' group by topic, group_id)
    select coalesce(jsonb_agg(jsonb_build_object(
        'worker', g.worker, 'topic', g.topic, 'group_id', g.group_id, 'pausado', g.pausado,
        'pendentes', coalesce(a.pendentes, 0) + coalesce(b.n, 0), 'idade_s', floor(a.idade_s), 'processando', coalesce(c.n, 0),
        'aguardando_retry', coalesce(a.aguardando_retry, 0), 'mortas_1h', coalesce(m.n1, 0), 'mortas_24h', coalesce(m.n24, 0),
        'ok_1h', coalesce(f.ok, 0), 'falhas_1h', coalesce(f.falhas, 0)) order by g.worker, g.topic), '[]')
      from public.event_groups g
      left join aberta a using (topic, group_id) left join bloqueada b using (topic, group_id) left join correndo c using (topic, group_id)
      left join morta m using (topic, group_id) left join fim f using (topic, group_id));
end $function$
;
comment on function public.summarize_topics(timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.task_detail(p_job_id uuid, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select t.status || jsonb_build_object('logs', coalesce((
           select jsonb_agg(jsonb_build_object('ts', l.ts, 'level', l.level, 'prefix', l.prefix, 'message', l.message) order by l.ts, l.ctid)
             from (select *, ctid from background_job_logs where job_id = p_job_id order by ts limit 200) l), '[]'))
    from (select public.task_status(p_job_id, p_agora) as status) t where t.status is not null
$function$
;
comment on function public.task_detail(uuid,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.task_status(p_job_id uuid, p_agora timestamp with time zone DEFAULT now())
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object('job_id', job_id, 'queue', queue, 'function', function, 'args', args, 'status', status, 'tries', tries,
           'max_tries', max_tries, 'enqueue_time', enqueue_time, 'start_time', start_time, 'finish_time', finish_time,
           'available_at', available_at, 'result', result, 'error', error)
    from background_jobs where job_id = p_job_id and (expires_at is null or expires_at > p_agora)
$function$
;
comment on function public.task_status(uuid,timestamp with time zone) is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.ultimo_passo_do_agendador()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
  select jsonb_build_object('em', max(i.last_tick_at)) from scheduler_instances i
$function$
;
comment on function public.ultimo_passo_do_agendador() is NULL;
-- rights: service_role=execute

CREATE OR REPLACE FUNCTION public.wait_for_tasks(p_queues text[], p_functions text[], p_ms integer DEFAULT 5000, p_step_ms integer DEFAULT 8)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'extensions', 'pg_temp'
AS $function$
declare
  v_end  timestamptz := clock_timestamp() + least(p_ms, 6000) * interval '1 millisecond';
begin
  if not interno.take_wait_slot() then
    return null;
  end if;
  loop
    if exists (select 1 from unnest(p_queues) q
                where interno.queue_paused_until(q, clock_timestamp()) is null
                  and exists (select 1 from background_jobs j
                               where j.queue = q and j.status = 'queued' and j.available_at <= clock_timestamp() and j.function = any (p_functions))) then
      return true;
    end if;
    if clock_timestamp() >= v_end then
      return false;
    end if;
    perform pg_sleep(p_step_ms / 1000.0);
  end loop;
end $function$
;
comment on function public.wait_for_tasks(text[],text[],integer,integer) is NULL;
-- rights: service_role=execute
