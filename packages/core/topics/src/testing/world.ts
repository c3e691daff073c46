import { createVirtualTime, type VirtualTime } from "#core/executions";
import { silentLogger } from "#core/runtime";
import { Consumer } from "../consumer.ts";
import type { WorkerDefinition } from "../define-worker.ts";
import type { Json } from "../json.ts";
import { createMemoryBroker, type MemoryBroker, type MemoryDelivery } from "../memory-broker.ts";
import { toMessage } from "../publish.ts";
import type { PublishOptions } from "../worker.ts";

/** Workers on the memory broker and virtual time: the true consumer, minutes in milliseconds. */
export interface TopicWorld {
  time: VirtualTime;
  broker: MemoryBroker;
  consumer: Consumer;
  /** Seconds since the start. */
  seconds(): number;
  publish(topic: string, payload: unknown, options?: PublishOptions): Promise<string>;
  /** Payloads of a topic, in order. */
  on(topic: string): Json[];
  deliveriesOf(topic: string): MemoryDelivery[];
  /** Another process with the same or other workers. */
  process(workers: readonly WorkerDefinition[]): Promise<Consumer>;
  stop(): Promise<void>;
}

export async function topicWorld(...workers: WorkerDefinition[]): Promise<TopicWorld> {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const { clock, timers } = time;
  const broker = createMemoryBroker({ clock, timers, leaseSeconds: 30 });
  const startMs = clock.monotonicMs();
  const consumers: Consumer[] = [];
  const process = async (mine: readonly WorkerDefinition[]) => {
    const consumer = new Consumer({ broker, workers: mine, clock, timers, log: silentLogger, leaseSeconds: 30 });
    await consumer.register();
    consumer.start();
    consumers.push(consumer);
    return consumer;
  };
  const consumer = await process(workers);
  return {
    time,
    broker,
    consumer,
    process,
    seconds: () => Math.round(clock.monotonicMs() - startMs) / 1000,
    publish: async (topic, payload, options) =>
      (await broker.publish([toMessage(topic, payload, options)]))[0] as string,
    on: (topic) => broker.messages.filter((m) => m.topic === topic).map((m) => m.payload),
    deliveriesOf: (topic) => broker.deliveries.filter((d) => d.message.topic === topic),
    async stop() {
      const stopping = Promise.all(consumers.map((c) => c.stop(1000)));
      await time.advance(5000);
      await stopping;
    },
  };
}
