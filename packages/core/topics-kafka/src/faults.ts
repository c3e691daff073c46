import { TransientError } from "#core/runtime";

/** Name of the protocol's own error code inside whatever the client library threw (`NOT_COORDINATOR`, …). */
export function faultId(err: unknown): string | undefined {
  return find(err, (e) => (typeof e.apiId === "string" ? e.apiId : undefined));
}

/** The answer that came with a protocol error, when the library kept it. */
export function responseOf(err: unknown): unknown {
  return find(err, (e) => e.response);
}

/** Codes that pass by themselves, beside what the library already calls retriable. */
const PASSING = new Set(["CONCURRENT_TRANSACTIONS", "UNSTABLE_OFFSET_COMMIT", "UNKNOWN_TOPIC_OR_PARTITION"]);

/** The group gave this member's work to others, or never knew it. */
const FENCED = new Set(["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID", "FENCED_MEMBER_EPOCH"]);

export function isFenced(err: unknown): boolean {
  return FENCED.has(faultId(err) ?? "");
}

/** A lost connection, a time-out, a moved leader or coordinator: the same request may succeed in a moment. */
export function isPassing(err: unknown): boolean {
  const id = faultId(err);
  if (id !== undefined && PASSING.has(id)) return true;
  return find(err, (e) => (typeof e.canRetry === "boolean" ? e.canRetry : undefined)) ?? false;
}

/** What callers of the broker see: transient, whatever the cause, since a message is never given up for the store's sake. */
export function unavailable(what: string, cause: unknown): TransientError {
  const id = faultId(cause);
  return new TransientError("servico_externo", `Kafka: ${what} falhou${id === undefined ? "" : ` (${id})`}`, { cause });
}

interface Known {
  apiId?: unknown;
  canRetry?: unknown;
  response?: unknown;
  errors?: unknown;
  cause?: unknown;
}

/** Protocol errors come nested: an aggregate per answer, one error per partition, causes below. The first that has it wins. */
function find<T>(err: unknown, pick: (e: Known) => T | undefined, depth = 0): T | undefined {
  if (typeof err !== "object" || err === null || depth > 12) return undefined;
  const known = err as Known;
  const inner = Array.isArray(known.errors) ? known.errors : [];
  for (const next of [...inner, known.cause]) {
    const found = find(next, pick, depth + 1);
    if (found !== undefined) return found;
  }
  return pick(known);
}
