/** Escreve as tabelas geradas do README: o catálogo e a configuração. `--check`: diz se estão velhas. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { catalogo } from "#catalogo";
import { ApiConfig } from "../apps/api/src/config.ts";
import { SchedulerConfig } from "../apps/scheduler/src/config.ts";
import { WorkerConfig } from "../apps/worker/src/config.ts";

const ARQUIVO = join(import.meta.dirname, "../README.md");

function tabelaDeJobs(): string {
  const linhas = catalogo.map(
    (e) =>
      `| \`${e.nome}\`${e.critico ? " (crítico)" : ""} | \`${e.schedule}\` | \`${e.endpoint}\` | ${e.slaS / 60} min | ${e.funcao} |`,
  );
  return ["| Job | Schedule | Endpoint | SLA | Função |", "| --- | --- | --- | --- | --- |", ...linhas].join("\n");
}

interface Campo {
  description?: string;
  default?: unknown;
}

function tabelaDeConfig(): string {
  const apps = { api: ApiConfig, scheduler: SchedulerConfig, worker: WorkerConfig } as const;
  const variaveis = new Map<string, { campo: Campo; obrigatoria: boolean; em: string[] }>();
  for (const [app, schema] of Object.entries(apps)) {
    const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as {
      properties?: Record<string, Campo>;
      required?: string[];
    };
    for (const [nome, campo] of Object.entries(json.properties ?? {})) {
      const v = variaveis.get(nome) ?? { campo, obrigatoria: false, em: [] };
      v.em.push(app);
      v.obrigatoria ||= (json.required ?? []).includes(nome);
      variaveis.set(nome, v);
    }
  }
  const linhas = [...variaveis].map(([nome, { campo, obrigatoria, em }]) => {
    const padrao = obrigatoria ? "**obrigatória**" : campo.default === undefined ? "" : `\`${String(campo.default)}\``;
    return `| \`${nome}\` | ${em.join(", ")} | ${padrao} | ${(campo.description ?? "").replaceAll("|", "\\|")} |`;
  });
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
