import { expect, test } from "vitest";
import { dobrar } from "./dobrar.ts";
import { normalizarExtenso } from "./por-extenso.ts";
import { preprocessar } from "./preprocessar.ts";
import { segmentar } from "./segmentar.ts";

test.each([
  ["Amanhã à Tarde", "amanha a tarde"],
  ["CLÍNICA MÉDICA", "clinica medica"],
  ["São João", "sao joao"],
  ["🏥 Às 7h", "🏥 as 7h"],
  ["İstanbul ß ŉ", "istanbul ß ŉ"],
])("dobrar %j dá %j", (texto, esperado) => {
  expect(dobrar(texto)).toBe(esperado);
});

test.each(["Plantão 🏥 às 19h", "a\u0301e\u0301", "İÍ ǅ ﬁ", "\ud83d solto", "", "ŉAÉ\u0345", "한국어 Ω"])(
  "dobrar não muda o comprimento de %j",
  (texto) => {
    expect(dobrar(texto)).toHaveLength(texto.length);
  },
);

test.each([
  ["alfabetos decorativos viram letras (P1)", "𝐏𝐥𝐚𝐧𝐭𝐚̃𝐨 𝟭𝟰/𝟬𝟯", "Plantão 14/03"],
  ["o invisível sai, e a quebra de linha é uma só (P2)", "a\u200bb\ufe0f 1\ufe0f\u20e3\r\nc\rd", "ab 1\nc\nd"],
  ["espaços exóticos viram espaço (P3)", "a\u00a0b\u2003c\td", "a b c d"],
  [
    "o riscado é removido, mas só na mesma linha (P4)",
    "16/03 SN\n~17/03 SN~\n18/03 ~ SD\n19/03 ~ SD",
    "16/03 SN\n\n18/03 ~ SD\n19/03 ~ SD",
  ],
  ["as marcas de ênfase saem (P5)", "*Plantão* _CM_ `PS`", "Plantão CM PS"],
])("%s", (_, texto, esperado) => {
  expect(preprocessar(texto)).toBe(esperado);
});

const segmentos = (texto: string) => segmentar(texto).map((s) => s.original);

test("cada linha é um segmento, sem enfeites no começo e sem linhas de enfeite (S1)", () => {
  expect(segmentos("➡️ 14/03 SN\n——\n✅ (11) 98888-1234\n💲1.550\n• HVS")).toEqual([
    "14/03 SN",
    "(11) 98888-1234",
    "💲1.550",
    "HVS",
  ]);
});

test("corta em barra vertical, ponto e vírgula e fim de frase seguido de maiúscula (S2)", () => {
  expect(segmentos("HVS | CM; 14/03. Chamar no pv! Obrigado? sim")).toEqual([
    "HVS",
    "CM",
    "14/03",
    "Chamar no pv",
    "Obrigado? sim",
  ]);
});

test("❌ numa das linhas de data a risca; em todas é enfeite", () => {
  expect(segmentos("HVS\n✅ 14/03 SD\n❌ 14/03 SN")).toEqual(["HVS", "14/03 SD"]);
  expect(segmentos("HVS\n❌ 14/03 SD\n❌ 14/03 SN")).toEqual(["HVS", "14/03 SD", "14/03 SN"]);
});

test("um ponto de abreviação ou de número não corta (S2)", () => {
  for (const texto of [
    "Hospital Dr. Arlindo",
    "Sta. Casa",
    "HM Jd. Aurora",
    "R$ 1.500 PJ",
    "Hosp. Mun. Nsa. Sra. Aparecida",
  ]) {
    expect(segmentos(texto)).toEqual([texto]);
  }
});

test.each([
  ["3ª feira 17/03", "terça 17/03"],
  ["2ª a 6ª", "segunda a sexta"],
  ["1º de abril", "1 de abril"],
  ["das 7 da manhã às 7 da noite", "das 7h às 19h"],
  ["7h30 às 11:30h", "7h30 às 11:30h"],
  ["às 7:30 da noite", "às 19h30"],
  ["19h à meia-noite", "19h às 00h"],
  ["7h ao meio-dia", "7h às 12h"],
  ["12 da tarde", "12 da tarde"],
  ["5ª 12/03, 6ª (13/03)", "quinta 12/03, sexta (13/03)"],
  ["3ª, 4ª e 5ª", "terça, quarta e quinta"],
  ["2ª via do contrato nº 3", "2ª via do contrato nº 3"],
])("%j se lê %j", (texto, esperado) => {
  expect(normalizarExtenso(texto)).toBe(esperado);
});

test("depois de um ponto, um preço começa outra frase (S2)", () => {
  expect(segmentos("SD 07 e 09/03. 1.300 todos")).toEqual(["SD 07 e 09/03", "1.300 todos"]);
});
