import { expect, test } from "vitest";
import { extrair } from "../testing/leitura.ts";

const quantidades = (texto: string) => extrair(texto).vagas.map((v) => v.numero_vagas);

test.each([
  ["HVS: 2 vagas de ortopedista, 13/03 SD", [2]],
  ["HVS: duas vagas CM 13/03 SD", [2]],
  ["Preciso de 3 plantonistas no HVS CM 13/03 SD", [3]],
  ["HVS: 02 médicos clínicos, 13/03 SD", [2]],
  ["HVS: 2 pediatras 13/03 SD", [2]],
  ["HVS: vaga CM 13/03 SD", [1]],
  ["HVS CM\n2 vagas por plantão\n13/03 SD\n14/03 SD\n15/03 SD", [2, 2, 2]],
])("Q1: %j", (texto, esperado) => {
  expect(quantidades(texto)).toEqual(esperado);
});

test("Q1: o número igual ao de vagas que saíram contava plantões", () => {
  expect(quantidades("HVS CM, 3 vagas: 13/03 SN, 14/03 SN e 15/03 SN")).toEqual([1, 1, 1]);
});

test("números diferentes são de cada data", () => {
  expect(quantidades("precisamos de 2 médicos para o HVS CM dia 14/03 SD e 1 médico dia 15/03 SN")).toEqual([2, 1]);
});

test.each([
  "HVS CM 13/03 SD 150 vagas",
  "HVS CM 13/03 SD, 20 médicos na equipe",
  "HVS CM 13/03 SD R$ 2 mil",
  "HVS CM 13/03 SD: das 3 vagas sobrou 1",
])("em %j não há quantidade", (texto) => {
  expect(quantidades(texto)).toEqual([1]);
});
