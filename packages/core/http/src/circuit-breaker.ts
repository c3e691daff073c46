import { AppError, type Clock, TransientError } from "#core/runtime";

/*
 *            threshold of failures in a row
 *   closed ───────────────────────────────────▶ open ◀────────────┐
 *     ▲                                          │ wait is over    │ probe failed: the wait doubles, up to its cap
 *     │ probe succeeded                          ▼                 │
 *     └────────────────────────────────────── half_open ──────────┘      exactly one probe at a time
 */
export type CircuitState = "closed" | "open" | "half_open";

/**
 * What a call says about the upstream. `success`: it works. `failure`: network error, timeout, 5xx, 401/403.
 * `answered`: it works but refused this one request (400, 404, 422): ends an outage, forgives no failures. `unknown`:
 * says nothing (429, or the caller cancelled): a probe is given back untouched.
 */
export type CircuitVerdict = "success" | "failure" | "answered" | "unknown";

/** One change of state, as stored in `circuit_transitions` (`domain/scheduler-and-health.md` §5.1). */
export interface CircuitTransition {
  circuit_name: string;
  from_state: CircuitState;
  to_state: CircuitState;
  /** `muitas_falhas_<n>`, `timeout_reset_<s>s`, `recuperado`, `falha_half_open_tentativa_<n>`, `reset_manual`, `reinicio` */
  reason: string;
  falhas_consecutivas: number;
  tentativas_half_open: number;
  at: Date;
}

/** The shape of `GET /health/circuits` (§4.11); seconds and ISO instants. */
export interface CircuitSnapshot {
  nome: string;
  estado: CircuitState;
  falhas_consecutivas: number;
  falhas_para_abrir: number;
  ultima_falha: string | null;
  ultimo_sucesso: string | null;
  /** Probes that failed since the circuit opened. */
  tentativas_half_open: number;
  /** The wait in force before the next probe, seconds. */
  tempo_reset_atual: number;
  /** Seconds until a probe is let through; 0 in half_open, null while closed. */
  proxima_tentativa_em_s: number | null;
  ultimo_erro_tipo: string | null;
}

export interface CircuitOptions {
  name: string;
  /** Consecutive failures that open the circuit. */
  failures: number;
  /** First wait before a probe, seconds; doubled after each failed probe up to `maxResetS`. */
  resetS: number;
  maxResetS: number;
  /** A probe that has not reported after this long counts as failed, so that a lost one cannot block the circuit. */
  probeTimeoutMs?: number;
  clock: Clock;
  /** Told of each change. It must not throw: the registry's wraps the journal so that a failed write breaks no call. */
  onTransition?: (transition: CircuitTransition) => void;
}

/** Leave to make one call. Report exactly once; later reports are ignored. */
export interface CircuitPermit {
  report(verdict: CircuitVerdict, error?: unknown): void;
}

export interface CircuitBreaker {
  readonly name: string;
  /** Throws TransientError `circuito_aberto` when the call must not be made. */
  enter(): CircuitPermit;
  /** Throws like `enter` but takes no permit: for checks before costly preparation. */
  check(): void;
  /** Current state; reading moves an open circuit whose wait is over to half_open. */
  snapshot(): CircuitSnapshot;
  /** Operator's reset: closed, reason `reset_manual`. */
  reset(): void;
}

const DEFAULT_PROBE_TIMEOUT_MS = 120_000;

