/**
 * `npm run bench:grupos -- --mensagens 10000 [--sem-regras] [--ingenuo 500] [--batch 400] [--latencia-s 30] [--json]`;
 * com `--api`, as mesmas mensagens pelo processo da API, chamada a chamada (`scripts/bench/grupos-api.ts`).
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { createDb } from "#core/db";
import { systemClock } from "#core/runtime";
import { type EmbeddedSupabase, migrate, seed, startEmbeddedSupabase } from "#embedded";
import { criarFila } from "../packages/dominio/grupos/src/fila.ts";
import { carregar, conferir } from "./bench/carga-grupos.ts";
import { contador } from "./bench/contador.ts";
import { descreverApi, medirApi } from "./bench/grupos-api.ts";
import { processarIngenuo } from "./bench/ingenuo.ts";
import { mensagem, mensagemSemRegras, regrasVazias } from "./bench/mensagens.ts";
import type { FimRodada, PedidoRodada } from "./bench/rodada.ts";

const { values } = parseArgs({
  options: {
    mensagens: { type: "string", default: "10000" },
    ingenuo: { type: "string", default: "500" },
    batch: { type: "string" },
    api: { type: "boolean", default: false },
    "latencia-s": { type: "string", default: "30" },
    "sem-regras": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const inteiro = (nome: "mensagens" | "ingenuo" | "batch" | "latencia-s", min: number, max: number): number => {
  const n = Number(values[nome] ?? (values.api ? "200" : "400"));
  if (Number.isInteger(n) && n >= min && n <= max) return n;
  process.stderr.write(`--${nome} deve ser um inteiro de ${min} a ${max}\n`);
  process.exit(1);
};
const mensagens = inteiro("mensagens", 1, 1_000_000);
const ingenuo = inteiro("ingenuo", 0, 100_000);
const batchSize = inteiro("batch", 1, 1000);
const latenciaS = inteiro("latencia-s", 0, 600);
const semRegras = values["sem-regras"];
const texto = semRegras ? mensagemSemRegras : mensagem;

const dir = mkdtempSync(join(tmpdir(), "bench-grupos-"));
const supabase = await startEmbeddedSupabase({ dataDir: dir, durable: true });
try {
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await seed(supabase.databaseUrl, "supabase/seed.sql");
  await supabase.reloadSchema();
  if (values.api) {
    const medida = await medirApi(supabase, { mensagens, batchSize, texto });
    process.stdout.write(values.json ? `${JSON.stringify(medida)}\n` : descreverApi(medida));
    if (!medida.dentro_dos_limites) process.exitCode = 1;
  } else {
    const resultado = await medir(supabase);
    if (values.json) process.stdout.write(`${JSON.stringify(resultado)}\n`);
    else imprimir(resultado);
  }
} finally {
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function medir(s: EmbeddedSupabase) {
  const sql = new pg.Client({ connectionString: s.databaseUrl });
  await sql.connect();
  try {
    await carregar(s, sql, texto, 0, mensagens);
    const lotes = await rodada(s, { maxCiclos: 100_000, cadenciaMs: 0, duranteMs: 0 });
    const fim = await conferir(sql, mensagens);

    let comparacao = null;
    if (ingenuo > 0) {
      await limpar(sql);
      await carregar(s, sql, texto, 0, ingenuo);
      const c = contador();
      const fila = criarFila({
        db: createDb({ url: s.url, key: s.serviceKey }),
        trabalhador: "bench",
        leaseSegundos: 30,
        delaysMin: [1],
        janelaDedupHoras: 48,
        agora: () => systemClock.now(),
      });
      const catalogos = await fila.catalogos();
      const regras = semRegras
        ? regrasVazias
        : (await import("../packages/dominio/grupos/src/regras-embutidas.ts")).regrasEmbutidas(
            catalogos.aliases_hospital,
          );
      const inicio = performance.now();
      const { transicoes } = await processarIngenuo({
        url: s.url,
        serviceKey: s.serviceKey,
        fetch: c.fetch,
        regras,
        catalogos,
        batchSize,
        maxWorkers: 20,
        agora: systemClock.now(),
      });
      const ms = performance.now() - inicio;
      await conferir(sql, ingenuo);
      comparacao = { mensagens: ingenuo, ms, transicoes, idas: c.idas, porSegundo: (ingenuo / ms) * 1000 };
    }

    const latencia = latenciaS > 0 ? await medirLatencia(s, sql) : null;
    const porSegundo = (mensagens / lotes.ms) * 1000;
    return {
      mensagens,
      sem_regras: semRegras,
      batch_size: batchSize,
      lotes: {
        ms: Math.round(lotes.ms),
        mensagens_por_segundo: Math.round(porSegundo),
        transicoes: lotes.transicoes,
        idas_ao_banco: lotes.idas,
        idas_por_mensagem: arredondar(lotes.idas / mensagens),
        idas_por_transicao: arredondar(lotes.idas / lotes.transicoes),
        itens_por_segundo: Object.fromEntries(
          Object.entries(lotes.porEstagio).map(([nome, n]) => [nome, Math.round((n.processados / lotes.ms) * 1000)]),
        ),
        decimos: lotes.decimos,
        ultimo_sobre_primeiro: arredondar((lotes.decimos.at(-1) ?? 0) / (lotes.decimos[0] ?? 1)),
        rss_mb: lotes.rssMb,
        vagas: fim.vagas,
      },
      ingenuo: comparacao && {
        mensagens: comparacao.mensagens,
        mensagens_por_segundo: Math.round(comparacao.porSegundo * 10) / 10,
        idas_por_mensagem: arredondar(comparacao.idas / comparacao.mensagens),
        idas_por_transicao: arredondar(comparacao.idas / comparacao.transicoes),
      },
      razao: comparacao && Math.round((porSegundo / comparacao.porSegundo) * 10) / 10,
      latencia,
    };
  } finally {
    await sql.end();
  }
}

/** 200 mensagens por minuto, um ciclo por segundo: do webhook à linha em `vagas`. */
async function medirLatencia(s: EmbeddedSupabase, sql: pg.Client) {
  await limpar(sql);
  const correndo = rodada(s, { maxCiclos: 100_000, cadenciaMs: 1000, duranteMs: (latenciaS + 3) * 1000 });
  const total = Math.round((200 * latenciaS) / 60);
  for (let i = 0; i < total; i++) {
    const espera = new Promise((r) => setTimeout(r, 300));
    await carregar(s, sql, texto, 1_000_000 + i * 3 + 7, 1);
    await espera;
  }
  await correndo;
  const { rows } = await sql.query(
    `select count(*)::int as vagas, percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99
       from (select extract(epoch from v.created_at - m.created_at) * 1000 as ms
               from vagas v join vagas_grupo g on g.id = v.vaga_grupo_id join mensagens_grupo m on m.id = g.mensagem_id) x`,
  );
  const [linha] = rows as { vagas: number; p50: number; p99: number }[];
  return {
    mensagens: total,
    vagas: linha?.vagas ?? 0,
    p50_ms: Math.round(linha?.p50 ?? 0),
    p99_ms: Math.round(linha?.p99 ?? 0),
  };
}

