import { catalogo } from "#catalogo";
import {
  ConfigError,
  createLogger,
  errorMessage,
  installShutdown,
  loadConfig,
  systemClock,
  versionOf,
} from "#core/runtime";
import { declararGrupos } from "#dominio/eventos";
import { buildApp } from "./app.ts";
import { ApiConfig, enderecoDeEscuta } from "./config.ts";
import { createDeps } from "./deps.ts";

/** `RUN_MODE=api`: configuração → dependências → aplicação → escutar → encerrar. */
async function main(): Promise<void> {
  const config = loadConfig(ApiConfig, process.env);
  const log = createLogger({ level: config.LOG_LEVEL, base: { service: "api" } });
  const shutdown = installShutdown({ log, graceMs: config.API_SHUTDOWN_GRACE_MS });
  log.info(
    {
      run_mode: "api",
      app_env: config.APP_ENV,
      project_ref: config.SUPABASE_PROJECT_REF ?? null,
      git_sha: versionOf(config),
      jobs: catalogo.length,
    },
    `RUN_MODE=api APP_ENV=${config.APP_ENV} SUPABASE_PROJECT_REF=${config.SUPABASE_PROJECT_REF ?? "-"} git=${versionOf(config)} catálogo: ${catalogo.length} jobs`,
  );
  if (config.JOBS_API_AUTH === "off")
    log.warn({}, "JOBS_API_AUTH=off: jobs e webhooks estão abertos a quem alcançar a porta");

  const deps = await createDeps({ config, clock: systemClock, log, shutdown: shutdown.signal });
  const app = await buildApp(deps);
  await declararGrupos(deps.eventos, { log, signal: shutdown.signal });
  // Fecham do último ao primeiro: parar de aceitar, esperar os jobs, fechar conexões.
  shutdown.onClose("dependências", () => deps.fechar());
  shutdown.onClose("http", () => app.close());
  // O que um job deixou em curso termina, ou volta à fila sem contar a tentativa, dentro do prazo de encerramento.
  shutdown.onClose("tarefas", () => deps.tarefas.close(Math.max(0, config.API_SHUTDOWN_GRACE_MS - 5_000)));
  shutdown.onClose("jobs", () => deps.runner.idle());

  const host = enderecoDeEscuta(config);
  const endereco = await app.listen({ port: config.PORT, host });
  log.info({ endereco, grupos_provedor: config.GRUPOS_PROVEDOR }, `API escutando em ${endereco}`);
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof ConfigError ? err.message : errorMessage(err)}\n`);
  process.exit(1);
});
