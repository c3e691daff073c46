import { type Logger, safeErrorText } from "#core/runtime";
import type { Settlement } from "./broker.ts";
import type { WorkerDefinition } from "./define-worker.ts";

/** The one line of an execution that failed: it will be tried again, or it is dead. */
export function logFailure(log: Logger, worker: WorkerDefinition, settlement: Settlement): void {
  if (settlement.kind !== "retry" && settlement.kind !== "bury") return;
  const { topic, attempt, messageId } = settlement.delivery;
  const fields = { worker: worker.name, topic, attempt, item_id: messageId, motivo: safeErrorText(settlement.error) };
  if (settlement.kind === "bury") log.error(fields, `FAIL ${worker.name}: mensagem morta`);
  else log.warn(fields, `${worker.name} falhou; nova execução em ${settlement.delayMs / 1000} s`);
}
