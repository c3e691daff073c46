import type { Entrada } from "./entrada.ts";

/** O que a saúde precisa saber de um job do catálogo. */
export interface Vigiado {
  readonly name: string;
  readonly cron: string;
  readonly endpoint: string;
  readonly periodS: number;
  readonly slaS: number;
  readonly critical: boolean;
}

/** O catálogo como `/health/jobs` o lê. */
export function vigiados(catalogo: readonly Entrada[]): Vigiado[] {
  return catalogo.map((e) => ({
    name: e.nome,
    cron: e.schedule,
    endpoint: e.endpoint,
    periodS: e.periodoS,
    slaS: e.slaS,
    critical: e.critico,
  }));
}
