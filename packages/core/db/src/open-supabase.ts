import { type CircuitConfig, type CircuitRegistry, createCircuitRegistry, createDispatcher } from "#core/http";
import type { Clock, Logger } from "#core/runtime";
import { type CircuitJournal, createCircuitJournal } from "./circuit-journal.ts";
import { createDb, type Db } from "./db.ts";
import { createDbFetch } from "./db-fetch.ts";

export interface OpenSupabaseOptions {
  config: { SUPABASE_URL: string; SUPABASE_SERVICE_KEY: string } & CircuitConfig;
  clock: Clock;
  log: Logger;
  /** Connections to the Data API; default as `createDispatcher`. */
  connections?: number;
}

export interface OpenSupabase {
  db: Db;
  circuits: CircuitRegistry;
  journal: CircuitJournal;
  /** Writes what the journal still holds, then closes the connections. */
  close(): Promise<void>;
}

/**
 * A process's way to the database: its connections, its circuit, and the journal of all circuits, which itself is written there.
 * The journal needs the database and the database's circuit the journal: they are tied together here, once.
 */
export function openSupabase({ config, clock, log, connections }: OpenSupabaseOptions): OpenSupabase {
  let journal: CircuitJournal | null = null;
  const circuits = createCircuitRegistry({ clock, log, config, onTransition: (t) => journal?.record(t) });
  const dispatcher = createDispatcher(connections === undefined ? {} : { connections });
  const db = createDb({
    url: config.SUPABASE_URL,
    key: config.SUPABASE_SERVICE_KEY,
    fetch: createDbFetch({ circuit: circuits.get("supabase"), dispatcher }),
  });
  const written = createCircuitJournal({ db, log });
  journal = written;
  return {
    db,
    circuits,
    journal: written,
    async close() {
      await written.close();
      await dispatcher.close();
    },
  };
}
