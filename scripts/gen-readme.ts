/** Escreve as tabelas geradas do README: o catálogo e a configuração. `--check`: diz se estão velhas. */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { z } from "zod";
import { catalogo } from "#catalogo";
import { ApiConfig } from "../apps/api/src/config.ts";
import { SchedulerConfig } from "../apps/scheduler/src/config.ts";
import { WorkerConfig } from "../apps/worker/src/config.ts";

const ARQUIVO = join(import.meta.dirname, "../README.md");

/** 180 → `3 min`, 90000 → `25 h`, 691200 → `8 dias`, como o requisito 002 os diz. */
function duracao(segundos: number): string {
  if (segundos % 86_400 === 0) return `${segundos / 86_400} dias`;
  return segundos % 3600 === 0 ? `${segundos / 3600} h` : `${segundos / 60} min`;
}

function tabelaDeJobs(): string {
  const linhas = catalogo.map(
    (e) =>
      `| \`${e.nome}\`${e.critico ? " (crítico)" : ""} | \`${e.schedule}\` | \`${e.endpoint}\` | ${duracao(e.slaS)} | ${e.funcao} |`,
  );
  return ["| Job | Schedule | Endpoint | SLA | Função |", "| --- | --- | --- | --- | --- |", ...linhas].join("\n");
}

interface Variavel {
  descricao: string;
  padrao: string;
  obrigatoria: boolean;
  em: string[];
}

function tabelaDeConfig(): string {
  const apps = { api: ApiConfig, scheduler: SchedulerConfig, worker: WorkerConfig } as const;
  const variaveis = new Map<string, Variavel>();
  for (const [app, schema] of Object.entries(apps)) {
    for (const [nome, campo] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
      const ausente = campo.safeParse(undefined);
      const v = variaveis.get(nome) ?? {
        descricao: campo.description ?? "",
        padrao: ausente.data === undefined ? "" : `\`${String(ausente.data).replace(tmpdir(), "$TMPDIR")}\``,
        obrigatoria: false,
        em: [],
      };
      v.em.push(app);
      v.obrigatoria ||= !ausente.success;
      variaveis.set(nome, v);
    }
  }
  const linhas = [...variaveis].map(
    ([nome, { descricao, padrao, obrigatoria, em }]) =>
      `| \`${nome}\` | ${em.join(", ")} | ${obrigatoria ? "**obrigatória**" : padrao} | ${descricao.replaceAll("|", "\\|")} |`,
  );
  return ["| Variável | Em | Padrão | O que é |", "| --- | --- | --- | --- |", ...linhas].join("\n");
}

function trocar(texto: string, marca: string, conteudo: string): string {
  const [inicio, fim] = [`<!-- ${marca}:inicio -->`, `<!-- ${marca}:fim -->`];
  const de = texto.indexOf(inicio);
  const ate = texto.indexOf(fim);
  if (de < 0 || ate < de) throw new Error(`README.md sem as marcas de ${marca}`);
  return `${texto.slice(0, de + inicio.length)}\n${conteudo}\n${texto.slice(ate)}`;
}

const atual = readFileSync(ARQUIVO, "utf8");
const novo = trocar(trocar(atual, "jobs", tabelaDeJobs()), "config", tabelaDeConfig());
if (process.argv.includes("--check")) {
  if (novo !== atual) {
    console.error("README.md está velho: rode npm run gen:readme");
    process.exit(1);
  }
} else if (novo !== atual) {
  writeFileSync(ARQUIVO, novo);
  console.log("gerado: README.md");
}
