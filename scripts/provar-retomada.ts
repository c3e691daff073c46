/**
 * `npm run prova:retomada [-- --json]`: um `RUN_MODE=worker` segura tarefas, entregas e mensagens de grupos e é morto com
 * kill -9; quanto tempo depois outro executa de novo cada uma? Tempo de verdade e as reservas padrão (30 s, renovadas a cada
 * 10 s), por isso não está na suíte, que prova o mesmo com reservas curtas. Sai com 1 acima de 45 s.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as esperar } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { createDb } from "#core/db";
import { systemClock } from "#core/runtime";
import { createPostgresBroker } from "#core/topics";
import { configAgendamentosPadrao, criarAgendamentos } from "#dominio/agendamentos";
import { type EmbeddedSupabase, migrate, seed, startEmbeddedSupabase } from "#embedded";
import { type FakeOpenAi, startFakeOpenAi } from "../packages/clients/llm/src/testing/fake-openai.ts";
import { carregar } from "./bench/carga-grupos.ts";

const LIMITE_S = 45;
const PRAZO_S = 120;
/** De cada fila, ao menos tantos em curso na hora da morte. */
const MINIMO = 4;
const TAREFAS = 10;
const ENTREGAS = 20;
const MENSAGENS = 20;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const dir = mkdtempSync(join(tmpdir(), "prova-retomada-"));
const vivos = new Set<ChildProcess>();
const llm = await startFakeOpenAi();
const supabase = await startEmbeddedSupabase({ dataDir: dir, durable: true });
const sql = new pg.Client({ connectionString: supabase.databaseUrl });
try {
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await seed(supabase.databaseUrl, "supabase/seed.sql");
  await supabase.reloadSchema();
  await sql.connect();
  const medidas = await provar(supabase, llm);
  const dentro = medidas.every((m) => m.segundos <= LIMITE_S);
  if (values.json) process.stdout.write(`${JSON.stringify({ limite_s: LIMITE_S, medidas, dentro })}\n`);
  else {
    for (const m of medidas) {
      process.stdout.write(
        `${m.fila.padEnd(22)}${m.itens} itens em curso; o último retomado ${m.segundos.toFixed(1)} s depois do kill -9\n`,
      );
    }
    process.stdout.write(dentro ? `todos em até ${LIMITE_S} s\n` : `ACIMA de ${LIMITE_S} s\n`);
  }
  if (!dentro) process.exitCode = 1;
} finally {
  for (const filho of vivos) filho.kill("SIGKILL");
  await sql.end();
  await llm.close();
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

interface Medida {
  fila: string;
  itens: number;
  segundos: number;
}

async function provar(s: EmbeddedSupabase, modelo: FakeOpenAi): Promise<Medida[]> {
  modelo.otherwise(() => ({ kind: "hang" }));
  const primeiro = await worker(s, modelo);
  const db = createDb({ url: s.url, key: s.serviceKey });
  const broker = createPostgresBroker({ db, owner: "prova", leaseSeconds: 30 });
  await broker.publish(
    Array.from({ length: ENTREGAS }, (_, n) => ({ topic: "ensaio.entrada", payload: { n, ms: 25_000 } })),
  );
  const agendamentos = criarAgendamentos({ db, clock: systemClock, config: configAgendamentosPadrao() });
  for (let n = 0; n < TAREFAS; n++) {
    await agendamentos.criar({
      linha: null,
      nome: `Paciente ${n}`,
      telefone: null,
      data: null,
      hora: null,
      endereco: `Rua Vergueiro, ${1000 + n}, Liberdade, São Paulo - SP`,
      documento: null,
      tem_endereco: true,
      tem_documento: false,
    });
  }
  await carregar(s, sql, oferta, 0, MENSAGENS);

  const ids = async (consulta: string, de: readonly string[] | null = null): Promise<string[]> => {
    const { rows } = await sql.query<{ id: string }>(consulta, de === null ? [] : [de]);
    return rows.map((r) => r.id);
  };
  /** As mensagens de grupos que chegaram ao modelo, cada uma contada uma vez. */
  const noModelo = (desde: number) => [
    ...new Set(modelo.requests.slice(desde).flatMap((r) => /leito \d+ da escala/.exec(JSON.stringify(r))?.[0] ?? [])),
  ];
  const emCurso = async () => ({
    tarefas: await ids("select job_id as id from background_jobs where status = 'in_progress'"),
    "entregas de tópicos": await ids(
      "select id::text from event_deliveries where group_id = 'ensaio' and status = 'processando'",
    ),
    "mensagens de grupos": noModelo(0),
  });
  let presos = await emCurso();
  await ate("tudo em curso", 20, async () => {
    presos = await emCurso();
    return Object.values(presos).every((itens) => itens.length >= MINIMO);
  });
  const morte = performance.now();
  primeiro.kill("SIGKILL");
  await once(primeiro, "exit");
  presos = await emCurso();
  const antes = modelo.requests.length;
  await worker(s, modelo);

  const deNovo = {
    tarefas: () =>
      ids(
        "select job_id as id from background_jobs where job_id = any ($1::uuid[]) and tries >= 2 and status in ('in_progress', 'complete')",
        presos.tarefas,
      ),
    "entregas de tópicos": () =>
      ids(
        "select id::text from event_deliveries where id = any ($1::bigint[]) and attempts >= 2 and status in ('processando', 'concluida')",
        presos["entregas de tópicos"],
      ),
    "mensagens de grupos": async () => {
      const vistas = noModelo(antes);
      return presos["mensagens de grupos"].filter((m) => vistas.includes(m));
    },
  };
  const medidas = new Map<string, Medida>();
  await ate("a retomada", PRAZO_S, async () => {
    for (const fila of Object.keys(deNovo) as (keyof typeof deNovo)[]) {
      const itens = presos[fila].length;
      if (medidas.has(fila) || (await deNovo[fila]()).length < itens) continue;
      medidas.set(fila, { fila, itens, segundos: (performance.now() - morte) / 1000 });
    }
    return medidas.size === 3;
  });
  return [...medidas.values()];
}

function oferta(n: number): string {
  return `Plantão pediatria - Hospital São Benedito, leito ${n} da escala\n12/12 SD 7-19h R$ ${1200 + n}`;
}

async function worker(s: EmbeddedSupabase, modelo: FakeOpenAi): Promise<ChildProcess> {
  const filho = spawn("./entrypoint.sh", {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      RUN_MODE: "worker",
      APP_ENV: "test",
      SUPABASE_URL: s.url,
      SUPABASE_SERVICE_KEY: s.serviceKey,
      EVENTOS_EXEMPLOS: "true",
      NORMALIZER_PROVIDER: "openai",
      GRUPOS_PROVEDOR: "llm",
      OPENAI_API_KEY: "chave",
      OPENAI_BASE_URL: modelo.baseUrl,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  vivos.add(filho);
  void once(filho, "exit").then(() => vivos.delete(filho));
  let dito = "";
  filho.stdout.on("data", (parte) => (dito += String(parte)));
  await ate("o começo do worker", 60, async () => dito.includes("[worker] tópicos"));
  return filho;
}

async function ate(oQue: string, prazoS: number, condicao: () => Promise<boolean>): Promise<void> {
  const fim = performance.now() + prazoS * 1000;
  while (!(await condicao())) {
    if (performance.now() > fim) throw new Error(`${oQue}: não em ${prazoS} s`);
    await esperar(100);
  }
}
