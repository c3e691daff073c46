import { type JobsReport, reportJobs } from "#core/executions";
import { filaVencidaDesde } from "#dominio/grupos";
import type { ApiDeps } from "../deps.ts";

/** Da segunda leitura, depois dos 5 s que a primeira pode levar: ao todo, menos de 8 s. */
const PRAZO_SEGUNDA_MS = 2500;

/** Os jobs que não podem rodar sem processar nada enquanto há trabalho vencido, e quem diz desde quando há (incidente 6). */
const TRABALHO_VENCIDO: Readonly<Record<string, (deps: ApiDeps, agora: Date) => Promise<Date | null>>> = {
  processar_grupos: ({ db }, agora) => filaVencidaDesde(db, agora, { timeoutMs: PRAZO_SEGUNDA_MS }),
};

/** O corpo de `/health/jobs` (domain/scheduler-and-health.md §4.4), pelo relógio do banco. Lança se o registro não pôde ser lido. */
export async function saudeJobs(deps: ApiDeps): Promise<JobsReport> {
  const { execucoes, vigiados } = deps;
  const jobs = vigiados.map((v) => v.name);
  const resumo = await execucoes.read({ jobs, progressJobs: jobs.filter((n) => Object.hasOwn(TRABALHO_VENCIDO, n)) });
  const parados = resumo.jobs.filter((j) => j.no_progress_since !== null).map((j) => j.job_name);
  const desde = await Promise.all(parados.map((nome) => TRABALHO_VENCIDO[nome]?.(deps, resumo.agora) ?? null));
  return reportJobs(vigiados, resumo, Object.fromEntries(parados.map((nome, i) => [nome, desde[i] ?? null])));
}
