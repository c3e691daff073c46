import { localFields } from "./local-time.ts";

const two = (n: number) => String(n).padStart(2, "0");

/** An instant as operators read it: São Paulo wall clock, `02/03/2026 10:00` (`:03` when the seconds are asked for). */
export function momentWords(at: Date, options: { seconds?: boolean } = {}): string {
  const f = localFields(at);
  const seconds = options.seconds ? `:${two(f.second)}` : "";
  return `${two(f.day)}/${two(f.month)}/${f.year} ${two(f.hour)}:${two(f.minute)}${seconds}`;
}

/** A duration in the two largest units that matter: `340 ms`, `1,2 s`, `12 min 31 s`, `3 h 5 min`, `2 d 4 h`. */
export function durationWords(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const s = Math.round(ms / 1000);
  if (s < 60) return ms < 10_000 ? `${(ms / 1000).toFixed(1).replace(".", ",")} s` : `${s} s`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s % 60, "s");
  const min = Math.round(s / 60);
  if (min < 1440) return pair(Math.floor(min / 60), "h", min % 60, "min");
  const h = Math.round(min / 60);
  return pair(Math.floor(h / 24), "d", h % 24, "h");
}
