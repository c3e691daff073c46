/** `npm run bench:filas -- [--itens 50000] [--rodadas 3] [--latencias 100] [--so entregas|tarefas] [--sem-outros] [--json]` */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EmbeddedSupabase, migrate, startEmbeddedSupabase } from "#embedded";
import { entregas } from "./bench/filas-entregas.ts";
import { graphileWorker, pgBoss } from "./bench/filas-outros.ts";
import { comparar, type Medida, type Motor } from "./bench/motor.ts";

const { values } = parseArgs({
  options: {
    itens: { type: "string", default: "50000" },
    rodadas: { type: "string", default: "3" },
    latencias: { type: "string", default: "100" },
    so: { type: "string" },
    "sem-outros": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const inteiro = (nome: "itens" | "rodadas" | "latencias", max: number): number => {
  const n = Number(values[nome]);
  if (Number.isInteger(n) && n >= 1 && n <= max) return n;
  process.stderr.write(`--${nome} deve ser um inteiro de 1 a ${max}\n`);
  process.exit(1);
};
const opcoes = {
  itens: inteiro("itens", 1_000_000),
  rodadas: inteiro("rodadas", 20),
  latencias: inteiro("latencias", 10_000),
};

/** As metades do benchmark: cada arquivo presente responde um motor nosso. */
const nossos: Record<string, (s: EmbeddedSupabase) => Promise<Motor>> = { entregas };
const tarefas = new URL("./bench/filas-tarefas.ts", import.meta.url);
if (existsSync(tarefas)) {
  const modulo = (await import(tarefas.href)) as { tarefas(s: EmbeddedSupabase): Promise<Motor> };
  nossos.tarefas = modulo.tarefas;
}

const dir = mkdtempSync(join(tmpdir(), "bench-filas-"));
const supabase = await startEmbeddedSupabase({ dataDir: dir, durable: true });
const motores: Motor[] = [];
try {
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await supabase.reloadSchema();
  for (const [nome, abrir] of Object.entries(nossos)) {
    if (values.so === undefined || values.so === nome) motores.push(await abrir(supabase));
  }
  if (motores.length === 0) throw new Error(`--so deve ser um de: ${Object.keys(nossos).join(", ")}`);
  if (!values["sem-outros"]) {
    motores.push(await pgBoss(supabase.databaseUrl), await graphileWorker(supabase.databaseUrl));
  }
  const medidas = await comparar(motores, opcoes);
  process.stdout.write(values.json ? `${JSON.stringify({ ...opcoes, medidas })}\n` : tabela(medidas));
} finally {
  for (const motor of motores) await motor.fechar();
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

function tabela(medidas: readonly Medida[]): string {
  const linhas = medidas.map((m) =>
    [
      m.nome.padEnd(22),
      String(m.enfileirarPorS).padStart(10),
      String(m.processarPorS).padStart(10),
      m.p50Ms.toFixed(1).padStart(8),
      m.p99Ms.toFixed(1).padStart(8),
    ].join("  "),
  );
  const cabecalho = ["fila".padEnd(22), " enfil./s", "  process./s", "  p50 ms", "  p99 ms"].join("  ");
  return `${opcoes.itens} itens sem trabalho, ${opcoes.rodadas} rodadas (mediana), escritas duráveis, mesmo servidor\n${cabecalho}\n${linhas.join("\n")}\n`;
}
