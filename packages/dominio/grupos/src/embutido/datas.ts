import { addDays, weekdayOf } from "#core/runtime";
import { antesDe, lerCada, mascarar, palavras, type Segmento } from "../texto/segmento.ts";
import {
  diaDaSemana,
  intervalo,
  mesDe,
  NOMES_DIAS,
  NOMES_MESES,
  proximoDia,
  proximoDiaDaSemana,
  resolverData,
} from "./calendario.ts";

export interface DataLida {
  /** `YYYY-MM-DD` */
  data: string;
  confianca: number;
}

/** Uma ou várias datas ditas juntas ("12, 14 e 19/03", "16 a 20/03"). */
export interface GrupoDatas {
  datas: DataLida[];
  tipo: "explicita" | "relativa" | "semana";
  inicio: number;
  fim: number;
}

export interface MencaoDia {
  /** 0 = domingo */
  dia: number;
  inicio: number;
  fim: number;
}

const DIA = "(?:0?[1-9]|[12]\\d|3[01])";
const BARRA = `(${DIA})\\s?/\\s?(0?[1-9]|1[0-2])(?:\\s?/\\s?(\\d{4}|\\d{2}))?(?![\\d/]|\\s?h(?:s|rs|oras?)?(?![a-z])|[.:]\\d)`;
const PONTO = `(?<![a-z])(${DIA})\\.(0[1-9]|1[0-2])(?:\\.(\\d{4}|\\d{2}))?(?![\\d]|\\s?(?:h|k|mil|reais)(?![a-z])|[.,]\\d)`;
const HIFEN = `(${DIA})-(0?[1-9]|1[0-2])-(\\d{4}|\\d{2})(?!\\d)`;
const EXTENSO = `(${DIA})(?:\\s?º|o)?\\s?(?:de\\s|/|-)?\\s?(${NOMES_MESES})(?![a-z])(?:\\.)?(?:\\s?(?:de|/)\\s?(\\d{4}))?`;
/** Quatro formas de escrever dia e mês, uma alternativa cada (D1, D2). A vírgula colada só separa dias: "05,06,07/10". */
const COM_MES = new RegExp(`(?<![\\d/.:$-]|\\$ |\\d{3},|[./]\\d{1,2},)(?:${BARRA}|${PONTO}|${HIFEN}|${EXTENSO})`, "g");

const NUMERO = `(?<![\\d/.,:$])${DIA}`;
/** "12, 14 e " antes de uma data com mês. */
const LISTA_ANTES = new RegExp(`(?:(?<![\\d/.:$]|\\d{3},)${DIA}(?:\\s?,\\s?|\\s?/\\s?|\\s+e\\s+))+$`);
/** "(seg)", "segunda,": o dia da semana ao lado de um número de uma faixa. */
const SEMANA = `\\(?(?:${NOMES_DIAS})(?:[- ]feira)?\\)?[\\s,]{0,2}\\(?`;
const INTERVALO_ANTES = new RegExp(
  `(${NUMERO})\\s?(?:(?:${SEMANA}\\s?)?(?:a|ao|ate|ate o dia|ate dia)\\s?(?:dia\\s)?(?:${SEMANA}\\s?)?|-\\s?)$`,
);
/** "às 7, 14/03": o 7 é hora. */
const DEPOIS_DE_HORA = /(?:^|[^a-z])(?:as|das|ate|h)\s?$/;
const NAO_E_DIA =
  "(?!\\s?(?:[hk/\\d]|:\\d|[.,]\\d|mil|reais|conto|pila|vaga|plant|medic|hora|as\\s|x\\s?\\d|%|anos?|dias))";
const LISTA_DEPOIS = new RegExp(`^(?:(?:\\s?,\\s?|\\s+e\\s+)(?:dia\\s)?(${DIA})(?!\\d)${NAO_E_DIA})`);
/** "Hospital 7 de Setembro", "UPA 26 de Agosto": a data é o nome. */
const NOME_COM_DATA = /(?<![a-z])(?:hospital|hosp\.?|maternidade|upa|ubs|ama|clinica|santa casa)\s(?:municipal\s)?$/;
const ATE_COM_MES = new RegExp(
  `^(?:[\\s)]{0,2}(?:${SEMANA}\\s?)?(?:a|ao|ate|ate o dia)\\s?(?:o\\s)?(?:dia\\s)?(?:${SEMANA})?|\\s?-\\s?)$`,
);

