import { antesDe, palavras, type Segmento } from "../texto/segmento.ts";
import type { Setor } from "../vaga-extraida.ts";

export interface SetorLido {
  nome: Setor;
  inicio: number;
  fim: number;
}

/** Palavras de setor → rótulo (§7.7), as mais específicas primeiro. */
const SETORES: readonly [Setor, RegExp][] = [
  ["UTI Adulto", palavras("(?:uti|cti)\\s+(?:adultos?|geral adulto)")],
  ["UTI Coronariana", palavras("(?:uti|cti)\\s+(?:coronariana|cardiologica|cardio)|uco")],
  ["UTI Pediátrica", palavras("(?:uti|cti)\\s+(?:ped|pedi|pediatrica|infantil)")],
  ["UTI Neonatal", palavras("(?:uti|cti)\\s+(?:neo|neonatal)")],
  ["UTI", palavras("uti|utis|cti")],
  ["Sala Vermelha", palavras("sala vermelha")],
  ["PS", palavras("ps|p\\.s\\.|pronto[- ]socorro|porta")],
  ["PA", palavras("pa|p\\.a\\.|pronto[- ]atendimento")],
  ["Enfermaria", palavras("enfermarias?|enf")],
  ["Centro Cirúrgico", palavras("centro cirurgico|bloco cirurgico")],
  ["Centro Obstétrico", palavras("centro obstetrico")],
  ["Ambulatório", palavras("ambulatorios?|ambulatorial|amb")],
  ["Consultório", palavras("consultorios?")],
  ["RPA", palavras("rpa")],
  ["SADT", palavras("sadt")],
  ["Retaguarda", palavras("retaguarda")],
  ["Internação", palavras("internacao")],
  ["Emergência", palavras("emergencia")],
];
/** A maioria dos segmentos não diz setor: uma busca só para sabê-lo. */
const ALGUM = new RegExp(SETORES.map(([, padrao]) => padrao.source).join("|"));
/** "pago via RPA" é forma de pagamento. */
const RPA_PAGAMENTO = /(?:via|por|em|no|pago|pagamento|recebe)\s+$/;

/** Os setores de um segmento, na ordem do texto; o que está dentro do nome do hospital não conta. */
export function lerSetores(segmento: Segmento, hospital: { inicio: number; fim: number } | null): SetorLido[] {
  if (!ALGUM.test(segmento.dobrado)) return [];
  const lidos: SetorLido[] = [];
  const livre = (inicio: number, fim: number) =>
    lidos.every((s) => fim <= s.inicio || inicio >= s.fim) &&
    (!hospital || fim <= hospital.inicio || inicio >= hospital.fim);
  for (const [nome, padrao] of SETORES) {
    for (const a of segmento.dobrado.matchAll(padrao)) {
      const fim = a.index + a[0].length;
      if (!livre(a.index, fim)) continue;
      if (nome === "RPA" && RPA_PAGAMENTO.test(antesDe(segmento.dobrado, a.index))) continue;
      lidos.push({ nome, inicio: a.index, fim });
    }
  }
  lidos.sort((a, b) => a.inicio - b.inicio);
  return lidos.filter((s, i) => lidos.findIndex((o) => o.nome === s.nome) === i);
}

/** E4: sem especialidade nenhuma, UTI de adulto implica Medicina Intensiva; PS, PA e UPA não implicam nada. */
export function implicaIntensiva(setor: Setor | null): boolean {
  return setor === "UTI" || setor === "UTI Adulto" || setor === "UTI Coronariana";
}
