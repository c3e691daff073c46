import { dobrar } from "./dobrar.ts";
import { criarSegmento, type Segmento } from "./segmento.ts";

/** Marcadores de lista, setas e enfeites no começo da linha; o que é dinheiro, telefone ou parêntese fica. */
const ENFEITE_INICIAL = /^[^\p{L}\p{N}(+$💰💵💲🤑💸]+/u;
const TEM_CONTEUDO = /[\p{L}\p{N}]/u;
/** Depois destas, um ponto não termina frase. */
const ABREVIACOES = new Set(
  "dr dra sr sra sta sto nsa jd pq vl av mun reg hosp prof int obs tel nec n r al est rod univ mat s".split(" "),
);

/** S1 e S2 (§7.2): linhas sem enfeite, cortadas em `|`, `;` e fins de frase. */
export function segmentar(texto: string): Segmento[] {
  const linhas = texto.split("\n");
  const recusar = marcaRecusadas(linhas);
  return linhas.flatMap((bruta, linha) => {
    if (recusar && RECUSA.test(bruta)) return [];
    const limpa = bruta.replace(ENFEITE_INICIAL, "").trim();
    if (!TEM_CONTEUDO.test(limpa)) return [];
    return frases(limpa)
      .map((f) => f.replace(ENFEITE_INICIAL, "").trim())
      .filter((f) => TEM_CONTEUDO.test(f))
      .map((f) => criarSegmento(f, linha));
  });
}

const RECUSA = /[❌🚫⛔]/u;
const PARECE_DATADA = /\d\s?\/\s?\d|dia\s\d/i;

/** "❌ 14/03 SN" entre linhas sem a marca está riscada, como `~assim~`; em todas as linhas a marca é só enfeite. */
function marcaRecusadas(linhas: readonly string[]): boolean {
  const datadas = linhas.filter((l) => PARECE_DATADA.test(l));
  return datadas.some((l) => RECUSA.test(l)) && datadas.some((l) => !RECUSA.test(l));
}

/** Depois de um ponto, também um preço começa frase: "… e 09/05. 1.300 cada". */
const FIM = /[|;]|(?<=[\p{L}\d])\.(?=\s\d{1,2}\.\d{3}(?!\d))|[.!?]+(?=\s+[\p{Lu}\p{Extended_Pictographic}("]|\s*$)/gu;

function frases(linha: string): string[] {
  const partes: string[] = [];
  let de = 0;
  for (const fim of linha.matchAll(FIM)) {
    if (fim[0].startsWith(".") && ehAbreviacao(linha.slice(de, fim.index))) continue;
    partes.push(linha.slice(de, fim.index));
    de = fim.index + fim[0].length;
  }
  partes.push(linha.slice(de));
  return partes;
}

function ehAbreviacao(antes: string): boolean {
  const ultima = /([\p{L}]+)$/u.exec(antes)?.[1];
  return ultima !== undefined && ABREVIACOES.has(dobrar(ultima));
}
