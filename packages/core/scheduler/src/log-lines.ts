import { type LocalFields, localFields } from "#core/runtime";

/** The words operators grep for; a test holds them (`domain/scheduler-and-health.md` §1.8). */
export const lines = {
  executing: (job: string, executionId: string, slot: Date) =>
    `Executando job: ${job} (execução ${executionId}, slot ${slot.toISOString()})`,
  ok: (job: string, code: number | null, durationMs: number, items: number | null) =>
    `OK ${job}: HTTP ${code ?? "?"} em ${durationMs} ms processados=${items ?? "?"}`,
  fail: (job: string, status: string, error: string | null) => `FAIL ${job}: ${status} ${error ?? ""}`.trimEnd(),
  unclaimed: (job: string) => `FAIL ${job}: nao foi possivel registrar execucao`,
  overlap: (job: string, since: Date | null) =>
    `SKIP ${job}: execucao anterior em andamento${since === null ? "" : ` desde ${timeOf(localFields(since))}`}`,
  catchUp: (job: string, slot: Date, agora: Date) =>
    `CATCHUP ${job}: slot ${slot.toISOString()} atrasado ${lateness(agora.getTime() - slot.getTime())}`,
  now(agora: Date) {
    const f = localFields(agora);
    return `Hora atual: ${f.date} ${timeOf(f)} BRT (${agora.toISOString().slice(11, 19)} UTC)`;
  },
};

function timeOf(f: LocalFields): string {
  return [f.hour, f.minute, f.second].map(two).join(":");
}

function lateness(ms: number): string {
  const s = Math.floor(ms / 1000);
  return [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60].map(two).join(":");
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
