import { weekdayOf } from "#core/runtime";
import type { Periodo, Setor } from "../vaga-extraida.ts";
import { diaDaSemana, NOMES_DIAS } from "./calendario.ts";
import type { Valor } from "./dinheiro.ts";
import type { Leitura } from "./leitura.ts";

/** A que plantões um valor se aplica: cada tipo de chave presente tem de casar; vazio vale para todos (V5). */
export interface RegraDeValor {
  valor: Valor;
  dias: { nomes: number[]; grupo: boolean } | null;
  /** Feriado só casa com um calendário, que não há. */
  feriado: boolean;
  periodos: Periodo[];
  especialidades: string[];
  setores: Setor[];
}

export interface AlvoDeValor {
  data: string;
  periodo: Periodo | null;
  especialidade: string | null;
  setor: Setor | null;
}

type Chave =
  | { tipo: "dias"; nomes: number[]; grupo: boolean; inicio: number; fim: number }
  | { tipo: "feriado"; inicio: number; fim: number }
  | { tipo: "periodo"; valor: Periodo; inicio: number; fim: number }
  | { tipo: "especialidade"; valor: string; inicio: number; fim: number }
  | { tipo: "setor"; valor: Setor; inicio: number; fim: number };

const SEG_SEX = [1, 2, 3, 4, 5];
const FS = "(?:[- ]feiras?)?";
const GRUPOS: readonly [RegExp, number[]][] = [
  [new RegExp(`(?<![a-z])(?:seg|segunda)${FS}\\s?(?:a|ate|-|–)\\s?(?:sex|sexta)${FS}(?![a-z])`, "g"), SEG_SEX],
  [
    /(?<![a-z])(?:dias? uteis|dias? uti?l|dias? (?:de|da|na) semana|durante a semana|(?<!fim de |final de |finais de |fins de )semana)(?![a-z])/g,
    SEG_SEX,
  ],
  [new RegExp(`(?<![a-z])(?:seg|segunda)${FS}\\s?(?:a|ate|-|–)\\s?(?:qui|quinta)${FS}(?![a-z])`, "g"), [1, 2, 3, 4]],
  [new RegExp(`(?<![a-z])(?:sex|sexta)${FS}\\s?(?:a|ate|-|–)\\s?(?:dom|domingo)(?![a-z])`, "g"), [5, 6, 0]],
  [/(?<![a-z])(?:sabados?|sab)\s?(?:e|\/|,|ou|a|&)\s?(?:domingos?|dom)(?![a-z])/g, [6, 0]],
  [/(?<![a-z])(?:fds|(?:fim|final) de semana|(?:finais|fins) de semana)(?![a-z])/g, [6, 0]],
];
const DIA = new RegExp(`(?<![a-z])(${NOMES_DIAS})${FS}(?![a-z])`, "g");

/** Os valores de um segmento com as suas chaves (V5). */
export function regrasDoSegmento(leitura: Leitura): RegraDeValor[] {
  const { valores } = leitura;
  if (valores.length === 0) return [];
  const chaves = chavesDe(leitura);
  const primeiro = valores[0] as Valor;
  const precedem = chaves.some((c) => c.inicio < primeiro.inicio)
    ? !cadaValorTemChaveDepois(leitura, chaves)
    : separadasDoAnterior(leitura, chaves);
  const doAdicional = new Set<Chave>();
  for (const [i, v] of valores.entries()) {
    if (v.tipo !== "adicional") continue;
    const desde = valores[i - 1]?.fim ?? 0;
    for (const c of chaves) if (c.inicio >= desde && c.inicio < v.inicio) doAdicional.add(c);
  }
  return valores.map((valor, i) => {
    const [de, ate] = precedem
      ? [valores[i - 1]?.fim ?? 0, valor.inicio]
      : [valor.fim, valores[i + 1]?.inicio ?? Number.POSITIVE_INFINITY];
    const minhas =
      valor.tipo === "adicional"
        ? chaves.filter((c) => doAdicional.has(c) && c.inicio >= (valores[i - 1]?.fim ?? 0) && c.inicio < valor.inicio)
        : chaves.filter((c) => !doAdicional.has(c) && c.inicio >= de && c.inicio < ate);
    return regra(valor, minhas);
  });
}

/** "14/03 diurno e noturno, 1.200 diurno 1.300 noturno": o que vem antes são os turnos da data; as chaves vêm depois de cada valor. */
function cadaValorTemChaveDepois({ valores, trechosDeData }: Leitura, chaves: readonly Chave[]): boolean {
  if (trechosDeData.length === 0 || valores.length < 2) return false;
  return valores.every((v, i) => {
    const ate = valores[i + 1]?.inicio ?? Number.POSITIVE_INFINITY;
    return chaves.some((c) => c.inicio >= v.fim && c.inicio < ate);
  });
}

/** "1.200, domingo 1.500": a vírgula diz que o domingo é do valor seguinte, embora nenhuma chave venha antes do primeiro. */
function separadasDoAnterior({ valores, segmento }: Leitura, chaves: readonly Chave[]): boolean {
  const ultimo = valores.at(-1);
  if (valores.length < 2 || chaves.length === 0 || chaves.some((c) => c.inicio >= (ultimo?.fim ?? 0))) return false;
  return chaves.every((c) => {
    const antes = valores.findLast((v) => v.fim <= c.inicio);
    const depois = valores.find((v) => v.inicio >= c.fim);
    if (!antes || !depois) return false;
    const entre = (de: number, ate: number) => segmento.dobrado.slice(de, ate);
    return /[,;/|]|\se\s/.test(entre(antes.fim, c.inicio)) && !/[,;/|]/.test(entre(c.fim, depois.inicio));
  });
}

