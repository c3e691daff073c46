import { expect, test } from "vitest";
import { candidatoEspecialidade, candidatosHospital } from "./candidatos.ts";
import { hashDedup } from "./hash-dedup.ts";
import { type CatalogosNormalizacao, normalizarVaga, type VagaParaNormalizar } from "./normalizacao.ts";
import { periodoPorHorario } from "./periodo.ts";

const catalogos: CatalogosNormalizacao = {
  periodos: {
    Diurno: "p-diurno",
    Vespertino: "p-tarde",
    Noturno: "p-noturno",
    Cinderela: "p-cind",
    "Meio período (manhã)": "p-manha",
    "Plantão 24h": "p-24h",
  },
  setores: { "Pronto atendimento": "s-pa", Hospital: "s-h", Consultório: "s-c" },
  tipos_vaga: { Cobertura: "t-cob", Fixo: "t-fixo", Ambulatorial: "t-amb" },
  formas_recebimento: { "Pessoa jurídica": "f-pj", "Pessoa fisica": "f-pf" },
};
const vaga: VagaParaNormalizar = {
  data: "2026-03-14",
  periodo: "noturno",
  hora_inicio: null,
  hora_fim: null,
  setor_raw: "PS",
  tipo_vaga_raw: "plantao",
  forma_pagamento_raw: "pj",
  valor_tipo: "fixo",
};
const hospital = { id: "h1", score: 1 };
const especialidade = { id: "e1", score: 0.9 };

test("uma vaga completa recebe os ids dos catálogos e segue para a deduplicação", () => {
  expect(normalizarVaga(vaga, { hospital, especialidade, catalogos })).toEqual({
    hospital_id: "h1",
    hospital_criado: false,
    hospital_match_score: 1,
    especialidade_id: "e1",
    especialidade_match_score: 0.9,
    periodo: "noturno",
    periodo_id: "p-noturno",
    setor_id: "s-pa",
    tipos_vaga_id: null,
    forma_recebimento_id: "f-pj",
    campos_faltando: [],
    data_valida: true,
    dados_minimos_ok: true,
    status: "normalizada",
    motivo_status: null,
    acao: "deduplicar",
    motivo: null,
  });
});

test("sem hospital, especialidade ou data a vaga vai para revisão e o item termina", () => {
  const r = normalizarVaga({ ...vaga, data: null }, { hospital: null, especialidade: null, catalogos });
  expect(r).toMatchObject({
    status: "aguardando_revisao",
    motivo_status: "match_incompleto:hospital,especialidade,data",
    acao: "finalizar",
    motivo: "aguardando_revisao",
    dados_minimos_ok: false,
  });
});

test("setor, horário e valor ausentes são anotados e não bloqueiam", () => {
  const r = normalizarVaga(
    { ...vaga, setor_raw: null, periodo: null, valor_tipo: "a_combinar" },
    { hospital, especialidade, catalogos },
  );
  expect(r.campos_faltando).toEqual(["horario", "setor", "valor"]);
  expect(r.acao).toBe("deduplicar");
});

test("as horas dizem o período quando ele não foi dito", () => {
  const r = normalizarVaga(
    { ...vaga, periodo: null, hora_inicio: "19:00:00", hora_fim: "01:00:00" },
    { hospital, especialidade, catalogos },
  );
  expect(r).toMatchObject({ periodo: "cinderela", periodo_id: "p-cind", campos_faltando: [] });
});

test("ambulatório dispensa horário", () => {
  const r = normalizarVaga(
    { ...vaga, periodo: null, tipo_vaga_raw: "ambulatorial" },
    { hospital, especialidade, catalogos },
  );
  expect(r.campos_faltando).toEqual([]);
  expect(r.tipos_vaga_id).toBe("t-amb");
});

test("palavra desconhecida ou herdada de objeto não vira id", () => {
  const r = normalizarVaga(
    { ...vaga, setor_raw: "constructor", tipo_vaga_raw: "toString", forma_pagamento_raw: "rpa" },
    { hospital, especialidade, catalogos },
  );
  expect(r).toMatchObject({ setor_id: null, tipos_vaga_id: null, forma_recebimento_id: "f-pf" });
});

test.each([
  ["07:00", "07:00", "24h"],
  ["19:00", "01:00", "cinderela"],
  ["18:00", "23:00", "cinderela"],
  ["07:00", "19:00", "diurno"],
  ["08:00", "18:00", "diurno"],
  ["07:00", "13:00", "manha"],
  ["13:00", "19:00", "tarde"],
  ["19:00", "07:00", "noturno"],
  ["22:00", "06:00", "noturno"],
])("das %s às %s é %s", (inicio, fim, periodo) => {
  expect(periodoPorHorario(inicio, fim)).toBe(periodo);
});

test("do hospital tenta-se o texto todo e depois o que vem antes do separador", () => {
  expect(candidatosHospital("Hospital Vila Serena - Unidade 2 (Centro)")).toEqual([
    "Hospital Vila Serena - Unidade 2 (Centro)",
    "Hospital Vila Serena - Unidade 2",
    "Hospital Vila Serena",
  ]);
  expect(candidatosHospital("HVS / Zona Sul")).toEqual(["HVS / Zona Sul"]);
  expect(candidatosHospital("  ")).toEqual([]);
  expect(candidatosHospital(null)).toEqual([]);
});

test.each([
  ["Clínica Médica", "Clínica Médica"],
  ["Pediatria / Clínica Médica", "Pediatria"],
  ["Pediatria e Clínica Médica", "Pediatria"],
  ["Ortopedia ou cirurgia geral", "Ortopedia"],
  ["Ginecologia e Obstetrícia", "Ginecologia e Obstetrícia"],
  ["Ortopedia e Traumatologia e Pediatria", "Ortopedia e Traumatologia"],
  ["Cardiologia (com RQE), experiência em UTI", "Cardiologia"],
  ["", null],
])("da especialidade %j procura-se %j", (bruto, esperado) => {
  expect(candidatoEspecialidade(bruto)).toBe(esperado);
});

test("o hash é o md5 das quatro partes, com o período ausente dito por extenso", () => {
  const chave = { hospital_id: "h", data: "2026-03-14", periodo_id: null, especialidade_id: "e" };
  // md5 de "h|2026-03-14|sem_periodo|e"
  expect(hashDedup(chave)).toBe("4745bff90778cb64f35e0d34f0bd27c2");
  expect(hashDedup({ ...chave, periodo_id: "p" })).not.toBe(hashDedup(chave));
});
