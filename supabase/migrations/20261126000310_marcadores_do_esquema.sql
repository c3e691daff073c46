-- What /health/schema and /health/deep compare: which migrations this database has, whose it is, and what is in it.

-- The key schema_version follows the migration history, whoever writes it (the embedded migrator, `supabase db push`,
-- `supabase migration repair`): nobody has to remember it, and no migration has to name itself.
create function interno.marcar_versao_do_esquema() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  insert into app_settings (key, value, updated_at)
  select m.key, m.value, now()
    from (values ('schema_version', (select max(h.version) from supabase_migrations.schema_migrations h)),
                 ('schema_applied_at', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) as m(key, value)
   where m.value is not null
  on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at;
  return null;
end $$;

-- The history exists before the first migration runs; without it (files run by hand) the marker stays absent, and
-- /health/deep says so.
do $$
begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    create trigger schema_migrations_versao after insert or delete on supabase_migrations.schema_migrations
      for each statement execute function interno.marcar_versao_do_esquema();
  end if;
end $$;

-- Binds this database to an environment and a project. Once per database: `./scripts/up` does it for the embedded one, an
-- operator for a hosted one (SQL editor).
create function public.marcar_ambiente(p_environment text, p_project_ref text) returns void
language plpgsql set search_path = public, extensions, pg_temp as $$
begin
  if p_environment is null or p_environment not in ('production', 'staging', 'dev', 'test') then
    raise exception using errcode = 'PT400', detail = 'p_environment',
      message = 'p_environment deve ser production, staging, dev ou test';
  elsif coalesce(p_project_ref, '') = '' then
    raise exception using errcode = 'PT400', detail = 'p_project_ref', message = 'p_project_ref não pode ser vazio';
  end if;
  insert into app_settings (key, value) values ('environment', p_environment), ('supabase_project_ref', p_project_ref)
  on conflict (key) do update set value = excluded.value, updated_at = now();
end $$;

-- The markers, which of the expected tables and views are missing, and the fingerprint of the tables: the first 16 digits of
-- SHA-256 over table, column, type and nullability, so that equal schemas answer equal values wherever they are. Null when
-- there is no column at all.
create function public.inspecionar_esquema(p_tabelas text[], p_visoes text[]) returns jsonb
language sql stable set search_path = public, extensions, pg_temp as $$
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
$$;

select interno.proteger();