const DIAS_SEM_MES = new RegExp(
  `(?<![a-z0-9])(?:dias?\\s?:?|datas?\\s?:)\\s+(?:de\\s+)?(${DIA}(?:(?:\\s?,\\s?|\\s+e\\s+|\\s+a\\s+|\\s+ao\\s+|\\s+ate\\s+)(?:dia\\s)?${DIA}(?!\\d)${NAO_E_DIA})*)(?!\\d)${NAO_E_DIA}`,
  "g",
);
/** "sábado 14", "15 (dom)": o número é o dia do mês quando o próximo cai mesmo nesse dia da semana. */
const SEMANA_E_DIA = new RegExp(
  `(?<![a-z0-9])(${NOMES_DIAS})(?:[- ]feiras?)?\\s?[,(-]?\\s?(?:dia\\s)?(${DIA})(?!\\d)${NAO_E_DIA}(?!\\s?-\\s?\\d|\\s?(?:a|ate)\\s\\d)\\)?`,
  "g",
);
const DIA_E_SEMANA = new RegExp(
  `(?<![\\d/.,:$a-z-])(${DIA})\\s?[(-]?\\s?(?<=[\\s(-])(${NOMES_DIAS})(?:[- ]feiras?)?(?![a-z])\\)?`,
  "g",
);
const RELATIVA = palavras("depois de amanha|dps de amanha|amanha|amanh|amnha|hoje|hj|hje|(?:ess|est|ness)a(?= noite)");
const DIA_SEMANA = palavras(`(${NOMES_DIAS})(?:[- ]feiras?)?`);
const SO_AVISO = /(?:atualizad|postad|publicad|enviad)[oa]s? hoje/;
const FAIXA_DE_DIAS = palavras(
  `(?:${NOMES_DIAS})(?:[- ]feiras?)?\\s?(?:a|ate|-|–)\\s?(?:${NOMES_DIAS})(?:[- ]feiras?)?`,
);
const EXCETO = new RegExp(
  `(?:menos|exceto|tirando|salvo)\\s+(?:(?:o|a|os|as|de|no|na)\\s+)?((?:(?:${NOMES_DIAS})(?:[- ]feiras?)?(?:\\s?,\\s?|\\s+e\\s+)?){1,5})`,
);

/** D1–D5: datas com mês, listas, intervalos e "dia N". Mascara o que lê. */
export function lerDatasExplicitas(segmento: Segmento, r: string): GrupoDatas[] {
  const grupos = comMes(segmento, r);
  for (const g of grupos) mascarar(segmento, g.inicio, g.fim);
  lerCada(segmento, DIAS_SEM_MES, (achado) => {
    const datas = diasSemMes(achado[1] ?? "", r);
    if (datas === null) return false;
    const fim = achado.index + achado[0].length;
    grupos.push({
      datas: datas.map((data) => ({ data, confianca: 0.9 })),
      tipo: "explicita",
      inicio: achado.index,
      fim,
    });
    return true;
  });
  grupos.push(...comDiaDaSemana(segmento, r));
  return grupos.sort((a, b) => a.inicio - b.inicio);
}

function comDiaDaSemana(segmento: Segmento, r: string): GrupoDatas[] {
  const grupos: GrupoDatas[] = [];
  const ler = (achado: RegExpExecArray, nome: string, dia: string): boolean => {
    const data = proximoDia(Number(dia), r);
    const antes = antesDe(segmento.livre, achado.index);
    if (data === null || weekdayOf(data) !== diaDaSemana(nome) || DEPOIS_DE_HORA.test(antes)) return false;
    const fim = achado.index + achado[0].length;
    grupos.push({ datas: [{ data, confianca: 0.9 }], tipo: "explicita", inicio: achado.index, fim });
    return true;
  };
  lerCada(segmento, SEMANA_E_DIA, (a) => ler(a, a[1] ?? "", a[2] ?? ""));
  lerCada(segmento, DIA_E_SEMANA, (a) => ler(a, a[2] ?? "", a[1] ?? ""));
  return grupos;
}

