import { CENTENAS, UNIDADES } from "../texto/numeros-por-extenso.ts";
import { antesDe, LIDO, lerCada, mascarar, type Segmento } from "../texto/segmento.ts";
import { NOMES_DIAS } from "./calendario.ts";

export interface Valor {
  tipo: "fixo" | "faixa" | "hora" | "adicional";
  /** Reais inteiros; por hora quando `hora`; a somar quando `adicional`. */
  valor: number | null;
  minimo: number | null;
  maximo: number | null;
  confianca: number;
  /** Total de um pacote de N plantões, a dividir (V2); 0 = todos os do bloco. */
  pacote: number | null;
  inicio: number;
  fim: number;
}

interface Quantia {
  valor: number;
  confianca: number;
  inicio: number;
  fim: number;
}

const MINIMO = 100;
const MAXIMO = 50_000;
const NUMERO =
  "\\d{1,2}\\s\\d{3}(?![\\d/:.-])|\\d{1,3}(?:[.,]\\d{3})+(?:,\\d{2})?(?!\\d)|\\d{1,6}(?:[.,]\\d{1,2})?(?!\\d)";
const SUFIXO = "(?:\\s?(k|mil)(?![a-z]))?";
const NOMES_CENTENAS = Object.keys(CENTENAS).join("|");
const NOMES_UNIDADES = Object.keys(UNIDADES).join("|");

const COM_CIFRAO = new RegExp(`(?:r\\s?\\$|\\$|(?<![a-z])rs\\.?)\\s{0,2}:?\\s?(${NUMERO})${SUFIXO}`, "g");
const MIL_COM_RESTO = /(?<![\d/.,:a-z])(\d{1,2})\s?k\s?(\d{1,3})(?![\d/h])/g;
const MIL = new RegExp(
  `(?<![\\d/.,:a-z])(\\d{1,3}(?:[.,]\\d{1,3})?)\\s?(?:k|mil)(?![a-z0-9])(?:\\s+e\\s+(${NOMES_CENTENAS}|\\d{3})(?![a-z0-9]))?`,
  "g",
);
/** "de 900 até 1.100": o primeiro de uma faixa em que só o segundo tem forma de dinheiro. */
const COMECO_DE_FAIXA =
  /(?<![a-z])(?:de|entre)\s(\d{3,4})(?=\s?(?:a|ate|e|-|–)\s?(?:r\$\s?)?\d{1,2}\.?\d{3}(?![\d/]))/g;
/** V3: um número depois de "+" é um acréscimo. */
const DEPOIS_DE_MAIS =
  /\+\s?(\d{2,4})(?:,00)?(?!\d|[.,:/]\d|\s?(?:[kh%x/]|mil|km|vagas?|plant|medic|anos?|dias?)|-\d)/g;
const REAIS = new RegExp(`(?<![\\d/.,:])(${NUMERO})\\s?(?:reais|contos?|pilas?)(?![a-z])`, "g");
const MILHAR =
  /(?<![\d.,:a-z])(\d{1,2}\.\d{3}(?:,\d{2})?)(?!\d|[.,]\d|\s?(?:vagas?|medicos?|habitantes|leitos)(?![a-z]))/g;
const POR_HORA = /(?<![\d/.,:a-z])(\d{2,3})(?=\s?(?:\/\s?h(?:ora)?s?|p\/\s?h(?:ora)?|(?:a|por) hora)(?![a-z]))/g;
const DEPOIS_DE_PALAVRA =
  /(?:(?<![a-z])(?:valor(?:es)?|pagos?|pagas?|pagando|pagamos|pagamento|pgto|remuneracao|liquidos?|bruto|dou|oferecemos|ofereco)|[💰💵💲🤑💸])[\s:=-]{0,3}(?:(?:de|e|por|do|sd|sn|plantao|ate|bruto|liquido)\s){0,2}(\d{3,5}(?:,\d{2})?)(?![\d/h]|[.,]\d)/gu;
const ANTES_DE_PALAVRA =
  /(?<![\d/.,:a-z])(\d{3,5}(?:,\d{2})?)\s?(?:(?:no|na|via|em|como|de)\s)?(?:pj|pf|liquidos?|brutos?|pix|a vista|cada|por plantao|o plantao|p\/ plantao)(?![a-z])/g;
