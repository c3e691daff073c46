/** Frequência → período e SLA (requisito 002). O SLA é o tempo sem execução a partir do qual um job está atrasado. */
export const FREQUENCIAS = {
  "1_minuto": { periodoS: 60, slaS: 180 },
  "5_minutos": { periodoS: 300, slaS: 900 },
  "10_minutos": { periodoS: 600, slaS: 1800 },
  "15_minutos": { periodoS: 900, slaS: 2700 },
  "1_hora": { periodoS: 3600, slaS: 7200 },
  diario: { periodoS: 86_400, slaS: 90_000 },
  semanal: { periodoS: 604_800, slaS: 691_200 },
} as const;
export type Frequencia = keyof typeof FREQUENCIAS;