function diasSemMes(lista: string, r: string): string[] | null {
  const faixa = /^(\d{1,2})\s+(?:a|ao|ate)\s+(?:dia\s)?(\d{1,2})$/.exec(lista);
  if (faixa) {
    const de = proximoDia(Number(faixa[1]), r);
    const ate = de && proximoDia(Number(faixa[2]), de);
    return de && ate ? intervalo(de, ate) : null;
  }
  const datas = (lista.match(/\d{1,2}/g) ?? []).map((n) => proximoDia(Number(n), r));
  return datas.every((d) => d !== null) && datas.length > 0 ? datas : null;
}

interface Token {
  dia: number;
  mes: number;
  ano: number | null;
  inicio: number;
  fim: number;
}

function comMes(segmento: Segmento, r: string): GrupoDatas[] {
  const texto = segmento.livre;
  const tokens: Token[] = [...texto.matchAll(COM_MES)].flatMap((a) => {
    const [, d1, m1, a1, d2, m2, a2, d3, m3, a3, d4, nome, a4] = a;
    const dia = Number(d1 ?? d2 ?? d3 ?? d4);
    const mes = nome ? mesDe(nome) : Number(m1 ?? m2 ?? m3);
    if (nome !== undefined && nome.length > 3 && NOME_COM_DATA.test(antesDe(texto, a.index))) return [];
    if (m1 !== undefined && a1 === undefined && ehTurnoComBarra(texto, dia, mes, a.index)) return [];
    if (dia === 24 && mes === 7 && m1 === "7") return []; // "24/7" é plantão sem fim, não data
    const ano = a1 ?? a2 ?? a3 ?? a4;
    return [{ dia, mes, ano: ano ? Number(ano) : null, inicio: a.index, fim: a.index + a[0].length }];
  });
  const grupos: GrupoDatas[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const data = resolverData(token.dia, token.mes, token.ano, r);
    if (data === null) continue;
    const seguinte = tokens[i + 1];
    if (seguinte && ATE_COM_MES.test(texto.slice(token.fim, seguinte.inicio))) {
      const ate = resolverData(seguinte.dia, seguinte.mes, seguinte.ano, r);
      const dias = ate && intervalo(data, ate);
      if (dias) {
        grupos.push(explicitas(dias, inicioComDia(texto, token.inicio), seguinte.fim));
        i++;
        continue;
      }
    }
    grupos.push(comLista(texto, token, data, r));
  }
  return grupos;
}

/** "05/06 – 19/7": logo depois de outra data, 19/7 e 19/1 são as horas do turno. */
function ehTurnoComBarra(texto: string, dia: number, mes: number, inicio: number): boolean {
  return dia === 19 && (mes === 7 || mes === 1) && DATA_ANTES.test(antesDe(texto, inicio));
}
const DATA_ANTES = /\d\s?\/\s?\d{1,2}\s?(?:\([a-z]{3,13}\)\s?)?[-–:]?\s?$/;

/** Uma lista tem no máximo os 31 dias do mês. */
const ALCANCE_LISTA = 200;

/** Os dias soltos que tomam o mês da data vizinha. */
function comLista(texto: string, token: Token, data: string, r: string): GrupoDatas {
  const antes = antesDe(texto, token.inicio, ALCANCE_LISTA);
  const desde = token.inicio - antes.length;
  const noMes = (dia: number) => resolverData(dia, token.mes, token.ano, r);
  const faixa = INTERVALO_ANTES.exec(antes);
  if (faixa) {
    const de = noMes(Number(faixa[1]));
    const dias = de && !DEPOIS_DE_HORA.test(antes.slice(0, faixa.index)) ? intervalo(de, data) : null;
    if (dias) return explicitas(dias, inicioComDia(texto, desde + faixa.index), token.fim);
  }
  const datas = [data];
  let inicio = token.inicio;
  const lista = LISTA_ANTES.exec(antes);
  if (lista && !DEPOIS_DE_HORA.test(antes.slice(0, lista.index))) {
    const dias = (lista[0].match(/\d{1,2}/g) ?? []).map((n) => noMes(Number(n)));
    if (dias.every((d) => d !== null)) {
      datas.unshift(...dias);
      inicio = desde + lista.index;
    }
  }
  let fim = token.fim;
  for (let depois = LISTA_DEPOIS.exec(texto.slice(fim)); depois; depois = LISTA_DEPOIS.exec(texto.slice(fim))) {
    const dia = Number(depois[1]);
    const seguinte = dia > token.dia ? noMes(dia) : null;
    if (seguinte === null) break;
    datas.push(seguinte);
    fim += depois[0].length;
  }
  return explicitas(datas, inicioComDia(texto, inicio), fim);
}

