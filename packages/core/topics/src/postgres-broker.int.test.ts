import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
import type { Broker } from "./broker.ts";
import { createPostgresBroker } from "./postgres-broker.ts";
import { brokerContract } from "./testing/broker-contract.ts";

brokerContract("postgres", async () => {
  const t = await createTestDatabase();
  const clock = fixedClock("2026-03-02T13:00:00Z");
  return {
    open: (owner) => createPostgresBroker({ db: t.db, owner, leaseSeconds: 30, now: () => clock.now() }),
    advance: async (ms) => clock.advanceMs(ms),
    leaseSeconds: 30,
    close: () => t.drop(),
  };
});

let t: TestDatabase;
let broker: Broker;
beforeAll(async () => {
  t = await createTestDatabase();
  broker = createPostgresBroker({ db: t.db, owner: "a", leaseSeconds: 30 });
});
afterAll(() => t.drop());

/** Claims of group `g` until all `count` are taken, beside groups that have nothing; how many each claim brought. */
async function claimSizes(topic: string, count: number, emptyGroups: number): Promise<number[]> {
  const empty = Array.from({ length: emptyGroups }, (_, n) => ({ topic: `empty.${n}`, groupId: "g", max: 1000 }));
  const sizes: number[] = [];
  for (let taken = 0; taken < count; ) {
    const claim = [{ topic, groupId: "g", max: 1000 }, ...empty];
    const { deliveries } = await broker.exchange({ settle: [], claim, waitMs: 0 });
    expect(deliveries.length).toBeGreaterThan(0);
    sizes.push(deliveries.length);
    taken += deliveries.length;
  }
  return sizes;
}

test("a claim brings as many messages as fit in 4 MB, and the rest with the next one", async () => {
  await broker.register([{ topic: "large", groupId: "g", worker: "w", startFrom: "latest" }]);
  const text = "x".repeat(40_000);
  const part = Array.from({ length: 22 }, (_, n) => ({ topic: "large", payload: { n, text } }));
  for (let i = 0; i < 5; i++) await broker.publish(part);
  expect(await claimSizes("large", 110, 0)).toEqual([100, 10]);
});

test("the 4 MB are of all groups of the call, of the content however long its JSON is, and at least one message comes", async () => {
  await broker.register([{ topic: "escaped", groupId: "g", worker: "w", startFrom: "latest" }]);
  const text = "\u0001".repeat(40_000); // six bytes each in JSON: 240 kB
  const publish = (count: number) =>
    broker.publish(Array.from({ length: count }, (_, n) => ({ topic: "escaped", payload: { n, text } })));
  await publish(12);
  expect(await claimSizes("escaped", 12, 9)).toEqual([10, 2]);
  await publish(2);
  expect(await claimSizes("escaped", 2, 199)).toEqual([1, 1]);
});

test("at most four waits are held in the database; one more is told so at once", async () => {
  await broker.register([{ topic: "quiet", groupId: "g", worker: "w", startFrom: "latest" }]);
  const full: boolean[] = [];
  // As long as the database waits: however slowly the six arrive, the first four are still there when the last two come.
  const calls = Array.from({ length: 6 }, async () => {
    const answer = await broker.exchange({
      settle: [],
      claim: [{ topic: "quiet", groupId: "g", max: 1 }],
      waitMs: 5000,
    });
    full.push(answer.full === true);
  });
  await expect.poll(() => full.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(2);
  await broker.publish(Array.from({ length: 4 }, (_, n) => ({ topic: "quiet", payload: n })));
  await Promise.all(calls);
  expect(full).toEqual([true, true, false, false, false, false]);
});
