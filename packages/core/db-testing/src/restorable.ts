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

/**
 * Only tables that hold pages and counters that were asked are touched. What is small is deleted: a `truncate` makes new
 * files of a table, of its indexes and of every table that refers to it, forty times as dear as a few rows.
 */
const RESTORE = `
create function db_testing.restore() returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  t record;
  large text;
  columns text;
begin
  perform set_config('session_replication_role', 'replica', true); -- no triggers, no order of foreign keys
  select string_agg(format('public.%I', relname), ', ') into large from pg_class
   where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 256 * 1024;
  if large is not null then execute 'truncate ' || large || ' cascade'; end if;
  for t in select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0 loop
    execute format('delete from public.%I', t.relname);
  end loop;
  perform setval(c.oid, s.seqstart, false) from pg_class c join pg_sequence s on s.seqrelid = c.oid
    where c.relnamespace = 'public'::regnamespace
      and case when c.relkind = 'S' then pg_sequence_last_value(c.oid) end is not null;
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
