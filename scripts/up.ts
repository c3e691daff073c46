/** `./scripts/up`: database, API and scheduler on this machine, until Ctrl-C. Every part ends with this process. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, errorMessage } from "#core/runtime";
import { type AppProcess, startApp } from "./launcher/app-process.ts";
import { openDatabase } from "./launcher/database.ts";
import { runDemo } from "./launcher/demo-hook.ts";
import { demandFreePort, untilReady } from "./launcher/ready.ts";
import { readSettings, type Settings, USAGE } from "./launcher/settings.ts";

const root = join(import.meta.dirname, "..");
const stopping = new AbortController();
/** Stopped last to first: the scheduler before the API, the API before its database. */
const closers: (() => Promise<void>)[] = [];

async function shutDown(code: number): Promise<never> {
  stopping.abort();
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
    await close().catch((err: unknown) => console.error(errorMessage(err)));
  }
  process.exit(code);
}

function fail(reason: string): void {
  if (stopping.signal.aborted) return;
  console.error(reason);
  void shutDown(1);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1); // asked twice: at once, the tied children follow
    console.log("\nEncerrando… (outra vez para sair já)");
    void shutDown(0);
  });
}

async function start(settings: Settings): Promise<void> {
  await demandFreePort(settings.port);
  const logDir = join(settings.dataDir, "logs");
  mkdirSync(logDir, { recursive: true });

  const database = await openDatabase({ settings, root, logDir, onUnexpectedExit: fail });
  closers.push(() => database.stop());

  const apiUrl = `http://127.0.0.1:${settings.port}`;
  const env = {
    APP_ENV: settings.appEnv,
    ...(database.projectRef === undefined ? {} : { SUPABASE_PROJECT_REF: database.projectRef }),
    SUPABASE_URL: database.url,
    SUPABASE_SERVICE_KEY: database.serviceKey,
    PORT: String(settings.port),
    JULIA_API_URL: apiUrl,
  };
  const api = await startApp("api", env, { root, logDir });
  follow(api);
  await untilReady(apiUrl, api);
  follow(await startApp("scheduler", env, { root, logDir }));

  announce(apiUrl, settings, logDir);
  if (settings.demo) {
    await runDemo(root, {
      apiUrl,
      headers: settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` },
      supabaseUrl: database.url,
      serviceKey: database.serviceKey,
      databaseUrl: database.databaseUrl,
      signal: stopping.signal,
    });
  }
}

/** Stopped with the rest; ending by itself ends the rest. */
function follow(app: AppProcess): void {
  closers.push(() => app.stop());
  void app.exited.then(({ code, signal }) =>
    fail(`${app.name} terminou (${signal ?? `código ${code}`}):\n${app.tail()}`),
  );
}

function announce(apiUrl: string, settings: Settings, logDir: string): void {
  const auth = settings.token === undefined ? "" : ' -H "Authorization: Bearer $JOBS_API_TOKEN"';
  console.log(`Pronto em ${apiUrl}`);
  console.log(`  curl -s -X POST${auth} '${apiUrl}/jobs/processar-grupos'`);
  console.log(`  curl -s${auth} '${apiUrl}/jobs'`);
  console.log(`  curl -s '${apiUrl}/health/grupos'`);
  console.log(`Documentação: ${apiUrl}/docs · registros: ${logDir} · Ctrl-C encerra`);
}

try {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings.help) console.log(USAGE);
  else await start(settings);
} catch (err) {
  if (!stopping.signal.aborted) {
    console.error(err instanceof ConfigError ? err.message : errorMessage(err));
    await shutDown(1);
  }
}
