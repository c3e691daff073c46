import { afterEach, expect, test } from "vitest";
import { silentLogger } from "#core/runtime";
import type { Broker } from "./broker.ts";
import { Consumer } from "./consumer.ts";
import { defineWorker, type WorkerDefinition } from "./define-worker.ts";
import { type TopicWorld, topicWorld } from "./testing/world.ts";

let w: TopicWorld;
afterEach(() => w.stop());
const run = async (...workers: WorkerDefinition[]) => {
  w = await topicWorld(...workers);
};
const sleep = (ms: number) => new Promise<void>((resolve) => w.time.timers.after(ms, resolve));
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test("caso 8: each group receives all ten messages, once, also when two processes share one of them", async () => {
  const seen: Record<string, number[]> = { g1: [], g2: [] };
  const inGroup = (groupId: "g1" | "g2") =>
    defineWorker({ name: groupId, topic: "t", groupId }, async (n) => {
      await sleep(10);
      seen[groupId]?.push(n as number);
    });
  await run(inGroup("g1"), inGroup("g2"));
  await w.process([inGroup("g1")]);
  for (const n of numbers(10)) await w.publish("t", n);
  await w.time.advance(10_000);
  expect(seen.g1?.toSorted((a, b) => a - b)).toEqual(numbers(10));
  expect(seen.g2?.toSorted((a, b) => a - b)).toEqual(numbers(10));
});

test("caso 9: messages of one key complete in their order, while one without key does not wait", async () => {
  const done: string[] = [];
  await run(
    defineWorker({ name: "k", topic: "t", concurrency: 10 }, async (m, ctx) => {
      if (m === "k1" && ctx.attempt <= 2) throw new Error("not yet");
      done.push(m as string);
    }),
  );
  for (const m of ["k1", "k2", "k3"]) await w.publish("t", m, { key: "k" });
  await w.publish("t", "free");
  await w.time.advance(10_000);
  expect(done).toEqual(["free", "k1", "k2", "k3"]);
});

test("poison messages take every retry and end in the DLQ, and nothing else waits for them", async () => {
  const doneAt: number[] = [];
  await run(
    defineWorker({ name: "p", topic: "t", dlqTopic: "t.dlq", maxRetries: 3, concurrency: 2 }, async (m) => {
      await sleep(10);
      if (m === "poison") throw new Error("never");
      doneAt.push(w.time.clock.monotonicMs());
    }),
  );
  for (let i = 0; i < 4; i++) await w.publish("t", "poison");
  for (const n of numbers(20)) await w.publish("t", n);
  const startMs = w.time.clock.monotonicMs();
  await w.time.advance(1000);
  expect(doneAt).toHaveLength(20);
  // Two at a time: the four poisonous ones cost their first try, 20 ms, and no more.
  expect(Math.max(...doneAt) - startMs).toBeLessThan(300);
  await w.time.advance(60_000);
  expect(w.on("t.dlq")).toHaveLength(4);
  expect(w.deliveriesOf("t").filter((d) => d.status === "morta")).toHaveLength(4);
});

test("caso 10: with concurrency 10, 25 messages of 100 ms run ten at a time, in three rounds", async () => {
  let running = 0;
  let most = 0;
  let lastAt = 0;
  await run(
    defineWorker({ name: "c", topic: "t", concurrency: 10 }, async () => {
      most = Math.max(most, ++running);
      await sleep(100);
      running--;
      lastAt = w.time.clock.monotonicMs();
    }),
  );
  await Promise.all(numbers(25).map((n) => w.publish("t", n)));
  const startMs = w.time.clock.monotonicMs();
  await w.time.advance(5000);
  expect(most).toBe(10);
  expect(w.deliveriesOf("t").every((d) => d.status === "concluida")).toBe(true);
  expect(lastAt - startMs).toBeLessThan(600);
});

test("caso 11: what a process that died was executing runs elsewhere after its lease, with attempt 2", async () => {
  await run();
  await w.broker.register([{ topic: "t", groupId: "g", worker: "d", startFrom: "latest" }]);
  await w.publish("t", 1);
  await w.broker.exchange({ settle: [], claim: [{ topic: "t", groupId: "g", max: 1 }], waitMs: 0 }); // dies holding it
  const attempts: [number, number][] = [];
  await w.process([
    defineWorker({ name: "d", topic: "t", groupId: "g" }, async (_m, ctx) => {
      attempts.push([ctx.attempt, w.seconds()]);
    }),
  ]);
  await w.time.advance(29_000);
  expect(attempts).toEqual([]);
  await w.time.advance(10_000);
  expect(attempts.map(([n]) => n)).toEqual([2]);
  expect(attempts[0]?.[1]).toBeLessThanOrEqual(36);
});

