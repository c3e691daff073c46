import { dobrar } from "./dobrar.ts";

/** Ocupa o lugar do que já foi lido: não é letra, algarismo, espaço nem pontuação, então nenhuma regra posterior o casa. */
export const LIDO = "\u0001";

/**
 * Um pedaço da mensagem (uma linha, uma frase, um grupo de data). `livre` começa igual a `dobrado` e vai sendo mascarado: o que
 * uma regra leu não é lido por outra (§7.2). As três formas têm o mesmo comprimento, e uma posição vale em todas.
 */
export interface Segmento {
  readonly original: string;
  readonly dobrado: string;
  livre: string;
  readonly linha: number;
  /** Veio de uma linha cortada em vários grupos de data (S3, S4): os vizinhos dividem período, horário e valor. */
  readonly cortado: boolean;
}

export function criarSegmento(original: string, linha: number, cortado = false): Segmento {
  const dobrado = dobrar(original);
  return { original, dobrado, livre: dobrado, linha, cortado };
}

export function mascarar(segmento: Segmento, inicio: number, fim: number): void {
  const { livre } = segmento;
  segmento.livre = livre.slice(0, inicio) + LIDO.repeat(Math.max(0, fim - inicio)) + livre.slice(fim);
}

/** Cada casamento em `livre`, mascarado depois de lido se `ler` responder verdadeiro. */
export function lerCada(segmento: Segmento, padrao: RegExp, ler: (achado: RegExpExecArray) => boolean): void {
  padrao.lastIndex = 0;
  for (let achado = padrao.exec(segmento.livre); achado; achado = padrao.exec(segmento.livre)) {
    if (achado[0] === "") padrao.lastIndex++;
    else if (ler(achado)) mascarar(segmento, achado.index, achado.index + achado[0].length);
  }
}

/** Até onde uma regra olha para trás: os contextos são de poucas palavras, e olhar tudo custaria o quadrado do texto. */
const ALCANCE = 60;

/** O texto logo antes de uma posição. */
export function antesDe(texto: string, posicao: number, alcance = ALCANCE): string {
  return texto.slice(Math.max(0, posicao - alcance), posicao);
}

/** Expressão de palavras inteiras sobre texto dobrado. */
export function palavras(fonte: string, flags = "g"): RegExp {
  return new RegExp(`(?<![a-z0-9])(?:${fonte})(?![a-z0-9])`, flags);
}
