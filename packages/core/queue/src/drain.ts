import type { Leased, LeaseKeeper } from "./lease.ts";

export interface DrainOptions<I extends Leased> {
  /** Most items of this drain. */
  limit: number;
  /** Most items of one claim. */
  chunk: number;
  /** Batches in flight at the same time; default 1. */
  lanes?: number;
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
 * claim → process → claim … until the limit, an empty claim, the budget or the abort. The bound is `limit`. With several
 * lanes, one batch is decided while another is being written. A batch whose `process` throws is handed back, so that
 * nobody waits for its leases to expire; the other lanes finish theirs, and the first error goes on to the caller.
 */
export async function drain<I extends Leased>(options: DrainOptions<I>): Promise<DrainEnd> {
  const state: State = { claimed: 0, asked: 0, end: null };
  const lanes = Array.from({ length: Math.max(1, options.lanes ?? 1) }, () => runLane(options, state));
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === "rejected");
  if (failed) throw failed.reason;
  return { claimed: state.claimed, end: state.end ?? "limit" };
}

interface State {
  claimed: number;
  /** Claimed plus what claims under way may still bring. */
  asked: number;
  end: DrainEnd["end"] | null;
}

async function runLane<I extends Leased>(options: DrainOptions<I>, state: State): Promise<void> {
  while (state.end === null) {
    if (options.signal.aborted) state.end = "aborted";
    else if (!options.mayClaim()) state.end = "budget";
    const wanted = Math.min(options.chunk, options.limit - state.asked);
    if (state.end !== null || wanted <= 0) return;
    state.asked += wanted;
    let items: I[];
    try {
      items = await options.claim(wanted);
    } catch (err) {
      state.end = "empty";
      throw err;
    }
    state.claimed += items.length;
    state.asked -= wanted - items.length;
    if (items.length === 0) {
      state.end = "empty";
      return;
    }
    options.keeper.hold(items);
    try {
      await options.process(items);
    } catch (err) {
      state.end ??= "aborted";
      await options.handBack(items).catch(() => undefined); // the lease's end is the fallback; `err` says why
      throw err;
    } finally {
      options.keeper.release(items);
    }
  }
}