export function createCircuitBreaker(options: CircuitOptions): CircuitBreaker {
  const { name, failures: threshold, resetS, clock, onTransition } = options;
  const maxResetS = Math.max(options.maxResetS, resetS);
  const probeTimeoutMs = options.probeTimeoutMs ?? DEFAULT_PROBE_TIMEOUT_MS;
  let state: CircuitState = "closed";
  let consecutive = 0;
  let failedProbes = 0;
  let waitS = resetS;
  let openedAtMs = 0;
  /** Changes with every transition: what a call that began in an earlier state reports says nothing about this one. */
  let epoch = 0;
  let probe: { startedAtMs: number } | null = null;
  let lastFailure: Date | null = null;
  let lastSuccess: Date | null = null;
  let lastErrorType: string | null = null;

  function go(to: CircuitState, reason: string): void {
    const from = state;
    state = to;
    epoch++;
    probe = null;
    if (to === "open") openedAtMs = clock.monotonicMs();
    const transition: CircuitTransition = {
      circuit_name: name,
      from_state: from,
      to_state: to,
      reason,
      falhas_consecutivas: consecutive,
      tentativas_half_open: failedProbes,
      at: clock.now(),
    };
    if (to === "closed") {
      consecutive = 0;
      failedProbes = 0;
      waitS = resetS;
    }
    onTransition?.(transition);
  }

  function failProbe(): void {
    failedProbes++;
    waitS = Math.min(resetS * 2 ** failedProbes, maxResetS);
    go("open", `falha_half_open_tentativa_${failedProbes}`);
  }

  /** Transitions that time alone brings about. */
  function evaluate(): void {
    const now = clock.monotonicMs();
    if (state === "half_open" && probe && now - probe.startedAtMs >= probeTimeoutMs) {
      consecutive++;
      lastFailure = clock.now();
      lastErrorType = "TimeoutError";
      failProbe();
    }
    if (state === "open" && now - openedAtMs >= waitS * 1000) go("half_open", `timeout_reset_${waitS}s`);
  }

  const waitLeftMs = () => Math.max(0, openedAtMs + waitS * 1000 - clock.monotonicMs());

  function refuse(): never {
    const seconds = Math.ceil(waitLeftMs() / 1000);
    const when = state === "open" ? `nova tentativa em ${seconds} s` : "uma sondagem está em andamento";
    throw new TransientError("circuito_aberto", `circuit open: ${name} (${when})`, {
      details: { circuit: name },
      ...(state === "open" ? { retryAfterMs: waitLeftMs() } : {}),
    });
  }

  function check(): void {
    evaluate();
    if (state === "open" || (state === "half_open" && probe)) refuse();
  }

  function onFailure(error: unknown): void {
    lastFailure = clock.now();
    lastErrorType = errorType(error);
    consecutive++;
    if (state === "half_open") failProbe();
    else if (consecutive >= threshold) go("open", `muitas_falhas_${consecutive}`);
  }

  function settle(verdict: CircuitVerdict, error: unknown): void {
    if (verdict === "failure") onFailure(error);
    else if (verdict === "unknown") probe = null;
    else {
      if (verdict === "success") {
        lastSuccess = clock.now();
        if (state === "closed") consecutive = 0;
      }
      if (state === "half_open") go("closed", "recuperado");
    }
  }

  return {
    name,
    check,
    enter() {
      check();
      const mine = epoch;
      if (state === "half_open") probe = { startedAtMs: clock.monotonicMs() };
      let reported = false;
      return {
        report(verdict, error) {
          if (reported) return;
          reported = true;
          if (mine === epoch) settle(verdict, error);
        },
      };
    },
    snapshot() {
      evaluate();
      return {
        nome: name,
        estado: state,
        falhas_consecutivas: consecutive,
        falhas_para_abrir: threshold,
        ultima_falha: lastFailure?.toISOString() ?? null,
        ultimo_sucesso: lastSuccess?.toISOString() ?? null,
        tentativas_half_open: failedProbes,
        tempo_reset_atual: waitS,
        proxima_tentativa_em_s: state === "closed" ? null : state === "open" ? Math.ceil(waitLeftMs() / 1000) : 0,
        ultimo_erro_tipo: lastErrorType,
      };
    },
    reset() {
      if (state !== "closed") go("closed", "reset_manual");
      else consecutive = 0;
    },
  };
}

/** A word for the operator, without the message: it may hold a phone number. */
function errorType(error: unknown): string {
  if (error instanceof AppError) {
    const { http, motivo } = error.details ?? {};
    if (typeof http === "number") return `HTTP ${http}`;
    if (typeof motivo === "string") return motivo;
  }
  return error instanceof Error ? error.name : "desconhecido";
}
