import type { Replica } from "./replica.ts";

/** Um trecho em que o relógio do banco correu sem saltos. */
export interface Corrida {
  paredeMs: number;
  monoMs: number;
  /** Quanto durou; infinito enquanto dura. */
  duraMs: number;
}

/** Do vencimento até quando uma réplica sã certamente o teria reivindicado. */
const PRAZO_MS = 25_000;

/**
 * Se havia ao menos uma réplica sã o tempo todo, do vencimento até `PRAZO_MS` depois: então nada justifica o horário perdido. Um
 * horário que o relógio pulou, ou pelo qual passou duas vezes, tem a sua justificativa.
 */
export function semJustificativa(slot: Date, corridas: readonly Corrida[], replicas: readonly Replica[]): boolean {
  const passagens = corridas.filter((c) => c.paredeMs <= slot.getTime() && slot.getTime() < c.paredeMs + c.duraMs);
  const unica = passagens[0];
  if (unica === undefined || passagens.length > 1) return false;
  const venceMs = unica.monoMs + slot.getTime() - unica.paredeMs;
  const fimMs = venceMs + PRAZO_MS;
  if (fimMs > unica.monoMs + unica.duraMs) return false;
  return replicas.some((r) => r.saudavel.some((t) => t.deMs <= venceMs && fimMs <= t.ateMs));
}
