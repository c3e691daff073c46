import { Cron } from "croner";
import { PermanentError, TIME_ZONE } from "#core/runtime";
import { type CronFields, slotsByDay } from "./ordinary-days.ts";

/**
 * The door to croner, used as a calculator of slots and nothing else: never its timers, never `protect`.
 *
 * A *slot* is the instant (UTC) at which a five-field expression is due on the São Paulo wall clock. The process `TZ`
 * plays no part. Daylight saving, should Brazil bring it back:
 * - fixed-time expressions (minute and hour are numbers or lists) run once per matching local date: the first occurrence of
 *   a repeated time, the first minute after a gap for a time that does not exist;
 * - interval expressions (`*`, a step or a range in minute or hour) follow elapsed time: both passes of a repeated hour,
 *   nothing inside a gap.
 */

interface Field {
  name: string;
  min: number;
  max: number;
}

const MINUTE: Field = { name: "minuto", min: 0, max: 59 };
const HOUR: Field = { name: "hora", min: 0, max: 23 };
const DAY: Field = { name: "dia", min: 1, max: 31 };
const MONTH: Field = { name: "mês", min: 1, max: 12 };
const WEEKDAY: Field = { name: "dia da semana", min: 0, max: 7 };
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** More slots than this in one question is a bug of the caller, not a schedule (a minute job has 525 600 a year). */
const MAX_SLOTS = 1_000_000;
const MINUTE_MS = 60_000;
const SHORT_MS = 15 * MINUTE_MS;

export interface ParsedCron {
  readonly expression: string;
  /** True when the DST rule of fixed-time jobs applies. */
  readonly fixedTime: boolean;
}

interface Entry extends ParsedCron {
  readonly everyMinute: boolean;
  readonly fields: CronFields;
  readonly calculator: Cron;
  /** The last question and its answer: thousands of schedules share an expression and ask in the same moment. */
  memo: { afterMs: number; nextMs: number } | null;
}

const known = new Map<string, Entry>();

/**
 * Checks an expression against the house grammar: a star, `N`, `A-B`, a step after a star or a range, and comma lists of
 * these; day of week 0–7 with 0 and 7 = domingo. When day of month and day of week are both restricted, either one is
 * enough. Anything else throws `PermanentError("configuracao_invalida")` in Portuguese: a schedule that is not understood
 * must stop the start, never silently not match.
 */
export function parseCron(expression: string): ParsedCron {
  const { fixedTime } = entryOf(expression);
  return { expression, fixedTime };
}

/**
 * First slot strictly after `after`.
 * @param timeZone another than São Paulo's, where tests find daylight saving still in force.
 */
export function nextSlot(expression: string, after: Date, timeZone = TIME_ZONE): Date {
  const entry = entryOf(expression, timeZone);
  const afterMs = after.getTime();
  // The most frequent schedule needs no calendar: every minute of UTC is one of the zone's.
  if (entry.everyMinute) return new Date((Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS);
  if (entry.memo?.afterMs === afterMs) return new Date(entry.memo.nextMs);
  const next = entry.calculator.nextRun(after);
  if (next === null || next.getTime() <= afterMs) {
    throw new PermanentError("configuracao_invalida", `cron "${expression}": sem próximo horário`);
  }
  entry.memo = { afterMs, nextMs: next.getTime() };
  return next;
}

/** Last slot strictly before `before`. */
export function previousSlot(expression: string, before: Date): Date {
  const [previous] = entryOf(expression).calculator.previousRuns(1, before);
  if (previous === undefined || previous.getTime() >= before.getTime()) {
    throw new PermanentError("configuracao_invalida", `cron "${expression}": sem horário anterior`);
  }
  return previous;
}

/**
 * Slots in `(after, until]`, ascending and strictly increasing. More than `max` throws: the caller must ask for a
 * shorter span.
 */
export function slotsBetween(
  expression: string,
  after: Date,
  until: Date,
  max = MAX_SLOTS,
  timeZone = TIME_ZONE,
): Date[] {
  const entry = entryOf(expression, timeZone);
  const slots: Date[] = [];
  const add = (slot: Date) => {
    if (slots.length >= max) throw new RangeError(`slotsBetween: mais de ${max} horários de "${expression}"`);
    slots.push(slot);
  };
  const next = (from: Date) => nextSlot(expression, from, timeZone);
  const walk = (from: Date, to: Date) => {
    for (let slot = next(from); slot.getTime() <= to.getTime(); slot = next(slot)) add(slot);
  };
  // A short span is walked sooner than a day is built.
  const short = until.getTime() - after.getTime() <= SHORT_MS;
  if (entry.everyMinute || short || timeZone !== TIME_ZONE) walk(after, until);
  else slotsByDay(entry.fields, after, until, walk, add);
  return slots;
}

/** The instant with seconds cut off: slots are whole minutes of UTC, as São Paulo's offset is. */
export function minuteOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
}

