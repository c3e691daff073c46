import { expect, test } from "vitest";
import type { VagaPronta } from "../../packages/dominio/grupos/src/regras/pos-extracao.ts";
import { igual, parear } from "./comparar.ts";

const obtida = (dados: Partial<VagaPronta>) =>
  ({
    hospital_raw: "H",
    data: "2026-03-14",
    periodo: null,
    especialidade_raw: null,
    valor: null,
    ...dados,
  }) as VagaPronta;

test("o hospital se compara sem maiúsculas, acentos e espaços a mais; o resto, exato", () => {
  expect(igual("hospital_raw", "UPA Parque das Águas", "upa  parque das aguas")).toBe(true);
  expect(igual("hospital_raw", "UPA Parque", "UPA Parque das Águas")).toBe(false);
  expect(igual("especialidade", "Pediatria", "pediatria")).toBe(false);
  expect(igual("valor", null, undefined)).toBe(true);
});

test("as vagas se pareiam uma a uma pelo que têm em comum, em qualquer ordem", () => {
  const r = parear(
    [
      { data: "2026-03-15", periodo: "noturno" },
      { data: "2026-03-14", periodo: "diurno" },
      { data: "2026-03-16", periodo: "diurno" },
    ],
    [obtida({ data: "2026-03-14", periodo: "diurno" }), obtida({ data: "2026-03-15", periodo: "noturno" })],
  );
  expect(r.pares.map((p) => [p.esperada.data, p.obtida.data])).toEqual([
    ["2026-03-15", "2026-03-15"],
    ["2026-03-14", "2026-03-14"],
  ]);
  expect(r.faltaram).toEqual([{ data: "2026-03-16", periodo: "diurno" }]);
  expect(r.sobraram).toEqual([]);
});

test("o que sobra é dito", () => {
  expect(parear([], [obtida({})]).sobraram).toHaveLength(1);
});
