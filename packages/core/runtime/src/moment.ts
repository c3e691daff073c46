import { addDays, instantOf, isCivilDate, localDay } from "./local-time.ts";

/** What `parseMoment` understands, for messages and help. */
export const MOMENT_FORMS =
  "um instante: 2026-03-02T10:00:00-03:00, 2026-03-02 10:00 ou 10:00 (de Brasília), hoje, ontem, amanhã, agora, -2h, +30min, +1d";

const UNIT_MS: Record<string, number> = { s: 1_000, min: 60_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DAYS: Record<string, number> = { hoje: 0, ontem: -1, amanha: 1 };

/**
 * A moment as people type it; what has no zone is São Paulo wall clock, a day alone is its first instant, a time alone is
 * today's. Undefined when it is none of `MOMENT_FORMS`.
 */
export function parseMoment(text: string, agora: Date): Date | undefined {
  const typed = text
    .trim()
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "");
  if (typed === "agora") return agora;
  const relative = /^([+-])?(\d{1,6}) ?(s|min|m|h|d)$/.exec(typed);
  if (relative) {
    const [, sign, n, unit = ""] = relative;
    return new Date(agora.getTime() + (sign === "-" ? -1 : 1) * Number(n) * (UNIT_MS[unit] ?? 0));
  }
  if (/[tT ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(z|[+-]\d{2}:?\d{2})$/.test(typed)) {
    const at = new Date(text.trim().replace(" ", "T").toUpperCase());
    return Number.isNaN(at.getTime()) || !isCivilDate(typed.slice(0, 10)) ? undefined : at;
  }
  const local = /^(?:(\d{4}-\d{2}-\d{2}|hoje|ontem|amanha)(?:[t ]|$))?(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(typed);
  if (!local || typed === "") return undefined;
  const [, day, hour = "0", minute = "0", second = "0"] = local;
  const date = day === undefined || day in DAYS ? addDays(localDay(agora), DAYS[day ?? "hoje"] ?? 0) : day;
  if (!isCivilDate(date) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return new Date(instantOf(date, Number(hour), Number(minute)).getTime() + Number(second) * 1_000);
}
