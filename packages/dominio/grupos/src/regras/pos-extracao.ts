import { createHash } from "node:crypto";
import { daysBetween, weekdayOf } from "#core/runtime";
import { dobrar } from "../texto/dobrar.ts";
import { DIAS_SEMANA, type DiaSemana, type Impedimento, type VagaExtraida } from "../vaga-extraida.ts";

export interface ContextoPreparo {
  /** `R`: dia de São Paulo em que a mensagem foi enviada. */
  dataReferencia: string;
  /** Nome do hospital de que o grupo é; vale para vagas que não dizem o seu. */
  hospitalDoGrupo?: string | null;
  maxVagas?: number;
  janelaFuturaDias?: number;
}

/** Uma vaga com o que o fan-out exige, e a chave que a torna única na mensagem. */
export type VagaPronta = VagaExtraida & {
  hospital_raw: string;
  data: string;
  dia_semana: DiaSemana;
  chave_vaga: string;
  /** 1..n, na ordem do texto. */
  ordem: number;
  data_valida: boolean;
};

export interface Preparo {
  vagas: VagaPronta[];
  /** `extracao:<por quê>` quando não sobrou nenhuma. */
  motivo: string | null;
  /** Quantas eram de dias que já tinham passado. */
  passadas: number;
  /** Quantas passaram do limite por mensagem. */
  truncadas: number;
}

const CONFIANCA_DO_GRUPO = 0.7;
const VALOR_BAIXO = 500;
const VALOR_ALTO = 10_000;
const DIAS_DISTANTE = 30;

/**
 * As regras comuns aos dois extratores depois da leitura (§5.4, passos 2–5): hospital do grupo quando falta, fora o que não tem
 * hospital ou data ou já passou, uma por chave, até o limite, com as observações de conferência.
 */
export function prepararVagas(lidas: readonly VagaExtraida[], contexto: ContextoPreparo): Preparo {
  const { dataReferencia: r, maxVagas = 20, janelaFuturaDias = 90 } = contexto;
  const porChave = new Map<string, VagaPronta>();
  const fora = { hospital: 0, data: 0, passada: 0 };
  for (const lida of lidas) {
    const vaga = comHospitalDoGrupo(lida, contexto.hospitalDoGrupo ?? null);
    if (vaga.hospital_raw === null || vaga.hospital_raw.trim() === "") fora.hospital++;
    else if (vaga.data === null) fora.data++;
    else if (vaga.data < r) fora.passada++;
    else {
      const pronta = preparar({ ...vaga, hospital_raw: vaga.hospital_raw, data: vaga.data }, r, janelaFuturaDias);
      if (!porChave.has(pronta.chave_vaga)) porChave.set(pronta.chave_vaga, pronta);
    }
  }
  const todas = [...porChave.values()];
  const vagas = todas.slice(0, maxVagas).map((v, i) => ({ ...v, ordem: i + 1 }));
  return {
    vagas,
    motivo: vagas.length > 0 ? null : `extracao:${porqueNenhuma(lidas.length, fora)}`,
    passadas: fora.passada,
    truncadas: todas.length - vagas.length,
  };
}

function porqueNenhuma(lidas: number, fora: { hospital: number; data: number; passada: number }): string {
  if (lidas === 0) return "sem_vagas";
  if (fora.passada > 0) return "somente_datas_passadas";
  return fora.hospital > 0 ? "sem_hospital" : "sem_data";
}

function comHospitalDoGrupo(vaga: VagaExtraida, hospital: string | null): VagaExtraida {
  if (vaga.hospital_raw !== null || hospital === null) return vaga;
  return { ...vaga, hospital_raw: hospital, confianca: { ...vaga.confianca, hospital: CONFIANCA_DO_GRUPO } };
}

function preparar(
  vaga: VagaExtraida & { hospital_raw: string; data: string },
  r: string,
  janelaFuturaDias: number,
): VagaPronta {
  const distancia = daysBetween(r, vaga.data);
  const notas: string[] = [];
  if (vaga.valor_tipo === "fixo" && vaga.valor !== null) {
    if (vaga.valor < VALOR_BAIXO) notas.push("valor_baixo");
    if (vaga.valor > VALOR_ALTO) notas.push("valor_alto");
  }
  if (distancia === 0) notas.push("data_hoje");
  if (distancia > DIAS_DISTANTE) notas.push("data_distante");
  if (horarioInvalido(vaga.hora_inicio) || horarioInvalido(vaga.hora_fim)) notas.push("horario_invalido");
  const impedimentos = new Set<Impedimento>(vaga.impedimentos);
  if (distancia > janelaFuturaDias) impedimentos.add("data_muito_distante");
  const observacoes = [vaga.observacoes_raw, ...notas].filter((n) => n !== null && n !== "").join("; ");
  return {
    ...vaga,
    dia_semana: DIAS_SEMANA[weekdayOf(vaga.data)] as DiaSemana,
    observacoes_raw: observacoes === "" ? null : observacoes,
    impedimentos: [...impedimentos],
    chave_vaga: chaveVaga(vaga),
    ordem: 0,
    data_valida: true,
  };
}

function horarioInvalido(hora: string | null): boolean {
  return hora !== null && !/^([01]\d|2[0-3]):[0-5]\d$/.test(hora);
}

/** §3.6: o que faz duas leituras da mesma mensagem serem a mesma vaga. */
export function chaveVaga(
  v: Pick<VagaExtraida, "hospital_raw" | "data" | "periodo" | "hora_inicio" | "especialidade_raw" | "setor_raw">,
): string {
  const partes = [
    dobrar(v.hospital_raw ?? ""),
    v.data ?? "",
    v.periodo ?? "",
    v.hora_inicio ?? "",
    dobrar(v.especialidade_raw ?? ""),
    v.setor_raw ?? "",
  ];
  return createHash("md5").update(partes.join("|")).digest("hex");
}
