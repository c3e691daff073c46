import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const RAIZ = join(import.meta.dirname, "../../..");

/** Roda `entrypoint.sh` até o fim, só com estas variáveis. */
function entrypoint(env: Record<string, string>) {
  const base = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };
  const { status, stdout, stderr } = spawnSync(join(RAIZ, "entrypoint.sh"), {
    env: { ...base, ...env },
    encoding: "utf8",
    timeout: 20_000,
  });
  return { status, texto: stdout + stderr };
}

test.each([
  ["ausente", {}],
  ["vazia", { RUN_MODE: "" }],
  ["desconhecida", { RUN_MODE: "web" }],
  ["em maiúsculas", { RUN_MODE: "API" }],
  ["que seria um caminho", { RUN_MODE: "../api" }],
])("RUN_MODE %s: sai com 1 e diz os modos", (_, env: Record<string, string>) => {
  const { status, texto } = entrypoint(env);
  expect(status).toBe(1);
  expect(texto).toMatch(/RUN_MODE/);
  expect(texto).toMatch(/api, scheduler, worker/);
});

test.each(["api", "scheduler", "worker"])("RUN_MODE=%s sem configuração: sai com 1 e diz o que definir", (modo) => {
  const { status, texto } = entrypoint({ RUN_MODE: modo });
  expect(status).toBe(1);
  expect(texto).toMatch(/SUPABASE_URL: não definida/);
  expect(texto).toMatch(/SUPABASE_SERVICE_KEY: não definida/);
});
