/** Minúsculas sem acentos, como a `dobra` do banco. */
export function dobrar(texto: string): string {
  return texto
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}

/** Palavras dobradas de um texto, depois de NFKC (alfabetos decorativos viram letras). */
export function palavrasDe(texto: string): string[] {
  return dobrar(texto.normalize("NFKC"))
    .split(/[^a-z0-9]+/)
    .filter((p) => p !== "");
}

/** Verdadeiro se uma edição (troca, inserção ou remoção de uma letra) ou nenhuma leva de `a` a `b`. */
export function aUmaEdicao(a: string, b: string): boolean {
  const [curta, longa] = a.length <= b.length ? [a, b] : [b, a];
  if (longa.length - curta.length > 1) return false;
  let i = 0;
  while (i < curta.length && curta[i] === longa[i]) i++;
  const restoCurta = curta.slice(curta.length === longa.length ? i + 1 : i);
  return restoCurta === longa.slice(i + 1);
}
