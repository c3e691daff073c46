import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

const RAIZ = join(import.meta.dirname, "../../..");

/** Um processo que começa numa máquina ocupada. */
const PRAZO_MS = 90_000;
vi.setConfig({ testTimeout: PRAZO_MS + 10_000 });

/** Roda `entrypoint.sh` até o fim, só com estas variáveis. */
function entrypoint(env: Record<string, string>) {
  const base = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };
  const { status, stdout, stderr } = spawnSync(join(RAIZ, "entrypoint.sh"), {
    env: { ...base, ...env },
    encoding: "utf8",
    timeout: PRAZO_MS,
  });
  return { status, texto: stdout + stderr };
}

test.each([
  ["ausente", {}],
  ["vazia", { RUN_MODE: "" }],
  ["desconhecida", { RUN_MODE: "schedular" }],
  ["em maiúsculas", { RUN_MODE: "API" }],
  ["que seria um caminho", { RUN_MODE: "../api" }],
])("caso 37: RUN_MODE %s: sai com 1 e diz os modos", (_, env: Record<string, string>) => {
  const { status, texto } = entrypoint(env);
  expect(status).toBe(1);
  expect(texto).toMatch(/RUN_MODE/);
  expect(texto).toMatch(/api, scheduler, worker/);
  expect(texto).toContain(env.RUN_MODE ?? "");
});

test("caso 38: em produção o scheduler não começa com JULIA_API_URL deste computador", () => {
  const { status, texto } = entrypoint({
    RUN_MODE: "scheduler",
    APP_ENV: "production",
    JULIA_API_URL: "http://localhost:8000",
  });
  expect([status, texto]).toEqual([1, expect.stringContaining("JULIA_API_URL: não pode ser deste computador")]);
});

test.each([
  ["api", []],
  ["scheduler", ["JULIA_API_URL"]],
  ["worker", []],
])("caso 37: RUN_MODE=%s sem configuração: sai com 1 e diz num bloco tudo o que definir", (modo, alem) => {
  const { status, texto } = entrypoint({ RUN_MODE: modo });
  expect(status).toBe(1);
  expect(texto.match(/Configuração inválida/g)).toHaveLength(1);
  for (const nome of ["SUPABASE_URL", "SUPABASE_SERVICE_KEY", ...alem])
    expect(texto).toContain(`${nome}: não definida`);
});
