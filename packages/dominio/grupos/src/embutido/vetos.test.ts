import { describe, expect, test } from "vitest";
import { entrada, ler, provedor } from "../testing/leitura.ts";
import { vetar } from "./vetos.ts";

const veto = (texto: string) => vetar(ler(texto))?.motivo ?? null;

test.each([
  ["O plantão de CM do dia 14/03 no Hospital Vila Serena já foi preenchido", 0.95, "vaga_encerrada"],
  ["Estou disponível para plantões de CM", 0.9, "medico_procurando"],
  ["12h por 700 é um absurdo", 0.85, "discussao_ou_queixa"],
  ["Troco meu plantão de 14/03 por 15/03", 0.85, "troca_de_plantao"],
  ["Curso de ultrassom, R$ 890", 0.9, "fora_do_tema"],
])("%j: %s de confiança em %s", (texto, confianca, motivo) => {
  expect(vetar(ler(texto))).toEqual({ confianca, motivo });
});

describe("vaga_encerrada", () => {
  test.each([
    "Vaga preenchida, obrigada",
    "PLANTÃO CANCELADO: 14/03 SN HVS",
    "plantão de amanhã no HSB já foi pego",
    "não precisa mais, gente",
    "Já fecharam 24/03 e 25/03 no HVS",
    "14/03 SN HVS resolvido",
    "UPA Aurora 19/03 SD já tem médico",
    "Plantão 14/03 SN HVS, podem desconsiderar",
  ])("%j", (texto) => expect(veto(texto)).toBe("vaga_encerrada"));

  test("com outra data aberta, a mensagem continua sendo uma oferta", () => {
    expect(veto("HVS CM\n14/03 SN fechado\n15/03 SN")).toBeNull();
  });
});

describe("medico_procurando", () => {
  test.each([
    "Boa tarde! Sou pediatra com RQE e tenho disponibilidade para plantões",
    "procuro plantão de pediatria para abril, alguém sabe?",
    "Tô à procura de vagas de CM",
    "Me coloco à disposição para coberturas em UTI",
    "aceito plantões de última hora",
    "alguém tem vaga de anestesia?",
    "Alguém sabe de plantão no sábado?",
    "quem tiver plantão me chama",
    "segue meu currículo",
    "Disponível para plantão 19/03 e 20/03, clínica médica, qualquer UPA",
    "Médica recém-formada procura plantões",
    "Sou ortopedista, R4, disponível para plantões",
    "tem vaga de anestesia pra abril?",
    "Bom dia, ainda tem vaga pra dia 15/03 no HSB?",
    "Pediatra disponível dias 25 e 26/03",
    "Tenho interesse no plantão de 21/03 no HVS",
    "Posso cobrir o SN de sexta no HVS, sou clínico",
    "Confirmo o plantão CM SN 20/03 no HVS",
    "Alguém já trabalhou no PS do Hospital Santa Edwiges?",
  ])("%j", (texto) => expect(veto(texto)).toBe("medico_procurando"));

  test.each([
    "alguém tem interesse? HVS CM 14/03 SN",
    "alguém com disponibilidade para cobrir CM amanhã no HVS?",
    "alguém disponível para SN hoje no HVS?",
    "Quem tiver interesse no plantão chama no pv, HVS 14/03 SN",
    "Precisamos de clínico no HVS, 14/03 SN. Aceito plantonistas novos",
    "quero passar meu plantão 14/03 SN HVS, pago 1.300",
  ])("%j é oferta", (texto) => expect(veto(texto)).toBeNull());
});

describe("discussao_ou_queixa", () => {
  test.each([
    "isso desvaloriza todo mundo",
    "800 num SN? piada",
    "Hospital caloteiro",
    "não pagaram o plantão de fevereiro",
    "quanto estão pagando na UPA?",
    "que vergonha",
  ])("%j", (texto) => expect(veto(texto)).toBe("discussao_ou_queixa"));
});

test("troca com valor é uma oferta", () => {
  expect(veto("Preciso trocar meu plantão do dia 14/03 SN na UPA Aurora. Pago 1.300")).toBeNull();
});

describe("fora_do_tema", () => {
  test.each([
    "Vendo ultrassom R$ 15.000",
    "Alugo consultório",
    "Congresso de cardiologia dias 14 e 15/03",
    "Regras do grupo: respeito",
  ])("%j", (texto) => expect(veto(texto)).toBe("fora_do_tema"));

  test("um curso com hospital e data ainda é um curso quando fala de inscrição ou de aula", () => {
    expect(veto("Curso de ACLS dia 28/03 no Hospital Santa Edwiges, R$ 800, vagas limitadas")).toBe("fora_do_tema");
  });

  test("com hospital e data não é", () => {
    expect(veto("Plantão para quem tem curso de ATLS, HVS 14/03 SN")).toBeNull();
  });
});

describe("pontos (§7.10)", () => {
  const classificar = (texto: string) => {
    const { eh_oferta, confianca } = provedor.classificarAgora(entrada(texto));
    return [eh_oferta, confianca];
  };

  test.each([
    ["Plantão", [false, 0.7]], // núcleo 30
    ["Plantão amanhã", [false, 0.55]], // + data 15
    ["Plantão amanhã SN", [true, 0.55]], // + período 10
    ["Plantão amanhã SN no Hospital Vila Serena", [true, 0.7]],
    ["Plantão amanhã SN no Hospital Vila Serena, CM", [true, 0.85]],
    ["Plantão amanhã SN no Hospital Vila Serena, CM, R$ 1.300", [true, 1]],
    ["14/03 SN Hospital Vila Serena", [true, 0.7]], // hospital, data e período fazem um núcleo
    ["kkkk plantão amanhã SN", [false, 0.65]], // riso −20
    ["UPA Jardim Aurora UTI 1.300, chamar no pv", [true, 0.55]],
    ["Gente do céu", [false, 1]],
  ])("%j", (texto, esperado) => {
    expect(classificar(texto)).toEqual(esperado);
  });

  test("o nome do classificador vai na resposta", () => {
    expect(provedor.classificarAgora(entrada("Plantão")).classificador).toBe("embutido-v1");
  });
});

test("a guarda e a extração dizem o mesmo", () => {
  for (const texto of ["Vaga preenchida", "HVS CM 14/03 SN 1.300", "procuro plantão"]) {
    const guarda = provedor.guarda(entrada(texto));
    const { eh_oferta, motivo } = provedor.extrairAgora(entrada(texto));
    expect({ eh_oferta, motivo }).toEqual({ eh_oferta: guarda.eh_oferta, motivo: guarda.motivo });
  }
});
