import { z } from "zod";
import { catalogo } from "#catalogo";
import { skippedResult } from "#core/job";
import { ERROR_CODES, type ErrorCode } from "#core/runtime";
import { porRota } from "./routes/jobs.ts";
import type { Ferramenta } from "./routes/manual.ts";

type Schema = Record<string, unknown>;

export interface DocumentoOpenApi {
  openapi: string;
  info: Schema;
  tags: Schema[];
  paths: Record<string, Record<string, Schema>>;
  components: Schema;
}

const erro = z.object({
  status: z.literal("error"),
  codigo: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  campo: z.string().optional(),
  message: z.string(),
});

/** As rotas de leitura e o webhook, que não são jobs nem ferramentas. */
const FIXAS: { metodo: "get" | "post"; rota: string; tag: string; resumo: string; aberta?: boolean }[] = [
  { metodo: "get", rota: "/jobs", tag: "jobs", resumo: "O catálogo de jobs, com a próxima execução de cada um" },
  { metodo: "get", rota: "/health", tag: "saude", resumo: "O processo responde (sem ler nada)", aberta: true },
  { metodo: "get", rota: "/health/ready", tag: "saude", resumo: "Pronto para receber tráfego", aberta: true },
  {
    metodo: "get",
    rota: "/health/grupos",
    tag: "saude",
    resumo: "Fila de grupos por estágio e itens travados",
    aberta: true,
  },
  { metodo: "get", rota: "/health/grupos-worker", tag: "saude", resumo: "O mesmo, para painéis", aberta: true },
  { metodo: "post", rota: "/webhooks/evolution", tag: "webhooks", resumo: "Evento messages.upsert da Evolution API" },
];

/** O documento OpenAPI 3.1, feito dos mesmos esquemas zod que conferem as chamadas. */
export function documentoOpenApi(ferramentas: readonly Ferramenta[]): DocumentoOpenApi {
  const paths: DocumentoOpenApi["paths"] = {};
  const acrescentar = (rota: string, metodo: string, operacao: Schema) => {
    const chave = rota.replace(/:(\w+)/g, "{$1}");
    paths[chave] = { ...paths[chave], [metodo]: operacao };
  };
  for (const { rota, job, funcao } of porRota(catalogo).values()) {
    acrescentar(rota, "post", {
      tags: ["jobs"],
      operationId: job.name,
      summary: funcao,
      parameters: parametrosDe(job.params, "query"),
      responses: {
        200: resposta("Feito, ou deliberadamente nada a fazer", z.union([job.result, skippedResult])),
        409: resposta("Já está em execução", skippedResult),
        ...ERROS,
      },
    });
  }
  for (const f of ferramentas) {
    const noCaminho = new Set([...f.rota.matchAll(/:(\w+)/g)].map((m) => m[1]));
    acrescentar(f.rota, f.metodo.toLowerCase(), {
      tags: ["operação"],
      summary: f.resumo,
      parameters: parametrosDe(f.params, "query", noCaminho),
      responses: { 200: { description: "Feito" }, ...ERROS },
    });
  }
  for (const f of FIXAS) {
    acrescentar(f.rota, f.metodo, {
      tags: [f.tag],
      summary: f.resumo,
      ...(f.aberta ? { security: [] } : {}),
      responses: { 200: { description: "Feito" }, ...(f.aberta ? {} : ERROS) },
    });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Julia Jobs",
      version: "1",
      description: "Tudo o que a Julia faz em segundo plano: jobs agendados, ferramentas de operador, saúde.",
    },
    tags: [
      { name: "jobs", description: "O que o scheduler chama" },
      { name: "operação", description: "Ferramentas de operador" },
      { name: "saude", description: "Verdicts e medidas" },
      { name: "webhooks", description: "Entradas de outros sistemas" },
    ],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" }, basic: { type: "http", scheme: "basic" } },
    },
  };
}

const ERROS = {
  400: resposta("Parâmetro inválido", erro),
  401: resposta("Sem token, ou token errado", erro),
  500: resposta("A execução falhou", erro),
};

function resposta(description: string, esquema: z.ZodType): Schema {
  return { description, content: { "application/json": { schema: jsonSchema(esquema, "output") } } };
}

function parametrosDe(
  params: z.ZodObject,
  em: string,
  noCaminho: ReadonlySet<string | undefined> = new Set(),
): Schema[] {
  const schema = jsonSchema(params, "input") as { properties?: Record<string, Schema>; required?: string[] };
  return Object.entries(schema.properties ?? {}).map(([name, { description, ...tipo }]) => ({
    name,
    in: noCaminho.has(name) ? "path" : em,
    required: noCaminho.has(name) || (schema.required ?? []).includes(name),
    ...(description ? { description } : {}),
    schema: tipo,
  }));
}

function jsonSchema(esquema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _, ...resto } = z.toJSONSchema(esquema, { io, unrepresentable: "any", target: "draft-2020-12" });
  return resto;
}
