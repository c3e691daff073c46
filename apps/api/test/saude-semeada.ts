import { previousSlot } from "#core/cron";
import type { Sql, TestDatabase } from "#core/db-testing";
import { createSummaryReader, type WatchedJob } from "#core/executions";
import { type FixedClock, fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { ApiConfig } from "../src/config.ts";
import { type ApiDeps, createDeps, type DepsAbertas } from "../src/deps.ts";

/** As dependências de verdade sobre o banco do teste, com o tempo na mão: o resumo compara com este relógio, não com o do banco. */
export async function depsDeSaude(
  t: TestDatabase,
  clock: FixedClock = fixedClock("2026-03-02T13:00:00Z"),
  env: Record<string, string> = {},
  troca: Partial<ApiDeps> = {},
): Promise<DepsAbertas> {
  const config = loadConfig(ApiConfig, {
    APP_ENV: "test",
    SUPABASE_URL: t.url,
    SUPABASE_SERVICE_KEY: t.serviceKey,
    ...env,
  });
  const deps = await createDeps({ config, clock, log: silentLogger, shutdown: new AbortController().signal });
  return { ...deps, execucoes: createSummaryReader({ db: deps.db, clock }), ...troca };
}

/** Uma execução terminada; os instantes são ISO. Sem `slot` é manual. */
export interface Linha {
  job: string;
  inicio: string | Date;
  slot?: string | Date;
  fim?: string | Date | null;
  status?: string;
  erro?: string;
  itens?: number;
  leaseAte?: string | Date;
}

export async function umaExecucao(sql: Sql, ...linhas: Linha[]): Promise<void> {
  const itens = linhas.map((l) => ({
    job_name: l.job,
    started_at: l.inicio,
    scheduled_for: l.slot ?? null,
    finished_at: l.status === "running" ? null : (l.fim ?? l.inicio),
    status: l.status ?? "success",
    trigger: l.slot ? "schedule" : "manual",
    duration_ms: l.status === "running" ? null : 100,
    error: l.erro ?? null,
    items_processed: l.itens ?? null,
    lease_expires_at: l.leaseAte ?? null,
  }));
  await sql(
    `insert into job_executions (job_name, started_at, scheduled_for, finished_at, status, trigger, duration_ms, error, items_processed, lease_expires_at)
     select job_name, started_at, scheduled_for, finished_at, status, trigger, duration_ms, error, items_processed, lease_expires_at
       from jsonb_to_recordset($1) as x(job_name text, started_at timestamptz, scheduled_for timestamptz, finished_at timestamptz,
         status text, trigger text, duration_ms integer, error text, items_processed integer, lease_expires_at timestamptz)`,
    [JSON.stringify(itens)],
  );
}

/** Um agendador que tiquetaqueou há `ha` segundos. */
export async function umScheduler(sql: Sql, agora: Date, ha = 5): Promise<void> {
  const visto = new Date(agora.getTime() - ha * 1000);
  await sql(
    `insert into scheduler_instances (instance_id, started_at, last_seen_at, last_tick_at, jobs) values ('s1', $1, $1, $1, 35)
     on conflict (instance_id) do update set last_tick_at = excluded.last_tick_at`,
    [visto],
  );
}

/** Um sistema em dia: cada job rodou 1 s depois do seu último horário, menos os que `fora` nomeia. */
export async function tudoEmDia(sql: Sql, jobs: readonly WatchedJob[], agora: Date, fora: readonly string[] = []) {
  await umScheduler(sql, agora);
  const linhas = jobs
    .filter((j) => !fora.includes(j.name))
    .map((j) => {
      // O relógio pode estar em cima de um horário: o desse minuto ainda não rodou.
      const slot = previousSlot(j.cron, agora);
      const inicio = new Date(Math.min(slot.getTime() + 1000, agora.getTime()));
      return { job: j.name, slot, inicio, itens: 1 };
    });
  await umaExecucao(sql, ...linhas);
}
