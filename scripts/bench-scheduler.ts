/** `npm run bench:scheduler -- [--tamanhos 35,1000,10000] [--rodadas 5] [--json]` */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EmbeddedSupabase, migrate, startEmbeddedSupabase } from "#embedded";
import type { Lags, Task } from "./bench/scheduler/our-scheduler.ts";

const { values } = parseArgs({
  options: {
    tamanhos: { type: "string", default: "35,1000,10000" },
    rodadas: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const tamanhos = values.tamanhos.split(",").map((t) => inteiro("tamanhos", t, 1, 20_000));
const rodadas = inteiro("rodadas", values.rodadas, 1, 10);

interface Atraso {
  p50: number;
  p99: number;
  max: number;
}
interface Medida {
  horarios: number;
  /** Rodadas em que um horário foi pulado porque a execução anterior não tinha acabado. */
  descartadas: number;
  croner: Atraso;
  disparo: Atraso;
  reivindicado: Atraso;
  enviado: Atraso;
  recebido: Atraso;
  /** As rodadas de aquecimento, até a API. */
  frio: Atraso;
}

/** As primeiras, em que o código ainda não foi compilado; um scheduler vive semanas. */
const AQUECIMENTO = 4;
/** Como o entrypoint.sh inicia o scheduler. */
const OPCOES_DO_NODE = ["--max-semi-space-size=32", "--max-old-space-size=192", "--heap-growing-percent=200"];
const dir = mkdtempSync(join(tmpdir(), "bench-scheduler-"));
const supabase = await startEmbeddedSupabase({ dataDir: dir, durable: true });
const api = filho("stub-api.ts");
try {
  const { port } = await resposta<{ port: number }>(api);
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await supabase.reloadSchema();
  const medidas: Medida[] = [];
  for (const n of tamanhos) medidas.push(await medir(supabase, `http://127.0.0.1:${port}`, n));
  const falhas = conferir(medidas);
  process.stdout.write(values.json ? `${JSON.stringify({ medidas, falhas })}\n` : tabela(medidas, falhas));
  process.exitCode = falhas.length === 0 ? 0 : 1;
} finally {
  api.disconnect();
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function medir(s: EmbeddedSupabase, apiUrl: string, n: number): Promise<Medida> {
  const croner = await resposta<{ lags: number[] }>(filho("croner-timers.ts", [String(n)]));
  if (croner.lags.length < n) throw new Error(`a máquina não deixou criar ${n} timers do croner a tempo; repita`);
  api.send({ reset: true });
  const nosso = filho("our-scheduler.ts", [], OPCOES_DO_NODE);
  const everyS = n <= 1000 ? 5 : 10;
  nosso.send({
    count: n,
    warmUp: AQUECIMENTO,
    rounds: rodadas,
    everyS,
    supabaseUrl: s.url,
    serviceKey: s.serviceKey,
    apiUrl,
  } satisfies Task);
  const lags = await resposta<Lags>(nosso);
  api.send({ report: true });
  const { arrivals } = await resposta<{ arrivals: { slot: string; lagMs: number }[] }>(api);
  const ate = (slots: readonly string[]) => arrivals.filter((a) => slots.includes(a.slot)).map((a) => a.lagMs);
  const recebidos = ate(lags.slots);
  if (recebidos.length !== n * rodadas) throw new Error(`esperava ${n * rodadas} chamadas: ${recebidos.length}`);
  return {
    horarios: n,
    descartadas: lags.discarded,
    croner: atraso(croner.lags),
    disparo: atraso(lags.fired),
    reivindicado: atraso(lags.claimed),
    enviado: atraso(lags.sent),
    recebido: atraso(recebidos),
    frio: atraso(ate(lags.cold)),
  };
}

/** O que o assunto promete: 35 horários p99 < 50 ms; 10.000 p99 < 1 s até o POST, e um décimo dos timers do croner. */
function conferir(medidas: readonly Medida[]): string[] {
  const falhas: string[] = [];
  for (const m of medidas) {
    if (m.descartadas > 0) falhas.push(`${m.horarios} horários: ${m.descartadas} rodadas incompletas, não medidas`);
    if (m.horarios <= 35 && m.recebido.p99 >= 50)
      falhas.push(`${m.horarios} horários: p99 ${m.recebido.p99} ms ≥ 50 ms`);
    if (m.horarios < 10_000) continue;
    if (m.recebido.p99 >= 1000) falhas.push(`${m.horarios} horários: p99 até o POST ${m.recebido.p99} ms ≥ 1000 ms`);
    if (m.disparo.p99 > m.croner.p99 / 10) {
      falhas.push(`${m.horarios} horários: disparo p99 ${m.disparo.p99} ms > um décimo do croner (${m.croner.p99} ms)`);
    }
  }
  return falhas;
}

function tabela(medidas: readonly Medida[], falhas: readonly string[]): string {
  const colunas = ["croner", "disparo", "reivindicado", "enviado", "recebido", "frio"] as const;
  const linhas = [
    `atraso depois do horário, ms (p50 / p99 / máximo); ${rodadas} rodadas depois de ${AQUECIMENTO} a frio, banco durável`,
    ["horários", "croner: timers", "disparo", "até o claim", "até o envio", "até a API", "até a API, a frio"]
      .map((t) => t.padEnd(25))
      .join(""),
    ...medidas.map((m) =>
      [String(m.horarios), ...colunas.map((c) => `${m[c].p50} / ${m[c].p99} / ${m[c].max}`)]
        .map((t) => t.padEnd(25))
        .join(""),
    ),
    ...(falhas.length === 0 ? ["metas alcançadas"] : falhas.map((f) => `ABAIXO DA META: ${f}`)),
  ];
  return `${linhas.join("\n")}\n`;
}

function atraso(lags: readonly number[]): Atraso {
  const ordem = [...lags].sort((a, b) => a - b);
  const em = (p: number) =>
    Math.round((ordem[Math.min(ordem.length - 1, Math.floor(ordem.length * p))] ?? Number.NaN) * 10) / 10;
  return { p50: em(0.5), p99: em(0.99), max: em(1) };
}

function filho(arquivo: string, args: string[] = [], execArgv: string[] = []): ChildProcess {
  const url = new URL(`./bench/scheduler/${arquivo}`, import.meta.url);
  return fork(url, args, { execArgv, stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

function resposta<T>(de: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const morreu = (codigo: number | null) => reject(new Error(`um processo do benchmark terminou com ${codigo}`));
    de.once("exit", morreu);
    de.once("message", (m: T) => {
      de.off("exit", morreu);
      resolve(m);
    });
  });
}

function inteiro(nome: string, texto: string, min: number, max: number): number {
  const n = Number(texto);
  if (Number.isInteger(n) && n >= min && n <= max) return n;
  process.stderr.write(`--${nome}: ${texto} deve ser um inteiro de ${min} a ${max}\n`);
  process.exit(1);
}
