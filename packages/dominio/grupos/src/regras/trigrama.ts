import { normalizarBusca } from "./normalizar-busca.ts";

/**
 * Trigrams of a normalized text, as pg_trgm's `show_trgm`: each word is padded with two spaces before and one after.
 * Expects lower-case ASCII words separated by spaces (the output of `normalizarBusca`).
 */
export function trigramas(normalizado: string): Set<string> {
  const conjunto = new Set<string>();
  for (const palavra of normalizado.split(/[^a-z0-9]+/)) {
    if (palavra === "") continue;
    const cercada = `  ${palavra} `;
    for (let i = 0; i + 3 <= cercada.length; i++) conjunto.add(cercada.slice(i, i + 3));
  }
  return conjunto;
}

/**
 * |A∩B| / |A∪B| of two trigram sets, rounded to 6 decimals; 0 when either is empty. Rounded because pg_trgm answers a
 * `real`: without it 7/10 would be 0.69999999 there and 0.7 here, on the two sides of a threshold.
 */
export function similaridadeDeConjuntos(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let comuns = 0;
  for (const t of a) if (b.has(t)) comuns++;
  return Math.round((comuns / (a.size + b.size - comuns)) * 1e6) / 1e6;
}

/** Similarity 0..1 of two names, equal to pg_trgm's `similarity` of both search forms rounded to 6 decimals. */
export function similaridade(a: string, b: string): number {
  return similaridadeDeConjuntos(trigramas(normalizarBusca(a)), trigramas(normalizarBusca(b)));
}
