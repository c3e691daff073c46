import { expect, test } from "vitest";
import type { FixedClock } from "#core/runtime";
import type { CacheLlm } from "../cache.ts";

/** O que todo `CacheLlm` cumpre; roda contra a memória e contra o banco. */
export function conformidadeDoCache(criar: () => { cache: CacheLlm; clock: FixedClock }): void {
  const linha = (chave: string, resposta: object = { eh_oferta: true }, ttlS = 86_400) => ({
    chave,
    tipo: "classificacao" as const,
    resposta,
    ttlS,
  });

  test("responde só as chaves que tem", async () => {
    const { cache } = criar();
    await cache.gravar([linha("a", { n: 1, lista: [1, "x", null] }), linha("b")]);
    expect([...(await cache.obter(["a", "c"]))]).toEqual([["a", { n: 1, lista: [1, "x", null] }]]);
    expect((await cache.obter([])).size).toBe(0);
  });

  test("uma resposta vale 24 h, e nem um segundo a mais", async () => {
    const { cache, clock } = criar();
    await cache.gravar([linha("a")]);
    clock.advanceMs(86_399_000);
    expect((await cache.obter(["a"])).size).toBe(1);
    clock.advanceMs(1000);
    expect((await cache.obter(["a"])).size).toBe(0);
  });

  test("gravar de novo troca a resposta e renova a validade", async () => {
    const { cache, clock } = criar();
    await cache.gravar([linha("a", { n: 1 })]);
    clock.advanceMs(80_000_000);
    await cache.gravar([linha("a", { n: 2 })]);
    clock.advanceMs(80_000_000);
    expect((await cache.obter(["a"])).get("a")).toEqual({ n: 2 });
  });
}
