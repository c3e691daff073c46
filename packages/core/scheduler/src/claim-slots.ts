import {
  type ClaimResult,
  type DeadRun,
  type Ledger,
  pause,
  type SlotClaim,
  type SlotSkip,
  type Timers,
} from "#core/executions";
import type { Clock, Logger } from "#core/runtime";
import { lines } from "./log-lines.ts";
import type { AttemptEnd } from "./plan-slots.ts";

/**
 * Hears the fate of one claim as soon as it is known. `early`: the database does not think it is time yet.
 * @param askedMs monotonic instant just before the call that answered: a lease won counts from there, whatever happened to
 * this process meanwhile.
 */
export type OnClaimed = (claim: SlotClaim, end: AttemptEnd | "won" | "early", askedMs: number) => void;

export interface Claimer {
  /**
   * Records the skips and claims the slots. Never rejects for a database that is away: the claims end `unclaimed` and the
   * skips are kept for the next call. Answers the dead runs that were closed on the way.
   */
  claim(claims: readonly SlotClaim[], skips: readonly SlotSkip[], onClaimed: OnClaimed): Promise<DeadRun[]>;
  /** A skip to be recorded with the next call. */
  keep(skip: SlotSkip): void;
  /** Skips waiting to be recorded. */
  kept(): number;
}

const PER_CALL = 1_000;
/** Skips alone are lighter: a month of absence is to be on record within seconds. */
const SKIPS_PER_CALL = 5_000;
/** Three tries within 20 s. */
const ATTEMPTS = 3;
const ATTEMPT_MS = 6_000;
const BETWEEN_MS = 1_000;
/** The ledger takes no skip of a slot younger than 30 s: somebody with a better clock may still run it. */
const RIPE_MS = 31_000;

export function createClaimer(options: { ledger: Ledger; clock: Clock; timers: Timers; log: Logger }): Claimer {
  const { ledger, clock, timers, log } = options;
  let kept: SlotSkip[] = [];

  async function claim(
    claims: readonly SlotClaim[],
    newSkips: readonly SlotSkip[],
    onClaimed: OnClaimed,
  ): Promise<DeadRun[]> {
    // Oldest first and before any claim: the last slot the ledger knows of a job is then a true watermark.
    const ripeAt = clock.now().getTime() - RIPE_MS;
    const all = [...kept, ...newSkips].sort((a, b) => a.slot.getTime() - b.slot.getTime());
    let skips = all.filter((s) => s.slot.getTime() <= ripeAt);
    kept = all.filter((s) => s.slot.getTime() > ripeAt);
    const dead: DeadRun[] = [];
    while (skips.length > PER_CALL) {
      const part = skips.slice(0, SKIPS_PER_CALL);
      if ((await attempt(() => ledger.recordSkips(part))) === null) return giveUp(claims, skips, onClaimed, dead);
      skips = skips.slice(SKIPS_PER_CALL);
    }
    const ask = (from: number) => {
      const part = claims.slice(from, from + PER_CALL);
      const answer = attempt(() => ledger.claim(part, from === 0 ? skips : [], ATTEMPT_MS));
      return { part, answer };
    };
    // The next call is on its way before the answer to this one is acted upon: starting a thousand runs takes a while.
    for (let at = 0, asked = ask(0); ; at += PER_CALL) {
      const { part } = asked;
      const answer = await asked.answer;
      if (answer === null) return giveUp(claims.slice(at), at === 0 ? skips : [], onClaimed, dead);
      const more = at + PER_CALL < claims.length;
      if (more) asked = ask(at + PER_CALL);
      const { mortas, resultados } = answer.value;
      dead.push(...mortas);
      const results = new Map(resultados.map((r) => [r.id, r]));
      for (const c of part) onClaimed(c, endOf(c, results.get(c.id)), answer.askedMs);
      if (!more) break;
    }
    return dead;
  }

  function giveUp(
    claims: readonly SlotClaim[],
    skips: readonly SlotSkip[],
    onClaimed: OnClaimed,
    dead: DeadRun[],
  ): DeadRun[] {
    kept = [...skips, ...kept];
    for (const c of claims) {
      log.error({ job: c.job, slot: c.slot.toISOString() }, lines.unclaimed(c.job));
      onClaimed(c, "unclaimed", clock.monotonicMs());
    }
    return dead;
  }

  /** The call's answer, or null when it failed for good. Ids and tokens are ours, so repeating a lost one is safe. */
  async function attempt<T>(call: () => Promise<T>): Promise<{ value: T; askedMs: number } | null> {
    for (let n = 1; ; n++) {
      const askedMs = clock.monotonicMs();
      try {
        return { value: await call(), askedMs };
      } catch (err) {
        log.warn({ err, attempt: n }, "reivindicação de horários não registrada");
        if (n >= ATTEMPTS) return null;
        await pause(timers, BETWEEN_MS);
      }
    }
  }

  function endOf(claim: SlotClaim, result: ClaimResult | undefined): AttemptEnd | "won" | "early" {
    if (result?.ganhou) return "won";
    if (result?.motivo === "em_execucao") {
      log.warn(
        { job: claim.job, slot: claim.slot.toISOString(), motivo: "sobreposicao" },
        lines.overlap(claim.job, result.desde),
      );
      return "overlap";
    }
    if (result === undefined) return "unclaimed";
    if (result.motivo === "slot_no_futuro") return "early";
    log.debug(
      { job: claim.job, slot: claim.slot.toISOString(), motivo: result.motivo },
      `${claim.job}: horário já resolvido`,
    );
    return "accounted";
  }

  return { claim, keep: (skip) => void kept.push(skip), kept: () => kept.length };
}
