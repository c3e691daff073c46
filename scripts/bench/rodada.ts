/** Uma rodada do pipeline de produto num processo só seu, para que memória e tempo sejam dele. Fala com o pai por IPC. */
import { randomUUID } from "node:crypto";
import { createDb } from "#core/db";
import { createLogger, systemClock } from "#core/runtime";
import { configGruposPadrao, criarCacheCatalogos, processarCiclo } from "#dominio/grupos";
import type { RegrasImediatas } from "../../packages/dominio/grupos/src/passos/mensagem.ts";
import { contador } from "./contador.ts";
import { decimos, type Marca } from "./decimos.ts";
import { regrasVazias } from "./mensagens.ts";

export interface PedidoRodada {
  url: string;
  serviceKey: string;
  semRegras: boolean;
  batchSize: number;
  /** Ciclos até a fila ficar sem pendentes, ou este número deles. */
  maxCiclos: number;
  /** Intervalo entre o começo de dois ciclos, ms; 0 = um depois do outro. */
  cadenciaMs: number;
  /** Com cadência: quanto tempo, ms. */
  duranteMs: number;
}

export interface FimRodada {
  ms: number;
  idas: number;
  transicoes: number;
  porEstagio: Record<string, { processados: number; erros: number }>;
  /** Transições por segundo de cada décimo da rodada. */
  decimos: number[];
  rssMb: number;
  ciclos: number;
}

async function regras(semRegras: boolean): Promise<(aliases: readonly string[]) => RegrasImediatas> {
  if (semRegras) return () => regrasVazias;
  const { regrasEmbutidas } = await import("../../packages/dominio/grupos/src/regras-embutidas.ts");
  return regrasEmbutidas;
}

async function rodar(p: PedidoRodada): Promise<FimRodada> {
  const c = contador();
  const db = createDb({ url: p.url, key: p.serviceKey, fetch: c.fetch });
  const log = createLogger({ level: "error" });
  const deps = {
    config: configGruposPadrao(),
    instancia: `bench-${randomUUID().slice(0, 8)}`,
    catalogos: criarCacheCatalogos(await regras(p.semRegras), systemClock),
    provedorExterno: null,
    buscaHospital: null,
  };
  const inicio = performance.now();
  const marcas: Marca[] = [];
  const porEstagio: FimRodada["porEstagio"] = {};
  let transicoes = 0;
  let ciclos = 0;
  let rssMb = 0;
  while (ciclos < p.maxCiclos) {
    const comeco = performance.now();
    const { ciclo, fila } = await processarCiclo({
      db,
      clock: systemClock,
      log,
      signal: new AbortController().signal,
      deps,
      batchSize: p.batchSize,
      maxWorkers: 20,
    });
    ciclos++;
    transicoes += ciclo.processados;
    for (const [nome, n] of Object.entries(ciclo.por_estagio)) {
      const antes = porEstagio[nome] ?? { processados: 0, erros: 0 };
      porEstagio[nome] = { processados: antes.processados + n.processados, erros: antes.erros + n.erros };
    }
    marcas.push({ ms: performance.now() - inicio, transicoes });
    rssMb = Math.max(rssMb, process.memoryUsage().rss / 2 ** 20);
    const aberto =
      fila.pendente + fila.classificacao + fila.extracao + fila.normalizacao + fila.deduplicacao + fila.importacao;
    if (p.cadenciaMs === 0 && aberto === 0) break;
    if (p.cadenciaMs > 0) {
      if (performance.now() - inicio > p.duranteMs) break;
      await new Promise((r) => setTimeout(r, Math.max(0, p.cadenciaMs - (performance.now() - comeco))));
    }
  }
  return {
    ms: performance.now() - inicio,
    idas: c.idas,
    transicoes,
    porEstagio,
    decimos: decimos(marcas),
    rssMb: Math.round(rssMb),
    ciclos,
  };
}

process.once("message", (pedido: PedidoRodada) => {
  rodar(pedido).then(
    (fim) => process.send?.({ fim }, () => process.exit(0)),
    (err: unknown) => {
      process.stderr.write(`${err instanceof Error ? err.stack : String(err)}\n`);
      process.exit(1);
    },
  );
});
