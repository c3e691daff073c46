import type { VagaExtraida } from "../vaga-extraida.ts";
import type { Bloco } from "./blocos.ts";
import { formaDoValor } from "./dinheiro.ts";
import { anterioresDaLinha, antesDaData, comHeranca, ultimaDaLinha } from "./heranca.ts";
import type { Leitura, MensagemLida } from "./leitura.ts";
import type { Plantao } from "./plantoes.ts";
import { type AlvoDeValor, adicionais, melhorRegra, type RegraDeValor, regrasDoSegmento } from "./precos.ts";
import { horasDoTurno } from "./turnos.ts";

const temData = (l: Leitura) => l.datas.length > 0;

const DEMAIS = /(?<![a-z])(?:demais|outr[oa]s (?:dias|datas|plantoes))(?![a-z])/;

/** V6 e X7: das próprias linhas; senão da linha cortada (S5, S6); senão do bloco; senão da mensagem. */
function regrasPara(
  p: Plantao,
  blocos: readonly Bloco[],
  mensagem: MensagemLida,
): { base: RegraDeValor[]; extras: RegraDeValor[] } {
  const { leituras } = mensagem;
  const linhas = p.bloco.leituras;
  const semData = (lista: readonly Leitura[]) => lista.filter((l) => !temData(l)).flatMap(regrasDoSegmento);
  const comData = new Set(leituras.filter(temData).map((l) => l.segmento.linha));
  // O preço numa linha que tem a sua data é dela, se as datas estão em várias linhas.
  const doBloco = semData(comData.size > 1 ? linhas.filter((l) => !comData.has(l.segmento.linha)) : linhas);
  const extras = [...p.proprias, ...doBloco, ...semData(leituras)].filter(
    (r, i, v) => v.findIndex((o) => o.valor === r.valor) === i,
  );
  const precos = (lista: readonly RegraDeValor[]) => lista.filter((r) => r.valor.tipo !== "adicional");
  if (precos(p.proprias).length > 0) return { base: precos(p.proprias), extras };

  // "10/05 SN R$ 1.800. Demais 1.400": o valor dos demais é o de quem não diz o seu.
  const demais = linhas.filter((l) => !temData(l) && DEMAIS.test(l.segmento.dobrado)).flatMap(regrasDoSegmento);
  if (precos(demais).length > 0) return { base: precos(demais), extras };

  const propria = linhas.find((l) => l.datas.includes(p.data)) ?? leituras.find((l) => l.datas.includes(p.data));
  if (propria) {
    const posicao = leituras.indexOf(propria);
    const herdada = comHeranca(leituras, posicao).valores;
    if (herdada) return { base: precos(regrasDoSegmento(herdada)), extras };
    const anterior = anterioresDaLinha(leituras, propria).find((l) => antesDaData(l, l.valores).length > 0);
    if (anterior) {
      const dela = precos(regrasDoSegmento(anterior));
      return { base: dela.length === 1 ? dela.map(semChaves) : dela, extras };
    }
    const ultima = ultimaDaLinha(leituras, propria);
    const daUltima = ultima ? precos(regrasDoSegmento(ultima)) : [];
    // O dia e o período ditos ao lado dele são do último plantão, não condições do preço.
    if (daUltima.length === 1) return { base: daUltima.map(semChaves), extras };
  }
  if (precos(doBloco).length > 0) return { base: precos(doBloco), extras };
  const primeiroHospital = leituras.findIndex((l) => l.hospital !== null);
  const preambulo = precos(semData(leituras.slice(0, Math.max(0, primeiroHospital))));
  if (preambulo.length > 0) return { base: preambulo, extras };
  // X7: um valor no fim vale para os blocos de antes que não têm nenhum.
  const ultimoBloco = blocos.at(-1)?.leituras ?? [];
  const ultimaData = ultimoBloco.map(temData).lastIndexOf(true);
  const noFim = precos(semData(ultimoBloco.slice(ultimaData + 1)));
  if (noFim.length > 0) return { base: noFim, extras };
  // Uma linha só com data e o preço de todas ("14/03 … 1.300 cada") também serve às outras da mesma frase.
  return { base: [], extras };
}

function semChaves(r: RegraDeValor): RegraDeValor {
  return { valor: r.valor, dias: null, feriado: false, periodos: [], especialidades: [], setores: [] };
}

export interface Preco {
  valores: Pick<VagaExtraida, "valor_tipo" | "valor" | "valor_minimo" | "valor_maximo">;
  confianca: number;
  forma: string | null;
  observacao: string | null;
}

export const SEM_PRECO: Preco = {
  valores: { valor_tipo: "a_combinar", valor: null, valor_minimo: null, valor_maximo: null },
  confianca: 0,
  forma: null,
  observacao: null,
};

/** V1–V7: o preço de um plantão, das regras de valor que o alcançam. */
export function precificar(
  p: Plantao,
  alvo: AlvoDeValor,
  todos: readonly Plantao[],
  blocos: readonly Bloco[],
  mensagem: MensagemLida,
): Preco {
  const regras = regrasPara(p, blocos, mensagem);
  const dasProprias = p.proprias.some((r) => regras.base.includes(r));
  // Na própria linha um valor só é o dela, quaisquer que sejam as palavras em volta.
  const regra =
    melhorRegra(regras.base, alvo) ??
    (dasProprias || (regras.base.length === 1 && regras.base[0]?.dias === null && !regras.base[0]?.feriado)
      ? (regras.base[0] ?? null)
      : null);
  if (!regra) return SEM_PRECO;
  const { valor } = regra;
  if (valor.tipo === "faixa") {
    return {
      ...SEM_PRECO,
      valores: { valor_tipo: "faixa", valor: null, valor_minimo: valor.minimo, valor_maximo: valor.maximo },
      confianca: valor.confianca,
    };
  }
  const base = reais(p, regra, todos);
  if (base === null || base < 1) return SEM_PRECO;
  const leitura = p.bloco.leituras.find((l) => l.valores.includes(valor));
  const dobrado = leitura?.segmento.dobrado ?? "";
  return {
    valores: {
      valor_tipo: "fixo",
      valor: base + adicionais(regras.extras, alvo),
      valor_minimo: null,
      valor_maximo: null,
    },
    confianca: valor.confianca,
    forma: formaDoValor(dobrado, valor),
    observacao: outraForma(leitura, regra),
  };
}

/** V2: pacote ÷ N; por hora × horas do turno. */
function reais(p: Plantao, { valor }: RegraDeValor, todos: readonly Plantao[]): number | null {
  if (valor.valor === null) return null;
  if (valor.tipo === "hora") {
    const horas = p.turno ? horasDoTurno(p.turno) : null;
    return horas === null ? null : Math.round(valor.valor * horas);
  }
  if (valor.pacote === null) return valor.valor;
  const n = valor.pacote || todos.filter((o) => o.bloco === p.bloco).length;
  return Math.round(valor.valor / Math.max(1, n));
}

/** V7: de "1.500 PJ / 1.300 PF" o segundo fica anotado. */
function outraForma(leitura: Leitura | undefined, regra: RegraDeValor): string | null {
  if (!leitura) return null;
  const { dobrado } = leitura.segmento;
  const outro = leitura.valores.find((v) => v !== regra.valor && formaDoValor(dobrado, v) !== null);
  if (!outro || formaDoValor(dobrado, regra.valor) === null || outro.valor === null) return null;
  return `R$ ${outro.valor} ${(formaDoValor(dobrado, outro) ?? "").toUpperCase()}`;
}
