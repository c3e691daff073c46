import { z } from "zod";
import { catalogo } from "#catalogo";
import { skippedResult } from "#core/job";
import { ERROR_CODES, type ErrorCode } from "#core/runtime";
import { ParametrosDaPagina } from "./routes/filas.ts";
import { porRota } from "./routes/jobs.ts";
import type { Ferramenta } from "./routes/manual.ts";
import { RELATORIOS } from "./saude/relatorios.ts";

type Schema = Record<string, unknown>;

export interface DocumentoOpenApi {
  openapi: string;
  info: Schema;
  servers: Schema[];
  tags: Schema[];
  security: Schema[];
  paths: Record<string, Record<string, Schema>>;
  components: Schema;
}

const Erro = z.object({
  status: z.literal("error"),
  codigo: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
  campo: z.string().optional().describe("o parâmetro ou cabeçalho em falta ou errado"),
  message: z.string(),
});
const Catalogo = z.object({
  total: z.int(),
  jobs: z.array(
    z.object({
      nome: z.string(),
      schedule: z.string().describe("cinco campos, horário de Brasília"),
      endpoint: z.string(),
      timeout_s: z.int(),
      sla_s: z.int(),
      critico: z.boolean(),
      frequencia: z.string(),
      descricao: z.string(),
      proxima_execucao: z.iso.datetime(),
    }),
  ),
});
const Saude = z.looseObject({ status: z.string().optional(), timestamp: z.iso.datetime() });
const Webhook = z.object({
  status: z.literal("ok"),
  recebidas: z.int(),
  novas: z.int(),
  duplicadas: z.int(),
  enfileiradas: z.int(),
  ignoradas: z.int(),
});

const ErroDaSaude = Erro.omit({ codigo: true });

const COMPONENTES = { Erro, ErroDaSaude, Pulado: skippedResult, Catalogo, Saude, Webhook } as const;
const ref = (nome: keyof typeof COMPONENTES): Schema => ({ $ref: `#/components/schemas/${nome}` });
const json = (description: string, schema: Schema): Schema => ({
  description,
  content: { "application/json": { schema } },
});
const STRICT = {
  name: "strict",
  in: "query",
  required: false,
  description: "true: um veredito ruim responde 503",
  schema: { type: "boolean", default: false },
};
const CABECALHOS = [
  ["X-Job-Name", "nome da entrada do catálogo"],
  ["X-Job-Execution-Id", "linha de job_executions; sem ele a chamada é manual"],
  ["X-Scheduled-For", "horário que a execução representa, ISO 8601"],
  ["X-Job-Deadline", "até quando quem chama espera, ISO 8601"],
  ["Idempotency-Key", "em 24 h a mesma chave não roda o job duas vezes"],
  ["X-Operador", "quem roda o job à mão; fica registrado"],
  ["X-Motivo", "por que o roda à mão; fica registrado"],
].map(([name, description]) => ({ name, in: "header", required: false, description, schema: { type: "string" } }));
const OPERADOR = CABECALHOS.filter((c) => c.name === "X-Operador");

const ERROS = {
  400: json("Parâmetro inválido", ref("Erro")),
  401: json("Sem token, ou token errado", ref("Erro")),
  500: json("A execução falhou", ref("Erro")),
  503: json("Banco fora do ar, ou a API está encerrando", ref("Erro")),
};
const PARAMETRO = { 400: ERROS[400] };
const PARAMETRO_DA_SAUDE = { 422: json("Parâmetro inválido", ref("ErroDaSaude")) };
const INDISPONIVEL = { 503: json("Não pôde ser lido", ref("Saude")) };
const LIMITADA = { 429: json("Pedidos demais", ref("Erro")) };

