import { weekdayOf } from "#core/runtime";
import { normalizarExtenso } from "../texto/por-extenso.ts";
import { preprocessar } from "../texto/preprocessar.ts";
import { segmentar } from "../texto/segmentar.ts";
import { antesDe, criarSegmento, LIDO, mascarar, type Segmento } from "../texto/segmento.ts";
import { NOMES_DIAS } from "./calendario.ts";
import {
  type DataLida,
  datasDeDiasDaSemana,
  ehRecorrente,
  type GrupoDatas,
  lerDatasExplicitas,
  lerDatasRelativas,
  lerDiasDaSemana,
  type MencaoDia,
  semExcetuadas,
} from "./datas.ts";
import { lerValores, type Valor } from "./dinheiro.ts";
import { dizEncerrada } from "./encerramento.ts";
import { type EspecialidadeLida, lerEspecialidades } from "./especialidades.ts";
import { type AliasesCompilados, type HospitalLido, lerHospital } from "./hospitais.ts";
import { lerQuantidade } from "./quantidade.ts";
import { lerRuido, type Telefone } from "./ruido.ts";
import { lerSetores, type SetorLido } from "./setores.ts";
import { lerTurnos, type MencaoPeriodo, type Turno, turnosDeMencoes } from "./turnos.ts";
import { porHospital } from "./varios-hospitais.ts";

/** Tudo o que um segmento diz. */
export interface Leitura {
  segmento: Segmento;
  datas: DataLida[];
  /** Onde as datas estão no segmento. */
  trechosDeData: readonly { inicio: number; fim: number }[];
  /** D8: o dia da semana dito não é o da data. */
  divergente: boolean;
  dias: MencaoDia[];
  turnos: Turno[];
  /** Cada vez que um período é dito por palavra: são chaves de preço (V5). */
  mencoes: MencaoPeriodo[];
  valores: Valor[];
  especialidades: EspecialidadeLida[];
  setores: SetorLido[];
  hospital: HospitalLido | null;
  quantidade: number | null;
  encerrado: boolean;
}

export interface MensagemLida {
  leituras: Leitura[];
  telefones: Telefone[];
  recorrente: boolean;
  /** O texto limpo e dobrado inteiro, para as regras que olham a mensagem. */
  original: string;
  dobrado: string;
}

export interface ContextoLeitura {
  /** R */
  dataReferencia: string;
  ddd: string | null;
  aliases: AliasesCompilados;
}

/** Caracteres que se leem: muito acima do que uma mensagem de vagas tem (§13 limita a 2.000), e um teto para texto hostil. */
const MAXIMO_LIDO = 8_000;
/** Uma mensagem de 2.000 caracteres não chega a isto; texto picado de propósito, sim. */
const MAXIMO_SEGMENTOS = 300;

/** Segmenta a mensagem e lê cada segmento, na ordem de máscaras de §7.2. */
export function lerMensagem(texto: string, contexto: ContextoLeitura): MensagemLida {
  const original = normalizarExtenso(preprocessar(texto.slice(0, MAXIMO_LIDO)));
  const { dataReferencia: r, ddd } = contexto;
  const telefones: Telefone[] = [];
  const brutos = segmentar(original).slice(0, MAXIMO_SEGMENTOS);
  const inteiro = criarSegmento(original, 0);

  // Primeiro as datas de todos: o que vale para "amanhã" e "sábado" depende de haver data na mensagem.
  let partes = brutos.flatMap((s) => {
    telefones.push(...lerRuido(s, ddd));
    const grupos = juntar(s, [...lerDatasExplicitas(s, r), ...lerDatasRelativas(s, r)]);
    return cortar(s, grupos, contexto);
  });
  if (!partes.some((p) => p.grupos.length > 0)) {
    partes = partes.flatMap(({ segmento }) => {
      const mencoes = lerDiasDaSemana(segmento);
      if (mencoes.length === 0 || ehTabela(segmento, mencoes)) return [{ segmento, grupos: [] }];
      return cortar(segmento, juntar(segmento, datasDeDiasDaSemana(mencoes, r)), contexto, mencoes);
    });
  }
  const temExplicita = partes.some((p) => p.grupos.some((g) => g.tipo === "explicita"));
  const leituras = partes.flatMap(({ segmento, grupos }) =>
    porHospital(lerSegmento(segmento, grupos, temExplicita, contexto), contexto.aliases),
  );
  semTitulos(leituras);
  return {
    leituras,
    telefones,
    recorrente: leituras.some((l) => ehRecorrente(l.segmento.dobrado)),
    original,
    dobrado: inteiro.dobrado,
  };
}

/** "Vagas da semana (09 a 15/11)" acima das linhas de cada dia é um título, não sete plantões. */
function semTitulos(leituras: Leitura[]): void {
  for (const titulo of leituras) {
    const { datas, turnos, valores, hospital } = titulo;
    if (datas.length < 3 || turnos.length > 0 || valores.length > 0 || hospital !== null) continue;
    const dentro = new Set(datas.map((d) => d.data));
    const outras = leituras.filter((l) => l !== titulo && l.datas.length > 0);
    const cobertas = outras.length >= 2 && outras.every((l) => l.datas.every((d) => dentro.has(d.data)));
    if (cobertas) titulo.datas = [];
  }
}

