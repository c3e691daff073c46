import { describe, expect, test } from "vitest";
import { ler } from "../testing/leitura.ts";
import { criarSegmento } from "../texto/segmento.ts";
import { compilarAliases, lerHospital } from "./hospitais.ts";

const hospital = (texto: string) =>
  ler(texto)
    .leituras.map((l) => l.hospital?.nome)
    .find((n) => n !== undefined) ?? null;
const setores = (texto: string) => ler(texto).leituras.flatMap((l) => l.setores.map((s) => s.nome));

describe("L1 e L2: prefixo e nome", () => {
  test.each([
    ["Plantão no Hospital Recanto das Araras, 22/03", "Hospital Recanto das Araras"],
    ["Hospital Municipal Dr. Arlindo Prado: 2 vagas", "Hospital Municipal Dr. Arlindo Prado"],
    ["hosp santa edwiges 14/03", "hosp santa edwiges"],
    ["Hosp. Mun. Nsa. Sra. Aparecida – ortopedia", "Hosp. Mun. Nsa. Sra. Aparecida"],
    ["Hospial Bom Pastor SN", "Hospial Bom Pastor"],
    ["Hosptal Bom Pastor SN", "Hosptal Bom Pastor"],
    ["UPA PARQUE DAS ÁGUAS", "UPA PARQUE DAS ÁGUAS"],
    ["AMA Vila Nova Esperança precisa", "AMA Vila Nova Esperança"],
    ["UBS Jardim das Flores - generalista", "UBS Jardim das Flores"],
    ["CAPS AD III Centro: psiquiatra", "CAPS AD III Centro"],
    ["Sta Casa Monte Claro. 1.200", "Sta Casa Monte Claro"],
    ["na Maternidade da Luz dia 15", "Maternidade da Luz"],
    ["Instituto do Coração do Sul", "Instituto do Coração do Sul"],
    ["Policlínica Nova Era 8h", "Policlínica Nova Era"],
    ["Clínica São Lucas precisa", "Clínica São Lucas"],
    ["Pronto Socorro Central de Itaporã", "Pronto Socorro Central de Itaporã"],
    ["HU Campo Azul 😬 2k", "HU Campo Azul"],
    ["Hospital São José de Campinas para CM", "Hospital São José de Campinas"],
    ["Hospital Santa Rita - Maringá/PR", "Hospital Santa Rita"],
    ["Hospital das Clínicas de Porto Velho: 14/03", "Hospital das Clínicas de Porto Velho"],
    ["UPA 26 de Agosto CM", "UPA 26 de Agosto"],
    ["UPA Zona Norte CM SN", "UPA Zona Norte"],
  ])("%j", (texto, nome) => {
    expect(hospital(texto)).toBe(nome);
  });

  test.each([
    "dia 14/03",
    "amanhã",
    "sábado",
    "noturno",
    "plantão",
    "vaga",
    "valor 1.300",
    "precisa de clínico",
    "busca médico",
    "R$ 1.300",
    "PJ",
    "UTI",
    "para CM",
    "com urgência",
    "cm",
    "ortopedia",
    "1234",
  ])("o nome acaba antes de %j", (resto) => {
    expect(hospital(`Hospital Bom Pastor ${resto}`)).toBe("Hospital Bom Pastor");
  });

  test("palavras que só parecem prefixo não são", () => {
    for (const texto of [
      "hospedagem inclusa",
      "hospício",
      "hospitalista experiente",
      "clínica médica",
      "clínica geral",
    ])
      expect(hospital(texto)).toBeNull();
  });
});

describe("L3: PS e PA", () => {
  test.each([
    ["PS do Hospital Vila Serena", "Hospital Vila Serena", ["PS"]],
    ["PS HSB", "HSB", ["PS"]],
    ["PA do Hospital São Benedito", "Hospital São Benedito", ["PA"]],
    ["PS Central de Itaporã", "PS Central de Itaporã", []],
    ["CM no PS, dia 14/03", null, ["PS"]],
    ["UPA, 14/03", null, []],
  ])("%j", (texto, nome, esperados) => {
    expect(hospital(texto)).toBe(nome);
    expect(setores(texto)).toEqual(esperados);
  });
});

test.each([
  ["SN hoje no HSB, CM", "HSB"],
  ["Plantão Vila Serena 14/03", "Vila Serena"],
  ["HVS: 14/03", "HVS"],
])("L4: em %j o alias conhecido é o hospital", (texto, nome) => {
  expect(hospital(texto)).toBe(nome);
});

test("L4: o alias mais longo ganha, e só palavras inteiras contam", () => {
  const aliases = compilarAliases({ aliases: ["São Bento", "São Bento do Sul", "HB"] });
  const ler1 = (texto: string) => lerHospital(criarSegmento(texto, 0), [], aliases)?.nome ?? null;
  expect(ler1("plantão São Bento do Sul")).toBe("São Bento do Sul");
  expect(ler1("plantão São Bentinho")).toBeNull();
  expect(ler1("HB 14/03")).toBeNull(); // menos de três letras
});

test.each([
  "hospital particular",
  "hospital privado de grande porte",
  "hospital de referência",
  "hospital público",
  "hospital parceiro",
  "Hospital X",
])("L5: %j não diz qual é", (texto) => {
  expect(hospital(`Vaga em ${texto}, 14/03`)).toBeNull();
});

test.each([
  ["UTI adulto", ["UTI Adulto"]],
  ["UTI coronariana", ["UTI Coronariana"]],
  ["UCO", ["UTI Coronariana"]],
  ["UTI ped", ["UTI Pediátrica"]],
  ["UTI neo", ["UTI Neonatal"]],
  ["CTI", ["UTI"]],
  ["sala vermelha", ["Sala Vermelha"]],
  ["porta", ["PS"]],
  ["pronto atendimento", ["PA"]],
  ["enf", ["Enfermaria"]],
  ["bloco cirúrgico", ["Centro Cirúrgico"]],
  ["centro obstétrico", ["Centro Obstétrico"]],
  ["ambulatorial", ["Ambulatório"]],
  ["RPA", ["RPA"]],
  ["pago via RPA", []],
  ["retaguarda", ["Retaguarda"]],
  ["internação", ["Internação"]],
  ["emergência", ["Emergência"]],
])("setor %j", (texto, esperados) => {
  expect(setores(`14/03 SN, ${texto}`)).toEqual(esperados);
});
