import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, test } from "vitest";
import { silentLogger, systemClock } from "#core/runtime";
import { brokerContract } from "../../topics/src/testing/broker-contract.ts";
import { createKafkaBroker } from "./kafka-broker.ts";
import { groupOfProcesses } from "./testing/group-of-processes.ts";
import { openTestCluster } from "./testing/mock-cluster.ts";

const cluster = await openTestCluster();

if (typeof cluster === "string") {
  // No silent skip: the reason is in the output, and in the name of what was left out.
  process.stdout.write(`Kafka contract not run: ${cluster}\n`);
  test.skip(`the Kafka contract was not run: ${cluster}`, () => {});
} else {
  const { brokers, kind } = cluster;
  const LEASE_SECONDS = 2;

  const processOf = (n: number) =>
    createKafkaBroker({
      access: { clientId: `julia-test-${n}`, brokers, partitions: 4 },
      clock: systemClock,
      log: silentLogger,
      leaseSeconds: LEASE_SECONDS,
      sessionTimeoutMs: 6000,
    });

  afterAll(() => cluster.close());

  // Each group waits 3 s for its members when it begins (`group.initial.rebalance.delay.ms`): the tests wait side by side.
  describe.concurrent("kafka", () => {
    brokerContract(`kafka, on ${kind}`, async () => {
      const group = groupOfProcesses([processOf(1), processOf(2)]);
      return {
        open: (owner) => group.seenFrom(owner === "a" ? 0 : 1),
        advance: (ms) => sleep(ms),
        leaseSeconds: LEASE_SECONDS,
        close: () => group.close(),
      };
    });
  });
}
