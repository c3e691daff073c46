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
    Array.from({ length: ENTREGAS }, (_, n) => ({ topic: "ensaio.entrada", payload: { n, ms: 10_000 } })),
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

  const filas = [
    {
      fila: "tarefas",
      total: TAREFAS,
      presas: "select count(*)::int as n from background_jobs where status = 'in_progress' and tries = 1",
      retomadas:
        "select count(*)::int as n from background_jobs where tries >= 2 and status in ('in_progress', 'complete')",
    },
    {
      fila: "entregas de tópicos",
      total: ENTREGAS,
      presas:
        "select count(*)::int as n from event_deliveries where group_id = 'ensaio' and status = 'processando' and attempts = 1",
      retomadas:
        "select count(*)::int as n from event_deliveries where group_id = 'ensaio' and attempts >= 2 and status in ('processando', 'concluida')",
    },
    {
      fila: "mensagens de grupos",
      total: MENSAGENS,
      presas: "select count(*)::int as n from fila_processamento_grupos where lease_token is not null",
      retomadas: null,
    },
  ] as const;
  const contar = async (consulta: string) => {
    const { rows } = await sql.query<{ n: number }>(consulta);
    return rows[0]?.n ?? 0;
  };
  /** As mensagens de grupos que o modelo recebeu, cada uma contada uma vez. */
  const nomodelo = (desde: number) =>
    new Set(modelo.requests.slice(desde).flatMap((r) => /leito \d+ da escala/.exec(JSON.stringify(r))?.[0] ?? [])).size;

  await ate("tudo em curso", 20, async () => {
    const contas = await Promise.all(filas.map((f) => contar(f.presas)));
    return contas.every((n, i) => n === filas[i]?.total) && nomodelo(0) === MENSAGENS;
  });
  const morte = performance.now();
  primeiro.kill("SIGKILL");
  const antes = modelo.requests.length;
  await worker(s, modelo);

  const medidas: Medida[] = [];
  await ate("a retomada", PRAZO_S, async () => {
    for (const { fila, total, retomadas } of filas) {
      if (medidas.some((m) => m.fila === fila)) continue;
      const n = retomadas === null ? nomodelo(antes) : await contar(retomadas);
      if (n === total) medidas.push({ fila, itens: total, segundos: (performance.now() - morte) / 1000 });
    }
    return medidas.length === filas.length;
  });
  return medidas;
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
