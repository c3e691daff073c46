import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, test } from "vitest";
import { silentLogger } from "#core/runtime";
import { brokerContract } from "../../topics/src/testing/broker-contract.ts";
import { createKafkaBroker } from "./kafka-broker.ts";
import { groupOfProcesses } from "./testing/group-of-processes.ts";
import { openTestCluster } from "./testing/mock-cluster.ts";
import { slowClock } from "./testing/slow-clock.ts";

const cluster = await openTestCluster();

if (typeof cluster === "string") {
  // A skip that says why: one without a reason counts as a failure, and what is missing here is a download that failed.
  test("the Kafka contract, on another's cluster", ({ skip }) => skip(cluster));
} else {
  const { brokers, kind } = cluster;
  const SLOWER = 3;
  const clock = slowClock(SLOWER);
  const processOf = (n: number) =>
    createKafkaBroker({
      access: { clientId: `julia-test-${n}`, brokers, partitions: 4 },
      clock,
      log: silentLogger,
      leaseSeconds: 2,
    });

  afterAll(() => cluster.close());

  // Each group waits 3 s for its members when it begins (`group.initial.rebalance.delay.ms`): the tests wait side by side.
  describe.concurrent("kafka", () => {
    brokerContract(`kafka, on ${kind}`, async () => {
      const group = groupOfProcesses([processOf(1), processOf(2)]);
      return {
        open: (owner) => group.seenFrom(owner === "a" ? 0 : 1),
        advance: (ms) => sleep(ms * SLOWER),
        leaseSeconds: 2,
        close: () => group.close(),
      };
    });
  });
}