function rodada(
  s: EmbeddedSupabase,
  parte: Pick<PedidoRodada, "maxCiclos" | "cadenciaMs" | "duranteMs">,
): Promise<FimRodada> {
  const pedido: PedidoRodada = { url: s.url, serviceKey: s.serviceKey, semRegras, batchSize, ...parte };
  return new Promise((resolve, reject) => {
    const filho = fork(new URL("./bench/rodada.ts", import.meta.url), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: ["--max-semi-space-size=4", "--max-old-space-size=192"], // as entrypoint.sh
    });
    filho.once("message", (m: { fim: FimRodada }) => resolve(m.fim));
    filho.once("exit", (codigo) => reject(new Error(`a rodada terminou com ${codigo}`)));
    filho.send(pedido);
  });
}

async function limpar(sql: pg.Client): Promise<void> {
  await sql.query(
    "truncate fila_processamento_grupos, vagas_grupo_fontes, vagas, vagas_grupo, mensagens_grupo, uso_llm_grupos restart identity cascade",
  );
}

function arredondar(n: number): number {
  return Math.round(n * 1e4) / 1e4;
}

function imprimir(r: Awaited<ReturnType<typeof medir>>): void {
  const l = r.lotes;
  const linhas = [
    `mensagens                 ${r.mensagens}${r.sem_regras ? " (sem regras)" : ""}, lotes de ${r.batch_size}`,
    `em lotes                  ${l.mensagens_por_segundo} mensagens/s (${l.ms} ms, ${l.vagas} vagas)`,
    `itens/s por estágio       ${Object.entries(l.itens_por_segundo)
      .map(([k, v]) => `${k} ${v}`)
      .join(", ")}`,
    `idas ao banco             ${l.idas_por_mensagem} por mensagem, ${l.idas_por_transicao} por transição`,
    `último décimo/primeiro    ${l.ultimo_sobre_primeiro}`,
    `pico de memória           ${l.rss_mb} MB`,
    ...(r.ingenuo
      ? [
          `forma ingênua             ${r.ingenuo.mensagens_por_segundo} mensagens/s, ${r.ingenuo.idas_por_mensagem} idas por mensagem (${r.ingenuo.mensagens} mensagens)`,
          `razão                     ${r.razao}×`,
        ]
      : []),
    ...(r.latencia
      ? [
          `latência a 200 msgs/min   p50 ${r.latencia.p50_ms} ms, p99 ${r.latencia.p99_ms} ms (${r.latencia.vagas} vagas, um ciclo por segundo)`,
        ]
      : []),
  ];
  process.stdout.write(`${linhas.join("\n")}\n`);
}
