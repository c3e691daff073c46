/**
 * The search form of a name (`domain/grupos-pipeline.md` §5.5): one function for aliases, names and queries. Its twin in SQL
 * is `fn_normalizar_busca`; a conformance test compares both, so a change here is a change there.
 */

const CONECTIVOS = new Set(["de", "da", "do", "das", "dos", "e"]);

/** Only as the first word: "PA" opens a name, in the middle it is the state of Pará. */
const PRIMEIRA_PALAVRA: ReadonlyMap<string, string> = new Map([
  ["h", "hospital"],
  ["hm", "hospital municipal"],
  ["hr", "hospital regional"],
  ["he", "hospital estadual"],
  ["hge", "hospital geral estadual"],
  ["hu", "hospital universitario"],
  ["ps", "pronto socorro"],
  ["pa", "pronto atendimento"],
  ["mat", "maternidade"],
]);

const QUALQUER_PALAVRA: ReadonlyMap<string, string> = new Map([
  ["hosp", "hospital"],
  ["mun", "municipal"],
  ["reg", "regional"],
  ["univ", "universitario"],
  ["sta", "santa"],
  ["sto", "santo"],
  ["ns", "nossa senhora"],
  ["nsa", "nossa senhora"],
  ["dr", "doutor"],
  ["dra", "doutora"],
  ["prof", "professor"],
  ["jd", "jardim"],
  ["pq", "parque"],
  ["vl", "vila"],
]);

const PARENTESES = /\([^()]*\)/g;

/** Lower case without accents, as the SQL `dobra`. */
function dobrar(texto: string): string {
  return texto
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}

/**
 * `"UPA 24h Jd. Aurora (Zona Sul)"` → `"upa jardim aurora"`. Folded words separated by one space; the empty string when
 * nothing is left. What is between parentheses is dropped (see `qualificador`), unless there is nothing else.
 */
export function normalizarBusca(texto: string): string {
  const inteiro = dobrar(texto);
  const semQualificador = inteiro.replace(PARENTESES, " ");
  const limpo = (/[a-z0-9]/.test(semQualificador) ? semQualificador : inteiro)
    .replace(/['’‘ʼ´`]/g, "")
    .replace(/[^a-z0-9]+/g, " ")
    .replace(/\b(upa|ps|pa|hosp|hospital) 24 ?h(s|rs|oras?)?\b/g, "$1");
  const palavras = limpo.split(" ").filter((p) => p !== "" && !CONECTIVOS.has(p));
  return palavras
    .map((p, i) => (i === 0 ? PRIMEIRA_PALAVRA.get(p) : undefined) ?? QUALQUER_PALAVRA.get(p) ?? p)
    .join(" ");
}

/** What stands between parentheses, folded: `"UPA Aurora (Zona Sul)"` → `"zona sul"`; null when there is nothing. */
export function qualificador(texto: string): string | null {
  const partes = [...dobrar(texto).matchAll(/\(([^()]*)\)/g)]
    .map((m) => (m[1] ?? "").replace(/[^a-z0-9]+/g, " ").trim())
    .filter((p) => p !== "");
  return partes.length === 0 ? null : partes.join(" ");
}
