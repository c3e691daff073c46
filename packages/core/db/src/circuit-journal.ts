import { randomUUID } from "node:crypto";
import type { CircuitTransition } from "#core/http";
import { delayMs, exponential } from "#core/retry";
import type { Logger } from "#core/runtime";
import type { Db } from "./db.ts";

export interface CircuitJournal {
  /** Never throws and never waits: the call that caused the transition goes on. */
  record(transition: CircuitTransition): void;
  /** Writes what is buffered, in one call. Never rejects: a failure is logged and the rows are kept for the next try. */
  flush(): Promise<void>;
  /**
   * To be called once when an API process starts: a new process begins with closed circuits, so those whose last row says
   * otherwise get a row `reinicio`. Never rejects.
   */
  recordRestart(names: readonly string[]): Promise<void>;
  /** Writes what is left; for the ordered shutdown. */
  close(): Promise<void>;
}

export interface CircuitJournalOptions {
  db: Pick<Db, "call">;
  log: Logger;
  /** How long a transition waits for company, ms. */
  flushMs?: number;
  /** Rows kept while the database is away; the oldest are dropped, and logged, above that. */
  maxBuffered?: number;
  /** Tests only: how the next flush is scheduled; answers how to cancel it. */
  schedule?: (run: () => void, ms: number) => () => void;
}

const RETRY = exponential(5000, { maxMs: 60_000 });

function scheduleUnref(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
}

/**
 * Buffered writer of `circuit_transitions`. Its own database may be the one whose circuit just opened, hence the buffer
 * and the patience. Rows carry their id from here on, so that a flush whose answer was lost can be repeated.
 */
export function createCircuitJournal(options: CircuitJournalOptions): CircuitJournal {
  const { db, log, flushMs = 1000, maxBuffered = 1000, schedule = scheduleUnref } = options;
  let buffer: object[] = [];
  let flushing: Promise<void> | null = null;
  let cancel: (() => void) | null = null;
  let failures = 0;
  let closed = false;
  const stamp = strictlyIncreasing();

  function plan(ms: number): void {
    if (cancel || closed) return;
    cancel = schedule(() => {
      cancel = null;
      void flush();
    }, ms);
  }

  function trim(): void {
    const surplus = buffer.length - maxBuffered;
    if (surplus <= 0) return;
    buffer = buffer.slice(surplus);
    log.error({ descartadas: surplus }, "diário de circuitos cheio: transições antigas descartadas");
  }

  async function write(): Promise<void> {
    const rows = buffer;
    buffer = [];
    try {
      await db.call("registrar_circuit_transitions", { p_itens: rows as never });
      failures = 0;
    } catch (err) {
      buffer = [...rows, ...buffer];
      trim();
      failures++;
      log.warn({ err, pendentes: buffer.length }, "transições de circuito não gravadas; nova tentativa depois");
    }
    if (buffer.length > 0) plan(failures > 0 ? delayMs(RETRY, failures) : flushMs);
  }

  function flush(): Promise<void> {
    if (buffer.length === 0) return flushing ?? Promise.resolve();
    flushing ??= write().finally(() => {
      flushing = null;
    });
    return flushing;
  }

  return {
    record(t) {
      const { at, ...fields } = t;
      buffer.push({ id: randomUUID(), ...fields, created_at: stamp(at) });
      trim();
      plan(flushMs);
    },
    flush,
    async recordRestart(names) {
      try {
        await db.call("registrar_reinicio_circuitos", { p_nomes: [...names] });
      } catch (err) {
        log.warn({ err }, "reinício dos circuitos não registrado");
      }
    },
    async close() {
      closed = true;
      cancel?.();
      cancel = null;
      await flushing;
      await flush();
    },
  };
}

/**
 * ISO instants in microseconds, each later than the one before while the clock stands within a millisecond: a circuit can open
 * and be reset in one, and the order of its rows is their only sequence.
 */
function strictlyIncreasing(): (at: Date) => string {
  let lastMs = Number.NEGATIVE_INFINITY;
  let micros = 0;
  return (at) => {
    micros = at.getTime() === lastMs ? Math.min(micros + 1, 999) : 0;
    lastMs = at.getTime();
    return at.toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
  };
}
