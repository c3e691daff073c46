import { expect, test } from "vitest";
import { validarNomeHospital } from "./validador-hospital.ts";

test.each([
  ["Hospital Recanto das Araras", 0.9],
  ["UPA Jardim Aurora", 0.9],
  ["Santa Casa de Monte Claro", 0.9],
  ["Hospital de Pediatria Santa Rita", 0.9],
  ["Clínica Recanto", 0.9],
  ["Recanto das Araras", 0.5],
  ["Edwiges", 0.4],
])("%s é um nome possível (%d)", (nome, score) => {
  expect(validarNomeHospital(nome)).toEqual({ valido: true, motivo: null, score });
});

test.each([
  ["HX", "tamanho"],
  ["x".repeat(121), "tamanho"],
  ["123 456", "sem_letra"],
  ["Hospital a definir", "lista_bloqueio"],
  ["Não informado", "lista_bloqueio"],
  ["Outros", "lista_bloqueio"],
  ["Mercado Livre", "lista_bloqueio"],
  ["Hospital R$ 1.500", "padrao_bloqueado"],
  ["💰 Hospital", "padrao_bloqueado"],
  ["19h às 7h Hospital X", "padrao_bloqueado"],
  ["14/03 Hospital X", "padrao_bloqueado"],
  ["Local: Hospital X (zona sul)", "padrao_bloqueado"],
  ["Chama no WhatsApp", "padrao_bloqueado"],
  ["Pediatria", "especialidade"],
  ["Clínica Médica", "especialidade"],
  ["Ginecologia e Obstetrícia", "especialidade"],
  ["HSB", "palavra_curta"],
])("%s não é nome de hospital: %s", (nome, motivo) => {
  expect(validarNomeHospital(nome)).toEqual({ valido: false, motivo, score: 0 });
});

test("palavra bloqueada só vale inteira", () => {
  expect(validarNomeHospital("Hospital Testemunha de Jeová").valido).toBe(true);
  expect(validarNomeHospital("Hospital Salamanca").valido).toBe(true);
});

test("o catálogo de especialidades completa a lista", () => {
  expect(validarNomeHospital("Hemoterapia Alfa", new Set(["hemoterapia alfa"])).motivo).toBe("especialidade");
});