/** As rotas de leitura e o webhook, que não são jobs nem ferramentas. */
const FIXAS: readonly { metodo: "get" | "post"; rota: string; tag: string; resumo: string; operacao: Schema }[] = [
  {
    metodo: "get",
    rota: "/jobs",
    tag: "jobs",
    resumo: "O catálogo de jobs, com a próxima execução de cada um",
    operacao: { responses: { 200: json("O catálogo", ref("Catalogo")), 401: ERROS[401] } },
  },
  ...[
    { rota: "/health", resumo: "O processo responde (sem ler nada)", params: null },
    { rota: "/health/ready", resumo: "Pronto para receber tráfego", params: null },
    { rota: "/health/deep", resumo: "O portão do deploy: ambiente, esquema, catálogo, salvaguardas", params: null },
    ...RELATORIOS,
  ].map(({ rota, resumo, params }) => ({
    metodo: "get" as const,
    rota,
    tag: "saude",
    resumo,
    operacao: {
      security: [],
      parameters: params === null ? [] : [...parametrosDe(params, "GET"), STRICT],
      responses: {
        200: json("O veredito", ref("Saude")),
        ...(params === null ? {} : PARAMETRO_DA_SAUDE),
        ...(rota === "/health" || rota === "/health/ready" ? {} : LIMITADA),
        ...INDISPONIVEL,
      },
    },
  })),
  {
    metodo: "get",
    rota: "/filas",
    tag: "operação",
    resumo: "As filas de tarefas numa página que se atualiza a cada 5 s",
    operacao: {
      parameters: parametrosDe(ParametrosDaPagina, "GET"),
      responses: {
        200: { description: "A página", content: { "text/html": { schema: { type: "string" } } } },
        ...PARAMETRO,
        401: ERROS[401],
        404: json("A tarefa não existe", ref("Erro")),
      },
    },
  },
  {
    metodo: "post",
    rota: "/api/v1/appointments/import",
    tag: "operação",
    resumo: "Importa agendamentos de uma planilha .xlsx; a normalização vem depois",
    operacao: {
      parameters: [
        {
          name: "forcar",
          in: "query",
          required: false,
          description: "true: importa de novo um arquivo das últimas 24 h",
          schema: { type: "boolean", default: false },
        },
      ],
      requestBody: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: { type: "object", required: ["file"], properties: { file: { type: "string", format: "binary" } } },
          },
        },
      },
      responses: {
        200: json("O que entrou, o que foi recusado e por quê", { type: "object" }),
        409: json("O mesmo arquivo já entrou nas últimas 24 h", { type: "object" }),
        413: json("Mais de 5 MB, de 50 MB descomprimida ou de 5000 linhas", { type: "object" }),
        422: json("Não é uma planilha que se possa ler", { type: "object" }),
        ...ERROS,
      },
    },
  },
  {
    metodo: "post",
    rota: "/webhooks/evolution",
    tag: "webhooks",
    resumo: "Evento messages.upsert da Evolution API; repetir é inofensivo",
    operacao: {
      security: [{ webhook: [] }],
      requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
      responses: { 200: json("O que foi feito das mensagens", ref("Webhook")), ...ERROS },
    },
  },
];

