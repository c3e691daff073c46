import type { Leased, LeaseKeeper } from "./lease.ts";

export interface DrainOptions<I extends Leased> {
  /** Most items of this drain. */
  limit: number;
  /** Most items of one claim. */
  chunk: number;
  claim(limit: number): Promise<I[]>;
  /** Does the work and writes outcomes and transitions of the whole batch. Must settle every item it was given. */
  process(items: I[]): Promise<void>;
  /** Gives leases back without blame; called for the batch when `process` throws. */
  handBack(items: readonly Leased[]): Promise<void>;
  /** False: claim nothing more (time budget used). Asked before each claim. */
  mayClaim(): boolean;
  signal: AbortSignal;
  keeper: LeaseKeeper;
}

/** Why a drain ended, and how many items it claimed. */
export interface DrainEnd {
  claimed: number;
  end: "limit" | "empty" | "budget" | "aborted";
}

/**
 * claim → process → claim … until the limit, an empty claim, the budget or the abort. The bound is `limit`. A batch whose
 * `process` throws is handed back, so that nobody waits for its leases to expire, and the error goes on to the caller.
 */
export async function drain<I extends Leased>(options: DrainOptions<I>): Promise<DrainEnd> {
  let claimed = 0;
  for (;;) {
    if (claimed >= options.limit) return { claimed, end: "limit" };
    if (options.signal.aborted) return { claimed, end: "aborted" };
    if (!options.mayClaim()) return { claimed, end: "budget" };
    const items = await options.claim(Math.min(options.chunk, options.limit - claimed));
    if (items.length === 0) return { claimed, end: "empty" };
    claimed += items.length;
    options.keeper.hold(items);
    try {
      await options.process(items);
    } catch (err) {
      await options.handBack(items).catch(() => undefined); // the lease's end is the fallback; `err` says why
      throw err;
    } finally {
      options.keeper.release(items);
    }
  }
}
