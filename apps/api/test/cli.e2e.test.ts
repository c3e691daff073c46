import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { iniciarApi, matarSobras, type Processo } from "./processo.ts";

const RAIZ = join(import.meta.dirname, "../../..");
const TOKEN = "segredo-da-cli-0123456789";
const PRAZO_MS = 120_000;
let t: TestDatabase;
let api: Processo;
let pasta: string;

beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
  api = await iniciarApi(t, { JOBS_API_TOKEN: TOKEN, WEBHOOK_TOKEN: `${TOKEN}-w` });
  pasta = mkdtempSync(join(tmpdir(), "julia-cli-"));
  symlinkSync(join(RAIZ, "scripts/julia"), join(pasta, "julia")); // como o npm instala o `bin`
});
afterAll(async () => {
  await api?.encerrar();
  matarSobras();
  rmSync(pasta, { recursive: true, force: true });
  await t.drop();
});

function julia(linha: string[], env: Record<string, string> = {}) {
  const ambiente = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", JULIA_API_URL: api.url, ...env };
  return new Promise<{ codigo: number; saida: string; avisos: string }>((resolve) => {
    execFile(join(pasta, "julia"), linha, { env: ambiente, cwd: pasta, timeout: PRAZO_MS }, (err, saida, avisos) => {
      const codigo = err === null ? 0 : typeof err.code === "number" ? err.code : -1;
      resolve({ codigo, saida, avisos });
    });
  });
}

test("de qualquer pasta e por um link, a CLI roda e pausa jobs contra a API de verdade, que confere o token", async () => {
  const env = { JOBS_API_TOKEN: TOKEN };
  const rodou = await julia(["jobs", "run", "heartbeat", "--motivo", "conferência", "--autor", "Zoé", "--json"], env);
  expect(rodou).toMatchObject({ codigo: 0, avisos: "" });
  const { execucao_id } = JSON.parse(rodou.saida);
  expect(await t.sql("select autor, motivo, depois ->> 'execution_id' as id from auditoria_operacional")).toEqual([
    { autor: "Zoé", motivo: "conferência", id: execucao_id },
  ]);

  const pausou = await julia(["jobs", "pause", "heartbeat", "--motivo", "teste", "--ate", "+1h"], env);
  expect(pausou).toMatchObject({ codigo: 0, saida: expect.stringMatching(/^heartbeat pausado até /) });
  expect(await t.sql("select job_name, motivo from job_pausas")).toEqual([{ job_name: "heartbeat", motivo: "teste" }]);

  const semToken = await julia(["jobs", "explain", "heartbeet"]);
  expect([semToken.codigo, semToken.avisos]).toEqual([1, expect.stringContaining("defina JOBS_API_TOKEN")]);
}, 400_000);
