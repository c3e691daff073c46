import { describe, expect, test } from "vitest";
import { diaDaMensagem, lerRegistros, ofertaEsperada, type Registro } from "./registro.ts";

const linha = (dados: object = {}) =>
  JSON.stringify({ id: "A", texto: "oi", data_mensagem: "2026-03-10T09:15:00-03:00", esperado: {}, ...dados });

test("lê uma linha por registro, e pula as vazias", () => {
  expect(lerRegistros(`\ufeff${linha()}\r\n\n${linha({ id: 7 })}\n`).map((r) => r.id)).toEqual(["A", "7"]);
  expect(lerRegistros(linha({ id: undefined }))[0]?.id).toBe("linha 1");
});

test.each([
  ["{", /^linha 2: não é JSON/],
  [linha({ texto: 3 }), /^linha 2: texto: /],
  [linha({ data_mensagem: "ontem" }), /^linha 2: data_mensagem: /],
  [linha({ esperado: undefined }), /^linha 2: esperado: /],
  [linha({ esperado: { vagas: [{ valor: "mil" }] } }), /^linha 2: esperado\.vagas\.0\.valor: /],
])("a linha ruim %j é dita pelo número e pelo campo", (ruim, erro) => {
  expect(() => lerRegistros(`${linha()}\n${ruim}`)).toThrow(erro);
});

test("um arquivo vazio é um erro", () => {
  expect(() => lerRegistros("\n")).toThrow("nenhum registro");
});

test.each([
  ["2026-03-10T23:30:00-03:00", "2026-03-10"],
  ["2026-03-11T02:30:00Z", "2026-03-10"],
  ["2026-03-10T23:30:00", "2026-03-10"],
  ["2026-03-10", "2026-03-10"],
])("o dia de %s é %s", (data_mensagem, dia) => {
  expect(diaDaMensagem({ data_mensagem })).toBe(dia);
});

describe("é uma oferta?", () => {
  test.each([
    [{ eh_oferta: false, vagas: [{}] }, false],
    [{ classificacao: { eh_oferta: true } }, true],
    [{ classificacao: { eh_oferta: null }, mensagem: { estagio_final: "descartado" } }, false],
    [{ mensagem: { estagio_final: "finalizado", motivo: "vagas:1" } }, true],
    [{ mensagem: { estagio_final: "descartado", motivo: "extracao:sem_data" } }, true],
    [{ heuristica: { decisao: "descartar" } }, false],
    [{ vagas: [{}] }, true],
    [{ vagas: [] }, false],
    [{}, null],
  ])("%j: %s", (esperado, oferta) => {
    expect(ofertaEsperada({ esperado } as Registro)).toBe(oferta);
  });
});
