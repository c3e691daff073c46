import { expect, test } from "vitest";
import { similaridade, trigramas } from "./trigrama.ts";

test("as palavras são cercadas como no pg_trgm", () => {
  expect([...trigramas("upa")].sort()).toEqual(["  u", " up", "pa ", "upa"]);
});

test("nomes iguais depois de normalizados têm similaridade 1", () => {
  expect(similaridade("HU Campo Azul", "Hospital Universitário Campo Azul")).toBe(1);
});

test("um erro de digitação fica acima de 0,70 e outro hospital fica abaixo", () => {
  expect(similaridade("Hospital Vila Serenna", "Hospital Vila Serena")).toBeGreaterThanOrEqual(0.7);
  expect(similaridade("Hospital Recanto das Araras", "Hospital Vila Serena")).toBeLessThan(0.7);
});

test("texto vazio não se parece com nada", () => {
  expect(similaridade("", "")).toBe(0);
  expect(similaridade("de", "Hospital Vila Serena")).toBe(0);
});
