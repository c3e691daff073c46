import { expect, test } from "vitest";
import { normalizarBusca, qualificador } from "./normalizar-busca.ts";

test.each([
  ["HU Campo Azul", "hospital universitario campo azul"],
  ["UPA 24h Jd. Aurora", "upa jardim aurora"],
  ["UPA-24 horas Vl. Nova", "upa vila nova"],
  ["Hospital Municipal Dr. Arlindo Prado", "hospital municipal doutor arlindo prado"],
  ["HM Arlindo Prado", "hospital municipal arlindo prado"],
  ["Maternidade NS da Luz", "maternidade nossa senhora luz"],
  ["Sta Casa Monte Claro", "santa casa monte claro"],
  ["PS Central de Itaporã", "pronto socorro central itapora"],
  ["Pronto-Socorro Central de Itaporã", "pronto socorro central itapora"],
  ["  Hospital   São  Benedito ", "hospital sao benedito"],
  ["D'Água d’Ouro", "dagua douro"],
  ["UPA PARQUE DAS ÁGUAS", "upa parque aguas"],
  ["Hosp. Reg. do Vale", "hospital regional vale"],
])("%s é buscado como %s", (nome, esperado) => {
  expect(normalizarBusca(nome)).toBe(esperado);
});

test("abreviação de uma ou duas letras só vale como primeira palavra", () => {
  expect(normalizarBusca("Belém PA")).toBe("belem pa");
  expect(normalizarBusca("do HU Campo Azul")).toBe("hospital universitario campo azul");
});

test("parênteses qualificam e saem do nome, a menos que sejam tudo", () => {
  expect(normalizarBusca("UPA Aurora (Zona Sul)")).toBe("upa aurora");
  expect(normalizarBusca("(HSB)")).toBe("hsb");
  expect(qualificador("UPA Aurora (Zona Sul)")).toBe("zona sul");
  expect(qualificador("UPA Aurora")).toBeNull();
});

test("nada que sobre é a cadeia vazia, e normalizar de novo não muda nada", () => {
  expect(normalizarBusca("")).toBe("");
  expect(normalizarBusca("de da 🏥")).toBe("");
  for (const nome of ["HU Campo Azul", "UPA 24h Jd. Aurora", "Hosp. Sta. Rita"]) {
    expect(normalizarBusca(normalizarBusca(nome))).toBe(normalizarBusca(nome));
  }
});