interface Parte {
  segmento: Segmento;
  grupos: GrupoDatas[];
}

function lerSegmento(
  segmento: Segmento,
  grupos: GrupoDatas[],
  temExplicita: boolean,
  contexto: ContextoLeitura,
): Leitura {
  const dias = lerDiasDaSemana(segmento);
  const ditos = lerTurnos(segmento);
  const valores = lerValores(segmento, { temDataETurno: grupos.length > 0 && ditos.turnos.length > 0 });
  const turnos = semTabela(ditos, valores, grupos[0]?.inicio);
  const quantidade = lerQuantidade(segmento);
  let especialidades = lerEspecialidades(segmento, contexto.aliases);
  const hospital = lerHospital(segmento, especialidades, contexto.aliases);
  // E5: a especialidade dentro do nome do hospital é do nome.
  if (hospital) especialidades = especialidades.filter((e) => e.inicio < hospital.inicio || e.fim > hospital.fim);
  const setores = lerSetores(segmento, hospital);

  // D6: uma data relativa ao lado de datas escritas só vale onde há um plantão a datar.
  const diz = turnos.length > 0 || valores.length > 0 || especialidades.length > 0 || hospital !== null;
  const validos = grupos.filter((g) => g.tipo !== "relativa" || !temExplicita || diz);
  // D7: "sábado 1.500" é uma tabela de preço, não um plantão.
  const soChaveDeValor =
    grupos.some((g) => g.tipo === "semana") && valores.length > 0 && turnos.length === 0 && hospital === null;
  let datas = soChaveDeValor ? [] : semExcetuadas(unicas(validos.flatMap((g) => g.datas)), segmento.dobrado);
  const divergente = ehDivergente(datas, dias, segmento);
  if (divergente) datas = datas.map((d) => ({ ...d, confianca: 0.6 }));
  return {
    segmento,
    datas,
    trechosDeData: datas.length > 0 ? validos.map(({ inicio, fim }) => ({ inicio, fim })) : [],
    divergente,
    dias,
    turnos,
    mencoes: ditos.mencoes,
    valores,
    especialidades,
    setores,
    hospital,
    quantidade,
    encerrado: dizEncerrada(segmento.dobrado),
  };
}

/** "SD 1.200 SN 1.300 dia 14/03 SD": os períodos com preço antes da data são uma tabela; os turnos são os ditos depois dela. */
function semTabela(
  { turnos, mencoes }: { turnos: Turno[]; mencoes: MencaoPeriodo[] },
  valores: readonly Valor[],
  inicioData = 0,
): Turno[] {
  const depois = mencoes.filter((m) => m.inicio > inicioData);
  const comPreco = mencoes.filter(
    (m) => m.fim < inicioData && valores.some((v) => v.inicio >= m.fim && v.inicio - m.fim <= 6),
  );
  if (comPreco.length < 2 || depois.length === 0 || turnos.some((t) => t.hora_inicio !== null)) return turnos;
  return turnosDeMencoes(depois, turnos[0]?.duracaoH ?? null);
}

function unicas(datas: readonly DataLida[]): DataLida[] {
  return datas.filter((d, i) => datas.findIndex((o) => o.data === d.data) === i);
}

function ehDivergente(datas: readonly DataLida[], dias: readonly MencaoDia[], segmento: Segmento): boolean {
  const [data, outra] = datas;
  const [dia, outroDia] = dias;
  if (!data || outra || !dia || outroDia) return false;
  if (weekdayOf(data.data) === dia.dia) return false;
  // "sáb 1.500" depois da data é chave de preço, não o dia dela: só diverge o que está junto da data.
  return segmento.livre.includes(LIDO);
}

/** Entre dois grupos ditos juntos só há vírgulas, conectivos e dias da semana. */
const SO_LIGACAO = new RegExp(
  `^(?:[\\s,;.()/&+–:-]|(?<![a-z])(?:e|a|dias?|do|de|no)(?![a-z])|(?<![a-z])(?:${NOMES_DIAS})(?:[- ]feiras?)?(?![a-z]))*$`,
);

function juntar(segmento: Segmento, grupos: GrupoDatas[]): GrupoDatas[] {
  const ordenados = [...grupos].sort((a, b) => a.inicio - b.inicio);
  const juntos: GrupoDatas[] = [];
  for (const g of ordenados) {
    const anterior = juntos.at(-1);
    if (anterior && SO_LIGACAO.test(segmento.dobrado.slice(anterior.fim, g.inicio))) {
      juntos[juntos.length - 1] = {
        datas: [...anterior.datas, ...g.datas],
        tipo: anterior.tipo === "explicita" || g.tipo === "explicita" ? "explicita" : anterior.tipo,
        inicio: anterior.inicio,
        fim: g.fim,
      };
    } else juntos.push(g);
  }
  return juntos;
}

