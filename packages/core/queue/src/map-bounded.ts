import { TransientError } from "#core/runtime";

/** How one item of a batch ended. `returned`: not started, or given up without blame (shutdown, deadline). */
export type Outcome<I, O> =
  | { kind: "done"; item: I; value: O }
  | { kind: "failed"; item: I; error: unknown }
  | { kind: "returned"; item: I };

export interface MapBoundedOptions {
  concurrency: number;
  /** Own time limit of each item, ms. */
  itemTimeoutMs: number;
  /** Aborted: items not started are returned, items under way get the abort and are returned too. */
  signal: AbortSignal;
}

/**
 * Runs `handle` over the items with bounded concurrency. One item's failure never touches another; answers one outcome
 * per item, in the order of the items. Never rejects.
 */
export async function mapBounded<I, O>(
  items: readonly I[],
  handle: (item: I, signal: AbortSignal) => Promise<O>,
  options: MapBoundedOptions,
): Promise<Outcome<I, O>[]> {
  const outcomes: Outcome<I, O>[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i] as I;
      outcomes[i] = options.signal.aborted ? { kind: "returned", item } : await runOne(item, handle, options);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.concurrency, items.length)) }, lane));
  return outcomes;
}

async function runOne<I, O>(
  item: I,
  handle: (item: I, signal: AbortSignal) => Promise<O>,
  { itemTimeoutMs, signal }: MapBoundedOptions,
): Promise<Outcome<I, O>> {
  const timeout = AbortSignal.timeout(itemTimeoutMs);
  const both = AbortSignal.any([signal, timeout]);
  try {
    // The race bounds even a handler that ignores its signal.
    const value = await Promise.race([handle(item, both), rejectOnAbort(both)]);
    return { kind: "done", item, value };
  } catch (error) {
    if (signal.aborted) return { kind: "returned", item };
    if (timeout.aborted) {
      const cause = new TransientError("tempo_esgotado", `item passou de ${itemTimeoutMs / 1000} s`, { cause: error });
      return { kind: "failed", item, error: cause };
    }
    return { kind: "failed", item, error };
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
