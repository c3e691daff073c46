/**
 * What a group has done beyond the offset it committed, written into the commit's own metadata.
 *
 * Kafka commits one offset per partition: everything below it is done. Deliveries end out of order, so the rest is said as
 * runs from that offset on: untouched, done, or begun n times. Being part of the commit, it changes in one step with it, also
 * inside a transaction. Text: `j1:` and base64url of (state, length) pairs, each a varint; trailing untouched ones are left out.
 */
export interface Marks {
  /** 0: untouched, 1: done, n ≥ 2: begun n − 1 times and not ended. */
  stateAt(offset: number): number;
  /** What is said of this offset and those after it. */
  runsFrom(offset: number): { state: number; length: number }[];
  /** First offset that nothing is said of. */
  end: number;
}

export const UNTOUCHED = 0;
export const DONE = 1;
const PREFIX = "j1:";

/** `states` from the committed offset on, one per offset, as runs. */
export function encodeMarks(runs: readonly { state: number; length: number }[]): string {
  const bytes: number[] = [];
  let last = runs.length;
  while (last > 0 && runs[last - 1]?.state === UNTOUCHED) last--;
  for (const { state, length } of runs.slice(0, last)) {
    pushVarint(bytes, state);
    pushVarint(bytes, length);
  }
  return bytes.length === 0 ? "" : PREFIX + Buffer.from(bytes).toString("base64url");
}

/** Reads what `encodeMarks` wrote at `from`; text of others, or damaged, says nothing: at worst something is done again. */
export function decodeMarks(text: string | null, from: number): Marks {
  const runs: { until: number; state: number }[] = [];
  let end = from;
  if (text?.startsWith(PREFIX)) {
    const bytes = Buffer.from(text.slice(PREFIX.length), "base64url");
    let at = 0;
    const next = (): number => {
      let value = 0;
      for (let factor = 1; at < bytes.length; factor *= 128) {
        const byte = bytes[at++] ?? 0;
        value += (byte & 127) * factor;
        if (byte < 128) break;
      }
      return value;
    };
    while (at < bytes.length) {
      const state = next();
      end += next();
      runs.push({ until: end, state });
    }
  }
  return {
    end,
    stateAt(offset) {
      if (offset < from) return DONE;
      return runs.find((r) => offset < r.until)?.state ?? UNTOUCHED;
    },
    runsFrom(offset) {
      let at = Math.max(offset, from);
      return runs
        .filter((r) => r.until > at)
        .map(({ until, state }) => {
          const length = until - at;
          at = until;
          return { state, length };
        });
    },
  };
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
