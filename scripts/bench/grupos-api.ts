/** O pipeline de grupos pelo processo da API, como a imagem o começa, chamado como o scheduler o chama. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import pg from "pg";
import type { EmbeddedSupabase } from "#embedded";
import { carregar, conferir, type Texto } from "./carga-grupos.ts";
import { decimos, type Marca } from "./decimos.ts";

/** O que o assunto promete. */
const LIMITES = { rssMb: 300, ultimoSobrePrimeiro: 0.8, chamadaMs: 2000 };
const FRESCAS = 200;
const CHAMADAS_FRESCAS = 5;

export interface MedidaApi {
  mensagens: number;
  batch_size: number;
  ms: number;
  chamadas: number;
  itens_por_segundo: number;
  decimos: number[];
  ultimo_sobre_primeiro: number;
  /** VmHWM: o pico de memória residente, do começo ao fim do processo. */
  pico_rss_mb: number;
  /** Uma chamada sobre 200 mensagens novas, a mais demorada de cinco. */
  chamada_200_ms: number;
  vagas: number;
  dentro_dos_limites: boolean;
}

interface Resposta {
  status: string;
  processados: number;
  fila: Record<string, number>;
}

const ABERTOS = ["pendente", "classificacao", "extracao", "normalizacao", "deduplicacao", "importacao"];

export async function medirApi(
  s: EmbeddedSupabase,
  { mensagens, batchSize, texto }: { mensagens: number; batchSize: number; texto: Texto },
): Promise<MedidaApi> {
  const sql = new pg.Client({ connectionString: s.databaseUrl });
  await sql.connect();
  const api = await iniciarApi(s);
  try {
    await carregar(s, sql, texto, 0, mensagens);
    const inicio = performance.now();
    const marcas: Marca[] = [];
    let transicoes = 0;
    for (let chamadas = 0; chamadas <= mensagens; chamadas++) {
      const r = await processar(api.url, batchSize);
      transicoes += r.processados;
      marcas.push({ ms: performance.now() - inicio, transicoes });
      if (ABERTOS.every((estagio) => (r.fila[estagio] ?? 0) === 0)) break;
    }
    const ms = performance.now() - inicio;
    const { vagas } = await conferir(sql, mensagens);

    let chamada = 0;
    for (let k = 0; k < CHAMADAS_FRESCAS; k++) {
      await carregar(s, sql, texto, mensagens + k * FRESCAS, FRESCAS);
      const comeco = performance.now();
      await processar(api.url, FRESCAS);
      chamada = Math.max(chamada, performance.now() - comeco);
    }
    const taxas = decimos(marcas);
    const razao = (taxas.at(-1) ?? 0) / (taxas[0] ?? 1);
    const pico = picoRssMb(api.pid);
    return {
      mensagens,
      batch_size: batchSize,
      ms: Math.round(ms),
      chamadas: marcas.length,
      itens_por_segundo: Math.round((transicoes / ms) * 1000),
      decimos: taxas,
      ultimo_sobre_primeiro: Math.round(razao * 1e3) / 1e3,
      pico_rss_mb: pico,
      chamada_200_ms: Math.round(chamada),
      vagas,
      dentro_dos_limites: pico < LIMITES.rssMb && razao >= LIMITES.ultimoSobrePrimeiro && chamada < LIMITES.chamadaMs,
    };
  } finally {
    await api.parar();
    await sql.end();
  }
}

async function processar(url: string, batchSize: number): Promise<Resposta> {
  const r = await fetch(`${url}/jobs/processar-grupos?batch_size=${batchSize}`, {
    method: "POST",
    signal: AbortSignal.timeout(60_000),
  });
  const corpo = (await r.json()) as Resposta;
  if (r.status !== 200) throw new Error(`processar-grupos respondeu ${r.status}: ${JSON.stringify(corpo)}`);
  return corpo;
}

interface Api {
  url: string;
  pid: number;
  parar(): Promise<void>;
}

async function iniciarApi(s: EmbeddedSupabase): Promise<Api> {
  const filho = spawn("./entrypoint.sh", {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      RUN_MODE: "api",
      APP_ENV: "test",
      PORT: "0",
      LOG_LEVEL: "info",
      SUPABASE_URL: s.url,
      SUPABASE_SERVICE_KEY: s.serviceKey,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const saida = once(filho, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: filho.stdout }).on("line", (linha) => {
      const achada = linha.includes("API escutando em") ? /http:\/\/127\.0\.0\.1:\d+/.exec(linha)?.[0] : undefined;
      if (achada !== undefined) resolve(achada);
    });
    void saida.then(([codigo]) => reject(new Error(`a API terminou com ${codigo}`)));
  });
  return {
    url,
    pid: filho.pid ?? 0,
    async parar() {
      filho.kill("SIGTERM");
      await saida;
    },
  };
}

function picoRssMb(pid: number): number {
  const kb = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1024);
}

export function descreverApi(m: MedidaApi): string {
  return [
    `mensagens                 ${m.mensagens} pelo processo da API, ${m.chamadas} chamadas de ${m.batch_size} (${m.ms} ms, ${m.vagas} vagas)`,
    `itens/s                   ${m.itens_por_segundo}`,
    `itens/s por décimo        ${m.decimos.join(" ")}`,
    `último décimo/primeiro    ${m.ultimo_sobre_primeiro} (pelo menos ${LIMITES.ultimoSobrePrimeiro})`,
    `pico de memória da API    ${m.pico_rss_mb} MB (menos de ${LIMITES.rssMb})`,
    `uma chamada, 200 novas    ${m.chamada_200_ms} ms no máximo (menos de ${LIMITES.chamadaMs})`,
    m.dentro_dos_limites ? "dentro dos limites" : "FORA DOS LIMITES",
    "",
  ].join("\n");
}