test("a message that kills its process every time ends in the DLQ as lost, without being run once more", async () => {
  await run();
  let executed = 0;
  const worker = defineWorker({ name: "killer", topic: "t", maxRetries: 1 }, async () => void executed++);
  await w.broker.register([{ topic: "t", groupId: "killer", worker: "killer", startFrom: "latest" }]);
  await w.publish("t", { n: 1 });
  for (let i = 0; i < 2; i++) {
    await w.broker.exchange({ settle: [], claim: [{ topic: "t", groupId: "killer", max: 1 }], waitMs: 0 });
    await w.time.advance(31_000);
    await w.broker.recover();
  }
  await w.process([worker]);
  await w.time.advance(1000);
  expect(executed).toBe(0);
  expect(w.on("t.dlq")).toEqual([{ original: { n: 1 }, error: "Worker lost", worker: "killer", retries: 1 }]);
});

test("an execution longer than its lease keeps it by renewal", async () => {
  let executions = 0;
  await run(
    defineWorker({ name: "slow", topic: "t", timeoutSeconds: 300 }, async () => {
      executions++;
      await sleep(120_000);
    }),
  );
  await w.publish("t", 1);
  await w.time.advance(130_000);
  expect(executions).toBe(1);
  expect(w.deliveriesOf("t")).toMatchObject([{ status: "concluida", attempts: 1 }]);
});

test("a flooded worker does not keep another one waiting", async () => {
  await run(
    defineWorker({ name: "flood", topic: "flood" }, async () => sleep(10)),
    defineWorker({ name: "other", topic: "other" }, async () => {}),
  );
  await Promise.all(numbers(500).map((n) => w.publish("flood", n)));
  await w.publish("other", 1);
  await w.time.advance(1000);
  expect(w.deliveriesOf("other")).toMatchObject([{ status: "concluida" }]);
  expect(w.deliveriesOf("flood").filter((d) => d.status !== "concluida").length).toBeGreaterThan(300);
});

test("at the stop executions end, what was not begun goes back uncounted, and what is too slow is given up", async () => {
  const ends: string[] = [];
  await run(
    defineWorker({ name: "s", topic: "t", concurrency: 2, timeoutSeconds: 300 }, async (m, ctx) => {
      await sleep(m === "slow" ? 100_000 : 500);
      ends.push(ctx.signal.aborted ? `${m} aborted` : String(m));
    }),
  );
  await w.publish("t", "slow");
  await w.publish("t", "quick");
  await w.publish("t", "later");
  await w.time.advance(100);
  const stopped = w.consumer.stop(5000);
  await w.time.advance(6000);
  await stopped;
  expect(ends).toEqual(["quick"]);
  const of = (m: string) => w.deliveriesOf("t").find((d) => d.message.payload === m);
  expect(of("quick")).toMatchObject({ status: "concluida" });
  expect(of("slow")).toMatchObject({ status: "pendente", attempts: 0 });
  expect(of("later")).toMatchObject({ status: "pendente", attempts: 0 });
});

test("a broker that does not answer is asked again, and nothing that ended meanwhile is lost", async () => {
  await run();
  let down = false;
  const broken: Broker = {
    ...w.broker,
    exchange: (e) => (down ? Promise.reject(new Error("no database")) : w.broker.exchange(e)),
  };
  let executions = 0;
  const worker = defineWorker({ name: "b", topic: "t", outputTopic: "out" }, async () => {
    executions++;
    down = true;
    w.time.timers.after(3000, () => {
      down = false;
    });
    return { n: executions };
  });
  const { clock, timers } = w.time;
  const consumer = new Consumer({
    broker: broken,
    workers: [worker],
    clock,
    timers,
    log: silentLogger,
    leaseSeconds: 30,
  });
  await consumer.register();
  consumer.start();
  await w.publish("t", 1);
  await w.time.advance(20_000);
  expect(w.on("out")).toEqual([{ n: 1 }]);
  const stopped = consumer.stop(100);
  await w.time.advance(2000);
  await stopped;
});

test("a result that the broker refuses fails its own delivery only", async () => {
  await run();
  const picky: Broker = {
    ...w.broker,
    async exchange(e) {
      const poison = e.settle.some((s) => s.kind === "complete" && s.out.some((m) => m.payload === 13));
      if (poison) throw Object.assign(new Error("invalid"), { code: "erro_interno" });
      return w.broker.exchange(e);
    },
  };
  const worker = defineWorker(
    { name: "b", topic: "t", outputTopic: "out", maxRetries: 1, concurrency: 20 },
    async (n) => n,
  );
  const { clock, timers } = w.time;
  const consumer = new Consumer({
    broker: picky,
    workers: [worker],
    clock,
    timers,
    log: silentLogger,
    leaseSeconds: 30,
  });
  await consumer.register();
  consumer.start();
  for (const n of numbers(20)) await w.publish("t", n);
  await w.time.advance(20_000);
  expect(w.on("out")).toHaveLength(19);
  expect(w.deliveriesOf("t").filter((d) => d.status === "morta")).toMatchObject([
    { message: { payload: 13 }, error: "invalid" },
  ]);
  const stopped = consumer.stop(100);
  await w.time.advance(2000);
  await stopped;
});

async function drainer(...workers: WorkerDefinition[]): Promise<Consumer> {
  await run();
  const { clock, timers } = w.time;
  const consumer = new Consumer({ broker: w.broker, workers, clock, timers, log: silentLogger, leaseSeconds: 30 });
  await consumer.register();
  return consumer;
}

