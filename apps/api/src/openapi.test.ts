import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { catalogo } from "#catalogo";
import type { DocumentoOpenApi } from "./openapi.ts";
import { type ApiFalsa, apiFalsa, TOKEN } from "./testing/api-falsa.ts";

/** O que a especificação 3.1 exige das partes que usamos. */
const Schema = z.record(z.string(), z.unknown());
const Conteudo = z.record(z.string(), z.strictObject({ schema: Schema }));
const Operacao = z.strictObject({
  operationId: z.string().regex(/^[a-z_]+$/i),
  tags: z.array(z.string()).min(1),
  summary: z.string().min(5),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z
    .array(
      z
        .strictObject({
          name: z.string(),
          in: z.enum(["query", "path", "header"]),
          required: z.boolean(),
          description: z.string().optional(),
          schema: Schema,
        })
        .refine((p) => p.in !== "path" || p.required, "um parâmetro de caminho é obrigatório"),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content: Conteudo }).optional(),
  responses: z
    .record(
      z.string().regex(/^[1-5]\d\d$/),
      z.strictObject({ description: z.string().min(1), content: Conteudo.optional() }),
    )
    .refine((r) => Object.keys(r).length > 0),
});
const Documento = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  tags: z.array(z.strictObject({ name: z.string(), description: z.string() })),
  security: z.array(Schema),
  paths: z.record(z.string().startsWith("/"), z.record(z.enum(["get", "post", "delete"]), Operacao.optional())),
  components: z.strictObject({ schemas: z.record(z.string(), Schema), securitySchemes: z.record(z.string(), Schema) }),
});

let api: ApiFalsa;
let documento: DocumentoOpenApi;
let lido: z.infer<typeof Documento>;
beforeAll(async () => {
  api = await apiFalsa({}, { JOBS_API_TOKEN: TOKEN });
  documento = (await api.app.inject({ url: "/openapi.json" })).json();
  lido = Documento.parse(documento);
  return () => api.app.close();
});

const operacoes = () =>
  Object.entries(lido.paths).flatMap(([rota, ops]) =>
    Object.entries(ops).flatMap(([metodo, op]) => (op ? [{ rota, metodo, op }] : [])),
  );

test("o documento tem a forma da especificação, aberto a quem não tem o token", () => {
  expect(lido.openapi).toBe("3.1.0");
  const ids = operacoes().map(({ op }) => op.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = new Set(lido.tags.map((t) => t.name));
  expect(operacoes().flatMap(({ op }) => op.tags.filter((t) => !tags.has(t)))).toEqual([]);
});

test("toda referência aponta para o que existe, e todo esquema de acesso é declarado", () => {
  const refs = [...JSON.stringify(documento).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((m) => m[1]);
  expect(refs.length).toBeGreaterThan(0);
  expect(refs.filter((r) => !r || !Object.hasOwn(lido.components.schemas, r))).toEqual([]);
  const acessos = [...lido.security, ...operacoes().flatMap(({ op }) => op.security ?? [])].flatMap(Object.keys);
  expect(acessos.filter((a) => !Object.hasOwn(lido.components.securitySchemes, a))).toEqual([]);
});

test("cada trecho {x} de um caminho é um parâmetro de caminho, e nenhum outro o é", () => {
  for (const { rota, op } of operacoes()) {
    const ditos = (op.parameters ?? []).filter((p) => p.in === "path").map((p) => p.name);
    expect([rota, ditos.sort()]).toEqual([rota, [...rota.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()]);
  }
});

test("o que o documento diz aberto responde sem token, e o resto é 401", async () => {
  for (const { rota, metodo, op } of operacoes()) {
    const url = rota.replace(/\{\w+\}/g, "x");
    const { statusCode } = await api.app.inject({ method: metodo.toUpperCase() as "GET", url });
    const guardada = op.security === undefined;
    expect([rota, statusCode === 401]).toEqual([rota, guardada]);
  }
});

test("os parâmetros de um job são os do seu esquema, na query e no corpo", () => {
  const op = lido.paths["/jobs/processar-grupos"]?.post;
  expect(op?.parameters?.filter((p) => p.in === "query")).toEqual([
    {
      name: "batch_size",
      in: "query",
      required: false,
      description: "um inteiro de 1 a 1000 (itens por estágio e ciclo)",
      schema: { type: "integer", minimum: 1, maximum: 1000, default: 200 },
    },
    {
      name: "max_workers",
      in: "query",
      required: false,
      description: "um inteiro de 1 a 50 (itens simultâneos)",
      schema: { type: "integer", minimum: 1, maximum: 50, default: 20 },
    },
  ]);
  expect(op?.requestBody?.content["application/json"]?.schema).toMatchObject({
    type: "object",
    additionalProperties: false,
    properties: { batch_size: { type: "integer" }, max_workers: { type: "integer" } },
  });
  expect(lido.paths["/jobs/heartbeat"]?.post?.requestBody).toBeUndefined();
});

test("toda rota do catálogo está no documento", () => {
  expect(catalogo.filter((e) => !lido.paths[e.rota]?.post).map((e) => e.nome)).toEqual([]);
});

test.each(["/docs", "/docs/"])("%s carrega só o que é daqui, e a política o garante", async (url) => {
  const pagina = await api.app.inject({ url });
  expect(pagina.headers["content-security-policy"]).toMatch(/^default-src 'self';/);
  const partes = [...pagina.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1] ?? "");
  expect(partes.length).toBeGreaterThan(3);
  for (const parte of partes) {
    const alvo = new URL(parte, `http://localhost${url}`);
    expect([parte, alvo.host]).toEqual([parte, "localhost"]);
    expect([parte, (await api.app.inject({ url: alvo.pathname })).statusCode]).toEqual([parte, 200]);
  }
  expect((await api.app.inject({ url: "/docs/json" })).json()).toEqual(documento);
});

test("só os endereços de saúde que têm limite de pedidos prometem 429", () => {
  const saude = operacoes().filter(({ rota }) => rota.startsWith("/health"));
  const semLimite = saude.filter(({ op }) => !("429" in op.responses)).map(({ rota }) => rota);
  expect(semLimite.sort()).toEqual(["/health", "/health/ready"]);
  expect(saude.length).toBeGreaterThan(8);
});
