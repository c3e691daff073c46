/** `npm run bench:health -- [--linhas 10000,1000000,10000000] [--pedidos 400] [--segundos 8] [--plano] [--json]` */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { slotsBetween } from "#core/cron";
import { type EmbeddedSupabase, migrate, startEmbeddedSupabase } from "#embedded";
import { VIGIADOS_PUBLICADOS } from "../packages/catalogo/src/testing/publicado.ts";
import { cadencias, carregarExecucoes } from "./bench/execucoes.ts";

const { values } = parseArgs({
  options: {
    linhas: { type: "string", default: "10000,1000000,10000000" },
    pedidos: { type: "string", default: "400" },
    segundos: { type: "string", default: "8" },
    plano: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const tamanhos = values.linhas.split(",").map(Number);
const pedidos = Number(values.pedidos);
const segundos = Number(values.segundos);
if (!tamanhos.every((n) => Number.isInteger(n) && n >= 1000 && n <= 20_000_000)) {
  process.stderr.write("--linhas deve ser uma lista de inteiros de 1000 a 20000000, separados por vírgula\n");
  process.exit(1);
}
if (!Number.isInteger(pedidos) || pedidos < 100 || !Number.isInteger(segundos) || segundos < 1 || segundos > 60) {
  process.stderr.write("--pedidos deve ser um inteiro a partir de 100, e --segundos um inteiro de 1 a 60\n");
  process.exit(1);
}

/** O que a resposta promete: não crescer com a história, e caber num painel que pergunta a cada segundo. */
const RAZAO_MAXIMA = 2;
const P99_MAXIMO_MS = 50;
const SIMULTANEOS = 8;

interface Medida {
  linhas: number;
  dias: number;
  carga_s: number;
  p50_ms: number;
  p99_ms: number;
  sql_ms: number;
  pedidos_por_segundo: number;
}

const dir = mkdtempSync(join(tmpdir(), "bench-health-"));
const supabase = await startEmbeddedSupabase({
  dataDir: dir,
  durable: false,
  temporary: true,
  postgresSettings: { max_wal_size: "4GB" },
});
const sql = new pg.Client({ connectionString: supabase.databaseUrl });
try {
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await supabase.reloadSchema();
  await sql.connect();
  const api = await iniciarApi(supabase);
  try {
    const medidas: Medida[] = [];
    for (const n of tamanhos) {
      const m = await medir(api.url, n);
      medidas.push(m);
      if (!values.json) imprimir(m);
    }
    concluir(medidas);
  } finally {
    api.parar();
  }
} finally {
  await sql.end();
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function medir(url: string, linhas: number): Promise<Medida> {
  const inicio = performance.now();
  const quatroSemanas = [new Date("2026-03-02T03:00:00Z"), new Date("2026-03-30T03:00:00Z")] as const;
  const jobs = cadencias(VIGIADOS_PUBLICADOS, (cron) => slotsBetween(cron, ...quatroSemanas).length);
  const carga = await carregarExecucoes(sql, jobs, linhas);
  const cargaS = (performance.now() - inicio) / 1000;
  if (values.plano) await explicar();

  const latencias: number[] = [];
  for (let i = 0; i < 50 + pedidos; i++) {
    const ms = await umPedido(url);
    if (i >= 50) latencias.push(ms); // os primeiros aquecem conexões, planos e o compilador
  }
  latencias.sort((a, b) => a - b);
  const percentil = (p: number) =>
    arredondar(latencias[Math.min(latencias.length - 1, Math.floor(p * latencias.length))] ?? 0);
  return {
    ...carga,
    carga_s: arredondar(cargaS),
    p50_ms: percentil(0.5),
    p99_ms: percentil(0.99),
    sql_ms: arredondar(await tempoSql()),
    pedidos_por_segundo: Math.round(await vazao(url)),
  };
}

async function umPedido(url: string): Promise<number> {
  const inicio = performance.now();
  const r = await fetch(`${url}/health/jobs`);
  const corpo = (await r.json()) as { total_executions?: number };
  const ms = performance.now() - inicio;
  if (r.status !== 200 || !corpo.total_executions) throw new Error(`resposta ${r.status}: ${JSON.stringify(corpo)}`);
  return ms;
}

/** Pedidos por segundo com alguns ao mesmo tempo. */
async function vazao(url: string): Promise<number> {
  let feitos = 0;
  const inicio = performance.now();
  const fim = inicio + segundos * 1000;
  const cliente = async () => {
    while (performance.now() < fim) {
      await umPedido(url);
      feitos++;
    }
  };
  await Promise.all(Array.from({ length: SIMULTANEOS }, cliente));
  return feitos / ((performance.now() - inicio) / 1000);
}

/** A mediana da função sozinha, sem HTTP. */
async function tempoSql(): Promise<number> {
  const nomes = VIGIADOS_PUBLICADOS.map((v) => v.name);
  const tempos: number[] = [];
  for (let i = 0; i < 21; i++) {
    const inicio = performance.now();
    await sql.query("select resumir_execucoes($1, $2)", [nomes, ["processar_grupos"]]);
    tempos.push(performance.now() - inicio);
  }
  return tempos.sort((a, b) => a - b)[10] ?? 0;
}

async function explicar(): Promise<void> {
  await sql.query("load 'auto_explain'");
  const avisos: string[] = [];
  const ouvir = (n: { message?: string | undefined }) => avisos.push(n.message ?? "");
  sql.on("notice", ouvir);
  await sql.query(
    "set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on; set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_timing = off; set client_min_messages = log",
  );
  await sql.query("select resumir_execucoes($1, $2)", [VIGIADOS_PUBLICADOS.map((v) => v.name), ["processar_grupos"]]);
  await sql.query("set auto_explain.log_min_duration = -1; set client_min_messages = notice");
  sql.off("notice", ouvir);
  process.stdout.write(`${avisos.join("\n")}\n`);
}

async function iniciarApi(s: EmbeddedSupabase): Promise<{ url: string; parar(): void }> {
  const filho = fork(new URL("./bench/api-health.ts", import.meta.url), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: {
      PATH: process.env.PATH ?? "",
      APP_ENV: "test",
      SUPABASE_URL: s.url,
      SUPABASE_SERVICE_KEY: s.serviceKey,
      SAUDE_PEDIDOS_POR_MINUTO: "1000000",
    },
  });
  const url = await new Promise<string>((resolve, reject) => {
    filho.once("message", (m: { url: string }) => resolve(m.url));
    filho.once("exit", (codigo) => reject(new Error(`a API terminou com ${codigo}`)));
  });
  return { url, parar: () => void filho.kill("SIGKILL") };
}

function imprimir(m: Medida): void {
  const n = m.linhas.toLocaleString("pt-BR").padStart(10);
  process.stdout.write(
    `${n} linhas (${m.dias} dias, carga ${m.carga_s} s): p50 ${m.p50_ms} ms, p99 ${m.p99_ms} ms, SQL ${m.sql_ms} ms, ${m.pedidos_por_segundo} pedidos/s com ${SIMULTANEOS} simultâneos\n`,
  );
}

/** Compara o maior com o menor e termina com 1 se não é o prometido. */
function concluir(medidas: Medida[]): void {
  const menor = medidas.reduce((a, b) => (b.linhas < a.linhas ? b : a));
  const maior = medidas.reduce((a, b) => (b.linhas > a.linhas ? b : a));
  const razao = arredondar(maior.p99_ms / menor.p99_ms);
  const cumpre = razao <= RAZAO_MAXIMA && maior.p99_ms < P99_MAXIMO_MS;
  if (values.json) process.stdout.write(`${JSON.stringify({ medidas, razao, cumpre })}\n`);
  else {
    process.stdout.write(
      `p99 do maior sobre o menor: ${razao}× (até ${RAZAO_MAXIMA}×), p99 ${maior.p99_ms} ms (abaixo de ${P99_MAXIMO_MS} ms): ${cumpre ? "cumpre" : "NÃO cumpre"}\n`,
    );
  }
  if (!cumpre) process.exitCode = 1;
}

function arredondar(n: number): number {
  return Math.round(n * 100) / 100;
}
