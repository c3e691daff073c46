const INVISIVEIS = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u00ad]|\p{Variation_Selector}|\u20e3/gu;
const ESPACOS = /[\t\v\f\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g;
const RISCADO = /~[^~\n]{1,400}~/g;
const ENFASE = /[*_`]/g;

/**
 * P1–P5 (domain/grupos-pipeline.md §7.1): alfabetos decorativos viram letras, o invisível sai, espaços exóticos viram espaço, o
 * riscado (`~assim~`) é removido porque quer dizer preenchido, e as marcas de ênfase saem.
 */
export function preprocessar(texto: string): string {
  return texto
    .normalize("NFKC")
    .replace(INVISIVEIS, "")
    .replace(/\r\n?/g, "\n")
    .replace(ESPACOS, " ")
    .replace(RISCADO, "")
    .replace(ENFASE, "");
}
