import { dobrar } from "./texto.ts";

const MESES = "(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)";
const ALGARISMOS = "\\d{1,3}(?:\\.\\d{3})+|\\d+";
/** Um número de porta, com a letra colada ou depois de um hífen. */
const PORTA = `(${ALGARISMOS})(?: ?- ?([a-z])(?![a-z])|([a-z])(?![a-z]))?`;
const ROTULADO = new RegExp(`(?:^|[ ,])(?:n[º°]|n\\.º?|no\\.|num\\.?|numero) ?:? ?${PORTA}(?![\\d])`);
const NO_COMECO = new RegExp(`^${PORTA}(?![\\dº°ª]|o(?![a-z])|[.,]\\d)`);
const KM = /(?:^|[ ,-])km\.? ?(\d+(?:[.,]\d+)?)/;
const SEM_NUMERO = /(?:^|[ ,])(?:s ?\/ ?n(?:[º°o]|umero)?\.?|sem (?:numero|n[º°]))(?= |$)/;
const SEGUIDO_DE_MES = new RegExp(`^ de ${MESES}(?![a-z])`);

export interface NumeroAchado {
  numero: string;
  /** O que havia antes e depois dele, no segmento em que estava. */
  antes: string;
  depois: string;
}

type Busca = (segmento: string) => NumeroAchado | null;

/** Acentos fora sem mudar o comprimento, para que posições valham nos dois textos; nulo se não dá. */
function mesmaMedida(texto: string): string | null {
  const d = dobrar(texto);
  return d.length === texto.length ? d : null;
}

function comRegex(regex: RegExp, escrever: (m: RegExpExecArray) => string): Busca {
  return (segmento) => {
    const m = regex.exec(mesmaMedida(segmento) ?? segmento);
    if (!m) return null;
    return {
      numero: escrever(m),
      antes: segmento.slice(0, m.index).trim(),
      depois: segmento.slice(m.index + m[0].length).trim(),
    };
  };
}

const porta = (m: RegExpExecArray) => `${(m[1] ?? "").replaceAll(".", "")}${(m[2] ?? m[3] ?? "").toUpperCase()}`;

/** `nº 123`, `número 123-A`. */
export const numeroRotulado = comRegex(ROTULADO, porta);
/** `km 45` → `KM 45`. */
export const quilometro = comRegex(KM, (m) => `KM ${m[1]}`);
/** `s/n`, `s/nº`, `sem número`. */
export const semNumero = comRegex(SEM_NUMERO, () => "S/N");

/** Um segmento que começa por um número de porta; não "2º andar" nem "25 de Março". */
export function numeroNoComeco(segmento: string): NumeroAchado | null {
  const dobrado = mesmaMedida(segmento) ?? segmento;
  const m = NO_COMECO.exec(dobrado);
  if (!m || SEGUIDO_DE_MES.test(dobrado.slice(m[0].length))) return null;
  const depois = segmento.slice(m[0].length);
  if (/^[\p{L}\d]/u.test(depois)) return null;
  return { numero: porta(m), antes: "", depois: depois.replace(/^[ .:-]+/, "").trim() };
}

/**
 * O último número de um segmento com o nome da rua. Não conta o que vem seguido de "de <mês>", o que é o nome ("Rua 7"), nem o de
 * um código de rodovia ("BR-116").
 */
export function ultimoNumero(segmento: string): NumeroAchado | null {
  const dobrado = mesmaMedida(segmento) ?? segmento;
  const regex = new RegExp(`(?<=^| )${PORTA}(?= |$)`, "g");
  const achados = [...dobrado.matchAll(regex)].filter((m) => {
    const [antes, depois] = [dobrado.slice(0, m.index), dobrado.slice(m.index + m[0].length)];
    const deRodovia =
      /(?:^| )(?:br|[a-z]{2}|[a-z]{3})[ -]$/.test(antes) && /^\d{3}$/.test(m[1] ?? "") && ehRodovia(antes);
    // Logo depois do tipo: é o começo do nome ("Rua 3 Irmãos", "Rua 7").
    const doNome = /^\S+ $/.test(antes);
    return !SEGUIDO_DE_MES.test(depois) && !deRodovia && !doNome;
  });
  const m = achados.at(-1);
  if (!m) return null;
  return {
    numero: porta(m as unknown as RegExpExecArray),
    antes: segmento.slice(0, m.index).trim(),
    depois: segmento.slice(m.index + m[0].length).trim(),
  };
}

function ehRodovia(antes: string): boolean {
  return /(?:^| )(?:br|ac|al|am|ap|ba|ce|df|es|go|ma|mg|ms|mt|pa|pb|pe|pi|pr|rj|rn|ro|rr|rs|sc|se|sp|to)[ -]$/.test(
    antes,
  );
}
