import { describe, expect, test } from "vitest";
import { resumos } from "../testing/leitura.ts";

describe("vários hospitais na mesma linha", () => {
  test("cada um com o seu preço: a data e o turno são de todos", () => {
    expect(
      resumos("Cirurgião geral dia 16/03, 24h: Santa Casa de Monte Claro 3.500 e Hospital Pedra Branca 3.800"),
    ).toEqual([
      "16/03 24h - 3500 Cirurgia Geral @ Santa Casa de Monte Claro",
      "16/03 24h - 3800 Cirurgia Geral @ Hospital Pedra Branca",
    ]);
  });

  test("ligados por “e”, o preço dito uma vez é dos dois", () => {
    expect(resumos("Preciso de CM 14/03 SN no HVS e no HSB, 1.400 cada")).toEqual([
      "14/03 noturno - 1400 Clínica Médica @ HVS",
      "14/03 noturno - 1400 Clínica Médica @ HSB",
    ]);
  });

  test("um nome que só diz onde fica o primeiro não é outra vaga", () => {
    expect(resumos("CM 14/03 SN Hospital Pedra Branca (HVS, bloco B) 1.400")).toEqual([
      "14/03 noturno - 1400 Clínica Médica @ Hospital Pedra Branca",
    ]);
  });

  test("o hospital dito antes de cada data é o dela, e a especialidade única da linha é de todas", () => {
    expect(
      resumos("3 plantões de CM: HSB 22/03 SN, HSB 23/03 SN, HVS 24/03 SD. 1.400 por plantão").map((r) =>
        r.replace(/ - 1400/, ""),
      ),
    ).toEqual([
      "22/03 noturno Clínica Médica @ HSB",
      "23/03 noturno Clínica Médica @ HSB",
      "24/03 diurno Clínica Médica @ HVS",
    ]);
    expect(resumos("Sábado 14/03 SN no HVS e domingo 15/03 SD no HSB, ambos CM, 1.500 cada")).toEqual([
      "14/03 noturno - 1500 Clínica Médica @ HVS",
      "15/03 diurno - 1500 Clínica Médica @ HSB",
    ]);
  });
});
