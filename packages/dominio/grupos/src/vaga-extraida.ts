/** What a group message says about one shift: the shape both extractors (embedded and LLM) answer with. */

export const PERIODOS = ["manha", "tarde", "diurno", "noturno", "cinderela", "24h"] as const;
export type Periodo = (typeof PERIODOS)[number];

export const DIAS_SEMANA = ["domingo", "segunda", "terca", "quarta", "quinta", "sexta", "sabado"] as const;
export type DiaSemana = (typeof DIAS_SEMANA)[number];

export const SETORES = [
  "PS",
  "PA",
  "Emergência",
  "Sala Vermelha",
  "UTI",
  "UTI Adulto",
  "UTI Coronariana",
  "UTI Pediátrica",
  "UTI Neonatal",
  "Enfermaria",
  "Internação",
  "Retaguarda",
  "Centro Cirúrgico",
  "Centro Obstétrico",
  "RPA",
  "SADT",
  "Ambulatório",
  "Consultório",
] as const;
export type Setor = (typeof SETORES)[number];

export const IMPEDIMENTOS = [
  "valor_fora_da_faixa",
  "dia_semana_divergente",
  "vaga_recorrente",
  "sem_ancoragem",
  "data_muito_distante",
] as const;
export type Impedimento = (typeof IMPEDIMENTOS)[number];

/** 0..1 per field; 0 when the field is absent. */
export interface Confianca {
  hospital: number;
  especialidade: number;
  data: number;
  horario: number;
  valor: number;
}

export interface VagaExtraida {
  hospital_raw: string | null;
  /** Canonical name of the list of `domain/grupos-pipeline.md` §7.6, or null. */
  especialidade_raw: string | null;
  setor_raw: Setor | null;
  /** `YYYY-MM-DD` */
  data: string | null;
  dia_semana: DiaSemana | null;
  periodo: Periodo | null;
  /** `HH:MM`, only when written in the text. */
  hora_inicio: string | null;
  hora_fim: string | null;
  valor_tipo: "fixo" | "a_combinar" | "faixa";
  /** Whole reais per shift. */
  valor: number | null;
  valor_minimo: number | null;
  valor_maximo: number | null;
  /** 1..10 */
  numero_vagas: number;
  /** plantao, cobertura, fixo, mensal, ambulatorial … as the text says it */
  tipo_vaga_raw: string | null;
  /** pj, pf, clt, scp, rpa */
  forma_pagamento_raw: string | null;
  contato_nome: string | null;
  /** 55 + DDD + number, digits only. */
  contato_whatsapp: string | null;
  endereco_raw: string | null;
  cidade: string | null;
  estado: string | null;
  observacoes_raw: string | null;
  confianca: Confianca;
  impedimentos: Impedimento[];
}
