import type { Clock, Logger } from "#core/runtime";

const WARN_MS = 1_000;
const HOLD_MS = 30_000;

/**
 * The database's clock is the reference. A scheduler whose own clock is off by more than 30 s dispatches nothing until it is
 * right again: it would take slots of the future, or give up those of the present.
 */
export interface SkewGuard {
  /** Compares our clock with the database's, just read. */
  measure(databaseNow: Date): void;
  /** Our clock jumped: nothing is dispatched until it was compared again. */
  doubt(): void;
  mayDispatch(): boolean;
}

export function createSkewGuard(options: { clock: Clock; log: Logger }): SkewGuard {
  const { clock, log } = options;
  let state: "ok" | "warned" | "held" = "ok";
  let doubted = false;
  return {
    measure(databaseNow) {
      const skewMs = clock.now().getTime() - databaseNow.getTime();
      const size = Math.abs(skewMs);
      const next = size > HOLD_MS ? "held" : size > WARN_MS ? "warned" : "ok";
      doubted = false;
      if (next === state) return;
      state = next;
      const words = `relógio ${Math.round(size / 1000)} s ${skewMs > 0 ? "adiantado" : "atrasado"} em relação ao banco`;
      if (next === "held") log.error({ skew_ms: skewMs }, `FAIL scheduler: ${words}; nada é despachado`);
      else if (next === "warned") log.warn({ skew_ms: skewMs }, words);
      else log.info({ skew_ms: skewMs }, "relógio de acordo com o banco");
    },
    doubt() {
      doubted = true;
    },
    mayDispatch: () => !doubted && state !== "held",
  };
}
