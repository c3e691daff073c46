import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import pg from "pg";
import { runSql } from "./run-sql.ts";

/** Two migrators of one database take turns on this advisory lock. */
const MIGRATION_LOCK = 727_274;
const FILE_NAME = /^(\d{14})_(.+)\.sql$/;

/**
 * Applies the migrations of `dir` that the database does not have yet, in order, each in a transaction of its own. The
 * history is the Supabase CLI's own table, so `supabase db push` and this agree about what is applied.
 *
 * @returns the file names applied now; empty when there was nothing to do.
 * @throws Error `file:line: message` for SQL that fails; that file is rolled back whole, earlier ones stay.
 */
export async function migrate(databaseUrl: string, dir: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(HISTORY);
    const { rows } = await client.query<{ version: string }>(
      "select version from supabase_migrations.schema_migrations",
    );
    const done = new Set(rows.map((row) => row.version));
    const applied: string[] = [];
    for (const file of (await readdir(dir)).sort()) {
      const [, version, name] = FILE_NAME.exec(file) ?? [];
      if (version === undefined || name === undefined || done.has(version)) continue;
      await applyOne(client, join(dir, file), version, name);
      applied.push(file);
    }
    return applied;
  } finally {
    await client.end(); // frees the lock
  }
}

async function applyOne(client: pg.Client, path: string, version: string, name: string): Promise<void> {
  await client.query("begin");
  try {
    const statements = await runSql(client, basename(path), await readFile(path, "utf8"));
    await client.query(
      "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3)",
      [version, name, statements],
    );
    await client.query("commit");
  } catch (err) {
    await client.query("rollback");
    throw err;
  }
}

const HISTORY = `
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
alter table supabase_migrations.schema_migrations add column if not exists statements text[];
alter table supabase_migrations.schema_migrations add column if not exists name text;
`;

/**
 * Runs a seed file in one transaction. The file itself must be safe to run again (`on conflict do nothing`).
 *
 * @throws Error `file:line: message`; nothing of the file stays.
 */
export async function seed(databaseUrl: string, file: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("begin");
    try {
      await runSql(client, basename(file), await readFile(file, "utf8"));
      await client.query("commit");
    } catch (err) {
      await client.query("rollback");
      throw err;
    }
  } finally {
    await client.end();
  }
}
