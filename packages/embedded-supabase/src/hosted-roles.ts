import pg from "pg";

/**
 * What a hosted Supabase project already has before its first migration: the API roles, schema `extensions`, the statement
 * time limits. No default grants on new tables (hosted stopped granting them on 2026-10-30): migrations must grant.
 * Idempotent; the roles belong to the server, the schema to one database.
 */
export async function prepareLikeHosted(databaseUrl: string): Promise<void> {
  const password = decodeURIComponent(new URL(databaseUrl).password);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ rolname: string }>("select rolname from pg_roles");
    const existing = new Set(rows.map((row) => row.rolname));
    for (const [role, attributes] of Object.entries(ROLES)) {
      if (!existing.has(role)) await client.query(`create role ${role} ${attributes}`);
    }
    await client.query(`alter role authenticator password ${client.escapeLiteral(password)}`);
    await client.query(SETTINGS);
  } finally {
    await client.end();
  }
}

const ROLES: Record<string, string> = {
  anon: "nologin noinherit",
  authenticated: "nologin noinherit",
  service_role: "nologin noinherit bypassrls",
  authenticator: "login noinherit",
};

const SETTINGS = `
grant anon, authenticated, service_role to authenticator;
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role postgres set search_path = "$user", public, extensions;
create schema if not exists extensions;
grant usage on schema public, extensions to anon, authenticated, service_role;
`;
