import { expect, test } from "vitest";
import { z } from "zod";
import { parseParams } from "./parse-params.ts";

const Lot = z.strictObject({
  offers: z
    .array(
      z.strictObject({ price: z.int().positive().describe("o preço em centavos"), name: z.string().max(5).nullish() }),
    )
    .max(2)
    .describe("uma lista de até 2 ofertas"),
});
const messageOf = (raw: unknown) => {
  try {
    return parseParams(Lot, raw);
  } catch (err) {
    return (err as Error).message;
  }
};

test("a problem inside a list is told by its place, with what that very field accepts", () => {
  expect(messageOf({ offers: [{ price: 1 }, { price: 0 }] })).toBe("offers.1.price deve ser o preço em centavos");
  expect(messageOf({ offers: [{ price: 1, name: "longer" }] })).toBe(
    "offers.0.name deve ser um texto de até 5 caracteres ou nulo",
  );
  expect(messageOf({ offers: [{ price: 1, cost: 2 }] })).toBe("offers.0.cost não é um campo conhecido");
  expect(messageOf({ offers: [{ price: 1 }, { price: 1 }, { price: 1 }] })).toBe(
    "offers deve ser uma lista de até 2 ofertas",
  );
  expect(messageOf({ offers: "x" })).toBe("offers deve ser uma lista de até 2 ofertas");
  expect(messageOf({ offers: [1] })).toBe("offers.0 deve ser um valor válido");
  expect(messageOf({})).toBe("offers deve ser uma lista de até 2 ofertas");
  expect(messageOf({ offers: [{ price: 3 }] })).toEqual({ offers: [{ price: 3 }] });
});
