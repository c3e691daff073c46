import { addDays, instantOf, localDay, weekdayOf } from "#core/runtime";

/** What the five fields allow, as numbers. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 = domingo … 6 */
  readonly weekdays: ReadonlySet<number>;
  /** Day of month and day of week both restricted: either is enough. */
  readonly eitherDay: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Slots in `(after, until]`, one São Paulo day after another. On a day of 24 hours the clock runs through, so its slots are
 * its allowed times and no calendar need be asked (a month of a five-minute job: milliseconds instead of seconds). The days
 * on which the clock is changed are left to `onOddDay`, which adds the slots in `(after, until]` of a part of such a day.
 */
export function slotsByDay(
  fields: CronFields,
  after: Date,
  until: Date,
  onOddDay: (after: Date, until: Date) => void,
  add: (slot: Date) => void,
): void {
  const [from, to] = [after.getTime(), until.getTime()];
  const last = localDay(until);
  for (let date = localDay(after); date <= last; date = addDays(date, 1)) {
    const midnight = startOf(date);
    const end = startOf(addDays(date, 1));
    if (end - midnight !== DAY_MS) {
      const [a, b] = [Math.max(from, midnight - 1), Math.min(to, end - 1)];
      if (a < b) onOddDay(new Date(a), new Date(b));
    } else if (matches(fields, date)) {
      for (const hour of fields.hours) {
        for (const minute of fields.minutes) {
          const at = midnight + (hour * 60 + minute) * MINUTE_MS;
          if (at > from && at <= to) add(new Date(at));
        }
      }
    }
  }
}

function matches({ days, months, weekdays, eitherDay }: CronFields, date: string): boolean {
  if (!months.has(Number(date.slice(5, 7)))) return false;
  const [byDay, byWeekday] = [days.has(Number(date.slice(8))), weekdays.has(weekdayOf(date))];
  return eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

/** First instants of days: every schedule asks for the same ones. */
const starts = new Map<string, number>();
const MOST_STARTS = 4_000;

function startOf(date: string): number {
  const known = starts.get(date);
  if (known !== undefined) return known;
  if (starts.size >= MOST_STARTS) starts.clear();
  const at = instantOf(date).getTime();
  starts.set(date, at);
  return at;
}
