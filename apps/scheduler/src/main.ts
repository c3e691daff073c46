import { randomUUID } from "node:crypto";
import { closeSync, openSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { catalogo, validarCatalogo } from "#catalogo";
import { createDb } from "#core/db";
import { createLedger, createScaledTime, systemTimers } from "#core/executions";
import { createSender } from "#core/http";
import {
  ConfigError,
  createLogger,
  errorMessage,
  installShutdown,
  type Logger,
  loadConfig,
  systemClock,
  versionOf,
} from "#core/runtime";
import { createScheduler, type ScheduleEntry } from "#core/scheduler";
import { SchedulerConfig } from "./config.ts";
import { entradasDoScheduler } from "./entries.ts";
import { entradasDeTeste } from "./test-entries.ts";

/** Além do prazo das chamadas: registrar os seus fins. */
const FOLGA_MS = 10_000;

/** `RUN_MODE=scheduler`: reivindica horários e chama a API. */
async function main(): Promise<void> {
  const config = loadConfig(SchedulerConfig, process.env);
  validarCatalogo(catalogo);
  const log = createLogger({ level: config.LOG_LEVEL, base: { service: "scheduler" } });
  const shutdown = installShutdown({ log, graceMs: config.SCHEDULER_SHUTDOWN_GRACE_MS + FOLGA_MS });
  const instanceId = `scheduler-${hostname()}-${randomUUID().slice(0, 8)}`;
  log.info(
    { run_mode: "scheduler", app_env: config.APP_ENV, instancia: instanceId },
    `RUN_MODE=scheduler APP_ENV=${config.APP_ENV} SUPABASE_PROJECT_REF=${config.SUPABASE_PROJECT_REF ?? "-"} versão=${versionOf(config)} catálogo: ${catalogo.length} jobs`,
  );
  // Os prazos de cabeçalho e corpo do undici ficam desligados: só o nosso dispara.
  // Quantas chamadas começam juntas é o scheduler que dosa; as demoradas não podem segurar as outras por falta de conexão.
  const paraApi = createSender({ connections: 1_000 });
  const db = createDb({ url: config.SUPABASE_URL, key: config.SUPABASE_SERVICE_KEY });
  // Um relógio de teste vale também no SQL, que sem ele compara com o relógio do banco.
  const proprio = config.SCHEDULER_TEST_CLOCK && createScaledTime(config.SCHEDULER_TEST_CLOCK);
  if (proprio) log.warn({ escala: config.SCHEDULER_TEST_CLOCK?.scale }, "SCHEDULER_TEST_CLOCK: o relógio é de teste");
  const { clock, timers } = proprio ?? { clock: systemClock, timers: systemTimers };
  const scheduler = createScheduler({
    entries: entradas(config),
    ledger: createLedger({ db, instanceId, log, timers, ...(proprio ? { clock } : {}) }),
    clock,
    timers,
    log,
    call: {
      apiUrl: config.JULIA_API_URL,
      token: config.JOBS_API_TOKEN,
      send: paraApi.send,
    },
    graceMs: config.SCHEDULER_SHUTDOWN_GRACE_MS,
    retentionDays: config.JOB_EXECUTIONS_RETENTION_DAYS,
    expected: { environment: config.APP_ENV, projectRef: config.SUPABASE_PROJECT_REF },
    onStep: marcaDeVida(config.SCHEDULER_LIVENESS_FILE, log),
  });
  shutdown.onClose("conexões", () => paraApi.close());
  shutdown.onClose("scheduler", () => scheduler.stop());
  await scheduler.run();
}

function entradas(config: SchedulerConfig): ScheduleEntry[] {
  const deTeste = config.SCHEDULER_TEST_ENTRIES;
  return deTeste === undefined
    ? entradasDoScheduler(catalogo, config.JOB_TIMEOUT_MS)
    : entradasDeTeste(deTeste, config.JOB_TIMEOUT_MS);
}

/** A data do arquivo é a marca de vida. Um disco que não aceita a marca não para os jobs: é dito uma vez. */
function marcaDeVida(arquivo: string, log: Logger): () => void {
  let avisado = false;
  return () => {
    try {
      const agora = systemClock.now();
      closeSync(openSync(arquivo, "a"));
      utimesSync(arquivo, agora, agora);
    } catch (err) {
      if (!avisado) log.error({ err }, `marca de vida ${arquivo} não pode ser escrita`);
      avisado = true;
    }
  };
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof ConfigError ? err.message : errorMessage(err)}\n`);
  process.exit(1);
});
