import { weekdayOf } from "#core/runtime";
import { DIAS_SEMANA, type Impedimento, type VagaExtraida } from "../vaga-extraida.ts";
import { type Bloco, dividirEmBlocos, ehPorData } from "./blocos.ts";
import { formaDePagamento, nomeDoContato, observacoes, tipoDeVaga } from "./detalhes.ts";
import type { Leitura, MensagemLida } from "./leitura.ts";
import { type DaMensagem, type Plantao, plantoesDoBloco, plantoesPorData } from "./plantoes.ts";
import { precificar, SEM_PRECO } from "./precificacao.ts";
import type { AlvoDeValor } from "./precos.ts";
import { implicaIntensiva } from "./setores.ts";

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
  if (plantoes.length === 0) return [semData(mensagem, daMensagem, comum)];
  return plantoes.map((p) => vaga(p, plantoes, blocos, mensagem, comum));
}

/** Uma oferta sem data nenhuma: o que se leu dela, para que o descarte diga o que faltou (hospital ou data). */
function semData({ leituras }: MensagemLida, daMensagem: DaMensagem, comum: Comum): VagaExtraida {
  const hospital = leituras.find((l) => l.hospital !== null)?.hospital ?? null;
  const especialidade = leituras.flatMap((l) => l.especialidades)[0]?.nome ?? daMensagem.especialidades[0] ?? null;
  return {
    hospital_raw: hospital?.nome ?? null,
    especialidade_raw: especialidade,
    setor_raw: leituras.flatMap((l) => l.setores)[0]?.nome ?? null,
    data: null,
    dia_semana: null,
    periodo: null,
    hora_inicio: null,
    hora_fim: null,
    ...SEM_PRECO.valores,
    numero_vagas: 1,
    ...constantes(comum),
    observacoes_raw: comum.observacoes,
    confianca: {
      hospital: hospital?.confianca ?? 0,
      especialidade: especialidade ? 0.95 : 0,
      data: 0,
      horario: 0,
      valor: 0,
    },
    impedimentos: [...comum.impedimentos],
  };
}

/** As colunas iguais em todas as vagas da mensagem, e as que este extrator não lê. */
function constantes(comum: Comum) {
  return {
    tipo_vaga_raw: comum.tipo,
    forma_pagamento_raw: comum.forma,
    contato_nome: comum.contato_nome,
    contato_whatsapp: comum.contato_whatsapp,
    endereco_raw: null,
    cidade: null,
    estado: null,
  };
}

/** O que as linhas antes do primeiro hospital, ou a mensagem inteira quando é um só, dizem para todos os blocos. */
function contextoDaMensagem(leituras: readonly Leitura[]): DaMensagem {
  const primeiroHospital = leituras.findIndex((l) => l.hospital !== null);
  const preambulo = leituras.slice(0, Math.max(0, primeiroHospital)).filter((l) => !temData(l));
  const doPreambulo = [...new Set(preambulo.flatMap((l) => l.especialidades.map((e) => e.nome)))];
  // S6 entre hospitais: quando todas as datas estão numa linha, a especialidade dita uma vez é de todas.
  const umaLinha = new Set(leituras.filter(temData).map((l) => l.segmento.linha)).size === 1;
  const gerais = umaLinha ? leituras : leituras.filter((l) => !temData(l));
  const unicas = [...new Set(gerais.flatMap((l) => l.especialidades.map((e) => e.nome)))];
  const setores = [...new Set(preambulo.flatMap((l) => l.setores.map((s) => s.nome)))];
  return {
    especialidades: doPreambulo.length > 0 ? doPreambulo : unicas.length === 1 ? unicas : [],
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
  const preco = precificar(p, alvo, todos, blocos, mensagem);
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
    ...constantes(comum),
    forma_pagamento_raw: preco.forma ?? comum.forma,
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
  // "2 médicos dia 14 e 1 médico dia 15": números diferentes são de cada plantão.
  const ditas = new Set(todos.flatMap((o) => (o.quantidade === null ? [] : [o.quantidade])));
  if (p.quantidade !== null && ditas.size > 1) return Math.min(10, p.quantidade);
  const irmas =
    p.quantidade === null
      ? todos.filter((o) => o.bloco === p.bloco).length
      : todos.filter((o) => o.proprias === p.proprias).length;
  return n === todos.length || (n === irmas && n > 1) ? 1 : Math.min(10, Math.max(1, n));
}
