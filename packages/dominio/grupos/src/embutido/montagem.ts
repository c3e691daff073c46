import { weekdayOf } from "#core/runtime";
import { DIAS_SEMANA, type Impedimento, type VagaExtraida } from "../vaga-extraida.ts";
import { type Bloco, dividirEmBlocos, ehPorData } from "./blocos.ts";
import { formaDePagamento, nomeDoContato, observacoes, tipoDeVaga } from "./detalhes.ts";
import { formaDoValor } from "./dinheiro.ts";
import type { Leitura, MensagemLida } from "./leitura.ts";
import {
  comHeranca,
  type DaMensagem,
  type Plantao,
  plantoesDoBloco,
  plantoesPorData,
  ultimaDaLinha,
} from "./plantoes.ts";
import { type AlvoDeValor, adicionais, melhorRegra, type RegraDeValor, regrasDoSegmento } from "./precos.ts";
import { implicaIntensiva } from "./setores.ts";
import { horasDoTurno } from "./turnos.ts";

const temData = (l: Leitura) => l.datas.length > 0;

/** §7.9: as vagas de uma mensagem já lida, na ordem do texto. */
export function montarVagas(mensagem: MensagemLida): VagaExtraida[] {
  const { leituras } = mensagem;
  const daMensagem = contextoDaMensagem(leituras);
  const porData = ehPorData(leituras);
  const blocos = porData ? [{ hospital: null, leituras: [...leituras] }] : dividirEmBlocos(leituras);
  const plantoes = porData
    ? plantoesPorData(leituras, daMensagem)
    : blocos.flatMap((b) => plantoesDoBloco(b, daMensagem));
  const comum = comumATodas(mensagem);
  return plantoes.map((p) => vaga(p, plantoes, blocos, mensagem, comum));
}

/** O que as linhas antes do primeiro hospital, ou a mensagem inteira quando é um só, dizem para todos os blocos. */
function contextoDaMensagem(leituras: readonly Leitura[]): DaMensagem {
  const primeiroHospital = leituras.findIndex((l) => l.hospital !== null);
  const preambulo = leituras.slice(0, Math.max(0, primeiroHospital)).filter((l) => !temData(l));
  const doPreambulo = [...new Set(preambulo.flatMap((l) => l.especialidades.map((e) => e.nome)))];
  const semData = [...new Set(leituras.filter((l) => !temData(l)).flatMap((l) => l.especialidades.map((e) => e.nome)))];
  const setores = [...new Set(preambulo.flatMap((l) => l.setores.map((s) => s.nome)))];
  return {
    especialidades: doPreambulo.length > 0 ? doPreambulo : semData.length === 1 ? semData : [],
    doPreambulo: doPreambulo.length > 0,
    setor: setores.length === 1 ? (setores[0] ?? null) : null,
  };
}

interface Comum {
  contato_whatsapp: string | null;
  contato_nome: string | null;
  forma: string | null;
  tipo: string;
  observacoes: string | null;
  impedimentos: Impedimento[];
}

function comumATodas({ telefones, original, dobrado, recorrente }: MensagemLida): Comum {
  const tipo = recorrente ? "fixo" : tipoDeVaga(dobrado);
  return {
    contato_whatsapp: telefones.find((t) => t.numero !== null)?.numero ?? null,
    contato_nome: nomeDoContato(original, dobrado),
    forma: formaDePagamento(dobrado),
    tipo,
    observacoes: observacoes(original, dobrado),
    impedimentos: recorrente || tipo === "mensal" || tipo === "fixo" ? ["vaga_recorrente"] : [],
  };
}

function vaga(
  p: Plantao,
  todos: readonly Plantao[],
  blocos: readonly Bloco[],
  mensagem: MensagemLida,
  comum: Comum,
): VagaExtraida {
  const especialidade = p.especialidade ?? (implicaIntensiva(p.setor) ? "Medicina Intensiva" : null);
  const alvo: AlvoDeValor = { data: p.data.data, periodo: p.turno?.periodo ?? null, especialidade, setor: p.setor };
  const regras = regrasPara(p, blocos, mensagem);
  const preco = precificar(p, alvo, regras, todos);
  const temHorario = p.turno?.hora_inicio != null;
  return {
    hospital_raw: p.hospital?.nome ?? null,
    especialidade_raw: especialidade,
    setor_raw: p.setor,
    data: p.data.data,
    dia_semana: DIAS_SEMANA[weekdayOf(p.data.data)] ?? null,
    periodo: p.turno?.periodo ?? null,
    hora_inicio: p.turno?.hora_inicio ?? null,
    hora_fim: p.turno?.hora_fim ?? null,
    ...preco.valores,
    numero_vagas: quantidadeDe(p, todos, blocos),
    tipo_vaga_raw: comum.tipo,
    forma_pagamento_raw: preco.forma ?? comum.forma,
    contato_nome: comum.contato_nome,
    contato_whatsapp: comum.contato_whatsapp,
    endereco_raw: null,
    cidade: null,
    estado: null,
    observacoes_raw: [comum.observacoes, preco.observacao].filter((o) => o !== null).join("; ") || null,
    confianca: {
      hospital: p.hospital?.confianca ?? 0,
      especialidade: p.especialidade ? 0.95 : especialidade ? 0.8 : 0,
      data: p.data.confianca,
      horario: temHorario ? 1 : p.turno?.periodo ? 0.9 : 0,
      valor: preco.confianca,
    },
    impedimentos: [...comum.impedimentos, ...(p.divergente ? (["dia_semana_divergente"] as const) : [])],
  };
}

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

  const propria = linhas.find((l) => l.datas.includes(p.data)) ?? leituras.find((l) => l.datas.includes(p.data));
  if (propria) {
    const posicao = leituras.indexOf(propria);
    const herdada = comHeranca(leituras, posicao).valores;
    if (herdada) return { base: precos(regrasDoSegmento(herdada)), extras };
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

interface Preco {
  valores: Pick<VagaExtraida, "valor_tipo" | "valor" | "valor_minimo" | "valor_maximo">;
  confianca: number;
  forma: string | null;
  observacao: string | null;
}

const SEM_PRECO: Preco = {
  valores: { valor_tipo: "a_combinar", valor: null, valor_minimo: null, valor_maximo: null },
  confianca: 0,
  forma: null,
  observacao: null,
};

function precificar(
  p: Plantao,
  alvo: AlvoDeValor,
  regras: { base: RegraDeValor[]; extras: RegraDeValor[] },
  todos: readonly Plantao[],
): Preco {
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

/** Q1: se o número é o das vagas que saíram, ele contava plantões, e cada um é um. */
function quantidadeDe(p: Plantao, todos: readonly Plantao[], blocos: readonly Bloco[]): number {
  const doBloco = p.bloco.leituras.filter((l) => !temData(l)).find((l) => l.quantidade !== null)?.quantidade ?? null;
  const daMensagem =
    blocos.length <= 1
      ? null
      : (blocos[0]?.leituras.find((l) => l.quantidade !== null && !temData(l) && l.hospital === null)?.quantidade ??
        null);
  const n = p.quantidade ?? doBloco ?? daMensagem;
  if (n === null) return 1;
  const irmas =
    p.quantidade === null
      ? todos.filter((o) => o.bloco === p.bloco).length
      : todos.filter((o) => o.proprias === p.proprias).length;
  return n === todos.length || (n === irmas && n > 1) ? 1 : Math.min(10, Math.max(1, n));
}