function regra(valor: Valor, chaves: readonly Chave[]): RegraDeValor {
  const dias = chaves.filter((c) => c.tipo === "dias");
  const de = <T extends Chave["tipo"]>(tipo: T) =>
    chaves.filter((c): c is Extract<Chave, { tipo: T }> => c.tipo === tipo);
  return {
    valor,
    // Vários dias num valor são alternativas.
    dias: dias.length === 0 ? null : { nomes: dias.flatMap((d) => d.nomes), grupo: dias.some((d) => d.grupo) },
    feriado: de("feriado").length > 0 && dias.length === 0,
    periodos: de("periodo").map((c) => c.valor),
    especialidades: de("especialidade").map((c) => c.valor),
    setores: de("setor").map((c) => c.valor),
  };
}

function chavesDe(leitura: Leitura): Chave[] {
  const texto = leitura.segmento.dobrado;
  // Num segmento com data, o dia da semana ao lado dela e o que é dito uma vez só são o plantão, não condições do preço.
  const datada = leitura.trechosDeData.length > 0;
  const condicoes = <T>(ditos: readonly T[]): readonly T[] => (datada && ditos.length === 1 ? [] : ditos);
  const chaves: Chave[] = [];
  let semGrupos = texto;
  for (const [padrao, nomes] of GRUPOS) {
    for (const a of [...semGrupos.matchAll(padrao)]) {
      chaves.push({ tipo: "dias", nomes, grupo: true, inicio: a.index, fim: a.index + a[0].length });
      semGrupos = semGrupos.slice(0, a.index) + " ".repeat(a[0].length) + semGrupos.slice(a.index + a[0].length);
    }
  }
  for (const a of semGrupos.matchAll(DIA)) {
    const dia = diaDaSemana(a[1] ?? "");
    const daData = leitura.trechosDeData.some((t) => a.index <= t.fim + 3 && a.index + a[0].length >= t.inicio - 3);
    if (dia !== null && !daData)
      chaves.push({ tipo: "dias", nomes: [dia], grupo: false, inicio: a.index, fim: a.index + a[0].length });
  }
  for (const a of texto.matchAll(/(?<![a-z])feriados?(?![a-z])/g)) {
    chaves.push({ tipo: "feriado", inicio: a.index, fim: a.index + a[0].length });
  }
  const periodos = [
    ...leitura.mencoes,
    ...leitura.turnos.flatMap(({ periodo, nomeado, inicio, fim }) =>
      periodo === null || nomeado ? [] : [{ periodo, inicio, fim }],
    ),
  ];
  if (!datada || new Set(periodos.map((p) => p.periodo)).size > 1) {
    for (const { periodo, inicio, fim } of periodos) chaves.push({ tipo: "periodo", valor: periodo, inicio, fim });
  }
  for (const a of texto.matchAll(/(?<![a-z])meio periodo(?![a-z])/g)) {
    for (const valor of ["manha", "tarde"] as const)
      chaves.push({ tipo: "periodo", valor, inicio: a.index, fim: a.index + a[0].length });
  }
  for (const e of condicoes(leitura.especialidades))
    chaves.push({ tipo: "especialidade", valor: e.nome, inicio: e.inicio, fim: e.fim });
  for (const s of condicoes(leitura.setores))
    chaves.push({ tipo: "setor", valor: s.nome, inicio: s.inicio, fim: s.fim });
  return chaves.sort((a, b) => a.inicio - b.inicio);
}

/** Quão específica é a regra para o alvo; null se não se aplica (V6). */
function especificidade(r: RegraDeValor, alvo: AlvoDeValor): number | null {
  if (r.feriado) return null;
  let soma = 0;
  if (r.dias) {
    if (!r.dias.nomes.includes(weekdayOf(alvo.data))) return null;
    soma += r.dias.grupo ? 2 : 3;
  }
  if (r.periodos.length > 0) {
    if (alvo.periodo === null || !r.periodos.some((p) => mesmoPeriodo(p, alvo.periodo))) return null;
    soma += 2;
  }
  if (r.especialidades.length > 0) {
    if (alvo.especialidade === null || !r.especialidades.includes(alvo.especialidade)) return null;
    soma += 2;
  }
  if (r.setores.length > 0) {
    if (alvo.setor === null || !r.setores.includes(alvo.setor)) return null;
    soma += 2;
  }
  return soma;
}

/** Quem diz "dia 1.200, noite 1.400" chama de dia qualquer turno diurno. */
function mesmoPeriodo(dito: Periodo, alvo: Periodo | null): boolean {
  return dito === alvo || (dito === "noturno" && alvo === "cinderela");
}

/** A regra que vale para um plantão: a mais específica das que se aplicam; empate, a primeira. */
export function melhorRegra(regras: readonly RegraDeValor[], alvo: AlvoDeValor): RegraDeValor | null {
  let melhor: { regra: RegraDeValor; soma: number } | null = null;
  for (const r of regras) {
    if (r.valor.tipo === "adicional") continue;
    const soma = especificidade(r, alvo);
    if (soma !== null && (melhor === null || soma > melhor.soma)) melhor = { regra: r, soma };
  }
  return melhor?.regra ?? null;
}

/** V3: os adicionais que se aplicam somam. */
export function adicionais(regras: readonly RegraDeValor[], alvo: AlvoDeValor): number {
  return regras
    .filter(
      (r) =>
        r.valor.tipo === "adicional" && (r.dias !== null || r.periodos.length > 0) && especificidade(r, alvo) !== null,
    )
    .reduce((soma, r) => soma + (r.valor.valor ?? 0), 0);
}