/** O conectivo e o dia da semana antes de uma data vão com ela. */
const ANTES_DA_DATA = new RegExp(
  `(?:[\\s,;/&+–.(-]|(?<![a-z])e(?![a-z]))*(?:(?<![a-z])(?:${NOMES_DIAS})(?:[- ]feiras?)?[\\s,.:()-]*)?$`,
);

/** S3 e S4: uma linha com vários grupos de data é cortada antes de cada um, do segundo em diante. */
function cortar(
  segmento: Segmento,
  grupos: GrupoDatas[],
  { dataReferencia: r, ddd, aliases }: ContextoLeitura,
  semana?: readonly MencaoDia[],
): Parte[] {
  if (grupos.length < 2) return [{ segmento, grupos }];
  const rotular = (de: number, ate: number) => rotuloDe(segmento.original.slice(de, ate), aliases);
  const rotulo = rotular(0, grupos[0]?.inicio ?? 0);
  const cortes = grupos.slice(1).map((g, i) => {
    const comRotulo = semana ? null : inicioDoRotulo(segmento, [grupos[i]?.fim ?? 0, g.inicio], rotulo, rotular);
    if (comRotulo !== null) return comRotulo;
    const antes = antesDe(segmento.dobrado, g.inicio);
    return semana
      ? g.inicio - (/(?:[\s,;/&+–.(-]|(?<![a-z])e(?![a-z]))*$/.exec(antes)?.[0].length ?? 0)
      : g.inicio - (ANTES_DA_DATA.exec(antes)?.[0].length ?? 0);
  });
  const limites = [0, ...cortes, segmento.original.length];
  return limites.slice(0, -1).flatMap((de, i) => {
    const parte = criarSegmento(segmento.original.slice(de, limites[i + 1]), segmento.linha, true);
    lerRuido(parte, ddd);
    const lidos = semana
      ? datasDeDiasDaSemana(lerDiasDaSemana(parte), r)
      : [...lerDatasExplicitas(parte, r), ...lerDatasRelativas(parte, r)];
    return [{ segmento: parte, grupos: juntar(parte, lidos) }];
  });
}

interface Rotulo {
  turno: boolean;
  especialidade: boolean;
  quantidade: boolean;
  hospital: boolean;
  /** Nada além do rótulo e de palavras de ligação. */
  sozinho: boolean;
}

/** O turno, a especialidade, a quantidade ou o hospital que um pedaço de linha diz. */
function rotuloDe(texto: string, aliases: AliasesCompilados): Rotulo {
  const pedaco = criarSegmento(texto, 0);
  const turno = lerTurnos(pedaco).turnos.length > 0;
  const quantidade = lerQuantidade(pedaco) !== null;
  const especialidades = lerEspecialidades(pedaco, aliases);
  const hospital = lerHospital(pedaco, especialidades, aliases) !== null;
  const sobra = pedaco.livre.replaceAll(LIDO, " ").replace(PALAVRAS_DE_ROTULO, "");
  return { turno, especialidade: especialidades.length > 0, quantidade, hospital, sozinho: !/[a-z0-9]/.test(sobra) };
}

const PALAVRAS_DE_ROTULO =
  /(?<![a-z])(?:dias?|no|na|em|de|do|para|pra|o|a|(?:\d{1,2}|uma?|dois|duas)\s(?:vagas?|medic[oa]s?|plantonistas?))(?![a-z])/g;
const CONECTIVO = /[,;/+]|(?<![a-z])e(?![a-z])/g;

/**
 * "otorrino 15/09 e oftalmo 16/09": numa linha em que o rótulo vem antes da data, o que está entre o último conectivo e a data
 * seguinte é dela. Null quando a linha não é assim.
 */
function inicioDoRotulo(
  segmento: Segmento,
  [fimAnterior, inicio]: readonly [number, number],
  primeiro: Rotulo,
  rotular: (de: number, ate: number) => Rotulo,
): number | null {
  const meio = segmento.dobrado.slice(fimAnterior, inicio);
  const conectivo = [...meio.matchAll(CONECTIVO)].at(-1);
  if (!conectivo) return null;
  const rotulo = rotular(fimAnterior + conectivo.index + conectivo[0].length, inicio);
  const mesmoTipo = (["turno", "especialidade", "quantidade", "hospital"] as const).some(
    (tipo) => rotulo[tipo] && primeiro[tipo],
  );
  return rotulo.sozinho && mesmoTipo ? fimAnterior + conectivo.index : null;
}

/** Uma tabela de preços por dia não é uma lista de plantões (S4). */
function ehTabela(segmento: Segmento, mencoes: readonly MencaoDia[]): boolean {
  if (mencoes.length < 2) return false;
  const copia = criarSegmento(segmento.original, segmento.linha);
  copia.livre = segmento.livre;
  for (const m of mencoes) mascarar(copia, m.inicio, m.fim);
  lerTurnos(copia);
  return lerValores(copia, { temDataETurno: false }).length >= 2;
}