/** O documento OpenAPI 3.1, feito dos mesmos esquemas zod que conferem as chamadas. */
export function documentoOpenApi(ferramentas: readonly Ferramenta[]): DocumentoOpenApi {
  const paths: DocumentoOpenApi["paths"] = {};
  const acrescentar = (rota: string, metodo: string, operacao: Schema) => {
    const chave = rota.replace(/:(\w+)/g, "{$1}");
    const operationId = `${metodo}${chave.replace(/[^a-z]+/gi, "_")}`.replace(/_$/, "");
    paths[chave] = { ...paths[chave], [metodo]: { operationId, ...operacao } };
  };
  for (const { rota, job, entradas } of porRota(catalogo)) {
    acrescentar(rota, "post", {
      tags: ["jobs"],
      summary: entradas.map((e) => e.funcao).join("; "),
      parameters: [...parametrosDe(job.params, "POST"), ...CABECALHOS],
      ...corpoDe(job.params),
      responses: {
        200: json("Feito, ou deliberadamente nada a fazer", {
          anyOf: [jsonSchema(job.result, "output"), ref("Pulado")],
        }),
        409: json("Já está em execução", ref("Pulado")),
        ...ERROS,
      },
    });
  }
  for (const f of ferramentas) {
    const noCaminho = new Set([...f.rota.matchAll(/:(\w+)/g)].map((m) => m[1] ?? ""));
    acrescentar(f.rota, f.metodo.toLowerCase(), {
      tags: ["operação"],
      summary: f.resumo,
      parameters: [
        ...parametrosDe(f.params, f.metodo, noCaminho),
        ...(f.metodo === "POST" ? OPERADOR.map((c) => ({ ...c, description: "quem pede; fica registrado" })) : []),
      ],
      ...(f.metodo === "POST" ? corpoDe(f.params, noCaminho) : {}),
      responses: {
        200: json("Feito", f.resposta ? jsonSchema(f.resposta, "output") : { type: "object" }),
        404: json("Não existe", ref("Erro")),
        409: json("O estado atual não permite", ref("Erro")),
        ...ERROS,
      },
    });
  }
  for (const { metodo, rota, tag, resumo, operacao } of FIXAS) {
    acrescentar(rota, metodo, { tags: [tag], summary: resumo, ...operacao });
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Julia Jobs",
      version: "1",
      description: "Tudo o que a Julia faz em segundo plano: jobs agendados, ferramentas de operador, saúde.",
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "jobs", description: "O que o scheduler chama" },
      { name: "operação", description: "Ferramentas de operador" },
      { name: "saude", description: "Vereditos e medidas" },
      { name: "webhooks", description: "Entradas de outros sistemas" },
    ],
    security: [{ token: [] }, { basic: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(COMPONENTES).map(([nome, e]) => [nome, jsonSchema(e, "output")])),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "JOBS_API_TOKEN" },
        basic: { type: "http", scheme: "basic", description: "qualquer usuário, JOBS_API_TOKEN como senha" },
        webhook: { type: "apiKey", in: "header", name: "apikey", description: "WEBHOOK_TOKEN" },
      },
    },
  };
}

/** Num POST tudo pode vir na query string ou no corpo, com os mesmos nomes; o que é obrigatório o é num dos dois. */
function parametrosDe(
  params: z.ZodObject,
  metodo: Ferramenta["metodo"],
  noCaminho: ReadonlySet<string> = new Set(),
): Schema[] {
  const { properties = {}, required = [] } = jsonSchema(params, "input") as ObjetoJson;
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const [obrigatorio, path] = [required.includes(name), noCaminho.has(name)];
    const ditos = [obrigatorio && metodo === "POST" && !path ? "obrigatório aqui ou no corpo" : null, description];
    const texto = ditos.filter((t) => t).join("; ");
    return {
      name,
      in: path ? "path" : "query",
      required: path || (obrigatorio && metodo !== "POST"),
      ...(texto ? { description: texto } : {}),
      schema,
    };
  });
}

function corpoDe(params: z.ZodObject, noCaminho: ReadonlySet<string> = new Set()): { requestBody?: Schema } {
  const { properties = {}, additionalProperties } = jsonSchema(params, "input") as ObjetoJson;
  const campos = Object.entries(properties).filter(([nome]) => !noCaminho.has(nome));
  if (campos.length === 0) return {};
  const schema = { type: "object", properties: Object.fromEntries(campos), additionalProperties };
  return { requestBody: { required: false, content: { "application/json": { schema } } } };
}

interface ObjetoJson extends Schema {
  properties?: Record<string, Schema>;
  required?: string[];
}

function jsonSchema(esquema: z.ZodType, io: "input" | "output"): Schema {
  const { $schema: _, ...resto } = z.toJSONSchema(esquema, { io, unrepresentable: "any", target: "draft-2020-12" });
  return resto;
}
