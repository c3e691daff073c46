import { nextSlot, parseCron, slotsBetween } from "#core/cron";
import { instantOf, localDay, localFields, PermanentError } from "#core/runtime";

/** One schedule, as the app hands it in; the scheduler knows no catalogue. */
export interface ScheduleEntry {
  /** `job_executions.job_name` */
  readonly name: string;
  readonly cron: string;
  /**
   * Schedules finer than cron's minute, for tests and benchmarks: slots are the whole multiples of this many seconds (1–60)
   * since 1970, and `cron` is only what is shown.
   */
  readonly everyS?: number;
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

const MINUTE_MS = 60_000;
/** More slots than this in one question is a bug of the caller. */
const MAX_SLOTS = 1_000_000;

/** First slot of the entry strictly after `after`. */
export function slotAfter({ cron, everyS }: ScheduleEntry, after: Date): Date {
  if (everyS === undefined) return nextSlot(cron, after);
  return new Date((Math.floor(after.getTime() / (everyS * 1000)) + 1) * everyS * 1000);
}

/** Slots of the entry in `(after, until]`, ascending. */
export function slotsOf(entry: ScheduleEntry, after: Date, until: Date): Date[] {
  if (entry.everyS === undefined) return slotsBetween(entry.cron, after, until);
  const slots: Date[] = [];
  for (let slot = slotAfter(entry, after); slot <= until; slot = slotAfter(entry, slot)) {
    if (slots.length >= MAX_SLOTS) throw new RangeError(`slotsOf: mais de ${MAX_SLOTS} horários de ${entry.name}`);
    slots.push(slot);
  }
  return slots;
}

/** How long a slot is on time: its own minute; for finer schedules, until the next one. */
export function ownSpanMs({ everyS }: ScheduleEntry): number {
  return everyS === undefined ? MINUTE_MS : everyS * 1000;
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
    const { everyS } = e;
    if (everyS !== undefined && !(Number.isInteger(everyS) && everyS >= 1 && everyS <= 60)) {
      problems.push(`${e.name}: everyS ${everyS} não é um inteiro de 1 a 60`);
    }
    try {
      if (everyS === undefined) parseCron(e.cron);
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
