import { describe, expect, test } from "vitest";
import { centavosDe, centavosDoDecimal, centavosPorExtenso } from "./dinheiro.ts";

describe("dinheiro", () => {
  test("33: fração 1.099 e centavos 90 são 109990; 3.499 sem centavos são 349900", () => {
    expect(centavosDe("1.099", "90")).toBe(109_990);
    expect(centavosDe("3.499", null)).toBe(349_900);
  });
  test.each([
    ["449", "99", 44_999],
    ["19", "9", 1990], // um algarismo é o primeiro
    ["19", "", 1900],
    ["0", "05", 5],
    [" 1.234.567 ", " 08 ", 123_456_708],
    ["21474836", "47", 2_147_483_647],
  ])("%j e %j são %i centavos", (fracao, centavos, total) => expect(centavosDe(fracao, centavos)).toBe(total));
  test.each([
    ["", null],
    ["abc", "00"],
    ["1.09", "90"],
    ["1.0999", null],
    ["12.345.67", null],
    ["-5", "00"],
    ["1,099", "90"],
    ["10", "999"],
    ["10", "x"],
    ["0", "00"],
    ["21474836", "48"],
    ["99999999999", null],
    ["1e3", null],
    ["١٢", null],
  ])("%j e %j não são um preço", (fracao, centavos) => expect(centavosDe(fracao, centavos)).toBeNull());

  test.each([
    ["282.14", 28_214],
    [282.14, 28_214],
    [19.99, 1999],
    [282, 28_200],
    ["282.1", 28_210],
    ["282.100", 28_210],
    ["1.099,90", 109_990],
    ["1099,90", 109_990],
  ])("o decimal %j são %i centavos", (decimal, total) => expect(centavosDoDecimal(decimal)).toBe(total));
  test.each(["1.099", 1.0999, "abc", "", null, undefined, {}, [1], true, Number.NaN, 1e21, -1, "0", "1e2", "R$ 10"])(
    "o decimal %j não é lido",
    (decimal) => expect(centavosDoDecimal(decimal)).toBeNull(),
  );

  test("por extenso, um algarismo de centavos são unidades", () => {
    expect(centavosPorExtenso("Antes: 449 reais com 99 centavos")).toEqual({
      fracao: "449",
      centavos: "99",
      total: 44_999,
    });
    expect(centavosPorExtenso("Agora: 1.282 reais com 5 centavos")?.total).toBe(128_205);
    expect(centavosPorExtenso("1 real")?.total).toBe(100);
    expect(centavosPorExtenso("449 dólares")).toBeNull();
    expect(centavosPorExtenso("cinco reais")).toBeNull();
  });

  test("propriedade: o que se escreve à brasileira se lê de volta, centavo a centavo", () => {
    let semente = 42;
    for (let i = 0; i < 20_000; i++) {
      semente = (semente * 48_271) % 2_147_483_647;
      const total = i < 1000 ? i + 1 : semente;
      const fracao = String(Math.trunc(total / 100)).replace(/\B(?=(\d{3})+$)/g, ".");
      const centavos = String(total % 100).padStart(2, "0");
      expect([fracao, centavos, centavosDe(fracao, centavos)]).toEqual([fracao, centavos, total]);
      expect(centavosDe(fracao.replaceAll(".", ""), centavos)).toBe(total);
      expect(centavosDoDecimal(`${fracao},${centavos}`)).toBe(total);
      expect(centavosDoDecimal(total / 100)).toBe(total);
    }
  });
});
