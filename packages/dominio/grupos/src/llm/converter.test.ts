import { describe, expect, test } from "vitest";
import { converterVaga, motivoDoModelo, valoresCoerentes } from "./converter.ts";
import type { VagaDoModelo } from "./esquemas.ts";
import { setorDe } from "./setor.ts";
import { telefoneCompleto } from "./telefone.ts";

const contexto = { especialidades: ["Clínica Médica", "Pediatria"], ddd: "35" };
const converter = (vaga: VagaDoModelo) => converterVaga(vaga, contexto);

test("o dia da semana vem do calendário", () => {
  expect(converter({ data: "2026-03-14" }).dia_semana).toBe("sabado");
  expect(converter({}).dia_semana).toBeNull();
});

test("só especialidades da lista ficam, com a grafia da lista", () => {
  expect(converter({ especialidade: "clinica medica" }).especialidade_raw).toBe("Clínica Médica");
  expect(converter({ especialidade: "Astrologia" })).toMatchObject({
    especialidade_raw: null,
    confianca: { especialidade: 0 },
  });
});

test("a confiança de um campo ausente é zero; a de um presente sem nota, 0,8", () => {
  const vaga = converter({ hospital: "X", data: "2026-03-14", confianca: { data: 1, valor: 1 } });
  expect(vaga.confianca).toEqual({ hospital: 0.8, especialidade: 0, data: 1, horario: 0, valor: 0 });
});

test("vaga fixa ou mensal é recorrente", () => {
  expect(converter({ tipo_vaga: "mensal" }).impedimentos).toEqual(["vaga_recorrente"]);
  expect(converter({ tipo_vaga: "plantao" }).impedimentos).toEqual([]);
});

test("textos vazios são nada, e longos são cortados", () => {
  const vaga = converter({ hospital: "  ", contato_nome: "", observacoes: "x".repeat(900) });
  expect([vaga.hospital_raw, vaga.contato_nome, vaga.observacoes_raw?.length]).toEqual([null, null, 500]);
});

describe("valores", () => {
  const nada = { valor_tipo: "a_combinar", valor: null, valor_minimo: null, valor_maximo: null };
  test.each<[Parameters<typeof valoresCoerentes>[0], object]>([
    [
      { valor_tipo: "fixo", valor: 1500, valor_minimo: 1000 },
      { ...nada, valor_tipo: "fixo", valor: 1500 },
    ],
    [{ valor_tipo: "fixo", valor: null }, nada],
    [{ valor_tipo: "fixo", valor: 0 }, nada],
    [{ valor: 900 }, { ...nada, valor_tipo: "fixo", valor: 900 }],
    [{ valor_minimo: 900 }, { ...nada, valor_tipo: "faixa", valor_minimo: 900 }],
    [
      { valor_tipo: "faixa", valor: 5, valor_minimo: 1, valor_maximo: 2 },
      { ...nada, valor_tipo: "faixa", valor_minimo: 1, valor_maximo: 2 },
    ],
    [{ valor_tipo: "faixa", valor_minimo: 2, valor_maximo: 1 }, nada],
    [{ valor_tipo: "a_combinar", valor: 1500 }, nada],
    [{}, nada],
  ])("%j", (entrada, esperado) => expect(valoresCoerentes(entrada)).toEqual(esperado));
});

test.each([
  ["PS", "PS"],
  ["Pronto-Socorro adulto", "PS"],
  ["U.T.I. adulto", null],
  ["UTI adulto", "UTI Adulto"],
  ["UTI", "UTI"],
  ["UTI neo", "UTI Neonatal"],
  ["uti pediátrica", "UTI Pediátrica"],
  ["UCO", "UTI Coronariana"],
  ["centro cirúrgico", "Centro Cirúrgico"],
  ["Ambulatório de retorno", "Ambulatório"],
  ["consultoria", null],
  ["", null],
  [null, null],
])("o setor %j é %j", (dito, esperado) => expect(setorDe(dito)).toBe(esperado));

test.each([
  ["(11) 98888-1234", "11", "5511988881234"],
  ["+55 11 98888-1234", null, "5511988881234"],
  ["011 3221-4455", null, "551132214455"],
  ["98123-4567", "35", "5535981234567"],
  ["98123-4567", null, null],
  ["123", "35", null],
  ["99999999999999", "35", null],
  [null, "35", null],
])("o telefone %j, de quem tem DDD %j, é %j", (escrito, ddd, esperado) => {
  expect(telefoneCompleto(escrito, ddd)).toBe(esperado);
});

test("o motivo do modelo se guarda curto, numa linha e sem telefone", () => {
  expect(motivoDoModelo("pergunta de\n11988881234")).toBe("pergunta de ***1234");
  expect(motivoDoModelo("x".repeat(300))?.length).toBe(120);
  expect(motivoDoModelo(null)).toBeNull();
});