const POR_EXTENSO = new RegExp(
  `(?<![a-z0-9])(?:(${NOMES_UNIDADES})\\s)?mil(?:\\se\\s(${NOMES_CENTENAS}))?(?=\\s?(?:reais|[.,;!)]|$|cada|por plantao|no pix|pj|pf))`,
  "g",
);
const SO_NUMERO = /^[^\p{L}\p{N}]*(\d{3,5})(?:,00)?[^\p{L}\p{N}]*$/u;
/** Com centavos só pode ser dinheiro: "900,00". */
const COM_CENTAVOS = /(?<![\d/.,:a-z])(\d{3,5},\d{2})(?!\d|[.,/]\d|\s?%)/g;
const NUMERO_NO_FIM = /(?<![\d/.,:a-z])(\d{3,4})\s?[)\].!]?\s*$/;
/** Um número redondo entre vírgulas, traços ou coisas já lidas ("SN, 1500, HSB"). */
const NUMERO_NO_MEIO = new RegExp(`(?:^|[,(|–-]|${LIDO})\\s?(\\d{1,2}[05]0)(?=\\s?(?:$|[,).!|–-](?!\\d)|${LIDO}))`);

/** "Meio período 700, noite 1.400": ao lado de outro valor, o número redondo depois de uma palavra também é um. */
const NUMERO_AO_LADO = /(?<=[a-z)]\s?[:=-]?\s?)(?<![\d/.,:a-z])([3-9]\d0|[1-9]\d[05]0)(?=\s?(?:$|[,;/)]|e\s))/g;

/** "SD 1200 SN 1300": número redondo colado num período ou num dia da semana. */
const NUMERO_DE_CHAVE = new RegExp(
  `(?<=(?:${LIDO}|(?<![a-z])(?:${NOMES_DIAS}))\\)?\\s?[:=-]?\\s?)(?<![\\d/.,:a-z])([3-9]\\d0|[1-9]\\d[05]0)(?=\\s?(?:$|[,;/)|]|-\\s|e\\s|${LIDO}|(?:${NOMES_DIAS})(?![a-z])))`,
  "g",
);

const HORA_DEPOIS =
  /^\s?(?:,00)?\s?(?:\/\s?h(?:ora)?s?|p\/\s?h(?:ora)?|(?:a|por) hora|h(?:ora)?(?=\s|$|[.,;!]))(?![a-z])/;
const HORA_ANTES =
  /(?<![a-z])(?:valor|valor da|r\$\s?\/|r\$|preco da)\s?(?:\/\s?)?(?:hora|h)(?:\/plantao)?\s?[:=-]?\s?$/;
/** "valor hora 120" */
const DEPOIS_DE_HORA = /(?<![a-z])valor\s(?:da\s)?\/?\s?hora\s?[:=-]?\s?(?:de\s)?(\d{2,3})(?:,00)?(?![\d/.,h])/g;
const ADICIONAL_ANTES = /\+\s?$/;
const FAIXA_ENTRE = /^\s?(?:a|ate|-|–|ou|\/)\s?$/;
const ENTRE_ANTES = /(?:^|[^a-z])entre\s?$/;
const SO_MINIMO = /(?:a partir de|desde|no minimo|minimo(?: de)?|acima de)\s?:?\s?$/;
const SO_MAXIMO = /(?:^|[^a-z])(?:ate|maximo(?: de)?|podendo chegar a)\s?:?\s?$/;
const PACOTE_DEPOIS =
  /^\s?(?:,00\s?)?(?:reais\s?)?(?:(?:pel[oa]s|nos|para os|por todos os)\s+(\d{1,2}|dois|tres|quatro|cinco|seis)(?:\s+(?:plantoes|dias|turnos|noites))?|os\s+(\d{1,2}|dois|tres|quatro|cinco|seis)(?:\s+plantoes)?(?![a-z])|(?:pelo|no|o)\s+(?:pacote|total)|(?:no )?total)/;
