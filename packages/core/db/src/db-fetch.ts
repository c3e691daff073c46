import {
  type Answer,
  type CircuitBreaker,
  type CircuitVerdict,
  createFetch,
  type UpstreamDispatcher,
  verdictOfStatus,
} from "#core/http";

export interface DbFetchOptions {
  circuit: CircuitBreaker;
  dispatcher?: UpstreamDispatcher;
}

/** `db.call` owns the deadline; this one only keeps a forgotten call from living for ever. */
const LAST_RESORT_MS = 120_000;
/** A batch of 1,000 rows of group messages is a few MiB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The `fetch` that `createDb` receives: circuit `supabase`, sockets of its own. */
export function createDbFetch(options: DbFetchOptions): typeof fetch {
  return createFetch({
    name: "supabase",
    ...options,
    timeoutMs: LAST_RESORT_MS,
    maxBodyBytes: MAX_BODY_BYTES,
    callerTimeoutCounts: true,
    verdictOf,
  });
}

const decoder = new TextDecoder();

/**
 * PostgREST answers 500 for a transaction that lost a deadlock or a serialization race (class 40) as well. The database is
 * well then, and `db.call` repeats the call: it must not help to open the circuit.
 */
function verdictOf(answer: Answer): CircuitVerdict {
  const verdict = verdictOfStatus(answer.status);
  if (verdict !== "failure" || answer.status !== 500) return verdict;
  try {
    const body: unknown = JSON.parse(decoder.decode(answer.body));
    const code = typeof body === "object" && body !== null && "code" in body ? body.code : null;
    return typeof code === "string" && /^40[0-9A-Z]{3}$/.test(code) ? "answered" : verdict;
  } catch {
    // Not JSON: not from PostgREST, so the status alone decides.
    return verdict;
  }
}
