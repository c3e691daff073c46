const DIAS_ORDINAIS: Readonly<Record<string, string>> = {
  2: "segunda",
  3: "terça",
  4: "quarta",
  5: "quinta",
  6: "sexta",
};

/** "3ª feira", "2ª a 6ª", "5ª 12/03"; mas não "2ª via". Com a forma NFKC, º e ª chegam como as letras o e a. */
const DIA_ORDINAL =
  /(?<![\p{L}\p{N}/.,:])([2-6])[aª](?:[- ]?feiras?(?![\p{L}\p{N}])|(?=\s?(?:a|à|e|,|-|\/)\s?[2-6][aª](?![\p{L}\p{N}])|[ (]{1,2}\d{1,2}\/)|(?<=[2-6][aª]\s?(?:a|à|e|,|-|\/)\s?[2-6][aª])(?![\p{L}\p{N}]))/giu;
const PRIMEIRO = /(?<![\p{L}\p{N}/.,:])(1)[oº](?=\s?(?:\/\s?\d|de\s))/giu;
const PARTE_DO_DIA =
  /(?<![\p{L}\p{N}/.,:])((?:às|as|das|até|ate)\s+)?(\d{1,2})(?::([0-5]\d))?\s?(hs?|hrs|horas?)?\s+da\s+(manhã|manha|tarde|noite|madrugada)(?![\p{L}\p{N}])/giu;
const MEIO_DIA =
  /(?<![\p{L}\p{N}])(?:ao|até o|ate o|às|as|a|à|até|ate)\s+(meio[- ]dia|meia[- ]noite)(?![\p{L}\p{N}])/giu;

/**
 * Troca por algarismos o que as pessoas escrevem de outro jeito, para que as regras leiam uma forma só: "3ª feira" é terça,
 * "1º de abril" é 1 de abril, "7 da noite" é 19h, "ao meio-dia" é às 12h.
 */
export function normalizarExtenso(texto: string): string {
  return texto
    .replace(DIA_ORDINAL, (tudo, dia: string) => DIAS_ORDINAIS[dia] ?? tudo)
    .replace(PRIMEIRO, "$1")
    .replace(
      PARTE_DO_DIA,
      (
        tudo,
        antes: string | undefined,
        hora: string,
        minuto: string | undefined,
        marca: string | undefined,
        parte: string,
      ) => {
        const h = Number(hora);
        if (h > 24 || (antes === undefined && marca === undefined && minuto === undefined)) return tudo;
        const soma = /^[tn]/i.test(parte) && h >= 1 && h < 12 ? 12 : 0;
        return `${antes ?? ""}${h + soma}h${minuto ?? ""}`;
      },
    )
    .replace(MEIO_DIA, (_, qual: string) => (/^meio/i.test(qual) ? "às 12h" : "às 00h"));
}
