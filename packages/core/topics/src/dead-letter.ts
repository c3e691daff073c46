import type { Delivery, OutgoingMessage } from "./broker.ts";
import type { WorkerDefinition } from "./define-worker.ts";
import type { Json } from "./json.ts";

const MAX_ERROR_LENGTH = 500;

/** An error's text as it is stored: at most 500 characters, and nothing that PostgreSQL cannot hold. */
export function storedError(error: Error): string {
  return storable(error.message || error.name);
}

function storable(text: string): string {
  return text.replaceAll("\0", " ").slice(0, MAX_ERROR_LENGTH).toWellFormed();
}

/**
 * The message that a dead delivery sends: exactly four keys (requirement 001), what else is known in headers. `original` is
 * the payload as received, so that sending it again says what its author said. Null: the worker has no DLQ.
 */
export function deadLetter(
  worker: WorkerDefinition,
  delivery: Delivery,
  { error, retries, at }: { error: Error; retries: number; at: Date },
): OutgoingMessage | null {
  if (worker.dlqTopic === null) return null;
  const payload: Json = { original: delivery.payload, error: storedError(error), worker: worker.name, retries };
  return {
    topic: worker.dlqTopic,
    payload,
    headers: {
      "x-original-topic": delivery.topic,
      "x-original-message-id": delivery.messageId,
      "x-group-id": delivery.groupId,
      "x-failed-at": at.toISOString(),
      "x-error-type": storable(error.name),
    },
    correlationId: delivery.correlationId,
    causationId: delivery.messageId,
  };
}
