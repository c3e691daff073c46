/** Sem acentos e em minúsculas: o mesmo que `dobra` do banco. */
export function dobrar(texto: string): string {
  return texto
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}

/**
 * NFC, espaços de qualquer tipo num só, travessões como hífen, sem caracteres de controle. Quebras de linha ficam: separam partes
 * de um endereço.
 */
export function limpar(texto: string): string {
  return texto
    .normalize("NFC")
    .replace(/\r\n?/g, "\n")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\p{Cc}\p{Cf}]/gu, (c) => (c === "\n" ? "\n" : c === "\t" ? " " : ""))
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

const VAZIOS = new Set([
  "n/a",
  "na",
  "nao informado",
  "nao informada",
  "nao tem",
  "sem",
  "x",
  "xx",
  "xxx",
  "null",
  "nenhum",
]);

/** Falso para um preenchimento vazio: nada, só pontuação, ou "n/a", "não informado", "sem", "x". */
export function temConteudo(texto: string | null): texto is string {
  if (texto === null) return false;
  const dobrado = dobrar(limpar(texto)).trim();
  return /[\p{L}\p{N}]/u.test(dobrado) && !VAZIOS.has(dobrado.replace(/[.\s]+$/, ""));
}

const MINUSCULAS = new Set(["de", "da", "do", "das", "dos", "e"]);
const ROMANO = /^(?=[ivx])x{0,3}(?:ix|iv|v?i{0,3})$/i;

/**
 * Iniciais maiúsculas, com `de da do das dos e` minúsculos no meio e algarismos romanos maiúsculos. Uma palavra já escrita com
 * maiúsculas e minúsculas fica como está, a não ser pela inicial. Acentos nunca são inventados.
 */
export function comIniciais(texto: string): string {
  return texto
    .split(" ")
    .map((palavra, i) => {
      if (i > 0 && MINUSCULAS.has(palavra.toLowerCase())) return palavra.toLowerCase();
      if (ROMANO.test(palavra)) return palavra.toUpperCase();
      return palavra
        .split(/([-'’(/])/)
        .map((parte) => inicial(parte))
        .join("");
    })
    .join(" ");
}

function inicial(parte: string): string {
  if (parte === "") return parte;
  // Um código como BR-116, QI5 ou 123A já está como deve.
  if (/\d/.test(parte) && /\p{L}/u.test(parte)) return parte.toUpperCase();
  const misto = parte !== parte.toUpperCase() && parte !== parte.toLowerCase();
  const [primeira = "", ...resto] = [...parte];
  return primeira.toUpperCase() + (misto ? resto.join("") : resto.join("").toLowerCase());
}
