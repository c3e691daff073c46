import { describe, expect, test } from "vitest";
import { fixedClock } from "#core/runtime";
import { cacheEmMemoria, chaveCache } from "./cache.ts";
import { custoUsd, PRECOS_PADRAO } from "./custo.ts";
import { conformidadeDoCache } from "./testing/cache-conformidade.ts";

describe("em memória", () => {
  conformidadeDoCache(() => {
    const clock = fixedClock("2026-03-10T13:00:00Z");
    return { cache: cacheEmMemoria(clock), clock };
  });
});

describe("a chave", () => {
  const chave = (texto: string, modelo = "m", r: string | null = null) =>
    chaveCache(r === null ? "classificacao" : "extracao", texto, modelo, r);

  test("é a mesma para a repostagem do mesmo texto", () => {
    const texto = "PLANTÃO  CM\nHospital Vila Serena";
    expect(chave(" PLANTÃO CM \r\n\r\nHospital\u00a0Vila Serena\u200b")).toBe(chave(texto));
    expect(chave("𝗣𝗟𝗔𝗡𝗧Ã𝗢 CM\nHospital Vila Serena")).toBe(chave(texto));
  });
  test("muda com as letras, as linhas, o modelo, o tipo e a data de referência", () => {
    const chaves = [
      chave("vaga GO\nUPA"),
      chave("vaga go\nUPA"),
      chave("vaga GO UPA"),
      chave("vaga GO\nUPA", "outro"),
      chave("vaga GO\nUPA", "m", "2026-03-10"),
      chave("vaga GO\nUPA", "m", "2026-03-11"),
    ];
    expect(new Set(chaves).size).toBe(chaves.length);
  });
  test("não traz o texto", () => expect(chave("Plantão secreto")).not.toContain("Plantão"));
});

test("o custo é por milhão de tokens, com seis casas", () => {
  expect(custoUsd({ input: 1_000_000, output: 1_000_000 }, PRECOS_PADRAO)).toBe(1.5);
  expect(custoUsd({ input: 812, output: 64 }, PRECOS_PADRAO)).toBe(0.000283);
  expect(custoUsd({ input: 0, output: 0 }, PRECOS_PADRAO)).toBe(0);
});
