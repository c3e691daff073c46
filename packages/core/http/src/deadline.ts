/** A signal that ends at a deadline or with its parent, whichever comes first, and can be disposed of. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when it was the time that ran out, not the parent that was aborted. */
  expired(): boolean;
  /** Frees the timer and the listener on the parent; without it a long-lived parent would collect listeners. */
  dispose(): void;
}

/** Calls `fire` after `ms`; answers how to cancel. Tests inject one that never fires, or fires at once. */
export type Timer = (ms: number, fire: () => void) => () => void;

export const systemTimer: Timer = (ms, fire) => {
  const handle = setTimeout(fire, ms);
  return () => clearTimeout(handle);
};

/** Starts a deadline of `ms` milliseconds. The abort reason is a `TimeoutError`, like that of `AbortSignal.timeout`. */
export function startDeadline(ms: number, parent?: AbortSignal, timer: Timer = systemTimer): Deadline {
  const controller = new AbortController();
  let expired = false;
  const cancel = timer(ms, () => {
    if (controller.signal.aborted) return;
    expired = true;
    controller.abort(new DOMException(`sem resposta em ${ms} ms`, "TimeoutError"));
  });
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow, { once: true });
  const dispose = () => {
    cancel();
    parent?.removeEventListener("abort", follow);
  };
  return { signal: controller.signal, expired: () => expired, dispose };
}

/** True for the reason of a deadline, ours or `AbortSignal.timeout`'s: the other side was slow, nobody cancelled. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === "TimeoutError";
}
