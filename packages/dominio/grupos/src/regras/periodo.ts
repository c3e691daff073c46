import type { Periodo } from "../vaga-extraida.ts";

/** Hours a shift has when only its period is known (`domain/grupos-pipeline.md` §5.7). */
export const HORARIO_DO_PERIODO: Readonly<Record<Periodo, readonly [inicio: string, fim: string]>> = {
  manha: ["07:00", "13:00"],
  tarde: ["13:00", "19:00"],
  diurno: ["07:00", "19:00"],
  noturno: ["19:00", "07:00"],
  cinderela: ["19:00", "01:00"],
  "24h": ["07:00", "07:00"],
};

/** The same in whole hours. */
export const HORAS_DO_PERIODO: Readonly<Record<Periodo, number>> = {
  manha: 6,
  tarde: 6,
  diurno: 12,
  noturno: 12,
  cinderela: 6,
  "24h": 24,
};

/** Rule H4 (§7.4): the period that a pair of hours (`HH:MM` or `HH:MM:SS`) means. */
export function periodoPorHorario(inicio: string, fim: string): Periodo {
  const de = minutos(inicio);
  const ate = minutos(fim);
  const hora = Math.floor(de / 60);
  const horaFim = Math.floor(ate / 60);
  const duracao = (ate - de + 1440) % 1440;
  if (duracao === 0) return "24h";
  if (hora >= 18 && hora <= 20 && (horaFim === 23 || horaFim <= 2)) return "cinderela";
  if (hora >= 5 && hora <= 11) return duracao >= 480 ? "diurno" : "manha";
  if (hora >= 12 && hora <= 17) return "tarde";
  return "noturno";
}

/** Minutes since midnight; 24:00 is midnight. */
function minutos(hora: string): number {
  const [h = "0", m = "0"] = hora.split(":");
  return (Number(h) * 60 + Number(m)) % 1440;
}
