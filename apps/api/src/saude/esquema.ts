import { readSchemaState } from "#core/db";
import type { SaudeDeps } from "./deps.ts";
import { PRAZO_MS } from "./relatorio.ts";

/** O corpo de `/health/schema` (§4.13). */
export async function saudeEsquema({ db, clock }: SaudeDeps) {
  const e = await readSchemaState(db, { timeoutMs: PRAZO_MS });
  return {
    current_version: e.current,
    expected_version: e.expected,
    schema_up_to_date: e.upToDate,
    applied_at: e.appliedAt,
    fingerprint: e.fingerprint,
    critical_tables: e.tables,
    critical_views: e.views,
    timestamp: clock.now().toISOString(),
  };
}
