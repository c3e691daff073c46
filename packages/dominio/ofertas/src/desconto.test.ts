import { describe, expect, test } from "vitest";
import { calcularDesconto } from "./desconto.ts";

const calcular = (antigo: number | null, atual: number | null, rotulo: number | null = null, dado = 1) =>
  calcularDesconto({ antigoCents: antigo, atualCents: atual, dadoCents: dado, rotuloPct: rotulo });

describe("desconto", () => {
  test("a parte inteira, por aritmética inteira", () => {
    expect(calcular(44_999, 28_214)).toEqual({ antigoCents: 44_999, pct: 37, rotuloDivergente: false });
    expect(calcular(300, 200)?.pct).toBe(33);
    expect(calcular(2_147_483_647, 1)?.pct).toBe(99);
  });
  test("menos de um por cento é 0, que é um desconto", () => {
    expect(calcular(10_000, 9999)).toEqual({ antigoCents: 10_000, pct: 0, rotuloDivergente: false });
  });
  test("sem preço anterior, ou com um que não é maior que o atual, não há desconto", () => {
    expect(calcular(null, 100)).toBeNull();
    expect(calcular(100, 100, 20)).toBeNull();
    expect(calcular(99, 100)).toBeNull();
  });
  test("sem preço atual na página vale o do scraping", () => {
    expect(calcular(1000, null, null, 500)?.pct).toBe(50);
    expect(calcular(1000, null, null, 1000)).toBeNull();
  });
  test("o rótulo da página vale até um ponto de diferença; além disso vale o calculado, e fica dito", () => {
    expect([36, 37, 38].map((r) => calcular(44_999, 28_214, r)?.pct)).toEqual([36, 37, 38]);
    expect(calcular(44_999, 28_214, 39)).toEqual({ antigoCents: 44_999, pct: 37, rotuloDivergente: true });
    expect(calcular(44_999, 28_214, 35)).toMatchObject({ pct: 37, rotuloDivergente: true });
  });
  test("propriedade: o percentual é sempre inteiro de 0 a 99 e nunca promete mais do que o desconto", () => {
    let semente = 9;
    const sorteio = (n: number) => {
      semente = (semente * 48_271) % 2_147_483_647;
      return 1 + (semente % n);
    };
    for (let i = 0; i < 20_000; i++) {
      const atual = sorteio(2_000_000);
      const antigo = atual + sorteio(2_000_000);
      const { pct = -1 } = calcular(antigo, atual) ?? {};
      expect(Number.isInteger(pct) && pct >= 0 && pct <= 99).toBe(true);
      const exato = BigInt(antigo - atual) * 100n;
      expect(BigInt(pct) * BigInt(antigo) <= exato && exato < BigInt(pct + 1) * BigInt(antigo)).toBe(true);
    }
  });
});
