import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readSchemaState } from "#core/db";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
import { buildApp } from "../src/app.ts";
import type { ApiDeps } from "../src/deps.ts";
import { depsDeSaude } from "./saude-semeada.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  await t.sql("select marcar_ambiente('test', 'ref-1')");
});

const EM_ORDEM = { SUPABASE_PROJECT_REF: "ref-1", OUTBOUND_ALLOWLIST: "+55 (11) 99999-0001" };

async function pedir(url: string, env: Record<string, string> = EM_ORDEM, config: Partial<ApiDeps["config"]> = {}) {
  const deps = await depsDeSaude(t, fixedClock("2026-03-02T13:00:00Z"), env);
  const app = await buildApp({ ...deps, config: { ...deps.config, ...config } });
  try {
    const r = await app.inject({ url });
    return { codigo: r.statusCode, ...r.json() };
  } finally {
    await app.close();
    await deps.fechar();
  }
}
/** Produção, com o endereço do banco de teste, que a configuração recusaria. */
const emProducao = (config: Partial<ApiDeps["config"]> = {}) =>
  pedir("/health/deep", EM_ORDEM, { APP_ENV: "production", SUPABASE_URL: "https://ref-1.supabase.co", ...config });

test("o marcador do esquema é o da última migração, escrito pelo histórico e não por uma pessoa", async () => {
  const [{ ultima } = { ultima: "" }] = await t.sql<{ ultima: string }>(
    "select max(version) as ultima from supabase_migrations.schema_migrations",
  );
  const estado = await readSchemaState(t.db);
  expect(estado).toMatchObject({ current: ultima, expected: ultima, upToDate: true });
  await t.sql("insert into supabase_migrations.schema_migrations (version) values ('29991231000000')");
  expect((await readSchemaState(t.db)).current).toBe("29991231000000");
  await t.sql("delete from supabase_migrations.schema_migrations where version = '29991231000000'");
  expect((await readSchemaState(t.db)).current).toBe(ultima);
});

