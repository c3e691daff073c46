/**
 * Rewrites what is generated from the migrations: the TypeScript types of tables and functions and the golden
 * `supabase/schema.sql`. `--check` writes nothing and exits 1 when a file is stale.
 *
 * A throw-away PostgreSQL is migrated and asked; the Supabase CLI makes the types from it (no Docker needed).
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate, prepareLikeHosted, startPostgres } from "#embedded";
import { dumpSchema } from "./dump-schema.ts";

const root = join(import.meta.dirname, "..");
const biome = join(root, "node_modules", ".bin", "biome");

/** `SUPABASE_BIN`, else the npm package of this machine's kind, else `supabase` on PATH. */
function supabaseCli(): string {
  const packaged = join(root, `node_modules/@supabase/cli-${process.platform}-${process.arch}/bin/supabase`);
  return process.env.SUPABASE_BIN ?? (existsSync(packaged) ? packaged : "supabase");
}

async function generate(): Promise<Record<string, string>> {
  const dataDir = mkdtempSync(join(tmpdir(), "julia-gen-"));
  const postgres = await startPostgres({ dataDir, password: "gen", durable: false, temporary: true });
  try {
    const url = postgres.databaseUrl();
    await prepareLikeHosted(url);
    await migrate(url, join(root, "supabase", "migrations"));
    return {
      "packages/core/db/src/database.gen.ts": typesOf(url),
      "packages/core/db/src/schema.gen.ts": await expectedSchema(url),
      "supabase/schema.sql": await dumpSchema(url),
    };
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** What this build expects of its database: the last migration, and the tables and views that exist after it. */
async function expectedSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; tables: string[]; views: string[] }>(
      `select (select max(version) from supabase_migrations.schema_migrations) as version,
              array(select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1) as tables,
              array(select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') order by 1) as views`,
    );
    const [found] = rows;
    return formatted(
      [
        "// Gerado por `npm run gen` a partir de supabase/migrations. Não edite.",
        `export const SCHEMA_VERSION = ${JSON.stringify(found?.version)};`,
        `export const SCHEMA_TABLES: readonly string[] = ${JSON.stringify(found?.tables)};`,
        `export const SCHEMA_VIEWS: readonly string[] = ${JSON.stringify(found?.views)};`,
      ].join("\n"),
    );
  } finally {
    await client.end();
  }
}

function typesOf(url: string): string {
  // Without sslmode the CLI prints a TLS warning into the types.
  const args = ["gen", "types", "--lang", "typescript", "--schema", "public", `--remote=${url}?sslmode=disable`];
  const env = { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1" };
  const text = execFileSync(supabaseCli(), args, {
    encoding: "utf8",
    env,
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return formatted(text.slice(text.indexOf("export type Json")));
}

function formatted(source: string): string {
  return execFileSync(biome, ["format", "--stdin-file-path=generated.ts"], {
    encoding: "utf8",
    input: source,
    cwd: root,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

const files = await generate();
const stale = Object.entries(files).filter(([path, text]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, "utf8") !== text;
});
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} não corresponde a supabase/migrations: rode \`npm run gen\``);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) {
    writeFileSync(join(root, path), text);
    console.log(`gerado: ${path}`);
  }
  if (stale.length === 0) console.log("nada mudou");
}
