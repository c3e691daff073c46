import { createTestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
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
