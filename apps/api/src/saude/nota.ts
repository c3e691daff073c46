import type { SaudeDeps } from "./deps.ts";
import { comPrazo } from "./prazo.ts";
import { PRAZO_MS } from "./relatorio.ts";
import { sondarBanco, sondarEvolution } from "./sondas.ts";

/** Uma parte da nota, de 0 a `max`. Acrescentar uma é acrescentá-la a `COMPONENTES`. */
export interface Componente {
  readonly nome: string;
  readonly max: number;
  /** Lança se não pôde ser lido; então vale 0 e diz `error`. */
  pontuar(deps: SaudeDeps): Promise<number>;
}

/**
 * As partes que existem. Os pesos são os de domain/scheduler-and-health.md §4.9; `fila` (25) e `chips` (25) entram com as suas
 * tabelas. A nota é sempre de 0 a 100: o que as partes somam sobre o que poderiam somar.
 */
export const COMPONENTES: readonly Componente[] = [
  {
    nome: "connectivity",
    max: 30,
    async pontuar(deps) {
      const [banco, evolution] = await Promise.all([sondarBanco(deps), sondarEvolution(deps)]);
      // Redis não é usado aqui, e o que não é configurado não pode faltar: pontos inteiros.
      const porEvolution = { ok: 10, skipped: 10, degraded: 5, unknown: 0 }[evolution.estado];
      return 10 + (banco.estado === "ok" ? 10 : 0) + porEvolution;
    },
  },
  {
    nome: "circuits",
    max: 20,
    async pontuar({ circuits }) {
      const perda = { open: 8, half_open: 3, closed: 0 };
      return Object.values(circuits.snapshot()).reduce((n, c) => n - perda[c.estado], 20);
    },
  },
];

const LIMIARES = { healthy: 80, attention: 60, degraded: 40, critical: 0 } as const;
type Nivel = keyof typeof LIMIARES;
const COR: Readonly<Record<Nivel, string>> = {
  healthy: "green",
  attention: "yellow",
  degraded: "orange",
  critical: "red",
};
/** Um ponto abaixo de `degraded`. */
const TETO = 39;

/** O corpo de `/health/score` (§4.9). Com jobs em estado crítico, sem agendador ou sem banco a nota não passa de 39. */
export async function saudeNota(deps: SaudeDeps, componentes: readonly Componente[] = COMPONENTES) {
  const [partes, caps] = await Promise.all([Promise.all(componentes.map((c) => medir(deps, c))), tetos(deps)]);
  const soma = partes.reduce((n, p) => n + p.score, 0);
  const possivel = componentes.reduce((n, c) => n + c.max, 0);
  const nota = Math.min(Math.round((100 * soma) / possivel), ...caps.map((c) => c.max));
  const level = (Object.keys(LIMIARES) as Nivel[]).find((n) => nota >= LIMIARES[n]) ?? "critical";
  return {
    score: nota,
    max_score: 100,
    level,
    color: COR[level],
    breakdown: Object.fromEntries(partes.map(({ nome, ...p }) => [nome, p])),
    caps,
    thresholds: LIMIARES,
    timestamp: deps.clock.now().toISOString(),
  };
}

async function medir(deps: SaudeDeps, { nome, max, pontuar }: Componente) {
  try {
    const pontos = await comPrazo(nome, PRAZO_MS + 1000, () => pontuar(deps)); // as sondas têm o seu próprio prazo
    return { nome, score: Math.max(0, Math.min(max, pontos)), max };
  } catch (err) {
    deps.log.error({ err, componente: nome }, "parte da nota de saúde não pôde ser lida");
    return { nome, score: 0, max, error: true };
  }
}

async function tetos(deps: SaudeDeps): Promise<{ max: number; motivo: string }[]> {
  try {
    // Antes do teto da resposta: sem o estado dos jobs há uma nota, e ela diz que ele falta.
    const { status } = await comPrazo("estado dos jobs", PRAZO_MS + 1500, deps.jobs);
    if (status === "critical") return [{ max: TETO, motivo: "jobs em estado crítico" }];
    return status === "unknown" ? [{ max: TETO, motivo: "nenhum agendador ativo" }] : [];
  } catch (err) {
    deps.log.error({ err }, "estado dos jobs não pôde ser lido para a nota");
    return [{ max: TETO, motivo: "o estado dos jobs não pôde ser lido" }];
  }
}
