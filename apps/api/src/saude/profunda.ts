import { catalogo, validarCatalogo } from "#catalogo";
import { readSchemaState, SCHEMA_VERSION, type SchemaState } from "#core/db";
import { errorMessage, firstKnown, isThisMachine, versionOf } from "#core/runtime";
import type { ApiDeps } from "../deps.ts";
import { PRAZO_MS } from "./relatorio.ts";
import { sondarBanco } from "./sondas.ts";

type EstadoConferencia = "ok" | "warning" | "skipped" | "error" | "CRITICAL";
interface Conferencia {
  status: EstadoConferencia;
  [campo: string]: unknown;
}

const ACEITOS: ReadonlySet<EstadoConferencia> = new Set(["ok", "warning", "skipped"]);
/** Um destes em estado CRITICAL diz que este processo e o seu banco ou vizinhos não são do mesmo ambiente. */
const IDENTIDADE = ["environment", "project_ref", "localhost_check"] as const;

/** O portão do deploy (§4.3): tudo é conferido, mesmo depois de algo crítico. `seguro`: 200. */
export async function saudeProfunda(deps: ApiDeps): Promise<{ seguro: boolean; corpo: object }> {
  const { config, clock } = deps;
  const [banco, esquema] = await Promise.all([sondarBanco(deps), lerEsquema(deps)]);
  const checks = {
    environment: conferirMarcador(esquema, "environment", { app_env: config.APP_ENV }, "db_env"),
    project_ref: conferirMarcador(esquema, "projectRef", { app_ref: config.SUPABASE_PROJECT_REF ?? null }, "db_ref"),
    localhost_check: conferirEnderecos(config),
    dev_guardrails: conferirListaDeSaida(config),
    redis: { status: "skipped" } as Conferencia,
    supabase: { status: banco.estado, ...(banco.erro ? { error: banco.erro } : {}) } as Conferencia,
    tables: emFalta(esquema?.missingTables),
    views: emFalta(esquema?.missingViews),
    schema_version: {
      status: esquema?.upToDate ? "ok" : "error",
      current: esquema?.current ?? null,
      expected: SCHEMA_VERSION,
    } as Conferencia,
    jobs_catalog: conferirCatalogo(),
    prompts: { status: "skipped", motivo: "não há tabela de prompts" } as Conferencia,
  };
  const trocado = IDENTIDADE.some((nome) => checks[nome].status === "CRITICAL");
  const impressao = esquema?.fingerprint ?? null;
  const seguro = impressao !== null && Object.values(checks).every((c) => ACEITOS.has(c.status));
  return {
    seguro,
    corpo: {
      status: trocado ? "CRITICAL" : seguro ? "healthy" : "unhealthy",
      deploy_safe: seguro,
      version: versaoDe(config),
      runtime_endpoints: enderecosDe(config),
      schema: {
        fingerprint: impressao,
        tables_checked: esquema?.tables ?? [],
        columns_count: esquema?.columns ?? null,
      },
      checks,
      ...(trocado
        ? { message: "faça rollback: este processo não é do ambiente do banco ou dos serviços que usa" }
        : {}),
      timestamp: clock.now().toISOString(),
    },
  };
}

async function lerEsquema({ db, log }: ApiDeps): Promise<SchemaState | null> {
  try {
    return await readSchemaState(db, { timeoutMs: PRAZO_MS });
  } catch (err) {
    log.error({ err }, "esquema do banco não pôde ser lido");
    return null;
  }
}

/** Igual é `ok`; diferente, `CRITICAL`; sem a linha, `error`, nunca um passe. Sem valor deste lado não há o que comparar. */
function conferirMarcador(
  esquema: SchemaState | null,
  campo: "environment" | "projectRef",
  nosso: Record<string, string | null>,
  nomeDoBanco: string,
): Conferencia {
  const [esperado = null] = Object.values(nosso);
  const achado = esquema?.[campo] ?? null;
  const status = esperado === null ? "skipped" : achado === null ? "error" : achado === esperado ? "ok" : "CRITICAL";
  return { status, ...nosso, [nomeDoBanco]: achado };
}

const ENDERECOS = ["SUPABASE_URL", "JULIA_API_URL", "EVOLUTION_API_URL", "SLACK_WEBHOOK_URL"] as const;

function conferirEnderecos(config: ApiDeps["config"]): Conferencia {
  const violations = config.APP_ENV === "production" ? ENDERECOS.filter((nome) => isThisMachine(config[nome])) : [];
  const status = config.APP_ENV !== "production" ? "skipped" : violations.length > 0 ? "CRITICAL" : "ok";
  return { status, violations };
}

/** Fora de produção, sem lista de saída nada pode ser enviado: ou falta configurar, ou o ambiente não é o que se pensa. */
function conferirListaDeSaida(config: ApiDeps["config"]): Conferencia {
  const allowlist_count = config.OUTBOUND_ALLOWLIST.length;
  const status = config.APP_ENV === "production" ? "skipped" : allowlist_count === 0 ? "CRITICAL" : "ok";
  const dica = status === "CRITICAL" ? { message: "defina OUTBOUND_ALLOWLIST com os telefones que podem receber" } : {};
  return { status, allowlist_configured: allowlist_count > 0, allowlist_count, ...dica };
}

function emFalta(missing: string[] | undefined): Conferencia {
  return { status: missing?.length === 0 ? "ok" : "error", missing: missing ?? null };
}

function conferirCatalogo(): Conferencia {
  try {
    validarCatalogo(catalogo);
    return { status: "ok", jobs: catalogo.length, invalid: [] };
  } catch (err) {
    return { status: "error", jobs: catalogo.length, invalid: [errorMessage(err)] };
  }
}

function versaoDe(config: ApiDeps["config"]) {
  return {
    git_sha: versionOf(config),
    build_time: firstKnown(config.BUILD_TIME),
    deployment_id: firstKnown(config.RAILWAY_DEPLOYMENT_ID),
    railway_environment: firstKnown(config.RAILWAY_ENVIRONMENT),
    run_mode: "api",
  };
}

/** Só o host: um endereço inteiro pode levar credenciais. */
function enderecosDe(config: ApiDeps["config"]) {
  const host = (url: string | undefined) => (url === undefined ? null : new URL(url).host);
  return {
    evolution_host: host(config.EVOLUTION_API_URL),
    chatwoot_host: null,
    redis_host: null,
    julia_api_host: host(config.JULIA_API_URL),
    supabase_project: config.SUPABASE_PROJECT_REF ?? host(config.SUPABASE_URL),
  };
}