function explicitas(datas: readonly string[], inicio: number, fim: number): GrupoDatas {
  return { datas: datas.map((data) => ({ data, confianca: 1 })), tipo: "explicita", inicio, fim };
}

/** O "dia(s)", "de" ou "data:" antes da data faz parte dela. */
function inicioComDia(texto: string, inicio: number): number {
  const antes = /(?:(?<![a-z])(?:dias?|de|do dia|no dia|datas?)\s?:?\s?){1,2}$/.exec(antesDe(texto, inicio));
  return antes ? inicio - antes[0].length : inicio;
}

/** D6: hoje, amanhã, depois de amanhã. */
export function lerDatasRelativas(segmento: Segmento, r: string): GrupoDatas[] {
  if (SO_AVISO.test(segmento.dobrado)) return [];
  const grupos: GrupoDatas[] = [];
  lerCada(segmento, RELATIVA, (achado) => {
    const dias = /^d/.test(achado[0]) ? 2 : /^am/.test(achado[0]) ? 1 : 0;
    const fim = achado.index + achado[0].length;
    grupos.push({
      datas: [{ data: addDays(r, dias), confianca: 0.95 }],
      tipo: "relativa",
      inicio: achado.index,
      fim,
    });
    return true;
  });
  return grupos;
}

/** Dias da semana ditos no segmento, fora de faixas como "segunda a sexta" (D9). Não mascara: também são chaves de valor. */
export function lerDiasDaSemana(segmento: Segmento): MencaoDia[] {
  const semFaixas = segmento.livre.replace(FAIXA_DE_DIAS, (faixa) => " ".repeat(faixa.length));
  return [...semFaixas.matchAll(DIA_SEMANA)].flatMap((a) => {
    const dia = diaDaSemana(a[1] ?? "");
    return dia === null ? [] : [{ dia, inicio: a.index, fim: a.index + a[0].length }];
  });
}

/** D7: o dia da semana sozinho, numa mensagem sem outra data. */
export function datasDeDiasDaSemana(mencoes: readonly MencaoDia[], r: string): GrupoDatas[] {
  return mencoes.map(({ dia, inicio, fim }) => ({
    datas: [{ data: proximoDiaDaSemana(dia, r), confianca: 0.8 }],
    tipo: "semana",
    inicio,
    fim,
  }));
}

/** D10: "menos domingo" tira essas datas de um segmento com várias. */
export function semExcetuadas(datas: readonly DataLida[], dobrado: string): DataLida[] {
  const exceto = EXCETO.exec(dobrado);
  if (!exceto || datas.length < 2) return [...datas];
  const fora = new Set([...(exceto[1] ?? "").matchAll(DIA_SEMANA)].map((a) => diaDaSemana(a[1] ?? "")));
  return datas.filter((d) => !fora.has(weekdayOf(d.data)));
}

const RECORRENTE = new RegExp(
  `(?<![a-z])(?:tod[oa]s?(?: as| os| a| o)?\\s+(?:${NOMES_DIAS})|vagas? fix[oa]s?|plantao fixo|plantoes fixos|escala fixa|(?:${NOMES_DIAS}) fix[oa]s?)(?![a-z])`,
);

/** D9: "toda quarta", "fixo". */
export function ehRecorrente(dobrado: string): boolean {
  return RECORRENTE.test(dobrado);
}
