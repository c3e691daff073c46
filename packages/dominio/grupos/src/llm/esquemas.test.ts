import { describe, expect, test } from "vitest";
import { respostaClassificacao, respostaExtracao } from "./esquemas.ts";

const vaga = {
  hospital: "Hospital Vila Serena",
  setor: "PS",
  especialidade: "Clínica Médica",
  data: "2026-03-14",
  periodo: "noturno",
  hora_inicio: "19:00",
  hora_fim: "07:00",
  valor_tipo: "fixo",
  valor: 1500,
  valor_minimo: null,
  valor_maximo: null,
  forma_pagamento: "pj",
  tipo_vaga: "plantao",
  numero_vagas: 1,
  contato_nome: null,
  contato_whatsapp: "11988881234",
  observacoes: null,
  confianca: { hospital: 0.95, especialidade: 0.95, data: 1, horario: 1, valor: 0.95 },
};
const com = (mudancas: object) => ({
  eh_vaga: true,
  confianca: 0.95,
  motivo_descarte: null,
  vagas: [{ ...vaga, ...mudancas }],
});
const aceita = (valor: unknown) => respostaExtracao.safeParse(valor).success;

test("a resposta do texto é aceita, e chaves a mais são ignoradas", () => {
  const lida = respostaExtracao.parse({ ...com({ cor: "azul" }), versao: 2 });
  expect(lida).not.toHaveProperty("versao");
  expect(lida.vagas[0]).toEqual(vaga);
});

test("chaves ausentes valem nada dito", () => {
  expect(aceita({ eh_vaga: true, confianca: 1, vagas: [{ hospital: "X" }] })).toBe(true);
});

describe("tipos e valores errados são recusados", () => {
  test.each<[string, object]>([
    ["valor em texto", { valor: "1.500" }],
    ["valor fracionário", { valor: 1500.5 }],
    ["valor negativo", { valor: -1 }],
    ["data por extenso", { data: "14/03/2026" }],
    ["data que não existe", { data: "2026-02-30" }],
    ["período desconhecido", { periodo: "madrugada" }],
    ["hora sem zeros", { hora_inicio: "7:00" }],
    ["hora 24:00", { hora_fim: "24:00" }],
    ["onze vagas", { numero_vagas: 11 }],
    ["zero vagas", { numero_vagas: 0 }],
    ["hospital em lista", { hospital: ["A", "B"] }],
    ["confiança em porcento", { confianca: { hospital: 95 } }],
  ])("%s", (_nome, mudanca) => expect(aceita(com(mudanca))).toBe(false));

  test("não é vaga, mas traz vagas", () => expect(aceita({ ...com({}), eh_vaga: false })).toBe(false));
  test("sem vagas", () => expect(aceita({ eh_vaga: true, confianca: 1 })).toBe(false));
});

test("a classificação exige os dois campos e o intervalo", () => {
  expect(respostaClassificacao.safeParse({ eh_oferta: true, confianca: 0.9 }).success).toBe(true);
  for (const errada of [
    { eh_oferta: "true", confianca: 1 },
    { eh_oferta: true },
    { eh_oferta: true, confianca: 1.1 },
    [],
  ]) {
    expect(respostaClassificacao.safeParse(errada).success).toBe(false);
  }
});
