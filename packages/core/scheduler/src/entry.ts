import { parseCron } from "#core/cron";
import { instantOf, localDay, localFields, PermanentError } from "#core/runtime";

/** One schedule, as the app hands it in; the scheduler knows no catalogue. */
export interface ScheduleEntry {
  /** `job_executions.job_name` */
  readonly name: string;
  readonly cron: string;
  /** Path with query string, starting with `/jobs/`. */
  readonly endpoint: string;
  /** Nominal period, seconds: from an hour on, a refused connection is tried again. */
  readonly periodS: number;
  /** From sending to the last byte, ms. */
  readonly timeoutMs: number;
  readonly misfire: MisfirePolicy;
}

/** When a slot that nobody claimed within its own minute still runs (`domain/scheduler-and-health.md` §1.6). */
export interface MisfirePolicy {
  /** How late it may still start, seconds; 0: never. */
  readonly graceS: number;
  /** Instead of the grace: until this hour (São Paulo) of the slot's own date. */
  readonly untilHour?: number;
  /** Started only while the São Paulo hour is in [from, to). */
  readonly window?: { readonly from: number; readonly to: number };
}

/** Grace of a period (`domain/scheduler-and-health.md` §1.6): a minute job has none, the next minute does the work. */
export function graceOf(periodS: number): number {
  if (periodS < 300) return 0;
  if (periodS <= 3600) return periodS / 2;
  return periodS <= 86_400 ? 3600 : 86_400;
}

/** Throws one `configuracao_invalida` that names every entry at fault. */
export function checkEntries(entries: readonly ScheduleEntry[]): void {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const e of entries) {
    if (seen.has(e.name)) problems.push(`${e.name}: nome repetido`);
    seen.add(e.name);
    if (!/^[a-z][a-z0-9_]*$/.test(e.name)) problems.push(`${e.name}: nome fora do padrão`);
    if (!e.endpoint.startsWith("/jobs/")) problems.push(`${e.name}: ${e.endpoint} não começa com /jobs/`);
    try {
      parseCron(e.cron);
    } catch (err) {
      problems.push(`${e.name}: ${err instanceof Error ? err.message : String(err)}`);
    }
  }
  if (problems.length > 0) {
    throw new PermanentError("configuracao_invalida", `agenda inválida:\n  - ${problems.join("\n  - ")}`);
  }
}

/** The last instant at which the missed slot may still start. */
export function catchUpDeadline({ misfire }: ScheduleEntry, slot: Date): Date {
  if (misfire.untilHour !== undefined) return instantOf(localDay(slot), misfire.untilHour);
  return new Date(slot.getTime() + misfire.graceS * 1000);
}

/** Whether a missed slot of this job may start at this hour. */
export function inCatchUpWindow({ misfire }: ScheduleEntry, agora: Date): boolean {
  if (misfire.window === undefined) return true;
  const { hour } = localFields(agora);
  return hour >= misfire.window.from && hour < misfire.window.to;
}