describe("/health/deep", () => {
  test("com tudo em ordem é healthy e o deploy é seguro, sem mostrar endereço inteiro nem segredo", async () => {
    const r = await pedir("/health/deep", { ...EM_ORDEM, GIT_SHA: "unknown", RAILWAY_GIT_COMMIT_SHA: "abc" });
    expect([r.codigo, r.status, r.deploy_safe]).toEqual([200, "healthy", true]);
    const estados = Object.entries(r.checks as Record<string, { status: string }>).map(([k, c]) => [k, c.status]);
    expect(Object.fromEntries(estados)).toEqual({
      environment: "ok",
      project_ref: "ok",
      localhost_check: "skipped",
      dev_guardrails: "ok",
      redis: "skipped",
      supabase: "ok",
      tables: "ok",
      views: "ok",
      schema_version: "ok",
      jobs_catalog: "ok",
      prompts: "skipped",
    });
    expect(r.version).toMatchObject({ git_sha: "abc", build_time: "unknown", run_mode: "api" });
    expect(r.schema.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(r.schema.tables_checked).toEqual(expect.arrayContaining(["job_executions", "circuit_transitions"]));
    expect(r.runtime_endpoints).toMatchObject({ evolution_host: null, supabase_project: "ref-1" });
    expect(JSON.stringify(r)).not.toContain("99999");
  });

  test("caso 32: APP_ENV=production num banco marcado dev é CRITICAL, 503, e pede rollback; sem a linha, unhealthy", async () => {
    await t.sql("update app_settings set value = 'dev' where key = 'environment'");
    const trocado = await emProducao();
    expect(trocado).toMatchObject({ codigo: 503, status: "CRITICAL", deploy_safe: false });
    expect(trocado.checks.environment).toEqual({ status: "CRITICAL", app_env: "production", db_env: "dev" });
    expect(trocado.message).toContain("rollback");
    expect(trocado.checks.tables.status).toBe("ok"); // o resto é conferido assim mesmo
    await t.sql("delete from app_settings where key = 'environment'");
    const sem = await emProducao();
    expect(sem).toMatchObject({ codigo: 503, status: "unhealthy", deploy_safe: false });
    expect(sem.checks.environment).toMatchObject({ status: "error", db_env: null });
    expect(sem.message).toBeUndefined();
  });

  test("outro projeto, ou um endereço desta máquina em produção, também são CRITICAL", async () => {
    await t.sql("update app_settings set value = 'production' where key = 'environment'");
    expect(await emProducao()).toMatchObject({
      codigo: 200,
      status: "healthy",
      checks: { dev_guardrails: { status: "skipped" } },
    });
    const local = await emProducao({ EVOLUTION_API_URL: "http://127.0.0.1:8080" });
    expect(local).toMatchObject({
      status: "CRITICAL",
      checks: { localhost_check: { violations: ["EVOLUTION_API_URL"] } },
    });
    expect(await emProducao({ SUPABASE_PROJECT_REF: "outro" })).toMatchObject({
      codigo: 503,
      status: "CRITICAL",
      checks: { project_ref: { status: "CRITICAL", app_ref: "outro", db_ref: "ref-1" } },
    });
  });

  test("fora de produção, sem lista de saída é unhealthy", async () => {
    const r = await pedir("/health/deep", { SUPABASE_PROJECT_REF: "ref-1" });
    expect(r).toMatchObject({ codigo: 503, status: "unhealthy", checks: { dev_guardrails: { status: "CRITICAL" } } });
  });

  test("tabela que falta é nomeada; esquema de antes do build não é seguro", async () => {
    await t.sql("alter table circuit_transitions rename to outra");
    await t.sql("update app_settings set value = '20200101000000' where key = 'schema_version'");
    try {
      const r = await pedir("/health/deep");
      expect(r).toMatchObject({ codigo: 503, status: "unhealthy", deploy_safe: false });
      expect(r.checks.tables).toEqual({ status: "error", missing: ["circuit_transitions"] });
      expect(r.checks.schema_version).toMatchObject({ status: "error", current: "20200101000000" });
    } finally {
      await t.sql("alter table outra rename to circuit_transitions");
    }
  });

  test("com o banco fora nada é inventado: sem impressão digital, unhealthy, 503", async () => {
    const r = await pedir("/health/deep", { ...EM_ORDEM, SUPABASE_URL: "http://127.0.0.1:1" });
    expect(r).toMatchObject({ codigo: 503, status: "unhealthy", deploy_safe: false, schema: { fingerprint: null } });
    expect(r.checks).toMatchObject({ supabase: { status: "error" }, tables: { status: "error", missing: null } });
  });
});

describe("/health/schema", () => {
  test("diz a versão do banco, a do build, quando foi aplicada, e a mesma impressão de /health/deep", async () => {
    const r = await pedir("/health/schema");
    expect(r).toMatchObject({ codigo: 200, schema_up_to_date: true, critical_views: ["grupo_pipeline_fila"] });
    expect(r.current_version).toBe(r.expected_version);
    expect(r.current_version).toMatch(/^\d{14}$/);
    expect(Number.isNaN(Date.parse(r.applied_at))).toBe(false);
    expect(r.fingerprint).toBe((await pedir("/health/deep")).schema.fingerprint);
  });

  test("a impressão muda com uma coluna e volta com ela; o banco fora é 503", async () => {
    const impressao = async () => (await readSchemaState(t.db)).fingerprint;
    const antes = await impressao();
    await t.sql("alter table julia_status add column extra text");
    expect(await impressao()).not.toBe(antes);
    await t.sql("alter table julia_status drop column extra");
    expect(await impressao()).toBe(antes);
    const fora = await pedir("/health/schema", { ...EM_ORDEM, SUPABASE_URL: "http://127.0.0.1:1" });
    expect(fora).toMatchObject({ codigo: 503, status: "error", error: "o banco de dados não respondeu" });
  });
});
