import {
  type ClaimRefusal,
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

/** Small, so that the first runs start while the others are still being claimed; a call twice as large is hardly cheaper. */
const PER_CALL = 500;
/** Claims under way at a time. */
const IN_FLIGHT = 2;
const SKIPS_WITH_CLAIMS = 1_000;
/** Skips alone are lighter: a month of absence is to be on record within seconds. */
const SKIPS_PER_CALL = 5_000;
/** Three tries within 20 s. */
const ATTEMPTS = 3;
const ATTEMPT_MS = 6_000;
const BETWEEN_MS = 1_000;
/** The ledger takes no skip of a slot younger than 30 s: somebody with a better clock may still run it. */
const RIPE_MS = 31_000;

type Answered = { value: Awaited<ReturnType<Ledger["claim"]>>; askedMs: number };

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
    while (skips.length > SKIPS_WITH_CLAIMS) {
      const part = skips.slice(0, SKIPS_PER_CALL);
      if ((await attempt(() => ledger.recordSkips(part))) === null) {
        kept = [...skips, ...kept];
        unclaimed(claims, onClaimed);
        return dead;
      }
      skips = skips.slice(SKIPS_PER_CALL);
    }
    // A call is being worked on by the database while another waits in line and the answer of a third is acted upon: starting
    // hundreds of runs takes a while, and nobody is to wait for it. Skips go alone first, for the sake of the watermark.
    const asked: { part: readonly SlotClaim[]; answer: Promise<Answered | null> }[] = [];
    let next = 0;
    const ask = () => {
      const part = claims.slice(next, next + PER_CALL);
      const passed = next === 0 ? skips : [];
      next += PER_CALL;
      asked.push({ part, answer: attempt(() => ledger.claim(part, passed, ATTEMPT_MS)) });
    };
    const fill = (upTo: number) => {
      while (asked.length < upTo && next < claims.length) ask();
    };
    ask();
    if (skips.length === 0) fill(IN_FLIGHT);
    let lost: readonly SlotClaim[] = [];
    for (let first = asked.shift(), n = 0; first !== undefined; first = asked.shift(), n++) {
      const answer = await first.answer;
      if (answer === null) {
        if (n === 0) kept = [...skips, ...kept];
        // No further ones; those already under way are still heard.
        lost = [...lost, ...first.part, ...claims.slice(next)];
        next = claims.length;
        continue;
      }
      fill(IN_FLIGHT);
      const { mortas, recusados } = answer.value;
      dead.push(...mortas);
      for (const c of first.part) onClaimed(c, endOf(c, recusados.get(c.id)), answer.askedMs);
    }
    unclaimed(lost, onClaimed);
    return dead;
  }

  function unclaimed(claims: readonly SlotClaim[], onClaimed: OnClaimed): void {
    for (const c of claims) {
      log.error({ job: c.job, slot: c.slot.toISOString() }, lines.unclaimed(c.job));
      onClaimed(c, "unclaimed", clock.monotonicMs());
    }
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

  function endOf(claim: SlotClaim, refusal: ClaimRefusal | undefined): AttemptEnd | "won" | "early" {
    if (refusal === undefined) return "won";
    if (refusal.motivo === "em_execucao") {
      log.warn(
        { job: claim.job, slot: claim.slot.toISOString(), motivo: "sobreposicao" },
        lines.overlap(claim.job, refusal.desde),
      );
      return "overlap";
    }
    if (refusal.motivo === "slot_no_futuro") return "early";
    log.debug(
      { job: claim.job, slot: claim.slot.toISOString(), motivo: refusal.motivo },
      `${claim.job}: horário já resolvido`,
    );
    return "accounted";
  }

  return { claim, keep: (skip) => void kept.push(skip), kept: () => kept.length };
}