function entryOf(expression: string, timeZone = TIME_ZONE): Entry {
  const key = timeZone === TIME_ZONE ? expression : `${timeZone} ${expression}`;
  const hit = known.get(key);
  if (hit) return hit;
  const fields = expression.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || !minute || !hour || !day || !month || !weekday) {
    throw invalid(expression, "são cinco campos: minuto hora dia mês dia_da_semana");
  }
  const minutes = checkField(expression, minute, MINUTE);
  const hours = checkField(expression, hour, HOUR);
  const days = checkField(expression, day, DAY);
  const months = checkField(expression, month, MONTH);
  const weekdays = checkField(expression, weekday, WEEKDAY);
  // 30 de fevereiro: only a restricted day of month, with no day of week to help, can match nothing at all.
  if (weekday === "*" && !months.some((m) => days.some((d) => d <= (LONGEST_MONTH[m - 1] ?? 0)))) {
    throw invalid(expression, "nenhuma data do calendário casa com dia e mês");
  }
  const fixedTime = !/[*/-]/.test(minute + hour);
  const sunday = ascending([...new Set(weekdays.map((d) => d % 7))]);
  const canonical = [minute, hour, day, month, weekday === "*" ? "*" : sunday.join(",")].join(" ");
  const entry: Entry = {
    expression,
    fixedTime,
    everyMinute: canonical === "* * * * *",
    fields: {
      minutes: ascending(minutes),
      hours: ascending(hours),
      days: new Set(days),
      months: new Set(months),
      weekdays: new Set(sunday),
      eitherDay: day !== "*" && weekday !== "*",
    },
    memo: null,
    calculator: new Cron(canonical, {
      timezone: timeZone,
      mode: "5-part",
      paused: true,
      // Ours calls a range an interval, croner's "no-wildcard" does not; its "single-value" agrees as soon as one is there.
      fixedTimeRule: fixedTime ? "no-wildcard" : "single-value",
    }),
  };
  known.set(key, entry);
  return entry;
}

function ascending(numbers: number[]): number[] {
  return numbers.sort((a, b) => a - b);
}

/** Values a field allows; throws when it is not of the grammar. */
function checkField(expression: string, text: string, field: Field): number[] {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const match = /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
    if (!match) throw invalid(expression, `"${item}" não vale em ${field.name}`);
    const [, star, a, b, s] = match;
    if (s !== undefined && star === undefined && b === undefined) {
      throw invalid(expression, `"${item}" em ${field.name}: passo só depois de * ou de um intervalo A-B`);
    }
    const from = star ? field.min : Number(a);
    const to = star ? field.max : Number(b ?? a);
    const step = s === undefined ? 1 : Number(s);
    if (from < field.min || to > field.max) {
      throw invalid(expression, `"${item}" fora de ${field.min}–${field.max} em ${field.name}`);
    }
    if (from > to) throw invalid(expression, `"${item}" em ${field.name}: intervalo invertido`);
    if (step < 1 || step > field.max) throw invalid(expression, `"${item}" em ${field.name}: passo inválido`);
    for (let v = from; v <= to; v += step) values.add(v);
  }
  return [...values];
}

function invalid(expression: string, why: string): PermanentError {
  return new PermanentError("configuracao_invalida", `cron "${expression}" inválido: ${why}`, { campo: "cron" });
}
