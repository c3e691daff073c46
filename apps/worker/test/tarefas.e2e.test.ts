import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { systemClock } from "#core/runtime";
import { configAgendamentosPadrao, criarAgendamentos } from "#dominio/agendamentos";
import { type FakeOpenAi, startFakeOpenAi } from "../../../packages/clients/llm/src/testing/fake-openai.ts";

const RAIZ = join(import.meta.dirname, "../../..");
const PRAZO_MS = 150_000;

let t: TestDatabase;
let llm: FakeOpenAi;
const vivos = new Set<ChildProcess>();
beforeAll(async () => {
  t = await createTestDatabase();
  llm = await startFakeOpenAi();
});
afterAll(async () => {
  for (const filho of vivos) filho.kill("SIGKILL");
  await llm.close();
  await t.drop();
});

/** `RUN_MODE=worker` como a imagem o começa; reservas de 3 s, para que a espera de uma perdida caiba num teste. */
function worker(): { filho: ChildProcess; saida: Promise<unknown[]>; log: string[] } {
  const filho = spawn(join(RAIZ, "entrypoint.sh"), {
    cwd: RAIZ,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      RUN_MODE: "worker",
      APP_ENV: "test",
      SUPABASE_URL: t.url,
      SUPABASE_SERVICE_KEY: t.serviceKey,
      NORMALIZER_PROVIDER: "openai",
      OPENAI_API_KEY: "chave",
      OPENAI_BASE_URL: llm.baseUrl,
      TASKS_LEASE_S: "3",
      WORKER_SHUTDOWN_GRACE_MS: "6000",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  vivos.add(filho);
  const log: string[] = [];
  for (const fluxo of [filho.stdout, filho.stderr]) fluxo?.on("data", (d: Buffer) => void log.push(d.toString()));
  return { filho, saida: once(filho, "exit").finally(() => vivos.delete(filho)), log };
}

const tarefa = async (id: string | null) =>
  (
    await t.sql("select status, tries, lease_token is not null as reservada from background_jobs where job_id = $1", [
      id,
    ])
  )[0];

test("o que um worker morto no meio segurava termina noutro; um que encerra devolve o que não terminou, sem contar a tentativa", async () => {
  const agendamentos = criarAgendamentos({ db: t.db, clock: systemClock, config: configAgendamentosPadrao() });
  const criar = (nome: string) =>
    agendamentos.criar({
      linha: null,
      nome,
      telefone: null,
      data: null,
      hora: null,
      endereco: "Rua Vergueiro, 1000, Liberdade, São Paulo - SP",
      documento: null,
      tem_endereco: true,
      tem_documento: false,
    });
  llm.otherwise(() => ({
    kind: "answer",
    json: {
      logradouro: "Rua Vergueiro",
      numero: "1000",
      complemento: null,
      bairro: "Liberdade",
      cidade: "São Paulo",
      uf: "SP",
      cep: null,
    },
  }));
  llm.script({ kind: "hang" });
  const a = await criar("Ana");

  const morto = worker();
  await llm.arrived(1);
  expect(await tarefa(a.job_id), morto.log.join("")).toEqual({ status: "in_progress", tries: 1, reservada: true });
  morto.filho.kill("SIGKILL");
  await morto.saida;

  const outro = worker();
  await expect
    .poll(() => tarefa(a.job_id), { timeout: PRAZO_MS })
    .toEqual({ status: "complete", tries: 2, reservada: false });
  expect(
    await t.sql("select normalization_status as s, endereco_normalizado ->> 'numero' as n from appointments"),
  ).toEqual([{ s: "completed", n: "1000" }]);

  llm.script({ kind: "hang" });
  const antes = llm.requests.length;
  const b = await criar("Bia");
  await llm.arrived(antes + 1);
  outro.filho.kill("SIGTERM");
  const [codigo] = await outro.saida;
  expect(codigo, outro.log.join("")).toBe(0);
  expect(await tarefa(b.job_id)).toEqual({ status: "queued", tries: 0, reservada: false });
}, 300_000);
