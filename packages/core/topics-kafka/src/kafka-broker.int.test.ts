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
  // No silent skip: the reason is in the output, and in the name of what was left out.
  process.stdout.write(`Kafka contract not run against another's cluster: ${cluster}\n`);
  test.skip(`the Kafka contract was not run against another's cluster: ${cluster}`, () => {});
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
