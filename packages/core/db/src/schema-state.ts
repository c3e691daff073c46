import { z } from "zod";
import type { Db } from "./db.ts";
import { SCHEMA_TABLES, SCHEMA_VERSION, SCHEMA_VIEWS } from "./schema.gen.ts";

const answer = z.object({
  marcadores: z.record(z.string(), z.string()),
  tabelas_em_falta: z.array(z.string()),
  visoes_em_falta: z.array(z.string()),
  colunas: z.int(),
  impressao: z.string().nullable(),
});

/** A database beside the build that uses it. */
export interface SchemaState {
  /** 14 digits; null: the marker is not there. */
  current: string | null;
  /** The last migration this build knows. */
  expected: string;
  /** At least what the build expects: an older build on a newer database is how every deploy begins. */
  upToDate: boolean;
  appliedAt: string | null;
  /** `app_settings.environment` and `.supabase_project_ref`; null: not marked. */
  environment: string | null;
  projectRef: string | null;
  tables: readonly string[];
  views: readonly string[];
  missingTables: string[];
  missingViews: string[];
  columns: number;
  /** Of the tables; null when it could not be computed. */
  fingerprint: string | null;
}

/** One query of the catalog and the markers. Throws when they cannot be read. */
export async function readSchemaState(db: Db, options: { timeoutMs?: number } = {}): Promise<SchemaState> {
  const args = { p_tabelas: [...SCHEMA_TABLES], p_visoes: [...SCHEMA_VIEWS] };
  const read = await db.json("inspecionar_esquema", args, answer, options);
  const { schema_version: current = null, schema_applied_at: appliedAt = null } = read.marcadores;
  return {
    current,
    expected: SCHEMA_VERSION,
    upToDate: current !== null && current >= SCHEMA_VERSION,
    appliedAt,
    environment: read.marcadores.environment ?? null,
    projectRef: read.marcadores.supabase_project_ref ?? null,
    tables: SCHEMA_TABLES,
    views: SCHEMA_VIEWS,
    missingTables: read.tabelas_em_falta,
    missingViews: read.visoes_em_falta,
    columns: read.colunas,
    fingerprint: read.impressao,
  };
}
