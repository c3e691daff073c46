import { expect, test } from "vitest";
import { regiaoDoGrupo } from "./regioes.ts";

test.each([
  ["ABC", "Santo André", "SP"],
  ["SP Capital", "São Paulo", "SP"],
  ["Baixada Santista", "Santos", "SP"],
  ["Plantões São Bernardo", "São Bernardo do Campo", "SP"],
  ["BH e região", "Belo Horizonte", "MG"],
])("%s fica em %s-%s", (regiao, cidade, estado) => {
  expect(regiaoDoGrupo(regiao, null)).toEqual({ cidade, estado });
});

test("a região vale antes do nome do grupo, e o nome serve quando ela não diz nada", () => {
  expect(regiaoDoGrupo("Curitiba", "Plantões SP")).toEqual({ cidade: "Curitiba", estado: "PR" });
  expect(regiaoDoGrupo("Interior", "Plantões SP")).toEqual({ cidade: "São Paulo", estado: "SP" });
});

test("só palavras inteiras contam", () => {
  expect(regiaoDoGrupo("Riopreto", "Spa médico")).toBeNull();
  expect(regiaoDoGrupo(null, null)).toBeNull();
});
