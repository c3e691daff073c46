-- What every later migration stands on: extensions in their own schema, one function that closes access, text folding.
create schema if not exists extensions;
create extension if not exists pg_trgm with schema extensions;

-- Not exposed by the Data API: helpers that only other functions and migrations call.
create schema if not exists interno;
revoke all on schema interno from public;
grant usage on schema interno to service_role;

-- Ends every migration. RLS on every table of `public` (no policies: only service_role, which bypasses RLS, reads them),
-- table rights and EXECUTE for service_role alone, and a fixed search_path demanded of every function of ours.
create function interno.proteger() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
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
end $$;

-- dobra(texto): sem acentos e em minúsculas. The same as `dobrar` in TypeScript. Marks go before lower(), so that the
-- result does not depend on the database's locale.
create function public.dobra(p_texto text) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select lower(regexp_replace(normalize(p_texto, NFD), '[\u0300-\u036f]', '', 'g'))
$$;

-- The São Paulo calendar date of an instant: "hoje" is never the UTC date.
create function public.dia_local(p_em timestamptz) returns date
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select (p_em at time zone 'America/Sao_Paulo')::date
$$;

-- Markers that bind a database to an environment and name its schema version (read by /health/deep and /health/schema).
create table public.app_settings (
  key        text primary key,
  value      text not null,
  updated_at timestamptz not null default now()
);
comment on table public.app_settings is 'Marcadores do ambiente; poucas linhas, nunca podada.';

select interno.proteger();