const PACOTE_ANTES = /(?:pacote|total)(?: de| por)?\s?:?\s?$/;
const CADA_DEPOIS = /^\s?(?:,00\s?)?(?:reais\s?)?\(?(?:cada|por plantao|o plantao|por dia|a diaria|por turno)/;
const FORMA_DEPOIS = /^\s?(?:\(|no |na |via |em |p\/ |para )?\s?(pj|pf)(?![a-z])/;

/** Lê as quantias de um segmento e o que cada uma é (tabela e V1–V3 de §7.5). Mascara o que lê. */
export function lerValores(segmento: Segmento, contexto: { temDataETurno: boolean }): Valor[] {
  const quantias = lerQuantias(segmento, contexto.temDataETurno);
  const texto = segmento.dobrado;
  const valores: Valor[] = [];
  for (let i = 0; i < quantias.length; i++) {
    const q = quantias[i] as Quantia;
    const proxima = quantias[i + 1];
    const antes = antesDe(texto, q.inicio);
    const depois = texto.slice(q.fim);
    const base = {
      valor: null,
      minimo: null,
      maximo: null,
      pacote: null,
      confianca: q.confianca,
      inicio: q.inicio,
      fim: q.fim,
    };
    if (ADICIONAL_ANTES.test(antes) && q.valor >= 20 && q.valor <= 5000) {
      valores.push({ ...base, tipo: "adicional", valor: q.valor });
      continue;
    }
    const hora = HORA_DEPOIS.exec(depois) ?? HORA_ANTES.exec(antes);
    if (hora && q.valor >= 30 && q.valor <= 600) {
      const fim = depois.startsWith(hora[0]) ? q.fim + hora[0].length : q.fim;
      mascarar(segmento, q.fim, fim);
      valores.push({ ...base, tipo: "hora", valor: q.valor, confianca: 0.8, fim });
      continue;
    }
    if (q.valor < MINIMO || q.valor > MAXIMO) continue;
    if (proxima && ehFaixa(texto, q, proxima)) {
      const [minimo, maximo] = [Math.min(q.valor, proxima.valor), Math.max(q.valor, proxima.valor)];
      valores.push({ ...base, tipo: "faixa", minimo, maximo, fim: proxima.fim });
      i++;
    } else if (SO_MINIMO.test(antes)) valores.push({ ...base, tipo: "faixa", minimo: q.valor });
    else if (SO_MAXIMO.test(antes)) valores.push({ ...base, tipo: "faixa", maximo: q.valor });
    else valores.push({ ...base, tipo: "fixo", valor: q.valor, ...pacoteDe(antes, depois) });
  }
  return valores;
}

/** V1; dois valores por forma de pagamento (1.500 PJ / 1.300 PF) não são faixa (V7). */
function ehFaixa(texto: string, a: Quantia, b: Quantia): boolean {
  if (b.valor < MINIMO || b.valor > MAXIMO || b.valor === a.valor) return false;
  const meio = texto.slice(a.fim, b.inicio);
  if (ENTRE_ANTES.test(antesDe(texto, a.inicio)) && /^\s?e\s?$/.test(meio)) return true;
  return FAIXA_ENTRE.test(meio) && !FORMA_DEPOIS.test(texto.slice(a.fim));
}

function pacoteDe(antes: string, depois: string): { pacote: number | null; confianca?: number } {
  if (CADA_DEPOIS.test(depois)) return { pacote: null };
  const achado = PACOTE_DEPOIS.exec(depois);
  if (!achado && !PACOTE_ANTES.test(antes)) return { pacote: null };
  const n = achado?.[1] ?? achado?.[2];
  return { pacote: n === undefined ? 0 : (UNIDADES[n] ?? Number(n)), confianca: 0.8 };
}

function lerQuantias(segmento: Segmento, temDataETurno: boolean): Quantia[] {
  const quantias: Quantia[] = [];
  const guardar = (a: RegExpExecArray, grupo: string, valor: number, confianca: number): boolean => {
    if (!Number.isFinite(valor) || valor <= 0) return false;
    const inicio = a.index + a[0].indexOf(grupo);
    quantias.push({
      valor: Math.round(valor),
      confianca,
      inicio: confianca === 0.95 ? a.index : inicio,
      fim: a.index + a[0].length,
    });
    return true;
  };
  lerCada(segmento, COM_CIFRAO, (a) => {
    const numero = quantia(a[1] ?? "");
    return guardar(a, a[1] ?? "", a[2] && numero < 1000 ? numero * 1000 : numero, 0.95);
  });
  lerCada(segmento, MIL_COM_RESTO, (a) => {
    const resto = a[2] ?? "";
    return guardar(a, a[1] ?? "", Number(a[1]) * 1000 + Number(resto.padEnd(3, "0")), 0.9);
  });
  lerCada(segmento, MIL, (a) => {
    const resto = a[2] === undefined ? 0 : (CENTENAS[a[2]] ?? Number(a[2]));
    return guardar(a, a[1] ?? "", Number((a[1] ?? "").replace(",", ".")) * 1000 + resto, 0.9);
  });
  lerCada(segmento, REAIS, (a) => guardar(a, a[1] ?? "", quantia(a[1] ?? ""), 0.95));
  parcial(segmento, POR_HORA, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.8));
  parcial(segmento, COMECO_DE_FAIXA, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.8));
  parcial(segmento, DEPOIS_DE_HORA, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.8));
  parcial(segmento, DEPOIS_DE_MAIS, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.8));
  lerCada(segmento, MILHAR, (a) => guardar(a, a[1] ?? "", quantia(a[1] ?? ""), 0.85));
  parcial(segmento, DEPOIS_DE_PALAVRA, (a) => guardar(a, a[1] ?? "", quantia(a[1] ?? ""), 0.85));
  parcial(segmento, ANTES_DE_PALAVRA, (a) => {
    const ok = guardar(a, a[1] ?? "", quantia(a[1] ?? ""), 0.85);
    const ultima = quantias.at(-1);
    if (ok && ultima) ultima.fim = ultima.inicio + (a[1] ?? "").length;
    return ok;
  });
  lerCada(segmento, POR_EXTENSO, (a) =>
    guardar(a, a[0], (a[1] ? (UNIDADES[a[1]] ?? 1) : 1) * 1000 + (a[2] ? (CENTENAS[a[2]] ?? 0) : 0), 0.8),
  );
  lerCada(segmento, COM_CENTAVOS, (a) => guardar(a, a[1] ?? "", quantia(a[1] ?? ""), 0.85));
  const sozinho =
    SO_NUMERO.exec(segmento.livre) ??
    (temDataETurno ? (NUMERO_NO_FIM.exec(segmento.livre) ?? NUMERO_NO_MEIO.exec(segmento.livre)) : null);
  const n = Number(sozinho?.[1]);
  if (sozinho && n >= 300 && n <= 10_000 && !(n >= 1990 && n <= 2050)) {
    guardar(sozinho, sozinho[1] ?? "", n, 0.7);
    const inicio = sozinho.index + sozinho[0].indexOf(sozinho[1] ?? "");
    mascarar(segmento, inicio, inicio + (sozinho[1] ?? "").length);
  }
  parcial(segmento, NUMERO_DE_CHAVE, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.7));
  if (quantias.length > 0) parcial(segmento, NUMERO_AO_LADO, (a) => guardar(a, a[1] ?? "", Number(a[1]), 0.7));
  return quantias.sort((a, b) => a.inicio - b.inicio);
}

