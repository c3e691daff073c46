import type { JobsReport } from "#core/executions";
import type { ApiDeps } from "../deps.ts";
import { compartilhar } from "./compartilhar.ts";
import { saudeJobs } from "./jobs.ts";

/** O que os relatórios de saúde usam. */
export interface SaudeDeps extends ApiDeps {
  /** O corpo de `/health/jobs`, de que alertas e nota também partem; uma leitura serve a todos os que a esperam. */
  jobs(): Promise<JobsReport>;
}

export function saudeDeps(deps: ApiDeps): SaudeDeps {
  return { ...deps, jobs: compartilhar(() => saudeJobs(deps)) };
}
