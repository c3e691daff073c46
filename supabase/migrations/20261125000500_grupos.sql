-- Grupos de WhatsApp: quem fala, o que disse, a fila do pipeline e as vagas lidas (domain/grupos-pipeline.md §3).

create table public.grupos_whatsapp (
  id                         uuid primary key default gen_random_uuid(),
  jid                        text not null constraint uq_grupos_whatsapp_jid unique,
  nome                       text,
  descricao                  text,
  regiao                     text,
  tipo                       text not null default 'vagas',
  hospital_id                uuid constraint fk_grupos_whatsapp_hospital references public.hospitais,
  ativo                      boolean not null default true,
  monitorar_ofertas          boolean not null default true,
  total_mensagens            integer not null default 0,
  total_ofertas_detectadas   integer not null default 0,
  total_vagas_importadas     integer not null default 0,
  primeira_mensagem_em       timestamptz,
  ultima_mensagem_em         timestamptz,
  created_at                 timestamptz not null default now(),
  updated_at                 timestamptz not null default now(),
  constraint ck_grupos_whatsapp_jid check (jid like '%@g.us'),
  constraint ck_grupos_whatsapp_tipo check (tipo in ('vagas', 'geral', 'regional', 'hospital'))
) with (fillfactor = 70);

create table public.contatos_grupo (
  id                    uuid primary key default gen_random_uuid(),
  jid                   text not null constraint uq_contatos_grupo_jid unique,
  telefone              text,
  nome                  text,
  empresa               text,
  tipo                  text not null default 'desconhecido',
  total_mensagens       integer not null default 0,
  total_vagas_postadas  integer not null default 0,
  total_vagas_validas   integer not null default 0,
  taxa_qualidade        double precision,
  cliente_id            uuid constraint fk_contatos_grupo_cliente references public.clientes,
  primeiro_contato      timestamptz,
  ultimo_contato        timestamptz,
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint ck_contatos_grupo_tipo check (tipo in ('escalista', 'hospital', 'medico', 'desconhecido')),
  constraint ck_contatos_grupo_telefone check (telefone ~ '^[0-9]+$')
) with (fillfactor = 70);

create table public.mensagens_grupo (
  id                      uuid primary key default gen_random_uuid(),
  grupo_id                uuid not null constraint fk_mensagens_grupo_grupo references public.grupos_whatsapp,
  contato_id              uuid constraint fk_mensagens_grupo_contato references public.contatos_grupo,
  message_id              text not null constraint uq_mensagens_grupo_message_id unique,
  sender_jid              text,
  sender_nome             text,
  texto                   text,
  tipo_midia              text not null default 'texto',
  tem_midia               boolean not null default false,
  is_forwarded            boolean not null default false,
  is_reply                boolean not null default false,
  reply_to_id             text,
  timestamp_msg           timestamptz not null,
  instance_name           text,
  status                  text not null default 'pendente',
  passou_heuristica       boolean,
  score_heuristica        double precision,
  keywords_encontradas    text[],
  motivo_descarte         text,
  eh_oferta               boolean,
  confianca_classificacao double precision,
  classificador           text,
  extrator                text,
  qtd_vagas_extraidas     integer not null default 0,
  erro                    text,
  processado_em           timestamptz,
  created_at              timestamptz not null default now(),
  constraint ck_mensagens_grupo_midia check (tipo_midia in ('texto', 'imagem', 'audio', 'video', 'documento', 'sticker', 'outro')),
  constraint ck_mensagens_grupo_status check (status in (
    'pendente', 'ignorada_midia', 'ignorada_curta', 'ignorada_propria', 'ignorada_grupo', 'heuristica_passou',
    'heuristica_rejeitou', 'classificada_oferta', 'classificada_nao_oferta', 'extraida', 'extracao_falhou', 'processada', 'erro'))
) with (fillfactor = 80);
comment on table public.mensagens_grupo is
  'Mensagens de grupos. limpar_grupos_finalizados apaga texto, nome e telefone depois de 180 dias (LGPD).';
create index ix_mensagens_grupo_status on public.mensagens_grupo (status);
create index ix_mensagens_grupo_grupo on public.mensagens_grupo (grupo_id);
create index ix_mensagens_grupo_contato on public.mensagens_grupo (contato_id);
create index ix_mensagens_grupo_timestamp on public.mensagens_grupo (timestamp_msg desc);
create index ix_mensagens_grupo_created on public.mensagens_grupo using brin (created_at);
create index ix_mensagens_grupo_ofertas on public.mensagens_grupo (grupo_id, timestamp_msg) where eh_oferta;

