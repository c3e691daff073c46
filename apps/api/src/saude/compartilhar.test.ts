import { expect, test } from "vitest";
import { compartilhar } from "./compartilhar.ts";

/** Uma leitura que só termina quando o teste manda. */
function leitura() {
  const fins: ((falha?: Error) => void)[] = [];
  const ler = () =>
    new Promise<number>((resolve, reject) => {
      const numero = fins.length + 1;
      fins.push((falha) => (falha ? reject(falha) : resolve(numero)));
    });
  return { ler, fins, volta: () => new Promise((r) => setImmediate(r)) };
}

test("quem chega durante uma leitura espera a seguinte, que é uma só para todos", async () => {
  const { ler, fins, volta } = leitura();
  const pedir = compartilhar(ler);
  const primeiro = pedir();
  const depois = [pedir(), pedir(), pedir()];
  expect(fins).toHaveLength(1);
  fins[0]?.();
  await volta();
  expect(fins).toHaveLength(2);
  const maisTarde = pedir(); // a segunda já começou: esta é a terceira
  fins[1]?.();
  await volta();
  fins[2]?.();
  expect([await primeiro, ...(await Promise.all(depois)), await maisTarde]).toEqual([1, 2, 2, 2, 3]);
  const sozinho = pedir();
  fins[3]?.();
  expect(await sozinho).toBe(4);
});

test("uma leitura que falha falha só para quem a pediu", async () => {
  const { ler, fins, volta } = leitura();
  const pedir = compartilhar(ler);
  const primeiro = pedir();
  const segundo = pedir();
  fins[0]?.(new Error("fora"));
  await expect(primeiro).rejects.toThrow("fora");
  await volta();
  fins[1]?.();
  expect(await segundo).toBe(2);
});
