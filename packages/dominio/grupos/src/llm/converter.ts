import { maskPhones, safeText, weekdayOf } from "#core/runtime";
import { DIAS_SEMANA, type Impedimento, type VagaExtraida } from "../vaga-extraida.ts";
import type { VagaDoModelo } from "./esquemas.ts";
import { dobrar } from "./palavras.ts";
import { setorDe } from "./setor.ts";
import { telefoneCompleto } from "./telefone.ts";

export interface ContextoConversao {
  /** Nomes canônicos da lista dada ao modelo. */
  especialidades: readonly string[];
  /** DDD de quem escreveu, para telefones sem DDD. */
  ddd: string | null;
}

/** Confiança de um campo presente sobre o qual o modelo nada disse. */
const CONFIANCA_PADRAO = 0.8;

/** A vaga do modelo na forma comum aos dois extratores; ainda sem as conferências contra o texto (`ancoragem.ts`). */
export function converterVaga(vaga: VagaDoModelo, contexto: ContextoConversao): VagaExtraida {
  const hospital_raw = curto(vaga.hospital, 120);
  const especialidade_raw = especialidadeDaLista(vaga.especialidade, contexto.especialidades);
  const data = vaga.data ?? null;
  const periodo = vaga.periodo ?? null;
  const hora_inicio = vaga.hora_inicio ?? null;
  const hora_fim = vaga.hora_fim ?? null;
  const valores = valoresCoerentes(vaga);
  const tipo = vaga.tipo_vaga ?? null;
  const nota = (campo: keyof NonNullable<VagaDoModelo["confianca"]>, presente: boolean) =>
    presente ? (vaga.confianca?.[campo] ?? CONFIANCA_PADRAO) : 0;
  const impedimentos: Impedimento[] = tipo === "fixo" || tipo === "mensal" ? ["vaga_recorrente"] : [];

  return {
    hospital_raw,
    especialidade_raw,
    setor_raw: setorDe(vaga.setor),
    data,
    // Do calendário: o dia da semana dito pelo modelo nunca é usado.
    dia_semana: data === null ? null : (DIAS_SEMANA[weekdayOf(data)] ?? null),
    periodo,
    hora_inicio,
    hora_fim,
    ...valores,
    numero_vagas: vaga.numero_vagas ?? 1,
    tipo_vaga_raw: tipo,
    forma_pagamento_raw: vaga.forma_pagamento ?? null,
    contato_nome: curto(vaga.contato_nome, 80),
    contato_whatsapp: telefoneCompleto(vaga.contato_whatsapp ?? null, contexto.ddd),
    endereco_raw: null,
    cidade: null,
    estado: null,
    observacoes_raw: curto(vaga.observacoes, 500),
    confianca: {
      hospital: nota("hospital", hospital_raw !== null),
      especialidade: nota("especialidade", especialidade_raw !== null),
      data: nota("data", data !== null),
      horario: nota("horario", periodo !== null || hora_inicio !== null),
      valor: nota("valor", valores.valor_tipo !== "a_combinar"),
    },
    impedimentos,
  };
}

/** O motivo livre do modelo como se guarda: curto, numa linha, sem telefone. */
export function motivoDoModelo(motivo: string | null | undefined): string | null {
  return motivo ? curto(maskPhones(motivo), 120) : null;
}

type Valores = Pick<VagaExtraida, "valor_tipo" | "valor" | "valor_minimo" | "valor_maximo">;
const A_COMBINAR: Valores = { valor_tipo: "a_combinar", valor: null, valor_minimo: null, valor_maximo: null };

/** As quatro colunas de valor numa das três formas que a tabela aceita; o que se contradiz é a combinar. */
export function valoresCoerentes(vaga: {
  valor_tipo?: VagaExtraida["valor_tipo"] | null | undefined;
  valor?: number | null | undefined;
  valor_minimo?: number | null | undefined;
  valor_maximo?: number | null | undefined;
}): Valores {
  const positivo = (n: number | null | undefined) => (n !== null && n !== undefined && n > 0 ? n : null);
  const [valor, minimo, maximo] = [positivo(vaga.valor), positivo(vaga.valor_minimo), positivo(vaga.valor_maximo)];
  const tipo = vaga.valor_tipo ?? (valor !== null ? "fixo" : "faixa");
  if (tipo === "fixo" && valor !== null) return { ...A_COMBINAR, valor_tipo: "fixo", valor };
  if (tipo !== "faixa" || (minimo === null && maximo === null)) return A_COMBINAR;
  if (minimo !== null && maximo !== null && minimo > maximo) return A_COMBINAR;
  return { valor_tipo: "faixa", valor: null, valor_minimo: minimo, valor_maximo: maximo };
}

function especialidadeDaLista(dita: string | null | undefined, lista: readonly string[]): string | null {
  if (!dita) return null;
  const alvo = dobrar(dita).trim();
  return lista.find((nome) => dobrar(nome) === alvo) ?? null;
}

function curto(texto: string | null | undefined, max: number): string | null {
  const limpo = safeText((texto ?? "").replace(/\s+/g, " ").trim(), max).trim();
  return limpo === "" ? null : limpo;
}
