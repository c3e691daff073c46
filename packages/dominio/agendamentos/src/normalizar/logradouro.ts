import { comIniciais, dobrar } from "./texto.ts";

/** Tipos de logradouro e as suas abreviaturas, sem acentos e sem ponto. */
const TIPOS: Readonly<Record<string, string>> = {
  r: "Rua",
  rua: "Rua",
  av: "Avenida",
  aven: "Avenida",
  avenida: "Avenida",
  al: "Alameda",
  alameda: "Alameda",
  tv: "Travessa",
  trav: "Travessa",
  travessa: "Travessa",
  pc: "Praça",
  pca: "Praça",
  praca: "Praça",
  rod: "Rodovia",
  rodovia: "Rodovia",
  est: "Estrada",
  estr: "Estrada",
  estrada: "Estrada",
  lg: "Largo",
  lgo: "Largo",
  largo: "Largo",
};

/** Os que começam também um bairro. */
const TIPOS_DE_BAIRRO: Readonly<Record<string, string>> = {
  vl: "Vila",
  vila: "Vila",
  pq: "Parque",
  parque: "Parque",
  jd: "Jardim",
  jardim: "Jardim",
};

/** Sem abreviatura nossa; dizem que o segmento é um logradouro. */
const OUTROS_TIPOS = new Set([
  "viela",
  "beco",
  "ladeira",
  "viaduto",
  "via",
  "passagem",
  "servidao",
  "marginal",
  "ramal",
  "sitio",
  "fazenda",
  "chacara",
  "boulevard",
  "caminho",
  "quadra",
  "rodoanel",
]);

const TITULOS: Readonly<Record<string, string>> = {
  dr: "Doutor",
  dra: "Doutora",
  prof: "Professor",
  profa: "Professora",
  cel: "Coronel",
  gen: "General",
  mal: "Marechal",
  brig: "Brigadeiro",
  cap: "Capitão",
  pe: "Padre",
  sta: "Santa",
  sto: "Santo",
  eng: "Engenheiro",
};

/** `BR-116`, `SP 055`. */
const CODIGO_DE_RODOVIA = /(?<= )[a-z]{2}[ -]\d{3}(?= |$)/gi;

const semPonto = (palavra: string) => dobrar(palavra).replace(/\.$/, "");

/** Falso também para um tipo sem nome atrás. */
export function comecaPorTipo(segmento: string): boolean {
  const [primeira = "", segunda] = separarPonto(segmento).split(" ");
  const palavra = semPonto(primeira);
  return segunda !== undefined && (palavra in TIPOS || palavra in TIPOS_DE_BAIRRO || OUTROS_TIPOS.has(palavra));
}

/** `Av. Brig. Faria Lima` → `Avenida Brigadeiro Faria Lima`. */
export function normalizarLogradouro(segmento: string): string {
  const palavras = separarPonto(segmento).split(" ");
  const nomes = palavras.map((palavra, i) => {
    const chave = semPonto(palavra);
    if (i === palavras.length - 1) return palavra;
    const tipo = i === 0 ? (TIPOS[chave] ?? TIPOS_DE_BAIRRO[chave]) : undefined;
    return tipo ?? TITULOS[chave] ?? palavra;
  });
  return comIniciais(nomes.join(" ")).replace(CODIGO_DE_RODOVIA, (codigo) => codigo.toUpperCase());
}

/** `Jd. Europa` → `Jardim Europa`. Os títulos valem aqui também: `Vl. Sta. Luzia`. */
export function normalizarBairro(segmento: string): string {
  const palavras = separarPonto(segmento.replace(/^bairro[: ]+/i, "")).split(" ");
  const nomes = palavras.map((palavra, i) => {
    if (i === palavras.length - 1) return palavra;
    const chave = semPonto(palavra);
    return (i === 0 ? TIPOS_DE_BAIRRO[chave] : undefined) ?? TITULOS[chave] ?? palavra;
  });
  return comIniciais(nomes.join(" "));
}

/** `R.Vergueiro` → `R. Vergueiro`. */
function separarPonto(segmento: string): string {
  return segmento.replace(/(\p{L})\.(?=\p{L}{2})/gu, "$1. ").trim();
}

const CODIGO_DF = "(?:S[A-Z]{2,5}|Q[A-Z]{1,3}|CL[NSW]{1,2}|CN[A-Z]|EQ[NS]{1,2}|AOS|AE)";
const FORMA_DF = new RegExp(
  `^(${CODIGO_DF}(?: (?:QI|QL|QE|CL|EQ))?) ?(\\d+)(?: (?:bloco|bl\\.?) ([a-z])(?![a-z0-9]))?(?: (.*))?$`,
  "i",
);

/** `SQN 210 Bloco B Apto 304` → `SQN 210 Bloco B` e o resto; nulo se não é a forma de Brasília. */
export function formaDeBrasilia(segmento: string): { logradouro: string; resto: string } | null {
  const m = FORMA_DF.exec(segmento);
  // `Qd 3` e `Sl 4` são complementos, não códigos.
  if (!m || /^(sala|sl|qd|qdra|quadra)$/i.test(m[1] ?? "")) return null;
  const [, codigo = "", numero = "", bloco, resto = ""] = m;
  const logradouro = `${codigo.toUpperCase()} ${numero}${bloco === undefined ? "" : ` Bloco ${bloco.toUpperCase()}`}`;
  return { logradouro, resto: resto.trim() };
}
