import { z } from "zod";
import { type Clock, type Logger, PermanentError } from "#core/runtime";
import {
  type CircuitBreaker,
  type CircuitSnapshot,
  type CircuitTransition,
  createCircuitBreaker,
} from "./circuit-breaker.ts";

export interface CircuitSettings {
  /** Consecutive failures that open it. */
  failures: number;
  /** Deadline of one call through it, ms. */
  callTimeoutMs: number;
  /** First wait before a probe, s. */
  resetS: number;
  /** Longest wait, s. */
  maxResetS: number;
}

/** The global circuits (`domain/scheduler-and-health.md` §5.1); `slack` and `places` follow the pattern of a side channel. */
export const CIRCUITS = {
  evolution: { failures: 5, callTimeoutMs: 30_000, resetS: 60, maxResetS: 1800 },
  llm: { failures: 3, callTimeoutMs: 30_000, resetS: 60, maxResetS: 300 },
  supabase: { failures: 5, callTimeoutMs: 10_000, resetS: 60, maxResetS: 120 },
  slack: { failures: 5, callTimeoutMs: 10_000, resetS: 60, maxResetS: 600 },
  places: { failures: 5, callTimeoutMs: 10_000, resetS: 60, maxResetS: 600 },
} as const satisfies Record<string, CircuitSettings>;
export type CircuitName = keyof typeof CIRCUITS;
export const CIRCUIT_NAMES = Object.keys(CIRCUITS) as CircuitName[];

const seconds = z.coerce.number().int().min(1).max(86_400).optional().describe("segundos, inteiro de 1 a 86400");
const count = z.coerce.number().int().min(1).max(1000).optional().describe("inteiro de 1 a 1000");

/** Spread into an app's config schema: `CIRCUIT_<NOME>_RESET_S` and `CIRCUIT_<NOME>_FALHAS`. */
export const circuitConfigShape = {
  CIRCUIT_EVOLUTION_RESET_S: seconds,
  CIRCUIT_EVOLUTION_FALHAS: count,
  CIRCUIT_LLM_RESET_S: seconds,
  CIRCUIT_LLM_FALHAS: count,
  CIRCUIT_SUPABASE_RESET_S: seconds,
  CIRCUIT_SUPABASE_FALHAS: count,
  CIRCUIT_SLACK_RESET_S: seconds,
  CIRCUIT_SLACK_FALHAS: count,
  CIRCUIT_PLACES_RESET_S: seconds,
  CIRCUIT_PLACES_FALHAS: count,
} as const;
export type CircuitConfig = { [K in keyof typeof circuitConfigShape]?: number | undefined };

export interface CircuitRegistry {
  get(name: CircuitName): CircuitBreaker;
  /** Settings in force, overrides applied. */
  settings(name: CircuitName): CircuitSettings;
  /** The `circuits` of `GET /health/circuits`. */
  snapshot(): Record<CircuitName, CircuitSnapshot>;
  /** Operator's reset. Throws PermanentError `nao_encontrado` for an unknown name. */
  reset(name: string): CircuitSnapshot;
}

export interface CircuitRegistryOptions {
  clock: Clock;
  log: Logger;
  config?: CircuitConfig;
  /** Where transitions are kept (the journal); each is logged here too. */
  onTransition?: (transition: CircuitTransition) => void;
}

export function createCircuitRegistry(options: CircuitRegistryOptions): CircuitRegistry {
  const { clock, log, config = {} } = options;

  function onTransition(t: CircuitTransition): void {
    const fields = { circuit: t.circuit_name, de: t.from_state, para: t.to_state, motivo: t.reason };
    log[t.to_state === "open" ? "error" : "info"](
      fields,
      `circuito ${t.circuit_name}: ${t.from_state} → ${t.to_state}`,
    );
    try {
      options.onTransition?.(t);
    } catch (err) {
      log.error({ err, circuit: t.circuit_name }, "transição de circuito não registrada");
    }
  }

  const settings = new Map<CircuitName, CircuitSettings>();
  const circuits = new Map<CircuitName, CircuitBreaker>();
  for (const name of CIRCUIT_NAMES) {
    const upper = name.toUpperCase() as Uppercase<CircuitName>;
    const base = CIRCUITS[name];
    const own: CircuitSettings = {
      ...base,
      resetS: config[`CIRCUIT_${upper}_RESET_S`] ?? base.resetS,
      failures: config[`CIRCUIT_${upper}_FALHAS`] ?? base.failures,
    };
    settings.set(name, own);
    // Longer than any one call through it: a slow probe is not yet a lost one.
    const probeTimeoutMs = own.callTimeoutMs * 2;
    circuits.set(name, createCircuitBreaker({ name, ...own, probeTimeoutMs, clock, onTransition }));
  }

  const get = (name: CircuitName) => circuits.get(name) as CircuitBreaker;
  return {
    get,
    settings: (name) => settings.get(name) as CircuitSettings,
    snapshot: () =>
      Object.fromEntries(CIRCUIT_NAMES.map((n) => [n, get(n).snapshot()])) as Record<CircuitName, CircuitSnapshot>,
    reset(name) {
      const circuit = circuits.get(name as CircuitName);
      if (!circuit) {
        const message = `circuito desconhecido: ${name}; existem ${CIRCUIT_NAMES.join(", ")}`;
        throw new PermanentError("nao_encontrado", message, { campo: "circuit_name" });
      }
      circuit.reset();
      return circuit.snapshot();
    },
  };
}
