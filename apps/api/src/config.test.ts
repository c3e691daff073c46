import { describe, expect, test } from "vitest";
import { loadConfig } from "#core/runtime";
import { ApiConfig, enderecoDeEscuta } from "./config.ts";

const TOKEN = "segredo-de-teste-123456";
const MINIMO = { SUPABASE_URL: "https://a.supabase.co", SUPABASE_SERVICE_KEY: "x".repeat(30) };
const PRODUCAO = {
  ...MINIMO,
  APP_ENV: "production",
  SUPABASE_PROJECT_REF: "a",
  JOBS_API_TOKEN: TOKEN,
  WEBHOOK_TOKEN: TOKEN,
};
const ler = (env: Record<string, string>) => loadConfig(ApiConfig, env);

test("o mínimo basta fora de produção; os padrões são os seguros", () => {
  expect(ler(MINIMO)).toMatchObject({
    APP_ENV: "dev",
    PORT: 8000,
    PILOT_MODE: true,
    JOBS_API_AUTH: "on",
    GRUPOS_PROVEDOR: "embutido",
    API_SHUTDOWN_GRACE_MS: 25_000,
  });
});

test("tudo o que está errado é dito de uma vez, também o que depende de outra variável", () => {
  const problemas = () =>
    ler({ APP_ENV: "production", PORT: "oitenta", SUPABASE_SERVICE_KEY: "curta", GRUPOS_PROVEDOR: "llm" });
  for (const campo of [
    "PORT",
    "SUPABASE_URL",
    "SUPABASE_SERVICE_KEY",
    "SUPABASE_PROJECT_REF",
    "JOBS_API_TOKEN",
    "WEBHOOK_TOKEN",
    "OPENAI_API_KEY",
  ]) {
    expect(problemas).toThrow(new RegExp(`- ${campo}: `));
  }
  expect(problemas).not.toThrow(/curta|oitenta/);
});

describe("produção", () => {
  test("com tudo, começa; sem um token, não", () => {
    expect(() => ler(PRODUCAO)).not.toThrow();
    for (const campo of ["JOBS_API_TOKEN", "WEBHOOK_TOKEN", "SUPABASE_PROJECT_REF"]) {
      expect(() => ler({ ...PRODUCAO, [campo]: "" })).toThrow(new RegExp(`${campo}: obrigatóri`));
    }
  });

  test("JOBS_API_AUTH=off dispensa os tokens", () => {
    const { JOBS_API_TOKEN, WEBHOOK_TOKEN, ...semTokens } = PRODUCAO;
    expect(() => ler({ ...semTokens, JOBS_API_AUTH: "off" })).not.toThrow();
  });

  test.each(["http://localhost:54321", "http://127.0.0.1", "http://0.0.0.0", "http://[::1]:1"])(
    "%s não serve de SUPABASE_URL nem de EVOLUTION_API_URL",
    (url) => {
      expect(() => ler({ ...PRODUCAO, SUPABASE_URL: url })).toThrow(/SUPABASE_URL: não pode ser deste computador/);
      expect(() => ler({ ...PRODUCAO, EVOLUTION_API_URL: url, EVOLUTION_API_KEY: "k" })).toThrow(
        /EVOLUTION_API_URL: não pode ser deste computador/,
      );
    },
  );
});

test.each(["False", "FALSE", "0", "false"])("PILOT_MODE=%s desliga o piloto", (valor) => {
  expect(ler({ ...MINIMO, PILOT_MODE: valor }).PILOT_MODE).toBe(false);
});

test("PILOT_MODE com outra palavra não começa", () => {
  expect(() => ler({ ...MINIMO, PILOT_MODE: "talvez" })).toThrow(/PILOT_MODE/);
});

test("sem os dois tokens a API só escuta este computador", () => {
  expect(enderecoDeEscuta(ler(MINIMO))).toBe("127.0.0.1");
  expect(enderecoDeEscuta(ler({ ...MINIMO, JOBS_API_TOKEN: TOKEN }))).toBe("127.0.0.1");
  expect(enderecoDeEscuta(ler({ ...MINIMO, JOBS_API_TOKEN: TOKEN, WEBHOOK_TOKEN: TOKEN }))).toBe("0.0.0.0");
});
