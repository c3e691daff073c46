import { describe, expect, test } from "vitest";
import type { Ledger, SlotClaim, SlotSkip, Timers } from "#core/executions";
import { fixedClock, silentLogger } from "#core/runtime";
import { createClaimer } from "./claim-slots.ts";

const SLOT = new Date("2026-03-02T13:00:00Z");
const slots = (n: number): SlotClaim[] =>
  Array.from({ length: n }, (_, i) => ({ id: `${i}`, leaseToken: "t", job: `j${i}`, slot: SLOT, trigger: "schedule" }));
const skip: SlotSkip = { job: "x", slot: new Date("2026-03-02T12:00:00Z"), motivo: "perdido", detalhe: null };
const atOnce: Timers = {
  after(_ms, run) {
    queueMicrotask(run);
    return () => undefined;
  },
  soon: queueMicrotask,
};

/** A ledger whose calls are answered by the test, in the order they came. */
function ledger(answerOf: (call: number, claims: readonly SlotClaim[]) => boolean | Promise<boolean>) {
  const calls: { claims: number; skips: number }[] = [];
  let underWay = 0;
  let most = 0;
  const claim: Ledger["claim"] = async (claims, skips) => {
    calls.push({ claims: claims.length, skips: skips.length });
    most = Math.max(most, ++underWay);
    await null;
    const ok = await answerOf(calls.length - 1, claims);
    underWay--;
    if (!ok) throw new Error("connection lost");
    return { agora: SLOT, recusados: new Map(), mortas: [] };
  };
  const it = { claim } as unknown as Ledger;
  const claimer = createClaimer({ ledger: it, clock: fixedClock(SLOT), timers: atOnce, log: silentLogger });
  return { claimer, calls, most: () => most };
}

describe("a tick of more slots than a call takes", () => {
  test("asks in parts, two at a time, and hears the fate of each slot once", async () => {
    const { claimer, calls, most } = ledger(() => true);
    const heard: string[] = [];
    await claimer.claim(slots(1700), [], (c, end) => void heard.push(`${c.id} ${end}`));
    expect(calls.map((c) => c.claims)).toEqual([500, 500, 500, 200]);
    expect(most()).toBe(2);
    expect(heard).toEqual(slots(1700).map((c) => `${c.id} won`));
  });

  test("records skips before it asks for a second part: the last slot on record is then a watermark", async () => {
    const first = Promise.withResolvers<boolean>();
    const { claimer, calls } = ledger((n) => (n === 0 ? first.promise : true));
    const done = claimer.claim(slots(900), [skip], () => undefined);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toEqual([{ claims: 500, skips: 1 }]);
    first.resolve(true);
    await done;
    expect(calls.slice(1)).toEqual([{ claims: 400, skips: 0 }]);
  });

  test("a part that is lost for good takes those not asked for with it, not the one under way", async () => {
    const { claimer } = ledger((_n, claims) => claims[0]?.id !== "0");
    const heard = new Map<string, string[]>();
    await claimer.claim(slots(1700), [], (c, end) => void heard.set(end, [...(heard.get(end) ?? []), c.id]));
    expect(heard.get("won")).toEqual(
      slots(1000)
        .slice(500)
        .map((c) => c.id),
    );
    expect(heard.get("unclaimed")).toHaveLength(1200);
  });

  test("a first part that is lost keeps its skips for the next tick", async () => {
    const { claimer } = ledger(() => false);
    await claimer.claim(slots(1), [skip], () => undefined);
    expect(claimer.kept()).toBe(1);
  });
});
