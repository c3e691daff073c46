import { describe, expect, test } from "vitest";
import { ler, resumos } from "../testing/leitura.ts";
import { dobrar } from "../texto/dobrar.ts";
import { ALIASES, ESPECIALIDADES } from "./lista-especialidades.ts";

const lidas = (texto: string) => ler(texto).leituras.flatMap((l) => l.especialidades.map((e) => e.nome));

test("são 57, sem repetição, e cada nome se reconhece a si mesmo", () => {
  expect(ESPECIALIDADES).toHaveLength(57);
  expect(new Set(ESPECIALIDADES).size).toBe(57);
  for (const nome of ESPECIALIDADES) {
    expect(lidas(`Vaga de ${nome}, 14/03`)).toContain(nome);
    expect(lidas(`VAGA DE ${dobrar(nome).toUpperCase()} - 14/03`)).toContain(nome);
  }
});

test("cada alias leva à sua especialidade, que existe, e nenhum a duas", () => {
  const donos = new Map<string, string>();
  for (const [nome, formas] of Object.entries(ALIASES)) {
    expect(ESPECIALIDADES).toContain(nome);
    for (const forma of formas) {
      expect(donos.get(forma) ?? nome).toBe(nome);
      donos.set(forma, nome);
      expect(dobrar(forma)).toBe(forma);
    }
  }
});

test.each([
  ["CM", "Clínica Médica"],
  ["clínico", "Clínica Médica"],
  ["clínicos", "Clínica Médica"],
  ["médico(a) clínico(a)", "Clínica Médica"],
  ["clínico geral", "Clínica Médica"],
  ["ped", "Pediatria"],
  ["pediatras", "Pediatria"],
  ["gineco", "Ginecologia e Obstetrícia"],
  ["obstetra", "Ginecologia e Obstetrícia"],
  ["G.O.", "Ginecologia e Obstetrícia"],
  ["ortopedista", "Ortopedia e Traumatologia"],
  ["cardio", "Cardiologia"],
  ["neuro", "Neurologia"],
  ["neurocirurgião", "Neurocirurgia"],
  ["psiquiatra", "Psiquiatria"],
  ["cirurgião geral", "Cirurgia Geral"],
  ["cirurgiões", "Cirurgia Geral"],
  ["cirurgião vascular", "Cirurgia Vascular"],
  ["cirurgia pediátrica", "Cirurgia Pediátrica"],
  ["anestesista", "Anestesiologia"],
  ["intensivista", "Medicina Intensiva"],
  ["intensivista pediátrico", "Pediatria"],
  ["emergencista", "Medicina de Emergência"],
  ["neonatologista", "Neonatologia"],
  ["sala de parto", "Neonatologia"],
  ["USG", "Radiologia e Diagnóstico por Imagem"],
  ["ultrassonografista", "Radiologia e Diagnóstico por Imagem"],
  ["endoscopista", "Endoscopia"],
  ["nefro", "Nefrologia"],
  ["otorrino", "Otorrinolaringologia"],
  ["MFC", "Medicina de Família"],
  ["generalista", "Generalista"],
])("%j é %s", (forma, nome) => {
  expect(lidas(`14/03 SN, ${forma}`)).toEqual([nome]);
});

describe("E1: GO é especialidade ou é Goiás", () => {
  test.each(["GO 14/03", "vaga de go, 14/03", "Plantão GO", "SN - GO", "plantonista para GO"])(
    "%j é especialidade",
    (texto) => {
      expect(lidas(texto)).toEqual(["Ginecologia e Obstetrícia"]);
    },
  );
  test.each(["Goiânia - GO", "Anápolis/GO", "Rio Verde, GO", "let's go"])("%j não é", (texto) => {
    expect(lidas(texto)).toEqual([]);
  });
});

test("E2: depois de um número, cm é medida", () => {
  expect(lidas("cateter de 10 cm")).toEqual([]);
  expect(lidas("cateter de 10cm")).toEqual([]);
});

describe("E3: várias especialidades", () => {
  test.each([
    ["clínico e pediatra", ["Clínica Médica", "Pediatria"]],
    ["clínico, pediatra e ortopedista", ["Clínica Médica", "Pediatria", "Ortopedia e Traumatologia"]],
    ["clínico + pediatra", ["Clínica Médica", "Pediatria"]],
    ["clínico ou pediatra", ["Clínica Médica"]],
    ["CM/Ped", ["Clínica Médica"]],
    ["CM, clínica médica", ["Clínica Médica"]],
  ])("%j", (texto, esperado) => {
    expect(lidas(`Preciso de ${texto} 14/03`)).toEqual(esperado);
  });

  test("ditas aos pares com os turnos, cada uma é do seu", () => {
    expect(resumos("HVS, 15/03: cardio 7-19h R$ 1.800, CM 19-7h R$ 1.400")).toEqual([
      "15/03 diurno 07:00-19:00 1800 Cardiologia @ HVS",
      "15/03 noturno 19:00-07:00 1400 Clínica Médica @ HVS",
    ]);
  });
});

describe("E4: UTI sem especialidade", () => {
  test.each(["UTI", "UTI adulto", "UTI coronariana"])("%s é Medicina Intensiva", (setor) => {
    expect(resumos(`Plantão ${setor} HVS 14/03 SN`)).toEqual(["14/03 noturno - - Medicina Intensiva @ HVS"]);
  });
  test.each([
    ["UTI ped", "Pediatria"],
    ["UTI neo", "Neonatologia"],
    ["PS", "-"],
    ["enfermaria", "-"],
  ])("%s é %s", (setor, especialidade) => {
    expect(resumos(`Plantão ${setor} HVS 14/03 SN`)).toEqual([`14/03 noturno - - ${especialidade} @ HVS`]);
  });
});

test("E5: a especialidade dentro do nome do hospital é do nome", () => {
  expect(resumos("Hospital de Pediatria Santo Anjo, 14/03 SN, ortopedista")).toEqual([
    "14/03 noturno - - Ortopedia e Traumatologia @ Hospital de Pediatria Santo Anjo",
  ]);
});

test.each([
  ["Pediatra para sala de parto, 14/03", ["Pediatria"]],
  ["Pediatra p/ UTI neonatal 14/03", ["Pediatria"]],
  ["Sala de parto, 14/03", ["Neonatologia"]],
])("o lugar só implica a especialidade quando nenhuma é dita: %j", (texto, esperado) => {
  expect(lidas(texto)).toEqual(esperado);
});
