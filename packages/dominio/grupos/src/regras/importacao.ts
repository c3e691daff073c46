import { daysBetween } from "#core/runtime";
import { IMPEDIMENTOS, type Impedimento, type Periodo } from "../vaga-extraida.ts";
import { type CampoVaga, motivoIncompleto } from "./normalizacao.ts";
import { HORARIO_DO_PERIODO } from "./periodo.ts";

/** What the import score is made of: columns of `vagas_grupo`. */
export interface VagaPontuada {
  hospital_match_score: number | null;
  especialidade_match_score: number | null;
  confianca_data: number | null;
  periodo_id: string | null;
  valor_tipo: "fixo" | "a_combinar" | "faixa";
  valor: number | null;
}

export interface VagaParaImportar extends VagaPontuada {
  hospital_id: string | null;
  especialidade_id: string | null;
  /** `YYYY-MM-DD` */
  data: string | null;
  periodo: Periodo | null;
  hora_inicio: string | null;
  hora_fim: string | null;
  tipo_vaga_raw: string | null;
  impedimentos: readonly string[];
}

export interface LimiaresImportacao {
  /** From here on the vaga is imported. */
  importar: number;
  /** From here on a person looks at it. */
  revisar: number;
  /** Whole reais per shift. */
  valorMinimo: number;
  valorMaximo: number;
  janelaDataFuturaDias: number;
}

/** `domain/grupos-pipeline.md` §13. */
export const LIMIARES_IMPORTACAO: LimiaresImportacao = {
  importar: 0.85,
  revisar: 0.7,
  valorMinimo: 100,
  valorMaximo: 10_000,
  janelaDataFuturaDias: 90,
};

export interface DecisaoImportacao {
  resultado: "importada" | "aguardando_revisao" | "descartada";
  motivo_status: string | null;
  /** 0..1; stored in `confianca_geral`. */
  score: number;
  /** Recomputed: what no longer holds is gone, what holds now is added. */
  impedimentos: Impedimento[];
  /** Hours of the rows in `vagas`: the text's, else the period's. `HH:MM` */
  hora_inicio: string | null;
  hora_fim: string | null;
}

/** Confidence of a date whose origin is unknown. */
const CONFIANCA_DATA_PADRAO = 0.8;

/**
 * Import score (§5.7). Integer arithmetic: factors in ten-thousandths, weights in hundredths, one division at the end, so that
 * a score that is exactly a threshold compares equal to it.
 */
export function pontuarImportacao(vaga: VagaPontuada, limiares: LimiaresImportacao = LIMIARES_IMPORTACAO): number {
  const soma =
    30 * emDecimosDeMilesimo(vaga.hospital_match_score ?? 0) +
    30 * emDecimosDeMilesimo(vaga.especialidade_match_score ?? 0) +
    25 * emDecimosDeMilesimo(vaga.confianca_data ?? CONFIANCA_DATA_PADRAO) +
    10 * emDecimosDeMilesimo(vaga.periodo_id === null ? 0.5 : 1) +
    5 * emDecimosDeMilesimo(fatorValor(vaga, limiares));
  return soma / 1_000_000;
}

/**
 * What becomes of a vaga that reached the import stage, first rule that applies (§5.7).
 *
 * @param contexto.hoje São Paulo date of the moment of import, `YYYY-MM-DD`
 * @param contexto.bloqueado the hospital is in `hospitais_bloqueados`
 */
export function decidirImportacao(
  vaga: VagaParaImportar,
  contexto: { hoje: string; bloqueado: boolean; limiares?: LimiaresImportacao },
): DecisaoImportacao {
  const limiares = contexto.limiares ?? LIMIARES_IMPORTACAO;
  const score = pontuarImportacao(vaga, limiares);
  const impedimentos = impedimentosDe(vaga, contexto.hoje, limiares);
  const decidir = (resultado: DecisaoImportacao["resultado"], motivo_status: string | null): DecisaoImportacao => ({
    resultado,
    motivo_status,
    score,
    impedimentos,
    ...horarios(vaga),
  });

  if (vaga.data !== null && vaga.data < contexto.hoje)
    return decidir("descartada", "validacao_falhou: data no passado");
  const faltando = camposObrigatoriosFaltando(vaga);
  if (faltando.length > 0) return decidir("aguardando_revisao", motivoIncompleto(faltando));
  if (contexto.bloqueado) return decidir("descartada", "hospital_bloqueado");
  if (impedimentos.length > 0 && score >= limiares.revisar)
    return decidir("aguardando_revisao", impedimentos.join(","));
  if (score >= limiares.importar) return decidir("importada", null);
  if (score >= limiares.revisar) return decidir("aguardando_revisao", "confianca_media");
  return decidir("descartada", "baixa_confianca");
}

function camposObrigatoriosFaltando(vaga: VagaParaImportar): CampoVaga[] {
  const faltando: CampoVaga[] = [];
  if (vaga.hospital_id === null) faltando.push("hospital");
  if (vaga.especialidade_id === null) faltando.push("especialidade");
  if (vaga.data === null) faltando.push("data");
  return faltando;
}

function impedimentosDe(vaga: VagaParaImportar, hoje: string, limiares: LimiaresImportacao): Impedimento[] {
  const agora: Record<Impedimento, boolean> = {
    valor_fora_da_faixa: vaga.valor_tipo === "fixo" && !naFaixa(vaga.valor, limiares),
    // Only the extraction saw the weekday and the words of the text.
    dia_semana_divergente: vaga.impedimentos.includes("dia_semana_divergente"),
    vaga_recorrente:
      vaga.impedimentos.includes("vaga_recorrente") || vaga.tipo_vaga_raw === "fixo" || vaga.tipo_vaga_raw === "mensal",
    sem_ancoragem: vaga.impedimentos.includes("sem_ancoragem"),
    data_muito_distante: vaga.data !== null && daysBetween(hoje, vaga.data) > limiares.janelaDataFuturaDias,
  };
  return IMPEDIMENTOS.filter((i) => agora[i]);
}

function fatorValor(vaga: VagaPontuada, limiares: LimiaresImportacao): number {
  if (vaga.valor_tipo === "faixa") return 0.9;
  if (vaga.valor_tipo === "a_combinar") return 0.7;
  return naFaixa(vaga.valor, limiares) ? 1 : 0.3;
}

function naFaixa(valor: number | null, { valorMinimo, valorMaximo }: LimiaresImportacao): boolean {
  return valor !== null && valor >= valorMinimo && valor <= valorMaximo;
}

function horarios(vaga: VagaParaImportar): { hora_inicio: string | null; hora_fim: string | null } {
  const padrao = vaga.periodo === null ? null : HORARIO_DO_PERIODO[vaga.periodo];
  return { hora_inicio: vaga.hora_inicio ?? padrao?.[0] ?? null, hora_fim: vaga.hora_fim ?? padrao?.[1] ?? null };
}

/** 0..1 in whole ten-thousandths. */
function emDecimosDeMilesimo(fator: number): number {
  return Math.round(fator * 10_000);
}
