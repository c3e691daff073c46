import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
import { cacheNoBanco } from "./cache.ts";
import { conformidadeDoCache } from "./testing/cache-conformidade.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const INICIO = "2026-03-10T13:00:00Z";

describe("no banco", () => {
  conformidadeDoCache(() => {
    const clock = fixedClock(INICIO);
    return { cache: cacheNoBanco(t.db, clock), clock };
  });

  test("a mesma chave duas vezes num lote não é erro", async () => {
    const cache = cacheNoBanco(t.db, fixedClock(INICIO));
    const linha = { chave: "a", tipo: "extracao" as const, resposta: { n: 1 }, ttlS: 60 };
    await cache.gravar([linha, linha]);
    expect((await cache.obter(["a"])).size).toBe(1);
  });

  test("a poda leva só o vencido, aos poucos", async () => {
    const clock = fixedClock(INICIO);
    const cache = cacheNoBanco(t.db, clock);
    const linha = (chave: string, ttlS: number) => ({ chave, tipo: "extracao" as const, resposta: {}, ttlS });
    await cache.gravar([linha("a", 10), linha("b", 10), linha("c", 10), linha("d", 1000)]);
    clock.advanceMs(20_000);
    const podar = (p_limite: number) =>
      t.db.call("podar_cache_llm_grupos", { p_limite, p_agora: clock.now().toISOString() });
    expect([await podar(2), await podar(5000), await podar(5000)]).toEqual([2, 1, 0]);
    expect((await cache.obter(["d"])).size).toBe(1);
  });
});
