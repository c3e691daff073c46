import type { Logger } from "#core/runtime";

/** An item held under a lease: `token` proves it, is new for every claim, and guards every write about the item. */
export interface Leased {
  id: string;
  token: string;
}

export interface LeaseKeeperOptions {
  /** Extends all the given leases in one call; answers the tokens that are no longer ours. */
  renew(tokens: string[]): Promise<string[]>;
  /** Period of renewal, ms; a third of the lease leaves room for one failed renewal (`decisions.md` §6: 10 s of 30 s). */
  everyMs: number;
  log: Logger;
  setInterval?: (run: () => void, ms: number) => { unref?(): void };
  clearInterval?: (timer: never) => void;
}

/**
 * Renews, in one call per period, every lease a process holds. A lease reported lost only makes `isLost` true: its
 * writes would be refused by the token anyway, so losing one is never an error.
 */
export interface LeaseKeeper {
  hold(items: readonly Leased[]): void;
  release(items: readonly Leased[]): void;
  isLost(token: string): boolean;
  held(): number;
  stop(): void;
}

export function createLeaseKeeper(options: LeaseKeeperOptions): LeaseKeeper {
  const held = new Set<string>();
  const lost = new Set<string>();
  let renewing = false;

  const tick = async (): Promise<void> => {
    // A slow database must not pile up renewals: one at a time.
    if (renewing || held.size === 0) return;
    renewing = true;
    try {
      const tokens = [...held];
      for (const token of await options.renew(tokens)) if (held.delete(token)) lost.add(token);
    } catch (err) {
      options.log.warn({ err, leases: held.size }, "renovação de reservas falhou; nova tentativa no próximo período");
    } finally {
      renewing = false;
    }
  };
  const timer = (options.setInterval ?? setInterval)(() => void tick(), options.everyMs);
  timer.unref?.();

  return {
    hold(items) {
      for (const { token } of items) held.add(token);
    },
    release(items) {
      for (const { token } of items) {
        held.delete(token);
        lost.delete(token);
      }
    },
    isLost: (token) => lost.has(token),
    held: () => held.size,
    stop: () => (options.clearInterval ?? clearInterval)(timer as never),
  };
}
