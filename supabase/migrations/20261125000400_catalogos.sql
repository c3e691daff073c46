-- Catálogos do negócio: hospitais, especialidades e os seus nomes alternativos; períodos, setores, tipos e formas.

-- fn_normalizar_busca: a forma de busca de um nome, a mesma para aliases, nomes e consultas, e a mesma de
-- `normalizarBusca` em TypeScript.
create function public.fn_normalizar_busca(p_texto text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
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
$$;

create table public.hospitais (
  id                    uuid primary key default gen_random_uuid(),
  nome                  text not null,
  nome_busca            text not null generated always as (public.fn_normalizar_busca(nome)) stored,
  logradouro            text,
  numero                text,
  bairro                text,
  cidade                text not null default 'Não informada',
  estado                text not null default 'SP',
  cep                   text,
  latitude              double precision,
  longitude             double precision,
  cnes_codigo           text,
  google_place_id       text,
  criado_automaticamente boolean not null default false,
  precisa_revisao       boolean not null default false,
  enriched_at           timestamptz,
  enriched_by           text,
  created_at            timestamptz not null default now(),
  updated_at            timestamptz not null default now(),
  constraint ck_hospitais_nome check (btrim(nome) <> '')
);
create index ix_hospitais_nome_busca on public.hospitais using gin (nome_busca extensions.gin_trgm_ops);
create unique index uq_hospitais_cnes on public.hospitais (cnes_codigo) where cnes_codigo is not null;

create table public.hospitais_alias (
  id                uuid primary key default gen_random_uuid(),
  hospital_id       uuid not null constraint fk_hospitais_alias_hospital references public.hospitais on delete cascade,
  alias             text not null,
  alias_normalizado text not null,
  origem            text not null default 'sistema',
  criado_por        text,
  confianca         double precision not null default 1.0,
  confirmado        boolean not null default false,
  vezes_usado       integer not null default 0,
  ultimo_uso        timestamptz,
  created_at        timestamptz not null default now(),
  constraint uq_hospitais_alias_normalizado unique (alias_normalizado),
  constraint ck_hospitais_alias_origem check (origem in ('sistema', 'seed', 'manual', 'revisao', 'cnes')),
  constraint ck_hospitais_alias_normalizado check (alias_normalizado <> '')
);
create index ix_hospitais_alias_trgm on public.hospitais_alias using gin (alias_normalizado extensions.gin_trgm_ops);
create index ix_hospitais_alias_hospital on public.hospitais_alias (hospital_id);

create table public.especialidades (
  id         uuid primary key default gen_random_uuid(),
  nome       text not null constraint uq_especialidades_nome unique,
  created_at timestamptz not null default now()
);

create table public.especialidades_alias (
  id                uuid primary key default gen_random_uuid(),
  especialidade_id  uuid not null constraint fk_especialidades_alias_especialidade references public.especialidades on delete cascade,
  alias             text not null,
  alias_normalizado text not null,
  origem            text not null default 'sistema',
  criado_por        text,
  confianca         double precision not null default 1.0,
  confirmado        boolean not null default false,
  vezes_usado       integer not null default 0,
  ultimo_uso        timestamptz,
  created_at        timestamptz not null default now(),
  constraint uq_especialidades_alias_normalizado unique (alias_normalizado),
  constraint ck_especialidades_alias_origem check (origem in ('sistema', 'seed', 'manual', 'revisao', 'cnes')),
  constraint ck_especialidades_alias_normalizado check (alias_normalizado <> '')
);
create index ix_especialidades_alias_trgm on public.especialidades_alias using gin (alias_normalizado extensions.gin_trgm_ops);
create index ix_especialidades_alias_especialidade on public.especialidades_alias (especialidade_id);

-- A forma normalizada nunca vem de quem grava: um alias gravado à mão casa como os outros.
create function interno.preencher_alias_normalizado() returns trigger
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  new.alias_normalizado := public.fn_normalizar_busca(new.alias);
  return new;
end $$;
create trigger tg_hospitais_alias_normalizado before insert or update of alias, alias_normalizado on public.hospitais_alias
  for each row execute function interno.preencher_alias_normalizado();
create trigger tg_especialidades_alias_normalizado before insert or update of alias, alias_normalizado on public.especialidades_alias
  for each row execute function interno.preencher_alias_normalizado();

create table public.hospitais_bloqueados (
  id           uuid primary key default gen_random_uuid(),
  hospital_id  uuid not null constraint fk_hospitais_bloqueados_hospital references public.hospitais on delete cascade,
  status       text not null default 'bloqueado',
  motivo       text,
  bloqueado_por text,
  created_at   timestamptz not null default now(),
  constraint ck_hospitais_bloqueados_status check (status in ('bloqueado', 'desbloqueado'))
);
create unique index uq_hospitais_bloqueados_ativo on public.hospitais_bloqueados (hospital_id) where status = 'bloqueado';

-- Cadastro nacional, opcional: só existe hospital novo se ele vier daqui ou de uma busca externa.
create table public.cnes_estabelecimentos (
  cnes_codigo   text primary key,
  razao_social  text not null,
  nome_fantasia text,
  nome_busca    text not null generated always as (public.fn_normalizar_busca(coalesce(nome_fantasia, razao_social))) stored,
  tipo_unidade  text,
  logradouro    text,
  numero        text,
  bairro        text,
  cidade        text not null,
  uf            text not null,
  cep           text,
  telefone      text,
  latitude      double precision,
  longitude     double precision,
  ativo         boolean not null default true
);
create index ix_cnes_nome_busca on public.cnes_estabelecimentos using gin (nome_busca extensions.gin_trgm_ops) where ativo;

create table public.periodos (
  id   uuid primary key default gen_random_uuid(),
  nome text not null constraint uq_periodos_nome unique
);
create table public.setores (
  id   uuid primary key default gen_random_uuid(),
  nome text not null constraint uq_setores_nome unique
);
create table public.tipos_vaga (
  id   uuid primary key default gen_random_uuid(),
  nome text not null constraint uq_tipos_vaga_nome unique
);
create table public.formas_recebimento (
  id                uuid primary key default gen_random_uuid(),
  forma_recebimento text not null constraint uq_formas_recebimento_forma unique
);

-- Médicos e demais contatos. Aqui só o que o pipeline de grupos referencia; as outras colunas chegam com os seus jobs.
create table public.clientes (
  id            uuid primary key default gen_random_uuid(),
  telefone      varchar(20) not null constraint uq_clientes_telefone unique,
  primeiro_nome text,
  sobrenome     text,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now()
);

-- A vaga aberta que a Julia pode oferecer.
create table public.vagas (
  id                   uuid primary key default gen_random_uuid(),
  hospital_id          uuid not null constraint fk_vagas_hospital references public.hospitais,
  especialidade_id     uuid not null constraint fk_vagas_especialidade references public.especialidades,
  setor_id             uuid constraint fk_vagas_setor references public.setores,
  periodo_id           uuid constraint fk_vagas_periodo references public.periodos,
  tipos_vaga_id        uuid constraint fk_vagas_tipo references public.tipos_vaga,
  forma_recebimento_id uuid constraint fk_vagas_forma references public.formas_recebimento,
  data                 date not null,
  hora_inicio          time,
  hora_fim             time,
  valor                integer,
  valor_minimo         integer,
  valor_maximo         integer,
  valor_tipo           text not null default 'a_combinar',
  observacoes          text,
  contato_nome         text,
  contato_whatsapp     text,
  status               text not null default 'aberta',
  origem               text not null default 'manual',
  vaga_grupo_id        uuid,
  posicao_grupo        integer,
  created_at           timestamptz not null default now(),
  updated_at           timestamptz not null default now(),
  constraint ck_vagas_valor_tipo check (valor_tipo in ('fixo', 'a_combinar', 'faixa')),
  constraint ck_vagas_posicao check (vaga_grupo_id is null or posicao_grupo >= 1)
);
create unique index uq_vagas_grupo_posicao on public.vagas (vaga_grupo_id, posicao_grupo) where vaga_grupo_id is not null;
create index ix_vagas_data_status on public.vagas (data, status);

select interno.proteger();
