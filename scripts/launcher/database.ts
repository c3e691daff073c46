import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDb } from "#core/db";
import { migrate, seed, startEmbeddedSupabase } from "#embedded";
import { openLogFile } from "./log-file.ts";
import type { Settings } from "./settings.ts";

export interface Database {
  url: string;
  serviceKey: string;
  /** What `SUPABASE_PROJECT_REF` is to be; undefined for a Supabase that is not ours: it is given or not. */
  projectRef: string | undefined;
  /** Undefined for a Supabase that is not ours. */
  databaseUrl: string | undefined;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  settings: Settings;
  root: string;
  logDir: string;
  onUnexpectedExit: (reason: string) => void;
}

const EMBEDDED_PROJECT_REF = "embutido";

/** The Supabase that was named, untouched; else the embedded one, migrated and seeded. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { settings, root } = options;
  if (settings.supabase) {
    console.log(`Usando o Supabase de ${new URL(settings.supabase.url).host} (migrações: \`npx supabase db push\`).`);
    return { ...settings.supabase, projectRef: undefined, databaseUrl: undefined, stop: async () => undefined };
  }
  const log = openLogFile(join(options.logDir, "embedded.log"));
  const stack = await startEmbeddedSupabase({
    dataDir: settings.dataDir,
    log: (line) => log.write(line),
    onUnexpectedExit: options.onUnexpectedExit,
  });
  const urlFile = join(settings.dataDir, "database-url");
  const stop = async () => {
    rmSync(urlFile, { force: true });
    await stack.stop();
  };
  try {
    const applied = await migrate(stack.databaseUrl, join(root, "supabase", "migrations"));
    if (applied.length > 0) console.log(`Migrações aplicadas: ${applied.length}`);
    const seedFile = join(root, "supabase", "seed.sql");
    if (existsSync(seedFile)) await seed(stack.databaseUrl, seedFile);
    await stack.reloadSchema();
    // Whose database this is, for /health/deep and the scheduler; a hosted one is marked by its operator.
    const db = createDb({ url: stack.url, key: stack.serviceKey });
    await db.call("marcar_ambiente", { p_environment: settings.appEnv, p_project_ref: EMBEDDED_PROJECT_REF });
    // For `psql "$(cat .data/database-url)"`: port and password are not to be guessed.
    writeFileSync(urlFile, stack.databaseUrl, { mode: 0o600 });
  } catch (err) {
    await stop();
    throw err;
  }
  return {
    url: stack.url,
    serviceKey: stack.serviceKey,
    projectRef: EMBEDDED_PROJECT_REF,
    databaseUrl: stack.databaseUrl,
    stop,
  };
}
