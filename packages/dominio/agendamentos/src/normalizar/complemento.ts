import { comIniciais, dobrar } from "./texto.ts";

const PALAVRAS: Readonly<Record<string, string>> = {
  apto: "Apartamento",
  ap: "Apartamento",
  apt: "Apartamento",
  apartamento: "Apartamento",
  bl: "Bloco",
  bloco: "Bloco",
  cj: "Conjunto",
  conj: "Conjunto",
  conjunto: "Conjunto",
  sl: "Sala",
  sala: "Sala",
  and: "Andar",
  andar: "Andar",
  casa: "Casa",
  torre: "Torre",
  fundos: "Fundos",
  loja: "Loja",
  lt: "Lote",
  lote: "Lote",
  qd: "Quadra",
  quadra: "Quadra",
  ed: "Edifício",
  edificio: "Edifício",
  cond: "Condomínio",
  condominio: "Condomínio",
};
const ALTERNATIVAS = Object.keys(PALAVRAS)
  .sort((a, b) => b.length - a.length)
  .join("|");
/** No começo: a palavra inteira, com ponto ou não; um número pode vir colado ("apto12"). */
const COMECO = new RegExp(`^(${ALTERNATIVAS})\\.?(?=[ \\d:-]|$)`);
const ANDAR = /^\d{1,3} ?[ºª°o]? ?andar\b/;
/** Uma nova parte, dentro de um complemento ou depois de um número; em "2º andar" o andar não é outra. */
const PARTE = new RegExp(
  ` (?=(?:${ALTERNATIVAS.replace(/\b(?:andar|and)\|/g, "")})\\.?(?: |\\d|$)|\\d{1,3} ?[ºª°o] ?andar)|(?<!\\d ?[ºª°o]) (?=and(?:ar)?\\.?(?: |\\d|$))`,
  "g",
);
/** Sem número antes, só corta o nome da rua o que tem a sua própria marca: "apto 12", "bloco B". */
const MARCADO =
  /^(?:apto|ap|apt|apartamento|bl|bloco|cj|conj|conjunto|sl|sala|lt|lote|qd|quadra)\.? ?(?:\d|[a-z](?![a-z]))/;

export function ehComplemento(segmento: string): boolean {
  const d = dobrar(segmento);
  return COMECO.test(d) || ANDAR.test(d);
}

/**
 * Separa a cauda de complemento de um segmento com rua e número: `Rua Augusta 1500 fundos` → [`Rua Augusta 1500`, `fundos`]. Depois
 * de um número ou de `s/n` qualquer palavra de complemento corta; antes, só a que traz a sua marca, que `Rua da Torre` é um nome.
 */
export function cortarCauda(segmento: string): [antes: string, cauda: string] {
  const dobrado = dobrar(segmento);
  if (dobrado.length !== segmento.length) return [segmento, ""];
  for (const m of dobrado.matchAll(PARTE)) {
    const antes = dobrado.slice(0, m.index);
    const cauda = dobrado.slice(m.index + 1);
    const depoisDeNumero = /(?:\d[a-z]?|\d-[a-z]|s\/n[º°o]?|sem numero)$/.test(antes);
    // Em "Rua 7 casa 2" o 7 é o nome, mas a casa é complemento do mesmo jeito.
    if (depoisDeNumero || (MARCADO.test(cauda) && antes.includes(" "))) {
      return [segmento.slice(0, m.index), segmento.slice(m.index + 1)];
    }
  }
  return [segmento, ""];
}

/** `Bl B Apto 304` → `Bloco B, Apartamento 304`. */
export function normalizarComplemento(segmento: string): string {
  const dobrado = dobrar(segmento);
  if (dobrado.length !== segmento.length) return comIniciais(segmento);
  const cortes = [...dobrado.matchAll(PARTE)].map((m) => m.index);
  const partes: string[] = [];
  let de = 0;
  for (const corte of [...cortes, segmento.length]) {
    const parte = segmento.slice(de, corte).trim();
    if (parte !== "") partes.push(umaParte(parte));
    de = corte + 1;
  }
  return partes.join(", ");
}

function umaParte(parte: string): string {
  const m = COMECO.exec(dobrar(parte));
  const palavra = m?.[1] === undefined ? undefined : PALAVRAS[m[1]];
  if (!m || palavra === undefined) return comIniciais(parte);
  const resto = parte
    .slice(m[0].length)
    .replace(/^[ :.-]+/, "")
    .replace(/^n[º°.] ?/i, "");
  return resto === "" ? palavra : `${palavra} ${/^[a-z]$/.test(resto) ? resto.toUpperCase() : comIniciais(resto)}`;
}
