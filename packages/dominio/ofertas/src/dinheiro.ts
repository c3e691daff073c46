/** O maior valor que a coluna `integer` guarda. */
const MAIOR_CENTAVOS = 2_147_483_647;

/**
 * Centavos inteiros a partir dos textos da página: `1.099` e `90` → 109990. O ponto separa milhares; sem centavos vale `00`, e um
 * algarismo só é o primeiro (`9` → 90). Null: não é um valor em reais maior que zero que a coluna guarde.
 *
 * Por algarismos, nunca por ponto flutuante: `19.99 * 100` não é 1999.
 */
export function centavosDe(fracao: string, centavos: string | null): number | null {
  const inteiros = fracao.trim();
  const resto = (centavos ?? "").trim();
  if (!/^(\d{1,3}(\.\d{3})+|\d{1,10})$/.test(inteiros) || !/^\d{0,2}$/.test(resto)) return null;
  return emCentavos(inteiros.replaceAll(".", ""), resto.padEnd(2, "0"));
}

/** Centavos de um preço decimal de JSON-LD ou `meta`: `282.14`, `282.1`, 282, ou escrito à brasileira, `1.099,90`. */
export function centavosDoDecimal(valor: unknown): number | null {
  if (typeof valor !== "string" && typeof valor !== "number") return null;
  const texto = String(valor).trim();
  const brasileiro = /^(\d{1,3}(?:\.\d{3})*|\d{1,10}),(\d{2})$/.exec(texto);
  if (brasileiro) return centavosDe(brasileiro[1] ?? "", brasileiro[2] ?? null);
  // Três casas que não sejam zeros não são um preço: `1.099` tanto podia ser mil quanto um.
  const decimal = /^(\d{1,10})(?:\.(\d{1,2})0{0,10})?$/.exec(texto);
  return decimal ? emCentavos(decimal[1] ?? "", (decimal[2] ?? "").padEnd(2, "0")) : null;
}

/** Centavos de um `aria-label`: `Antes: 449 reais com 99 centavos`. Aqui `com 5 centavos` são cinco, não cinquenta. */
export function centavosPorExtenso(rotulo: string): { fracao: string; centavos: string | null; total: number } | null {
  const lido = /(?<![\d.,])(\d[\d.]{0,14})\s+rea(?:l|is)\b(?:\s+(?:com|e)\s+(\d{1,2})\s+centavos?\b)?/i.exec(rotulo);
  if (!lido) return null;
  const fracao = lido[1] ?? "";
  const centavos = lido[2]?.padStart(2, "0") ?? null;
  const total = centavosDe(fracao, centavos);
  return total === null ? null : { fracao, centavos, total };
}

function emCentavos(inteiros: string, centavos: string): number | null {
  const total = Number(inteiros + centavos);
  return total > 0 && total <= MAIOR_CENTAVOS ? total : null;
}
