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
const wait = (topic: string, waitMs: number) =>
  broker.exchange({ settle: [], claim: [{ topic, groupId: "g", max: 1000 }], waitMs });

test("a claim brings as many messages as fit in 4 MB, at least one, and the rest with the next ones", async () => {
  await broker.register([{ topic: "large", groupId: "g", worker: "w", startFrom: "latest" }]);
  const text = "\u0001".repeat(40_000); // six bytes each in JSON: 240 kB
  for (let i = 0; i < 10; i++) {
    await broker.publish(Array.from({ length: 25 }, (_, n) => ({ topic: "large", payload: { n: 25 * i + n, text } })));
  }
  const sizes: number[] = [];
  for (let taken = 0; taken < 250; ) {
    const { deliveries } = await wait("large", 0);
    expect(deliveries.length).toBeGreaterThan(0);
    sizes.push(deliveries.length);
    taken += deliveries.length;
  }
  expect(sizes.slice(0, 2)).toEqual([100, 100]);
});

test("at most four waits are held in the database; one more is told so at once", async () => {
  await broker.register([{ topic: "quiet", groupId: "g", worker: "w", startFrom: "latest" }]);
  const answers = await Promise.all(Array.from({ length: 6 }, () => wait("quiet", 1500)));
  expect(answers.filter((a) => a.full === true)).toHaveLength(2);
});
