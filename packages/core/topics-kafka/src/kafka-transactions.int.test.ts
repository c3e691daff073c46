import { fixedClock, silentLogger } from "#core/runtime";
import { brokerContract } from "../../topics/src/testing/broker-contract.ts";
import { createKafkaBroker } from "./kafka-broker.ts";
import { startFakeCluster } from "./testing/fake-cluster.ts";
import { groupOfProcesses } from "./testing/group-of-processes.ts";

// With transactions, which librdkafka's mock cluster has not: on our own cluster in this process, on a clock of the test's.
brokerContract("kafka, with transactions", async () => {
  const cluster = await startFakeCluster({ initialDelayMs: 100 });
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const processOf = (n: number) =>
    createKafkaBroker({
      access: { clientId: `julia-test-${n}`, brokers: cluster.brokers, partitions: 3 },
      clock,
      log: silentLogger,
      leaseSeconds: 30,
    });
  const group = groupOfProcesses([processOf(1), processOf(2)]);
  return {
    open: (owner) => group.seenFrom(owner === "a" ? 0 : 1),
    advance: async (ms) => clock.advanceMs(ms),
    leaseSeconds: 30,
    async close() {
      await group.close();
      await cluster.close();
    },
  };
});
