import { createVirtualTime } from "#core/executions";
import { createMemoryBroker } from "./memory-broker.ts";
import { brokerContract } from "./testing/broker-contract.ts";

brokerContract("memory", async () => {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const broker = createMemoryBroker({ clock: time.clock, timers: time.timers, leaseSeconds: 30 });
  return { open: () => broker, advance: time.advance, leaseSeconds: 30, close: async () => {} };
});
