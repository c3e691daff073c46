import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600 };

/** Seconds of `600`, `90s`, `10m` or `1h`; null for anything else, `10 minutes` and `1.5h` included. */
export function durationSeconds(text: string): number | null {
  const [, number = "", unit = ""] = /^(\d{1,9})([smh]?)$/.exec(text) ?? [];
  return number === "" ? null : Number(number) * (UNITS[unit] ?? 1);
}

/** A configuration field in that syntax, parsed to seconds, within bounds. */
export function duration(limits: { minS: number; maxS: number }) {
  return z.string().transform((text, ctx) => {
    const seconds = durationSeconds(text.trim());
    if (seconds !== null && seconds >= limits.minS && seconds <= limits.maxS) return seconds;
    const bounds = `de ${limits.minS} a ${limits.maxS} segundos`;
    ctx.addIssue({ code: "custom", message: `deve ser uma duração como 600, 90s, 10m ou 1h, ${bounds}` });
    return z.NEVER;
  });
}
