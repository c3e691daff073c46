import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Broker, ClaimRequest, Delivery, GroupSpec, OutgoingMessage, Settlement } from "../broker.ts";

/** One store, reached by any number of processes, on a clock that the test moves. */
export interface BrokerWorld {
  /** A broker as another process would have it. */
  open(owner: string): Broker;
  /** Lets time go by. A store with a clock of its own waits for real, so tests keep it short. */
  advance(ms: number): Promise<void>;
  leaseSeconds: number;
  close(): Promise<void>;
}

/** What a store does not promise; a test that needs it is left out, and the difference is documented beside the broker. */
export interface BrokerLimits {
  /** False: settlements of a lost lease may be accepted (the group's generation fences instead). */
  fencing?: boolean;
  /** False: deduplication by key is not offered. */
  dedupe?: boolean;
}

/**
 * The promises of `Broker`, run against every implementation. Topics are new in each test, so that one store serves all
 * tests and whatever a test leaves open touches no other.
 */
export function brokerContract(name: string, start: () => Promise<BrokerWorld>, limits: BrokerLimits = {}): void {
  const { fencing = true, dedupe = true } = limits;

  describe(`broker: ${name}`, () => {
    let world: BrokerWorld;
    let a: Broker;
    let b: Broker;
    beforeAll(async () => {
      world = await start();
      a = world.open("a");
      b = world.open("b");
    });
    afterAll(async () => {
      await a.close();
      await b.close();
      await world.close();
    });

    const newTopic = () => `t.${randomUUID().slice(0, 8)}`;
    const group = (topic: string, groupId = "g", startFrom: GroupSpec["startFrom"] = "latest"): GroupSpec => ({
      topic,
      groupId,
      worker: `w_${groupId}`,
      startFrom,
    });
    const msg = (topic: string, n: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
      topic,
      payload: { n },
      ...more,
    });
    const want = (topic: string, groupId = "g", max = 100): ClaimRequest => ({ topic, groupId, max });
    const claim = async (broker: Broker, ...claims: ClaimRequest[]) =>
      (await broker.exchange({ settle: [], claim: claims, waitMs: 0 })).deliveries;
    const settle = async (broker: Broker, ...ends: Settlement[]) =>
      (await broker.exchange({ settle: ends, claim: [], waitMs: 0 })).lost;
    const done = (delivery: Delivery, ...out: OutgoingMessage[]): Settlement => ({ kind: "complete", delivery, out });
    const ns = (deliveries: readonly Delivery[]) => deliveries.map((d) => (d.payload as { n: number }).n);

    test("a message published reaches each group of its topic once, with what was sent", async () => {
      const topic = newTopic();
      await a.register([group(topic, "g1"), group(topic, "g2")]);
      const correlationId = randomUUID();
      const payload = { texto: "çã 😀 \\u0000", lista: [1, null, { x: true }], vazio: {} };
      const [id] = await a.publish([{ topic, payload, headers: { "x-a": "1" }, correlationId }]);
      const got = await claim(b, want(topic, "g1"), want(topic, "g2"));
      expect(got).toHaveLength(2);
      expect(new Set(got.map((d) => d.groupId))).toEqual(new Set(["g1", "g2"]));
      for (const d of got) {
        expect(d).toMatchObject({ messageId: id, topic, payload, correlationId, headers: { "x-a": "1" }, attempt: 1 });
      }
      expect(await settle(b, ...got.map((d) => done(d)))).toEqual([]);
      expect(await claim(a, want(topic, "g1"), want(topic, "g2"))).toEqual([]);
    });

    test("payloads that are no object are kept as they are", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      const payloads = [null, 0, "", false, [], "text", 1.5];
      await a.publish(payloads.map((payload) => ({ topic, payload })));
      expect((await claim(a, want(topic))).map((d) => d.payload)).toEqual(payloads);
    });

    test("the ids answered are those of the messages, in their order", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      const ids = await a.publish([msg(topic, 1), msg(topic, 2, { key: "k" }), msg(topic, 3)]);
      const got = await claim(a, want(topic));
      const byId = new Map(got.map((d) => [d.messageId, (d.payload as { n: number }).n]));
      expect(ids.map((id) => byId.get(id))).toEqual([1, 2, 3]);
    });

    test("two consumers of one group share its messages, none twice; a claim takes no more than it asks for", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await a.publish(Array.from({ length: 50 }, (_, n) => msg(topic, n)));
      const first = await claim(a, want(topic, "g", 20));
      expect(first).toHaveLength(20);
      const both = await Promise.all([claim(a, want(topic, "g", 40)), claim(b, want(topic, "g", 40))]);
      const all = [...first, ...both.flat()];
      const rest = await claim(b, want(topic, "g", 40));
      expect(new Set(ns([...all, ...rest])).size).toBe(50);
      expect(all.length + rest.length).toBe(50);
    });

    test("a group that is new begins with what is published after it, or with the oldest message kept", async () => {
      const topic = newTopic();
      await a.register([group(topic, "first")]);
      await a.publish([msg(topic, 1), msg(topic, 2, { key: "k" }), msg(topic, 3, { key: "k" })]);
      await a.register([group(topic, "late"), group(topic, "all", "earliest")]);
      await a.publish([msg(topic, 4)]);
      expect(ns(await claim(a, want(topic, "late")))).toEqual([4]);
      const all = await claim(a, want(topic, "all"));
      expect(ns(all).sort()).toEqual([1, 2, 4]);
      await settle(a, ...all.map((d) => done(d)));
      expect(ns(await claim(a, want(topic, "all")))).toEqual([3]);
    });

    test("registering again changes nothing", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await a.publish([msg(topic, 1)]);
      await b.register([group(topic), group(topic, "g", "earliest")]);
      expect(ns(await claim(a, want(topic)))).toEqual([1]);
    });

    test("a success publishes its messages with its completion, once, even if it is sent twice", async () => {
      const [topic, output] = [newTopic(), newTopic()];
      await a.register([group(topic), group(output)]);
      await a.publish([msg(topic, 1)]);
      const [d] = await claim(a, want(topic));
      if (!d) throw new Error("nothing claimed");
      const end = done(
        d,
        msg(output, 10, { causationId: d.messageId, correlationId: d.correlationId }),
        msg(output, 11),
      );
      expect(await settle(a, end)).toEqual([]);
      expect(await settle(a, end)).toEqual([]);
      const out = await claim(a, want(output));
      expect(ns(out)).toEqual([10, 11]);
      expect(out[0]?.correlationId).toBe(d.correlationId);
    });

    test("one call settles a mixture and claims the next batch", async () => {
      const [topic, dlq] = [newTopic(), newTopic()];
      await a.register([group(topic), group(dlq)]);
      await a.publish(Array.from({ length: 6 }, (_, n) => msg(topic, n)));
      const got = await claim(a, want(topic, "g", 4));
      const [d0, d1, d2, d3] = got as [Delivery, Delivery, Delivery, Delivery];
      const next = await a.exchange({
        settle: [
          done(d0),
          { kind: "retry", delivery: d1, delayMs: 60_000, error: "again" },
          { kind: "bury", delivery: d2, dlq: msg(dlq, 2), error: "poison" },
          { kind: "release", delivery: d3 },
        ],
        claim: [want(topic), want(dlq)],
        waitMs: 0,
      });
      expect(next.lost).toEqual([]);
      const here = next.deliveries.filter((d) => d.topic === topic);
      expect(new Set(ns(here))).toEqual(new Set([3, 4, 5]));
      expect(here.find((d) => d.messageId === d3.messageId)?.attempt, "a release does not count").toBe(1);
      expect(ns(next.deliveries.filter((d) => d.topic === dlq))).toEqual([2]);
    });

    test("a retry comes back after its delay and not before, with the next attempt", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await a.publish([msg(topic, 1)]);
      const [d] = await claim(a, want(topic));
      if (!d) throw new Error("nothing claimed");
      await settle(a, { kind: "retry", delivery: d, delayMs: 1000, error: "x" });
      expect(await claim(a, want(topic))).toEqual([]);
      await world.advance(1100);
      expect(await claim(a, want(topic))).toMatchObject([{ attempt: 2, payload: { n: 1 } }]);
    });

    test("a delayed message is delivered after its delay", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await a.publish([msg(topic, 1, { delayMs: 1000 }), msg(topic, 2)]);
      expect(ns(await claim(a, want(topic)))).toEqual([2]);
      await world.advance(1100);
      expect(ns(await claim(a, want(topic)))).toEqual([1]);
    });

    test("messages of a key come one at a time in publish order; others do not wait for them", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await a.publish([msg(topic, 1, { key: "k" }), msg(topic, 2, { key: "k" })]);
      await a.publish([msg(topic, 3, { key: "k" }), msg(topic, 4), msg(topic, 5, { key: "outra" })]);
      const got = await claim(a, want(topic));
      expect(new Set(ns(got))).toEqual(new Set([1, 4, 5]));
      const first = got.find((d) => (d.payload as { n: number }).n === 1) as Delivery;
      await settle(a, { kind: "retry", delivery: first, delayMs: 1000, error: "x" });
      expect(await claim(b, want(topic)), "a waiting retry holds its key").toEqual([]);
      await world.advance(1100);
      const order: number[] = [];
      for (let i = 0; i < 3; i++) {
        const [d, ...others] = await claim(i % 2 ? a : b, want(topic));
        if (!d) throw new Error(`nothing claimed after ${order}`);
        expect(others).toEqual([]);
        order.push(...ns([d]));
        await settle(i % 2 ? a : b, i === 1 ? { kind: "bury", delivery: d, dlq: null, error: "x" } : done(d));
      }
      expect(order).toEqual([1, 2, 3]);
    });

    test("a key published by many at once keeps one turn, and every message gets its own", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      await Promise.all(Array.from({ length: 10 }, (_, n) => (n % 2 ? a : b).publish([msg(topic, n, { key: "k" })])));
      const seen: number[] = [];
      for (let i = 0; i < 10; i++) {
        const got = await claim(a, want(topic));
        expect(got).toHaveLength(1);
        seen.push(...ns(got));
        await settle(a, ...got.map((d) => done(d)));
      }
      expect(new Set(seen).size).toBe(10);
    });

    test("a claim that waits is answered when a message is published", async () => {
      const topic = newTopic();
      await a.register([group(topic)]);
      const waiting = a.exchange({ settle: [], claim: [want(topic)], waitMs: 3000 });
      await b.publish([msg(topic, 1)]);
      expect(ns((await waiting).deliveries)).toEqual([1]);
    });

    test.runIf(dedupe)(
      "a second message of the same dedupe key is not published and answers the first one's id",
      async () => {
        const topic = newTopic();
        await a.register([group(topic)]);
        const [first] = await a.publish([msg(topic, 1, { dedupeKey: "d" })]);
        expect(
          await b.publish([msg(topic, 2, { dedupeKey: "d" }), msg(topic, 3), msg(topic, 4, { dedupeKey: "e" })]),
        ).toEqual([first, expect.any(String), expect.any(String)]);
        const twins = await a.publish([msg(topic, 5, { dedupeKey: "f" }), msg(topic, 6, { dedupeKey: "f" })]);
        expect(twins[0]).toBe(twins[1]);
        expect(ns(await claim(a, want(topic))).sort()).toEqual([1, 3, 4, 5]);
      },
    );

    test.runIf(fencing)(
      "after its lease a delivery goes to another, and the first one's result is dropped",
      async () => {
        const [topic, output] = [newTopic(), newTopic()];
        await a.register([group(topic), group(output)]);
        await a.publish([msg(topic, 1), msg(topic, 2)]);
        const held = await claim(a, want(topic));
        const [lost, kept] = held as [Delivery, Delivery];
        await world.advance(world.leaseSeconds * 600);
        expect(await a.extend([kept])).toEqual([]);
        await world.advance(world.leaseSeconds * 600);
        await b.recover();
        const again = await claim(b, want(topic));
        expect(again).toMatchObject([{ messageId: lost.messageId, attempt: 2 }]);
        expect(await a.extend([lost, kept])).toEqual([lost.token]);
        expect(await settle(a, done(lost, msg(output, 9)), done(kept, msg(output, 10)))).toEqual([lost.token]);
        expect(ns(await claim(a, want(output)))).toEqual([10]);
        expect(await settle(b, ...again.map((d) => done(d)))).toEqual([]);
      },
    );
  });
}
