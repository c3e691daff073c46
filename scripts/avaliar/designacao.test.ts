import { expect, test } from "vitest";
import { melhorDesignacao } from "./designacao.ts";

test.each([
  [[], []],
  [[[]], [-1]],
  [[[1]], [0]],
  [
    [
      [9, 8],
      [8, 1],
    ],
    [1, 0],
  ], // a greedy choice of the 9 would leave the 1
  [[[1, 5, 2]], [1]],
  [
    [[3], [7], [5]],
    [-1, 0, -1],
  ],
])("%j → %j", (notas, esperado) => {
  expect(melhorDesignacao(notas)).toEqual(esperado);
});

test("equals the best of all permutations", () => {
  const permutar = (n: number): number[][] =>
    n === 0
      ? [[]]
      : permutar(n - 1).flatMap((p) => Array.from({ length: n }, (_, k) => [...p.slice(0, k), n - 1, ...p.slice(k)]));
  let semente = 7;
  const sortear = () => {
    semente = (semente * 16_807) % 2_147_483_647;
    return semente % 20;
  };
  for (let caso = 0; caso < 200; caso++) {
    const n = 1 + (caso % 5);
    const notas = Array.from({ length: n }, () => Array.from({ length: n }, sortear));
    const soma = (escolha: readonly number[]) => escolha.reduce((s, j, i) => s + (notas[i]?.[j] ?? 0), 0);
    expect(soma(melhorDesignacao(notas))).toBe(Math.max(...permutar(n).map(soma)));
  }
});
