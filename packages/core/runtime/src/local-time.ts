/**
 * Every question about civil time in Brazil is answered here, from the IANA zone and never from a fixed -03:00 or the
 * process `TZ`. Instants are `Date`; civil dates are `YYYY-MM-DD` strings.
 */
export const TIME_ZONE = "America/Sao_Paulo";

/** 0 = domingo … 6 = sábado, as in cron. */
export type Weekday = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export interface LocalFields {
  /** `YYYY-MM-DD` */
  date: string;
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  weekday: Weekday;
}

const FORMAT = new Intl.DateTimeFormat("en-CA", {
  timeZone: TIME_ZONE,
  hourCycle: "h23", // `hour12: false` would render midnight as 24
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** Wall-clock fields of an instant in São Paulo. */
export function localFields(at: Date): LocalFields {
  const part: Record<string, string> = {};
  for (const p of FORMAT.formatToParts(at)) part[p.type] = p.value;
  const date = `${part.year}-${part.month}-${part.day}`;
  return {
    date,
    year: Number(part.year),
    month: Number(part.month),
    day: Number(part.day),
    hour: Number(part.hour),
    minute: Number(part.minute),
    second: Number(part.second),
    weekday: weekdayOf(date),
  };
}

/** The São Paulo calendar date of an instant, `YYYY-MM-DD`. */
export function localDay(at: Date): string {
  return localFields(at).date;
}

/** Weekday of a civil date. */
export function weekdayOf(date: string): Weekday {
  return new Date(`${date}T00:00:00Z`).getUTCDay() as Weekday;
}

/** Civil date `days` after `date` (negative: before). */
export function addDays(date: string, days: number): string {
  const d = new Date(`${date}T00:00:00Z`);
  d.setUTCDate(d.getUTCDate() + days);
  return d.toISOString().slice(0, 10);
}

/** Whole days from `a` to `b`, both civil dates. */
export function daysBetween(a: string, b: string): number {
  return Math.round((Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / 86_400_000);
}

/** True for a real calendar date written `YYYY-MM-DD` (2026-02-30 is not one). */
export function isCivilDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const d = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(d.getTime()) && d.toISOString().slice(0, 10) === text;
}

/**
 * The first instant whose São Paulo wall clock reads `date` `hh:mm`; if a daylight-saving gap swallowed it, the first
 * instant after the gap.
 */
export function instantOf(date: string, hour = 0, minute = 0): Date {
  const wanted = Date.parse(`${date}T00:00:00Z`) + (hour * 60 + minute) * 60_000;
  const candidates = new Set<number>();
  for (const around of [wanted - 86_400_000, wanted, wanted + 86_400_000]) candidates.add(wanted - offsetMs(around));
  const hits = [...candidates].filter((t) => t + offsetMs(t) === wanted).sort((a, b) => a - b);
  const first = hits[0];
  if (first !== undefined) return new Date(first);
  // Inside a gap: the later candidate lies after it; walk back to the first minute after the jump.
  const before = Math.min(...candidates);
  for (let t = before; ; t += 60_000) if (t + offsetMs(t) > wanted) return new Date(t);
}

function offsetMs(at: number): number {
  const f = localFields(new Date(at));
  const local = Date.parse(`${f.date}T00:00:00Z`) + ((f.hour * 60 + f.minute) * 60 + f.second) * 1000;
  return local - Math.floor(at / 1000) * 1000;
}

/** Business window: Monday to Friday, 08:00 inclusive to 20:00 exclusive, no holiday calendar (`decisions.md` §7). */
export function isBusinessHours(at: Date): boolean {
  const f = localFields(at);
  return f.weekday >= 1 && f.weekday <= 5 && f.hour >= 8 && f.hour < 20;
}
