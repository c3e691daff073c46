import type { Markers } from "#core/executions";

/** The environment a scheduler believes to be in. */
export interface ExpectedMarkers {
  /** `APP_ENV` */
  environment: string;
  /** `SUPABASE_PROJECT_REF` */
  projectRef: string | undefined;
}

/**
 * Why this database is not the one meant, in words for the log; null when it is. A marker that is missing is refused in
 * production only: elsewhere a fresh database has none. (`domain/scheduler-and-health.md` §6.2)
 */
export function markerProblem(found: Markers, expected: ExpectedMarkers): string | null {
  const demanded = expected.environment === "production";
  const pairs = [
    ["environment", "APP_ENV", found.environment, expected.environment],
    ["supabase_project_ref", "SUPABASE_PROJECT_REF", found.supabase_project_ref, expected.projectRef],
  ] as const;
  for (const [key, variable, marker, wanted] of pairs) {
    if (wanted === undefined) continue;
    if (marker === null) {
      if (demanded) return `falta a linha key='${key}' em app_settings (valor esperado: ${wanted}, de ${variable})`;
    } else if (marker !== wanted) {
      return `este banco é de ${key}='${marker}', mas ${variable}=${wanted}`;
    }
  }
  return null;
}
