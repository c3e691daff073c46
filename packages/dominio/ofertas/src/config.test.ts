import { expect, test } from "vitest";
import { z } from "zod";
import { loadConfig } from "#core/runtime";
import { conferirOfertas, configOfertas } from "./config.ts";

const Config = z
  .object({ APP_ENV: z.string().optional(), ...configOfertas })
  .superRefine((c, ctx) =>
    conferirOfertas(c, (campo, message) => ctx.addIssue({ code: "custom", path: [campo], message })),
  );
const ler = (env: Record<string, string>) => loadConfig(Config, env);

test("39: ENRICHMENT_JOB_TIMEOUT aceita 10m, 90s, 1h e 600; 10 minutes não deixa começar, e o erro diz a variável", () => {
  const prazos = ["10m", "90s", "1h", "600"].map((t) => ler({ ENRICHMENT_JOB_TIMEOUT: t }).ENRICHMENT_JOB_TIMEOUT);
  expect(prazos).toEqual([600, 90, 3600, 600]);
  expect(() => ler({ ENRICHMENT_JOB_TIMEOUT: "10 minutes" })).toThrow(
    /- ENRICHMENT_JOB_TIMEOUT: deve ser uma duração como 600, 90s, 10m ou 1h/,
  );
  for (const errado of ["0", "25h", "-1", "1d", "10mm", "1.5m"]) {
    expect(() => ler({ ENRICHMENT_JOB_TIMEOUT: errado })).toThrow(/ENRICHMENT_JOB_TIMEOUT/);
  }
});

test("os padrões são os do requisito", () => {
  expect(ler({})).toEqual({
    ENRICHMENT_QUEUE_NAME: "enrichment",
    ENRICHMENT_WORKER_CONCURRENCY: 3,
    ENRICHMENT_REQUEST_DELAY_S: 0.5,
    ENRICHMENT_JOB_TIMEOUT: 600,
    ENRICHMENT_RECHECK_H: 24,
    ENRICHMENT_ALLOWED_HOSTS: ["mercadolivre.com.br", "mercadolivre.com", "mercadolibre.com", "meli.la"],
    ENRICHMENT_ALLOW_LOOPBACK: false,
  });
});

test.each([
  ["ENRICHMENT_QUEUE_NAME", "Fila Um"],
  ["ENRICHMENT_WORKER_CONCURRENCY", "0"],
  ["ENRICHMENT_REQUEST_DELAY_S", "-1"],
  ["ENRICHMENT_RECHECK_H", "meio"],
  ["ENRICHMENT_ALLOWED_HOSTS", "https://meli.la"],
  ["ENRICHMENT_ALLOWED_HOSTS", "meli.la,127.0.0.1"],
  ["ENRICHMENT_ALLOWED_HOSTS", "com"],
])("%s=%s não deixa começar", (variavel, valor) => {
  expect(() => ler({ [variavel]: valor })).toThrow(new RegExp(`- ${variavel}: `));
});

test("as duas variáveis de afiliado vão juntas, e este computador nunca é uma loja em produção", () => {
  expect(() => ler({ MELI_AFFILIATE_WORD: "a" })).toThrow(/MELI_AFFILIATE_TOOL: obrigatória com MELI_AFFILIATE_WORD/);
  expect(() => ler({ MELI_AFFILIATE_TOOL: "1" })).toThrow(/MELI_AFFILIATE_WORD: obrigatória/);
  expect(ler({ MELI_AFFILIATE_WORD: "a", MELI_AFFILIATE_TOOL: "1" })).toMatchObject({ MELI_AFFILIATE_TOOL: "1" });
  expect(() => ler({ APP_ENV: "production", ENRICHMENT_ALLOW_LOOPBACK: "true" })).toThrow(
    /ENRICHMENT_ALLOW_LOOPBACK: não pode/,
  );
});
