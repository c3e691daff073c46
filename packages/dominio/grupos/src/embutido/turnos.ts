import { HORAS_DO_PERIODO, periodoPorHorario } from "../regras/periodo.ts";
import { antesDe, LIDO, lerCada, palavras, type Segmento } from "../texto/segmento.ts";
import type { Periodo } from "../vaga-extraida.ts";
import { NOMES_DIAS } from "./calendario.ts";

/** Um turno dito: período, horário, ou os dois. */
export interface Turno {
  periodo: Periodo | null;
  hora_inicio: string | null;
  hora_fim: string | null;
  /** Horas do plantão, quando o texto as diz ("12h"). */
  duracaoH: number | null;
  /** O período foi dito por palavra ("SD", "noturno"), e não só pelo horário. */
  nomeado: boolean;
  inicio: number;
  fim: number;
}

interface Horario {
  inicio: string | null;
  fim: string | null;
  de: number;
  ate: number;
}

/** Um período dito por palavra, cada vez que é dito. */
export interface MencaoPeriodo {
  periodo: Periodo;
  inicio: number;
  fim: number;
}

const HORA = "(\\d{1,2})(?:\\s?[:h]\\s?([0-5]\\d)(?:\\s?h(?:s|rs)?(?![a-z]))?|(\\s?h(?:s|rs|oras?)?(?![a-z])))?";
/** "das 19h do dia 04/12 às 7h", "das 19h de sábado às 7h": a data no meio do horário. */
const DATA_NO_MEIO = `(?:\\s?${LIDO}{3,30}|\\s(?:do|da|de)\\s(?:${NOMES_DIAS})(?:[- ]feira)?)?`;
const PAR = new RegExp(
  `(?<![\\d/.,:$]|r\\$ )${HORA}${DATA_NO_MEIO}\\s?(as|a|ate|-|–|—|/|x(?=\\s?\\d{1,2}\\s?h))\\s?(?:as\\s)?${HORA}(?![\\d/]|[.,:]\\d|\\s?(?:mil|k|reais|/))`,
  "g",
);
const SO_INICIO =
  /(?<![a-z])(?:inicio(?: as)?|a partir d[aeo]s?|as|entrada)\s?:?\s?(\d{1,2})(?:\s?[:h]\s?([0-5]\d)|\s?h(?:s|rs|oras?)?(?![a-z]))(?![\d/])/g;
const ESCALA_12X36 = /(?<!\d)12\s?x\s?36(?!\d)h?/g;
const DURACAO = /(?<![\d/.,:$])(4|5|6|8|10|12|18|24|36|48)\s?h(?:s|rs|oras?)?(?![a-z\d])/g;
const HORA_SOLTA = /(?<![\d/.,:$])(0?7|13|19|20|1[89])\s?(?:h(?:s|rs|oras?)?(?![a-z\d])|:([0-5]\d)(?!\d)h?)/g;
/** Sem "h" nem ":", só estas durações fazem de dois números um horário (H1). */
const DURACOES_SEM_MARCA = new Set([4, 5, 6, 8, 10, 12, 24]);

const PALAVRAS: readonly [Periodo, RegExp][] = [
  ["cinderela", palavras("cinderela|cind")],
  ["diurno", palavras("sd|s\\.d\\.?|diurn[oa]s?|mt")],
  ["noturno", palavras("sn|s\\.n\\.?|noturn[oa]s?|noites?|madrugadas?")],
  ["manha", palavras("manhas?|matutin[oa]s?")],
  ["tarde", palavras("(?<!mais )tardes?|vespertin[oa]s?")],
];

/** H1–H5: os turnos de um segmento, na ordem do texto, e todas as menções de período. Mascara o que lê. */
export function lerTurnos(segmento: Segmento): { turnos: Turno[]; mencoes: MencaoPeriodo[] } {
  const horarios = lerHorarios(segmento);
  const { duracaoH, duracoes } = lerDuracoes(segmento);
  const nomes = lerPalavras(segmento);
  for (const d of duracoes)
    if (d.horas === 24 && horarios.length === 0) nomes.push({ periodo: "24h", inicio: d.de, fim: d.ate });
  nomes.sort((a, b) => a.inicio - b.inicio);
  return { turnos: combinar(horarios, nomes, duracaoH), mencoes: nomes };
}

/** Um turno por período dito uma ou mais vezes, na ordem da primeira. */
export function turnosDeMencoes(mencoes: readonly MencaoPeriodo[], duracaoH: number | null): Turno[] {
  return distintas(mencoes).map((n) => turno(n.periodo, null, { duracaoH, nomeado: true }, n.inicio, n.fim));
}

function distintas(mencoes: readonly MencaoPeriodo[]): MencaoPeriodo[] {
  return mencoes.filter((n, i) => mencoes.findIndex((o) => o.periodo === n.periodo) === i);
}

