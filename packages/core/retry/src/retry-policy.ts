/**
 * How long to wait after the n-th failure in a row. Pure: the random source is an argument. Durations are milliseconds,
 * failures are counted from 1 (requirement 001: exponential from 1 s waits 4 s after the third).
 */
export type RetryPolicy = (
  | { readonly kind: "fixed"; readonly delayMs: number }
  /** initial, 2·initial, 3·initial … */
  | { readonly kind: "linear"; readonly initialMs: number }
  /** initial, initial·factor, initial·factor² … */
  | { readonly kind: "exponential"; readonly initialMs: number; readonly factor: number }
  /** One wait per failure; the last one repeats. */
  | { readonly kind: "steps"; readonly stepsMs: readonly number[] }
) & {
  /** Upper bound of every wait, applied before jitter. */
  readonly maxMs?: number;
  /** 0..1: share of the wait that is random, so that clients which failed together do not return together. Default 0. */
  readonly jitter?: number;
};

interface Bounds {
  maxMs?: number;
  jitter?: number;
}

export function fixed(delayMs: number, bounds: Bounds = {}): RetryPolicy {
  return checked({ kind: "fixed", delayMs, ...bounds });
}

export function linear(initialMs: number, bounds: Bounds = {}): RetryPolicy {
  return checked({ kind: "linear", initialMs, ...bounds });
}

export function exponential(initialMs: number, bounds: Bounds & { factor?: number } = {}): RetryPolicy {
  const { factor = 2, ...rest } = bounds;
  return checked({ kind: "exponential", initialMs, factor, ...rest });
}

/** `steps([1, 5, 15])`: the groups queue's waits, in minutes. */
export function steps(minutes: readonly number[], bounds: Bounds = {}): RetryPolicy {
  return stepsMs(
    minutes.map((m) => m * 60_000),
    bounds,
  );
}

export function stepsMs(delays: readonly number[], bounds: Bounds = {}): RetryPolicy {
  if (delays.length === 0) throw new RangeError("steps: at least one delay");
  return checked({ kind: "steps", stepsMs: delays, ...bounds });
}

/**
 * Milliseconds to wait after failure number `failureNumber` (1 = the first). With jitter j the wait lies in
 * [wait·(1−j), wait]: never longer than the policy says. Throws RangeError for a failure number below 1.
 */
export function delayMs(policy: RetryPolicy, failureNumber: number, random: () => number = Math.random): number {
  if (!Number.isInteger(failureNumber) || failureNumber < 1) {
    throw new RangeError(`delayMs: failureNumber must be 1 or more, got ${failureNumber}`);
  }
  const wait = Math.min(baseDelay(policy, failureNumber), policy.maxMs ?? Number.MAX_SAFE_INTEGER);
  const jitter = policy.jitter ?? 0;
  return Math.round(jitter === 0 ? wait : wait * (1 - jitter * random()));
}

function baseDelay(policy: RetryPolicy, n: number): number {
  switch (policy.kind) {
    case "fixed":
      return policy.delayMs;
    case "linear":
      return policy.initialMs * n;
    case "exponential":
      return policy.initialMs * policy.factor ** (n - 1);
    case "steps":
      return policy.stepsMs[Math.min(n, policy.stepsMs.length) - 1] ?? 0;
  }
}

function checked(policy: RetryPolicy): RetryPolicy {
  const numbers = policy.kind === "steps" ? policy.stepsMs : [baseDelay(policy, 1)];
  if (numbers.some((ms) => !Number.isFinite(ms) || ms < 0))
    throw new RangeError("retry policy: delays must be 0 or more");
  if (policy.kind === "exponential" && !(policy.factor >= 1))
    throw new RangeError("retry policy: factor must be 1 or more");
  const { jitter = 0, maxMs = 0 } = policy;
  if (!(jitter >= 0 && jitter <= 1)) throw new RangeError("retry policy: jitter must lie in 0..1");
  if (!(maxMs >= 0)) throw new RangeError("retry policy: maxMs must be 0 or more");
  return policy;
}