/** Mascara só o número, deixando as palavras em volta. */
function parcial(segmento: Segmento, padrao: RegExp, ler: (a: RegExpExecArray) => boolean): void {
  for (const a of [...segmento.livre.matchAll(padrao)]) {
    const numero = a[1] ?? "";
    const inicio = a.index + a[0].indexOf(numero);
    if (ler(a)) mascarar(segmento, inicio, inicio + numero.length);
  }
}

/** "1.500,00", "3,200", "1500", "1.5" → número; vírgula ou ponto antes de três algarismos é milhar. */
function quantia(texto: string): number {
  const semMilhar = texto.replace(/[.,\s](?=\d{3}(?!\d))/g, "");
  return Number(semMilhar.replace(",", "."));
}

/** V7: o segundo valor, da outra forma de pagamento, vai para as observações. */
export function formaDoValor(dobrado: string, valor: Valor): "pj" | "pf" | null {
  const forma = FORMA_DEPOIS.exec(dobrado.slice(valor.fim))?.[1];
  if (forma === "pj" || forma === "pf") return forma;
  const antes = /(?:^|[^a-z])(pj|pf)\s?:?\s?(?:r\$\s?)?$/.exec(antesDe(dobrado, valor.inicio))?.[1];
  return antes === "pj" || antes === "pf" ? antes : null;
}
