import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { VagaExtraida } from "../vaga-extraida.ts";
import { chaveVaga, prepararVagas } from "./pos-extracao.ts";

const R = "2026-03-10";

function vaga(dados: Partial<VagaExtraida> = {}): VagaExtraida {
  return {
    hospital_raw: "Hospital Vila Serena",
    especialidade_raw: "Clínica Médica",
    setor_raw: "PS",
    data: "2026-03-14",
    dia_semana: "sabado",
    periodo: "noturno",
    hora_inicio: "19:00",
    hora_fim: "07:00",
    valor_tipo: "fixo",
    valor: 1500,
    valor_minimo: null,
    valor_maximo: null,
    numero_vagas: 1,
    tipo_vaga_raw: "plantao",
    forma_pagamento_raw: null,
    contato_nome: null,
    contato_whatsapp: null,
    endereco_raw: null,
    cidade: null,
    estado: null,
    observacoes_raw: null,
    confianca: { hospital: 0.9, especialidade: 0.95, data: 1, horario: 1, valor: 0.95 },
    impedimentos: [],
    ...dados,
  };
}
const preparar = (vagas: VagaExtraida[], contexto = {}) => prepararVagas(vagas, { dataReferencia: R, ...contexto });

test("uma vaga completa passa, com chave, ordem e dia da semana", () => {
  const { vagas, ...resto } = preparar([vaga({ dia_semana: null })]);
  expect(resto).toEqual({ motivo: null, passadas: 0, truncadas: 0 });
  expect(vagas).toEqual([
    { ...vaga(), chave_vaga: chaveVaga(vaga()), ordem: 1, data_valida: true, dia_semana: "sabado" },
  ]);
});

test("o dia da semana é o da data, diga o extrator o que disser", () => {
  expect(preparar([vaga({ dia_semana: "segunda" })]).vagas[0]?.dia_semana).toBe("sabado");
});

describe("o que fica fora", () => {
  test.each([
    [[], "extracao:sem_vagas"],
    [[vaga({ hospital_raw: null })], "extracao:sem_hospital"],
    [[vaga({ hospital_raw: "  " })], "extracao:sem_hospital"],
    [[vaga({ data: null })], "extracao:sem_data"],
    [[vaga({ hospital_raw: null, data: null })], "extracao:sem_hospital"],
    [[vaga({ data: "2026-03-09" })], "extracao:somente_datas_passadas"],
    [[vaga({ data: "2026-03-09" }), vaga({ data: null })], "extracao:somente_datas_passadas"],
  ])("%#: %s", (vagas, motivo) => {
    expect(preparar(vagas)).toMatchObject({ vagas: [], motivo });
  });

  test("a de hoje ainda vale; as passadas são contadas", () => {
    const r = preparar([vaga({ data: R }), vaga({ data: "2026-03-09" }), vaga({ data: "2026-01-01" })]);
    expect(r.vagas.map((v) => v.data)).toEqual([R]);
    expect(r.passadas).toBe(2);
  });

  test("a especialidade que falta não tira a vaga", () => {
    expect(preparar([vaga({ especialidade_raw: null })]).vagas).toHaveLength(1);
  });
});

test("o hospital do grupo serve a quem não diz o seu, com confiança 0,7", () => {
  const { vagas } = preparar([vaga({ hospital_raw: null }), vaga()], { hospitalDoGrupo: "HSB" });
  expect(vagas.map((v) => [v.hospital_raw, v.confianca.hospital])).toEqual([
    ["HSB", 0.7],
    ["Hospital Vila Serena", 0.9],
  ]);
});

describe("chave da vaga (§3.6)", () => {
  test("é o md5 dos seis campos, com o vazio no lugar do nulo", () => {
    const md5 = (texto: string) => createHash("md5").update(texto).digest("hex");
    expect(chaveVaga(vaga())).toBe(md5("hospital vila serena|2026-03-14|noturno|19:00|clinica medica|PS"));
    expect(chaveVaga(vaga({ periodo: null, hora_inicio: null, especialidade_raw: null, setor_raw: null }))).toBe(
      md5("hospital vila serena|2026-03-14||||"),
    );
  });

  test("o que a tem igual é uma vaga só, a primeira", () => {
    const { vagas } = preparar([
      vaga(),
      vaga({ hospital_raw: "HOSPITAL VILA SERENA", valor: 900 }),
      vaga({ periodo: "diurno" }),
    ]);
    expect(vagas.map((v) => [v.periodo, v.valor, v.ordem])).toEqual([
      ["noturno", 1500, 1],
      ["diurno", 1500, 2],
    ]);
  });
});

test("até vinte por mensagem, na ordem; o resto é contado", () => {
  const datas = Array.from({ length: 24 }, (_, i) => vaga({ data: `2026-04-${String(i + 1).padStart(2, "0")}` }));
  const r = preparar(datas);
  expect(r.truncadas).toBe(4);
  expect(r.vagas.map((v) => v.ordem)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(r.vagas.at(-1)?.data).toBe("2026-04-20");
  expect(preparar(datas, { maxVagas: 3 })).toMatchObject({ truncadas: 21, vagas: { length: 3 } });
});

test.each([
  [{ valor: 499 }, "valor_baixo"],
  [{ valor: 10_001 }, "valor_alto"],
  [{ data: R }, "data_hoje"],
  [{ data: "2026-04-10" }, "data_distante"],
  [{ hora_fim: "31:00" }, "horario_invalido"],
  [{ data: R, valor: 100, observacoes_raw: "com RQE" }, "com RQE; valor_baixo; data_hoje"],
  [{ valor: 500, data: "2026-04-09" }, null],
  [{ valor_tipo: "faixa" as const, valor: null, valor_minimo: 100 }, null],
])("conferência de %j: %s", (dados, nota) => {
  expect(preparar([vaga(dados)]).vagas[0]?.observacoes_raw).toBe(nota);
});

test("mais longe que a janela é um impedimento, ao lado dos que já vinham", () => {
  const impedimentos = (data: string) =>
    preparar([vaga({ data, impedimentos: ["vaga_recorrente"] })]).vagas[0]?.impedimentos;
  expect(impedimentos("2026-06-08")).toEqual(["vaga_recorrente"]); // 90 dias
  expect(impedimentos("2026-06-09")).toEqual(["vaga_recorrente", "data_muito_distante"]);
});
