import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger, systemClock } from "#core/runtime";
import { Consumer, defineWorker, toMessage, type WorkerDefinition } from "#core/topics";
import { createKafkaBroker } from "./kafka-broker.ts";
import { type FakeCluster, startFakeCluster } from "./testing/fake-cluster.ts";

let cluster: FakeCluster;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  cluster = await startFakeCluster();
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  await cluster.close();
});

/** A worker process: consumes until the test ends. */
async function processOf(clientId: string, workers: readonly WorkerDefinition[]) {
  const access = { clientId, brokers: cluster.brokers, partitions: 3 };
  const common = { clock: systemClock, log: silentLogger, leaseSeconds: 30 };
  const broker = createKafkaBroker({ access, ...common });
  const consumer = new Consumer({ broker, workers, ...common });
  await consumer.register();
  consumer.start();
  stops.push(async () => {
    await consumer.stop(1000);
    await broker.close();
  });
  return broker;
}

test("two worker processes share a topic, and what they publish is published once", async () => {
  const N = 300;
  const seen: number[] = [];
  /** By the id of the message that was published: an execution may be repeated when a group changes, a publication may not. */
  const results = new Map<string, number>();
  const workers = [
    defineWorker({ name: "dobrar", topic: "entrada", outputTopic: "saida", concurrency: 20 }, async (payload) => {
      const { n } = payload as { n: number };
      seen.push(n);
      return { dobro: n * 2 };
    }),
    defineWorker({ name: "colher", topic: "saida", concurrency: 50 }, async (payload, ctx) => {
      results.set(ctx.messageId, (payload as { dobro: number }).dobro);
    }),
  ];
  const a = await processOf("a", workers);
  await processOf("b", workers);
  await a.join([{ topic: "entrada", groupId: "dobrar" }]);
  await a.publish(Array.from({ length: N }, (_, n) => toMessage("entrada", { n }, { key: `k${n % 20}` })));
  await expect.poll(() => results.size, { timeout: 40_000, interval: 50 }).toBeGreaterThanOrEqual(N);
  expect(results.size).toBe(N);
  expect(new Set(results.values()).size).toBe(N);
  expect(new Set(seen).size).toBe(N);
});

test("what fails to the end is in the dead letter topic with four keys, and the messages behind it did not wait", async () => {
  const runs: string[] = [];
  const letters: { payload: unknown; headers: Record<string, string> }[] = [];
  const a = await processOf("a", [
    defineWorker(
      { name: "pagar", topic: "pagamentos", maxRetries: 2, retryBackoff: "fixed", initialDelay: 0.2, concurrency: 5 },
      async (payload) => {
        const { id } = payload as { id: string };
        runs.push(id);
        if (id === "veneno") throw new Error("Connection timeout");
      },
    ),
    defineWorker({ name: "cartas", topic: "pagamentos.dlq" }, async (payload, ctx) => {
      letters.push({ payload, headers: ctx.headers });
    }),
  ]);
  const [first] = await a.publish(["veneno", "bom", "melhor"].map((id) => toMessage("pagamentos", { id })));
  await expect.poll(() => letters.length, { timeout: 40_000, interval: 50 }).toBe(1);
  expect(letters[0]?.payload).toEqual({
    original: { id: "veneno" },
    error: "Connection timeout",
    worker: "pagar",
    retries: 2,
  });
  expect(letters[0]?.headers).toEqual({
    "x-original-topic": "pagamentos",
    "x-original-message-id": first,
    "x-group-id": "pagar",
    "x-failed-at": expect.any(String),
    "x-error-type": "Error",
  });
  expect(runs.filter((id) => id === "veneno")).toHaveLength(3);
  expect(runs.slice(0, 3).sort()).toEqual(["bom", "melhor", "veneno"]);
});
