import { expect, test } from "vitest";
import { separarNome, telefoneDoJid } from "./remetente.ts";

test.each([
  ["Paula - Escalas Alfa", "Paula", "Escalas Alfa"],
  ["Paula | Escalas Alfa", "Paula", "Escalas Alfa"],
  ["Paula|Alfa", "Paula", "Alfa"],
  ["Carla Medtrust", "Carla", "Medtrust"],
  ["Carla Adm Jr - MPDOCTOR", "Carla Adm Jr", "MPDOCTOR"],
  ["Carla Adm Jr MP Doctor", "Carla", "MP Doctor"],
  ["João Quero Plantão", "João", "Quero Plantão"],
  ["João Adm Quero Plantao", "João", "Quero Plantão"],
  ["Hapvida", "Hapvida", "Hapvida"],
  ["Maria Antimedtrust", "Maria Antimedtrust", null],
  ["Ana-Clara", "Ana-Clara", null],
  ["  ", null, null],
  [null, null, null],
])("%j separa-se em nome %j e empresa %j", (pushName, nome, empresa) => {
  expect(separarNome(pushName)).toEqual({ nome, empresa });
});

test("a lista de empresas é de quem chama", () => {
  expect(separarNome("Rita Beta Saúde", [{ nome: "Beta Saúde", grafias: ["beta saude"] }])).toEqual({
    nome: "Rita",
    empresa: "Beta Saúde",
  });
});

test.each([
  ["5511988881234@s.whatsapp.net", "5511988881234"],
  ["5511988881234:3@s.whatsapp.net", "5511988881234"],
  ["5511988881234@c.us", "5511988881234"],
  ["5511988881234", "5511988881234"],
  ["224253161005092@lid", null],
  ["120363000000000001@g.us", null],
  ["", null],
  [null, null],
])("o telefone de %j é %j", (jid, telefone) => {
  expect(telefoneDoJid(jid)).toBe(telefone);
});
