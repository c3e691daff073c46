import type { Delivery, Settlement } from "./broker.ts";
import { storedError } from "./dead-letter.ts";
import type { WorkerDefinition } from "./define-worker.ts";

/** The end that the broker can take in place of one it refused: another failure of the execution, or death without a DLQ message. */
export function refusal(worker: WorkerDefinition, delivery: Delivery, err: unknown): Settlement {
  const error = storedError(err instanceof Error ? err : new Error(String(err)));
  const retries = delivery.attempt - 1;
  if (retries >= worker.retry.maxRetries) return { kind: "bury", delivery, dlq: null, error };
  return { kind: "retry", delivery, delayMs: worker.retry.getDelay(retries + 1) * 1000, error };
}
