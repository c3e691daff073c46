import { z } from "zod";
import type { SaudeDeps } from "./deps.ts";
import { PRAZO_MS } from "./relatorio.ts";

export const ParametrosHistorico = z.object({
  circuit_name: z.string().trim().min(1).max(100).optional().describe("o nome de um circuito; sem ele, todos"),
  horas: z.int().min(1).max(720).default(24),
});

const entrada = z.object({
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  falhas: z.int(),
  at: z.string(),
});
const Historico = z.object({
  circuit_filter: z.string().nullable(),
  period_hours: z.int(),
  total_transitions: z.int(),
  by_circuit: z.record(z.string(), z.array(entrada)),
  transitions: z.array(entrada.extend({ circuit_name: z.string() })),
  timestamp: z.string(),
});

/** Os circuitos deste processo, avaliados agora: um que já pode sondar não é dito aberto por horas (§4.11). */
export async function saudeCircuitos({ circuits, clock }: SaudeDeps) {
  return { circuits: circuits.snapshot(), timestamp: clock.now().toISOString() };
}

/** O diário de todos os processos (§4.12). */
export function historicoCircuitos({ db, clock }: SaudeDeps, p: z.output<typeof ParametrosHistorico>) {
  const args = {
    p_horas: p.horas,
    p_agora: clock.now().toISOString(),
    ...(p.circuit_name === undefined ? {} : { p_circuit_name: p.circuit_name }),
  };
  return db.json("obter_historico_circuitos", args, Historico, { timeoutMs: PRAZO_MS });
}