create table public.vagas_grupo (
  id                        uuid primary key default gen_random_uuid(),
  mensagem_id               uuid not null constraint fk_vagas_grupo_mensagem references public.mensagens_grupo,
  grupo_origem_id           uuid not null constraint fk_vagas_grupo_grupo references public.grupos_whatsapp,
  contato_responsavel_id    uuid constraint fk_vagas_grupo_contato references public.contatos_grupo,
  instance_name             text,
  chave_vaga                text not null,
  ordem_na_mensagem         integer,
  hospital_raw              text,
  especialidade_raw         text,
  setor_raw                 text,
  periodo_raw               text,
  tipo_vaga_raw             text,
  forma_pagamento_raw       text,
  endereco_raw              text,
  cidade                    text,
  estado                    text,
  contato_nome              text,
  contato_whatsapp          text,
  observacoes_raw           text,
  data                      date,
  dia_semana                text,
  periodo                   text,
  hora_inicio               time,
  hora_fim                  time,
  valor                     integer,
  valor_minimo              integer,
  valor_maximo              integer,
  valor_tipo                text not null default 'a_combinar',
  numero_vagas              integer not null default 1,
  hospital_id               uuid constraint fk_vagas_grupo_hospital references public.hospitais,
  especialidade_id          uuid constraint fk_vagas_grupo_especialidade references public.especialidades,
  setor_id                  uuid constraint fk_vagas_grupo_setor references public.setores,
  periodo_id                uuid constraint fk_vagas_grupo_periodo references public.periodos,
  tipos_vaga_id             uuid constraint fk_vagas_grupo_tipo references public.tipos_vaga,
  forma_recebimento_id      uuid constraint fk_vagas_grupo_forma references public.formas_recebimento,
  hospital_criado           boolean not null default false,
  hospital_match_score      double precision,
  especialidade_match_score double precision,
  confianca_geral           double precision,
  confianca_hospital        double precision,
  confianca_especialidade   double precision,
  confianca_data            double precision,
  confianca_horario         double precision,
  confianca_valor           double precision,
  campos_faltando           text[] not null default '{}',
  impedimentos              text[] not null default '{}',
  data_valida               boolean,
  dados_minimos_ok          boolean not null default false,
  hash_dedup                text,
  eh_duplicada              boolean not null default false,
  duplicada_de              uuid constraint fk_vagas_grupo_duplicada_de references public.vagas_grupo,
  qtd_fontes                integer not null default 1,
  status                    text not null default 'nova',
  motivo_status             text,
  vaga_importada_id         uuid constraint fk_vagas_grupo_vaga references public.vagas,
  importada_em              timestamptz,
  revisada_por              text,
  revisada_em               timestamptz,
  notas_revisao             text,
  created_at                timestamptz not null default now(),
  updated_at                timestamptz not null default now(),
  constraint uq_vagas_grupo_chave unique (mensagem_id, chave_vaga),
  constraint ck_vagas_grupo_dia_semana check (dia_semana in ('segunda', 'terca', 'quarta', 'quinta', 'sexta', 'sabado', 'domingo')),
  constraint ck_vagas_grupo_periodo check (periodo in ('manha', 'tarde', 'diurno', 'noturno', 'cinderela', '24h')),
  constraint ck_vagas_grupo_numero check (numero_vagas between 1 and 10),
  constraint ck_vagas_grupo_status check (status in (
    'nova', 'normalizada', 'duplicada', 'aguardando_revisao', 'aprovada', 'importada', 'rejeitada', 'descartada', 'substituida', 'erro')),
  constraint ck_vagas_grupo_valor check (
    (valor_tipo = 'fixo' and valor > 0 and valor_minimo is null and valor_maximo is null)
    or (valor_tipo = 'faixa' and valor is null and coalesce(valor_minimo, valor_maximo) is not null
        and (valor_minimo is null or valor_maximo is null or valor_minimo <= valor_maximo))
    or (valor_tipo = 'a_combinar' and valor is null and valor_minimo is null and valor_maximo is null))
) with (fillfactor = 70);
create index ix_vagas_grupo_hash on public.vagas_grupo (hash_dedup) where hash_dedup is not null;
create index ix_vagas_grupo_status on public.vagas_grupo (status, created_at);
create index ix_vagas_grupo_data on public.vagas_grupo (data);
create index ix_vagas_grupo_grupo on public.vagas_grupo (grupo_origem_id);