function combinar(horarios: readonly Horario[], nomes: readonly MencaoPeriodo[], duracaoH: number | null): Turno[] {
  const distintos = distintas(nomes);

  if (horarios.length === 0) return turnosDeMencoes(nomes, duracaoH);
  // Tantas palavras quantos horários: cada uma com o seu, na ordem. Senão a palavra é comentário do horário, que manda.
  return horarios.map((h, i) => {
    const nome = distintos.length === horarios.length ? distintos[i] : horarios.length === 1 ? distintos[0] : undefined;
    const inicio = Math.min(h.de, nome?.inicio ?? h.de);
    const fim = Math.max(h.ate, nome?.fim ?? h.ate);
    const periodo =
      nome?.periodo === "cinderela" || h.inicio === null || h.fim === null
        ? (nome?.periodo ?? null)
        : periodoPorHorario(h.inicio, h.fim);
    return turno(periodo, h, { duracaoH, nomeado: nome !== undefined }, inicio, fim);
  });
}

function turno(
  periodo: Periodo | null,
  h: Horario | null,
  dito: Pick<Turno, "duracaoH" | "nomeado">,
  inicio: number,
  fim: number,
): Turno {
  return { periodo, hora_inicio: h?.inicio ?? null, hora_fim: h?.fim ?? null, ...dito, inicio, fim };
}

function lerHorarios(segmento: Segmento): Horario[] {
  const horarios: Horario[] = [];
  lerCada(segmento, ESCALA_12X36, () => true);
  lerCada(segmento, PAR, (a) => {
    const [tudo, h1 = "", m1, marca1, ligacao = "", h2 = "", m2, marca2] = a;
    const inicio = relogio(h1, m1);
    const fim = relogio(h2, m2);
    if (inicio === null || fim === null) return false;
    if (!m1 && !m2 && !marca1 && !marca2 && !semMarca(segmento, a.index, ligacao, Number(h1), Number(h2))) return false;
    horarios.push({ inicio, fim, de: a.index, ate: a.index + tudo.length });
    return true;
  });
  if (horarios.length === 0) {
    const soInicio = (a: RegExpExecArray): boolean => {
      const inicio = relogio(a[1] ?? "", a[2]);
      if (inicio === null) return false;
      horarios.push({ inicio, fim: null, de: a.index, ate: a.index + a[0].length });
      return true;
    };
    lerCada(segmento, SO_INICIO, soInicio);
    if (horarios.length === 0) lerCada(segmento, HORA_SOLTA, soInicio);
  }
  return horarios.sort((a, b) => a.de - b.de);
}

/** Com barra e sem marca, só os turnos de sempre, e logo depois da data: "05/06 – 19/7". */
const TURNOS_COM_BARRA = new Set(["7/19", "19/7", "7/13", "13/19", "19/1"]);
const depoisDeData = ({ livre }: Segmento, inicio: number): boolean =>
  new RegExp(`${LIDO}\\s?(?:\\([a-z]{3,13}\\)\\s?)?[-–:]?\\s?$`).test(antesDe(livre, inicio));

/** "19 às 7", "7-19": sem marca, só com as ligações e as durações de um plantão. "a" pede "das" ou "horário" antes. */
function semMarca(segmento: Segmento, inicio: number, ligacao: string, de: number, ate: number): boolean {
  if (ligacao === "/") return depoisDeData(segmento, inicio) && TURNOS_COM_BARRA.has(`${de}/${ate}`);
  if (ligacao === "x") return false;
  if (ligacao === "a" && !/(?:das|horario:?)\s?$/.test(antesDe(segmento.livre, inicio))) return false;
  const duracao = (ate - de + 24) % 24 || 24;
  return DURACOES_SEM_MARCA.has(duracao);
}

/** `HH:MM`, com 24 = 00:00; null se não é hora. */
function relogio(horas: string, minutos: string | undefined): string | null {
  const h = Number(horas);
  if (h > 24 || horas === "") return null;
  return `${String(h % 24).padStart(2, "0")}:${minutos ?? "00"}`;
}

function lerDuracoes(segmento: Segmento) {
  const duracoes: { horas: number; de: number; ate: number }[] = [];
  lerCada(segmento, DURACAO, (a) => {
    duracoes.push({ horas: Number(a[1]), de: a.index, ate: a.index + a[0].length });
    return true;
  });
  return { duracoes, duracaoH: duracoes[0]?.horas ?? null };
}

function lerPalavras(segmento: Segmento): MencaoPeriodo[] {
  const nomes: MencaoPeriodo[] = [];
  for (const [periodo, padrao] of PALAVRAS) {
    lerCada(segmento, padrao, (a) => {
      nomes.push({ periodo, inicio: a.index, fim: a.index + a[0].length });
      return true;
    });
  }
  return nomes;
}

/** Horas de um turno: pelo horário, senão as ditas, senão as do período. */
export function horasDoTurno(t: Pick<Turno, "periodo" | "hora_inicio" | "hora_fim" | "duracaoH">): number | null {
  if (t.hora_inicio !== null && t.hora_fim !== null) {
    const minutos = (hora: string) => Number(hora.slice(0, 2)) * 60 + Number(hora.slice(3));
    return ((minutos(t.hora_fim) - minutos(t.hora_inicio) + 1440) % 1440 || 1440) / 60;
  }
  return t.duracaoH ?? (t.periodo === null ? null : HORAS_DO_PERIODO[t.periodo]);
}
