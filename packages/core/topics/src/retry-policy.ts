import { delayMs, exponential, fixed, linear, type RetryPolicy as Waits } from "#core/retry";

export const BACKOFFS = ["exponential", "linear", "fixed"] as const;
export type Backoff = (typeof BACKOFFS)[number];

export interface RetryPolicyOptions {
  /** Retries after the first execution, 0..100; default 3. */
  maxRetries?: number | undefined;
  backoff?: Backoff | undefined;
  /** Seconds; default 1, for `fixed` 5. */
  initialDelay?: number | undefined;
  /** Seconds; default 60, never below `initialDelay`. */
  maxDelay?: number | undefined;
}

/** How often and how long to wait (requirement 001), without jitter: the published delays are exact. */
export class RetryPolicy {
  readonly maxRetries: number;
  readonly backoff: Backoff;
  /** Seconds. */
  readonly initialDelay: number;
  /** Seconds. */
  readonly maxDelay: number;
  readonly #waits: Waits;

  constructor(options: RetryPolicyOptions = {}) {
    this.maxRetries = options.maxRetries ?? 3;
    this.backoff = options.backoff ?? "exponential";
    this.initialDelay = options.initialDelay ?? (this.backoff === "fixed" ? 5 : 1);
    this.maxDelay = options.maxDelay ?? 60;
    if (!Number.isInteger(this.maxRetries) || this.maxRetries < 0 || this.maxRetries > 100) {
      throw new RangeError("maxRetries deve ser um inteiro de 0 a 100");
    }
    if (!BACKOFFS.includes(this.backoff)) throw new RangeError(`retryBackoff deve ser ${BACKOFFS.join(", ")}`);
    if (!(Number.isFinite(this.initialDelay) && this.initialDelay > 0)) {
      throw new RangeError("initialDelay deve ser maior que 0, em segundos");
    }
    if (!(Number.isFinite(this.maxDelay) && this.maxDelay >= this.initialDelay)) {
      throw new RangeError("maxDelay deve ser ao menos initialDelay, em segundos");
    }
    const initialMs = this.initialDelay * 1000;
    const bounds = { maxMs: this.maxDelay * 1000 };
    this.#waits = { exponential, linear, fixed }[this.backoff](initialMs, bounds);
  }

  /** Seconds before retry number `attempt`; 1 is the first retry. RangeError below 1. */
  getDelay(attempt: number): number {
    return delayMs(this.#waits, attempt) / 1000;
  }
}
