import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestStack, type TestStack } from "#core/db-testing";
import { createPostgresBroker } from "#core/topics";

const RAIZ = join(import.meta.dirname, "../../..");
const MENSAGENS = 1500;

let s: TestStack;
const vivos = new Set<ChildProcess>();
beforeAll(async () => {
  s = await createTestStack({ durable: true });
}, 240_000);
afterAll(async () => {
  for (const filho of vivos) filho.kill("SIGKILL");
  await s.stop();
});

/** Reservas de quatro segundos em lugar de trinta; a semântica é a mesma. */
const env = () => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  APP_ENV: "test",
  SUPABASE_URL: s.url,
  SUPABASE_SERVICE_KEY: s.serviceKey,
  EVENTOS_EXEMPLOS: "true",
  EVENTOS_LEASE_SEGUNDOS: "4",
  CIRCUIT_SUPABASE_RESET_S: "1",
});

function rodar(comando: string, args: string[], mais: Record<string, string> = {}) {
  const filho = spawn(comando, args, { cwd: RAIZ, env: { ...env(), ...mais }, stdio: ["ignore", "pipe", "pipe"] });
  vivos.add(filho);
  const saida = { stdout: "", stderr: "" };
  for (const fluxo of ["stdout", "stderr"] as const) {
    filho[fluxo].setEncoding("utf8").on("data", (parte: string) => {
      saida[fluxo] += parte;
    });
  }
  const fim = once(filho, "close").then(([codigo]) => {
    vivos.delete(filho);
    return codigo as number | null;
  });
  return { filho, saida, fim };
}

test("casos 12 e 13: julia workers e runworker, como um operador os chama", async () => {
  const lista = rodar("scripts/julia", ["workers"]);
  expect(await lista.fim).toBe(0);
  expect(lista.saida.stdout).toContain("  ensaio\n    Input:  ensaio.entrada\n    Output: ensaio.saida\n");
  const nope = rodar("scripts/julia", ["runworker", "nope"]);
  expect(await nope.fim).toBe(1);
  expect(nope.saida.stderr).toBe('Worker "nope" not found. Available: ensaio, ensaio_copia\n');
}, 300_000);

test("RUN_MODE=worker atravessa a queda do Postgres no meio: cada mensagem termina, e a sua saída é publicada uma vez", async () => {
  const worker = rodar("./entrypoint.sh", [], { RUN_MODE: "worker" });
  await expect
    .poll(() => worker.saida.stdout, { timeout: 150_000 })
    .toContain("[worker] tópicos: ensaio, ensaio_copia");
  const broker = createPostgresBroker({ db: s.db, owner: "teste", leaseSeconds: 4 });
  const payloads = Array.from({ length: MENSAGENS }, (_, n) => ({ n, ms: 20 }));
  await broker.publish(payloads.map((payload) => ({ topic: "ensaio.entrada", payload })));
  const feitas = async () => {
    const [r] = await s.sql<{ n: number }>(
      "select count(*)::int as n from event_deliveries where status = 'concluida' and group_id = 'ensaio'",
    );
    return r?.n ?? 0;
  };
  await expect.poll(feitas, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
  await s.restartPostgres("immediate");
  await expect.poll(feitas, { timeout: 120_000 }).toBe(MENSAGENS);
  const [saidas] = await s.sql(
    "select count(*)::int as n, count(distinct payload ->> 'n')::int as diferentes from event_messages where topic = 'ensaio.saida'",
  );
  expect(saidas).toEqual({ n: MENSAGENS, diferentes: MENSAGENS });
  worker.filho.kill("SIGTERM");
  expect(await worker.fim).toBe(0);
  const presas = await s.sql("select 1 from event_deliveries where status = 'processando'");
  expect(presas).toEqual([]);
}, 400_000);