alter table public.vagas add constraint fk_vagas_vaga_grupo foreign key (vaga_grupo_id) references public.vagas_grupo;

create table public.vagas_grupo_fontes (
  id              uuid primary key default gen_random_uuid(),
  vaga_grupo_id   uuid not null constraint fk_vagas_grupo_fontes_vaga references public.vagas_grupo on delete cascade,
  mensagem_id     uuid not null constraint fk_vagas_grupo_fontes_mensagem references public.mensagens_grupo,
  grupo_id        uuid not null constraint fk_vagas_grupo_fontes_grupo references public.grupos_whatsapp,
  contato_id      uuid constraint fk_vagas_grupo_fontes_contato references public.contatos_grupo,
  ordem           integer not null,
  texto_original  text,
  valor_informado integer,
  created_at      timestamptz not null default now(),
  constraint uq_vagas_grupo_fontes_mensagem unique (vaga_grupo_id, mensagem_id),
  constraint ck_vagas_grupo_fontes_texto check (char_length(texto_original) <= 500)
);

-- A fila. Um item por mensagem (vaga_grupo_id nulo) e um por vaga; o CHECK prende cada tipo aos seus estágios (F1).
create table public.fila_processamento_grupos (
  id               uuid primary key default gen_random_uuid(),
  mensagem_id      uuid not null constraint fk_fila_grupos_mensagem references public.mensagens_grupo on delete cascade,
  vaga_grupo_id    uuid constraint fk_fila_grupos_vaga references public.vagas_grupo on delete cascade,
  estagio          varchar(50) not null default 'pendente',
  ultimo_estagio   varchar(50),
  motivo           text,
  tentativas       integer not null default 0,
  max_tentativas   integer not null default 3,
  ultimo_erro      text,
  proximo_retry    timestamptz,
  lease_token      uuid,
  lease_ate        timestamptz,
  lease_por        text,
  leases_expirados integer not null default 0,
  reprocessos      integer not null default 0,
  estagio_desde    timestamptz not null default now(),
  finalizado_em    timestamptz,
  created_at       timestamptz not null default now(),
  updated_at       timestamptz not null default now(),
  constraint ck_fila_grupos_estagio check (
    (estagio in ('pendente', 'heuristica', 'classificacao', 'extracao') and vaga_grupo_id is null)
    or (estagio in ('normalizacao', 'deduplicacao', 'importacao') and vaga_grupo_id is not null)
    or estagio in ('finalizado', 'descartado', 'erro')),
  constraint ck_fila_grupos_erro check (estagio <> 'erro' or ultimo_estagio is not null),
  constraint ck_fila_grupos_ultimo_erro check (char_length(ultimo_erro) <= 500),
  constraint ck_fila_grupos_lease check (num_nonnulls(lease_token, lease_ate, lease_por) in (0, 3)),
  constraint ck_fila_grupos_tentativas check (tentativas >= 0 and max_tentativas >= 1)
) with (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
comment on table public.fila_processamento_grupos is
  'Fila do pipeline de grupos. limpar_grupos_finalizados remove finalizado e descartado depois de 7 dias; erro só sai por reprocesso ou operador.';
create unique index uq_fila_grupos_mensagem on public.fila_processamento_grupos (mensagem_id) where vaga_grupo_id is null;
create unique index uq_fila_grupos_vaga on public.fila_processamento_grupos (vaga_grupo_id) where vaga_grupo_id is not null;
-- Itens de vaga de uma mensagem (substituição na reextração, fim da mensagem).
create index ix_fila_grupos_vagas_da_mensagem on public.fila_processamento_grupos (mensagem_id) where vaga_grupo_id is not null;
create index ix_fila_grupos_estagio on public.fila_processamento_grupos (estagio);
create index ix_fila_grupos_proximo_retry on public.fila_processamento_grupos (proximo_retry) where proximo_retry is not null;
create index ix_fila_grupos_created on public.fila_processamento_grupos using brin (created_at);
create index ix_fila_grupos_fim on public.fila_processamento_grupos (updated_at) where estagio in ('finalizado', 'descartado', 'erro');
-- A ordem da reserva é a do índice: cada reserva lê só o que leva, qualquer que seja o acúmulo.
create index ix_fila_grupos_reserva on public.fila_processamento_grupos (estagio, (tentativas > 0), created_at, id)
  where lease_token is null and estagio not in ('finalizado', 'descartado', 'erro');
create index ix_fila_grupos_esgotados on public.fila_processamento_grupos (id)
  where tentativas >= max_tentativas and estagio not in ('finalizado', 'descartado', 'erro');
create index ix_fila_grupos_lease on public.fila_processamento_grupos (lease_ate) where lease_token is not null;

-- Uma linha: o que o último ciclo fez e se há um em andamento (alertas e saúde leem daqui).
create table public.grupos_pipeline_estado (
  id                smallint primary key default 1,
  ciclo_iniciado_em timestamptz,
  ciclo_por         text,
  ultimo_ciclo_em   timestamptz,
  ultimo_ciclo      jsonb,
  constraint ck_grupos_pipeline_estado_unica check (id = 1)
);
insert into public.grupos_pipeline_estado (id) values (1);

create table public.uso_llm_grupos (
  id            uuid primary key default gen_random_uuid(),
  mensagem_id   uuid constraint fk_uso_llm_grupos_mensagem references public.mensagens_grupo on delete set null,
  grupo_id      uuid constraint fk_uso_llm_grupos_grupo references public.grupos_whatsapp,
  estagio       text not null,
  modelo        text not null,
  tokens_input  integer not null default 0,
  tokens_output integer not null default 0,
  custo_usd     numeric(12, 6) not null default 0,
  do_cache      boolean not null default false,
  duracao_ms    integer not null default 0,
  created_at    timestamptz not null default now(),
  constraint ck_uso_llm_grupos_estagio check (estagio in ('classificacao', 'extracao', 'normalizacao'))
);
comment on table public.uso_llm_grupos is 'Custo de IA, uma linha por chamada. limpar_grupos_finalizados remove depois de 400 dias.';
create index ix_uso_llm_grupos_created on public.uso_llm_grupos (created_at);

create table public.metricas_grupos_diarias (
  data                         date not null,
  grupo_id                     uuid not null constraint fk_metricas_grupos_grupo references public.grupos_whatsapp on delete cascade,
  mensagens_total              integer not null default 0,
  mensagens_processadas        integer not null default 0,
  mensagens_descartadas        integer not null default 0,
  vagas_extraidas              integer not null default 0,
  vagas_importadas             integer not null default 0,
  vagas_revisao                integer not null default 0,
  vagas_descartadas            integer not null default 0,
  vagas_duplicadas             integer not null default 0,
  tempo_medio_processamento_ms integer,
  tempo_medio_llm_ms           integer,
  tokens_input                 integer not null default 0,
  tokens_output                integer not null default 0,
  custo_estimado_usd           numeric(10, 4) not null default 0,
  confianca_media_extracao     numeric(3, 2),
  confianca_media_match        numeric(3, 2),
  created_at                   timestamptz not null default now(),
  updated_at                   timestamptz not null default now(),
  constraint uq_metricas_grupos_data_grupo unique (data, grupo_id)
);

create table public.metricas_pipeline_diarias (
  data                   date not null constraint uq_metricas_pipeline_data unique,
  grupos_ativos          integer not null default 0,
  mensagens_total        integer not null default 0,
  mensagens_processadas  integer not null default 0,
  heuristica_passou      integer not null default 0,
  llm_classificou        integer not null default 0,
  extracao_sucesso       integer not null default 0,
  normalizacao_sucesso   integer not null default 0,
  vagas_importadas       integer not null default 0,
  vagas_revisao          integer not null default 0,
  vagas_duplicadas       integer not null default 0,
  p50_tempo_ms           integer,
  p95_tempo_ms           integer,
  p99_tempo_ms           integer,
  custo_total_usd        numeric(10, 4) not null default 0,
  erros_total            integer not null default 0,
  erros_por_estagio      jsonb not null default '{}',
  created_at             timestamptz not null default now(),
  updated_at             timestamptz not null default now()
);

select interno.proteger();
