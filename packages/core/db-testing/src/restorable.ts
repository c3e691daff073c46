import pg from "pg";

/**
 * Prepares a template database so that its clones can go back to how they began: rows that migrations and seed put there
 * are copied to schema `db_testing`, beside the function that empties all tables and brings those rows back.
 */
export async function makeRestorable(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(COPIES);
    await client.query(RESTORE);
  } finally {
    await client.end();
  }
}

const COPIES = `
drop schema if exists db_testing cascade;
create schema db_testing;
do $$
declare
  t text;
  filled boolean;
begin
  for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
    execute format('select exists (select 1 from public.%I)', t) into filled;
    if filled then
      execute format('create table db_testing.%I as table public.%I', t, t);
    end if;
  end loop;
end $$;
`;

/** Only tables with rows are touched (or with a counter), which keeps it at a few milliseconds. */
const RESTORE = `
create function db_testing.restore() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  t record;
  filled boolean;
  dirty text[] := '{}';
  columns text;
begin
  for t in select c.oid, c.relname,
                  exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attidentity <> '') as counts
             from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' loop
    execute format('select exists (select 1 from public.%I)', t.relname) into filled;
    if filled or t.counts then dirty := dirty || format('public.%I', t.relname); end if;
  end loop;
  if dirty = '{}' then return; end if;
  execute 'truncate ' || array_to_string(dirty, ', ') || ' restart identity cascade';
  perform set_config('session_replication_role', 'replica', true); -- no triggers, no order of foreign keys
  for t in select c.relname, to_regclass(format('public.%I', c.relname)) as target
             from pg_class c where c.relnamespace = 'db_testing'::regnamespace and c.relkind = 'r' loop
    select string_agg(quote_ident(attname), ', ') into columns from pg_attribute
     where attrelid = t.target and attnum > 0 and not attisdropped and attgenerated = '';
    execute format('insert into public.%I (%s) overriding system value select %s from db_testing.%I',
                   t.relname, columns, columns, t.relname);
    perform setval(pg_get_serial_sequence(t.target::text, a.attname), (xpath('/row/m/text()',
              query_to_xml(format('select max(%I) as m from public.%I', a.attname, t.relname), false, true, '')))[1]::text::bigint)
       from pg_attribute a where a.attrelid = t.target and a.attidentity <> '';
  end loop;
  perform set_config('session_replication_role', 'origin', true);
end $$;
`;
