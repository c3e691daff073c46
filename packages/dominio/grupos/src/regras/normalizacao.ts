import type { Periodo } from "../vaga-extraida.ts";
import { periodoPorHorario } from "./periodo.ts";

/** The columns of `vagas_grupo` that normalization reads. */
export interface VagaParaNormalizar {
  data: string | null;
  periodo: Periodo | null;
  hora_inicio: string | null;
  hora_fim: string | null;
  setor_raw: string | null;
  tipo_vaga_raw: string | null;
  forma_pagamento_raw: string | null;
  valor_tipo: "fixo" | "a_combinar" | "faixa";
}

/** A name found in a catalogue; `score` 1 is an exact alias, else the similarity. */
export interface NomeCasado {
  id: string;
  score: number;
}

/** Name of the catalogue row → id, as `fn_grupos_catalogos` answers. */
export interface CatalogosNormalizacao {
  periodos: Readonly<Record<string, string>>;
  setores: Readonly<Record<string, string>>;
  tipos_vaga: Readonly<Record<string, string>>;
  formas_recebimento: Readonly<Record<string, string>>;
}

export interface EntradaNormalizacao {
  hospital: (NomeCasado & { criado?: boolean }) | null;
  especialidade: NomeCasado | null;
  catalogos: CatalogosNormalizacao;
}

export const CAMPOS_VAGA = ["hospital", "especialidade", "data", "horario", "setor", "valor"] as const;
export type CampoVaga = (typeof CAMPOS_VAGA)[number];
/** Without these there is no vaga to import and no hash to compare. */
const OBRIGATORIOS: readonly CampoVaga[] = ["hospital", "especialidade", "data"];

/** Columns to write in `vagas_grupo`, plus what happens to the item. */
export interface VagaNormalizada {
  hospital_id: string | null;
  hospital_criado: boolean;
  hospital_match_score: number | null;
  especialidade_id: string | null;
  especialidade_match_score: number | null;
  periodo: Periodo | null;
  periodo_id: string | null;
  setor_id: string | null;
  tipos_vaga_id: string | null;
  forma_recebimento_id: string | null;
  campos_faltando: CampoVaga[];
  data_valida: boolean;
  dados_minimos_ok: boolean;
  status: "normalizada" | "aguardando_revisao";
  motivo_status: string | null;
  acao: "deduplicar" | "finalizar";
  /** Motive of the queue item when it ends here. */
  motivo: string | null;
}

const NOME_PERIODO: Readonly<Record<Periodo, string>> = {
  manha: "Meio período (manhã)",
  tarde: "Vespertino",
  diurno: "Diurno",
  noturno: "Noturno",
  cinderela: "Cinderela",
  "24h": "Plantão 24h",
};

const NOME_SETOR: Readonly<Record<string, string>> = {
  PS: "Pronto atendimento",
  PA: "Pronto atendimento",
  Emergência: "Pronto atendimento",
  "Sala Vermelha": "Pronto atendimento",
  UTI: "Hospital",
  "UTI Adulto": "Hospital",
  "UTI Coronariana": "Hospital",
  "UTI Pediátrica": "Hospital",
  "UTI Neonatal": "Hospital",
  Enfermaria: "Hospital",
  Internação: "Hospital",
  Retaguarda: "Hospital",
  "Centro Cirúrgico": "C. Cirúrgico",
  "Centro Obstétrico": "C. Obstétrico",
  RPA: "RPA",
  SADT: "SADT",
  Ambulatório: "Consultório",
  Consultório: "Consultório",
};

const NOME_TIPO: Readonly<Record<string, string>> = {
  cobertura: "Cobertura",
  extra: "Cobertura",
  avulso: "Cobertura",
  fixo: "Fixo",
  mensal: "Mensal",
  ambulatorial: "Ambulatorial",
};

const NOME_FORMA: Readonly<Record<string, string>> = {
  pj: "Pessoa jurídica",
  pf: "Pessoa fisica",
  rpa: "Pessoa fisica",
  clt: "CLT",
  scp: "SCP",
};

/**
 * Decision of `domain/grupos-pipeline.md` §5.5: raw words become catalogue ids, and a vaga without hospital, specialty or date
 * goes to review instead of being discarded. A missing sector, hour or value never blocks.
 */
export function normalizarVaga(vaga: VagaParaNormalizar, entrada: EntradaNormalizacao): VagaNormalizada {
  const { hospital, especialidade, catalogos } = entrada;
  const periodo =
    vaga.periodo ?? (vaga.hora_inicio && vaga.hora_fim ? periodoPorHorario(vaga.hora_inicio, vaga.hora_fim) : null);
  const setorId = idDe(catalogos.setores, nomeDe(NOME_SETOR, vaga.setor_raw));
  const faltando = new Set<CampoVaga>();
  if (hospital === null) faltando.add("hospital");
  if (especialidade === null) faltando.add("especialidade");
  if (vaga.data === null) faltando.add("data");
  if (periodo === null && !temHorario(vaga) && !ehAmbulatorial(vaga)) faltando.add("horario");
  if (setorId === null) faltando.add("setor");
  if (vaga.valor_tipo === "a_combinar") faltando.add("valor");
  const bloqueiam = OBRIGATORIOS.filter((c) => faltando.has(c));
  const completa = bloqueiam.length === 0;
  return {
    hospital_id: hospital?.id ?? null,
    hospital_criado: hospital?.criado ?? false,
    hospital_match_score: hospital?.score ?? null,
    especialidade_id: especialidade?.id ?? null,
    especialidade_match_score: especialidade?.score ?? null,
    periodo,
    periodo_id: periodo === null ? null : idDe(catalogos.periodos, NOME_PERIODO[periodo]),
    setor_id: setorId,
    tipos_vaga_id: idDe(catalogos.tipos_vaga, nomeDe(NOME_TIPO, vaga.tipo_vaga_raw)),
    forma_recebimento_id: idDe(catalogos.formas_recebimento, nomeDe(NOME_FORMA, vaga.forma_pagamento_raw)),
    campos_faltando: CAMPOS_VAGA.filter((c) => faltando.has(c)),
    data_valida: vaga.data !== null,
    dados_minimos_ok: completa,
    status: completa ? "normalizada" : "aguardando_revisao",
    motivo_status: completa ? null : motivoIncompleto(bloqueiam),
    acao: completa ? "deduplicar" : "finalizar",
    motivo: completa ? null : "aguardando_revisao",
  };
}

/** `match_incompleto:hospital,data` */
export function motivoIncompleto(campos: readonly CampoVaga[]): string {
  return `match_incompleto:${campos.join(",")}`;
}

function temHorario(vaga: VagaParaNormalizar): boolean {
  return vaga.hora_inicio !== null && vaga.hora_fim !== null;
}

function ehAmbulatorial(vaga: VagaParaNormalizar): boolean {
  return vaga.tipo_vaga_raw === "ambulatorial" || vaga.setor_raw === "Ambulatório" || vaga.setor_raw === "Consultório";
}

function nomeDe(nomes: Readonly<Record<string, string>>, bruto: string | null): string | null {
  return bruto !== null && Object.hasOwn(nomes, bruto) ? (nomes[bruto] ?? null) : null;
}

function idDe(catalogo: Readonly<Record<string, string>>, nome: string | null): string | null {
  return nome !== null && Object.hasOwn(catalogo, nome) ? (catalogo[nome] ?? null) : null;
}