test("caso 16: a drain counts successes and deaths as processed, tells retries apart, and follows a chain to its end", async () => {
  const consumer = await drainer(
    defineWorker({ name: "first", topic: "a", outputTopic: "b", maxRetries: 1 }, async (m) => {
      if (m === "retry") throw new Error("later");
      if (m === "dead") throw Object.assign(new Error("no"), { name: "x" });
      return m;
    }),
    defineWorker({ name: "second", topic: "b" }, async () => {}),
  );
  for (const m of ["ok", "retry"]) await w.publish("a", m);
  const draining = consumer.drain({ limit: 500, budgetMs: 50_000 });
  await w.time.advance(100);
  const { tally, running, end } = await draining;
  expect({ ok: tally.ok, dead: tally.dead, retries: tally.retries, published: tally.published }).toEqual({
    ok: 2,
    dead: 0,
    retries: 1,
    published: 1,
  });
  expect([running, end]).toEqual([0, "empty"]);
  expect(tally.byWorker.get("second")).toEqual({ ok: 1, dead: 0, retries: 0 });
});

test("an empty answer to a question from before the last settlement does not end a drain: it cannot know what that published", async () => {
  await run();
  const { clock, timers } = w.time;
  let questions = 0;
  const broker: Broker = {
    ...w.broker,
    async exchange(exchange) {
      const answer = await w.broker.exchange(exchange);
      // The second question, asked while the first message is worked on, is answered after its end was written.
      if (exchange.settle.length === 0 && ++questions === 2) await sleep(50);
      return answer;
    },
  };
  const workers = [
    defineWorker({ name: "first", topic: "a", outputTopic: "b", concurrency: 5 }, async (m) => {
      await sleep(10);
      return m;
    }),
    defineWorker({ name: "second", topic: "b" }, async () => {}),
  ];
  const consumer = new Consumer({ broker, workers, clock, timers, log: silentLogger, leaseSeconds: 30 });
  await consumer.register();
  await w.publish("a", 1);
  const draining = consumer.drain({ limit: 500, budgetMs: 50_000 });
  await w.time.advance(1000);
  const { tally, end } = await draining;
  expect([tally.byWorker.get("second")?.ok, end]).toEqual([1, "empty"]);
});

test("a drain for nobody ends at once, not when its time is up", async () => {
  const nobody = await drainer();
  const chosenNone = await drainer(defineWorker({ name: "a", topic: "a" }, async () => {}));
  const drains = [
    nobody.drain({ limit: 10, budgetMs: 50_000 }),
    chosenNone.drain({ limit: 10, budgetMs: 50_000, only: () => false }),
  ];
  await w.time.advance(100);
  expect((await Promise.all(drains)).map((report) => report.end)).toEqual(["empty", "empty"]);
});

test("a hook that never ends holds up no drain for more than ten seconds, and is left behind after thirty", async () => {
  const consumer = await drainer(
    defineWorker({ name: "a", topic: "a", onSuccess: () => new Promise(() => {}) }, async () => {}),
  );
  await w.publish("a", 1);
  const first = consumer.drain({ limit: 1, budgetMs: 500 });
  await w.time.advance(100);
  await w.time.advance(10_500);
  expect(await first).toMatchObject({ running: 0, end: "limit" });
  expect(w.deliveriesOf("a").map((d) => d.status)).toEqual(["concluida"]);
  await w.time.advance(20_000);
  const second = consumer.drain({ limit: 1, budgetMs: 500 });
  await w.time.advance(100);
  expect(await second).toMatchObject({ running: 0, end: "empty" });
});

test("a drain takes no more than its limit, shared between its workers, and only those it was told", async () => {
  const consumer = await drainer(
    defineWorker({ name: "a", topic: "a" }, async () => {}),
    defineWorker({ name: "b", topic: "b" }, async () => {}),
    defineWorker({ name: "c", topic: "c" }, async () => {}),
  );
  for (const n of numbers(30)) for (const topic of ["a", "b", "c"]) await w.publish(topic, n);
  const draining = consumer.drain({ limit: 20, budgetMs: 50_000, only: (worker) => worker.name !== "c" });
  await w.time.advance(100);
  const { tally, end } = await draining;
  expect([tally.ok, end]).toEqual([20, "limit"]);
  expect(tally.byWorker.get("a")?.ok).toBe(10);
  expect(tally.byWorker.get("c")).toBeUndefined();
});

test("a drain whose time is up answers with what still runs, which then ends by itself; nothing is left claimed", async () => {
  const consumer = await drainer(
    defineWorker({ name: "slow", topic: "a", timeoutSeconds: 300 }, async () => sleep(200_000)),
  );
  await w.publish("a", 1);
  await w.publish("a", 2);
  const draining = consumer.drain({ limit: 10, budgetMs: 50_000 });
  await w.time.advance(50_100);
  expect(await draining).toMatchObject({ running: 1, end: "budget" });
  expect(w.deliveriesOf("a").map((d) => d.status)).toEqual(["processando", "pendente"]);
  await w.time.advance(160_000);
  expect(w.deliveriesOf("a").map((d) => d.status)).toEqual(["concluida", "pendente"]);
});
