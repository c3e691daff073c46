/**
 * `npm run bench:agendamentos -- [--linhas 5000] [--tarefas-llm 200] [--slots 20] [--latencia-ms 2500] [--json]`
 *
 * A importação de uma planilha grande, também por HTTP pela API, e a sua normalização pelo normalizador sem rede, pelo Data API; depois tarefas com um LLM falso e
 * lento; e a recusa de planilhas hostis. Cada medida num processo só seu, para que a memória seja dele.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type EmbeddedSupabase, migrate, startEmbeddedSupabase } from "#embedded";
import { startFakeOpenAi } from "../packages/clients/llm/src/testing/fake-openai.ts";
import { PLANILHAS_HOSTIS } from "../packages/dominio/agendamentos/src/testing/planilhas-hostis.ts";
import type { FimMedida, PedidoMedida } from "./bench/agendamentos.ts";
import type { FimHttp, PedidoHttp } from "./bench/importacao-http.ts";
import type { FimHostil } from "./bench/planilhas-hostis.ts";

const { values } = parseArgs({
  options: {
    linhas: { type: "string", default: "5000" },
    "tarefas-llm": { type: "string", default: "200" },
    slots: { type: "string", default: "20" },
    "latencia-ms": { type: "string", default: "2500" },
    json: { type: "boolean", default: false },
  },
});
const inteiro = (nome: "linhas" | "tarefas-llm" | "slots" | "latencia-ms", max: number): number => {
  const n = Number(values[nome]);
  if (Number.isInteger(n) && n >= 1 && n <= max) return n;
  process.stderr.write(`--${nome} deve ser um inteiro de 1 a ${max}\n`);
  process.exit(1);
};
const linhas = inteiro("linhas", 5000);
const tarefasLlm = inteiro("tarefas-llm", 5000);
const slots = inteiro("slots", 200);
const latenciaMs = inteiro("latencia-ms", 60_000);

const dir = mkdtempSync(join(tmpdir(), "bench-agendamentos-"));
const supabase = await startEmbeddedSupabase({ dataDir: dir, durable: true });
const llm = await startFakeOpenAi();
llm.otherwise(() => ({
  kind: "slow",
  ms: latenciaMs,
  json: {
    logradouro: "Rua Vergueiro",
    numero: null,
    complemento: null,
    bairro: null,
    cidade: "São Paulo",
    uf: "SP",
    cep: null,
  },
}));
try {
  await migrate(supabase.databaseUrl, "supabase/migrations");
  await supabase.reloadSchema();
  const semRede = await medir(supabase, { tipo: "planilha", linhas, slots: 10 });
  const comLlm = await medir(supabase, { tipo: "llm", linhas: tarefasLlm, slots, baseUrl: llm.baseUrl });
  // Por último: as suas tarefas ficam na fila.
  const { url, serviceKey } = supabase;
  const porHttp = await noSeuProcesso<FimHttp>("bench/importacao-http.ts", { url, serviceKey, linhas });
  const recusas: FimHostil[] = [];
  for (const indice of PLANILHAS_HOSTIS.keys()) recusas.push(await noSeuProcesso("bench/planilhas-hostis.ts", indice));
  if (values.json) process.stdout.write(`${JSON.stringify({ semRede, comLlm, porHttp, recusas })}\n`);
  else {
    process.stdout.write(
      `planilha de ${linhas} linhas, enviada à API por HTTP: respondida em ${porHttp.ms} ms\n` +
        `a mesma, sem a API: importada em ${semRede.importarMs} ms; normalizada a ${semRede.porS} linhas/s, ${semRede.rssMb} MB\n` +
        `LLM de ${latenciaMs} ms, ${slots} simultâneas, uma chamada por tarefa (só o endereço): ${comLlm.porMin} tarefas/min, ${comLlm.rssMb} MB\n` +
        recusas.map((r) => `recusada em ${r.ms} ms, +${r.acrescimoMb} MB: ${r.nome}\n`).join(""),
    );
  }
} finally {
  await llm.close();
  await supabase.stop();
  rmSync(dir, { recursive: true, force: true });
}

function medir(s: EmbeddedSupabase, medida: Omit<PedidoMedida, "url" | "serviceKey">): Promise<FimMedida> {
  return noSeuProcesso("bench/agendamentos.ts", { ...medida, url: s.url, serviceKey: s.serviceKey });
}

function noSeuProcesso<Fim>(arquivo: string, pedido: PedidoMedida | PedidoHttp | number): Promise<Fim> {
  return new Promise((resolve, reject) => {
    const filho = fork(join(import.meta.dirname, arquivo));
    filho.once("message", (fim) => resolve(fim as Fim));
    filho.once("exit", (codigo) => reject(new Error(`a medida terminou com ${codigo}`)));
    filho.send(pedido);
  });
}
