import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fixedClock, silentLogger, TransientError } from "#core/runtime";
import type { ClaimRequest, Delivery, OutgoingMessage, Settlement } from "#core/topics";
import { createKafkaBroker, type KafkaBroker } from "./kafka-broker.ts";
import { type FakeCluster, startFakeCluster } from "./testing/fake-cluster.ts";

const clock = fixedClock("2026-03-02T13:00:00Z");
const TOPIC = "t";
const group = { topic: TOPIC, groupId: "g", worker: "w", startFrom: "earliest" as const };
const want = (max = 100, topic = TOPIC): ClaimRequest => ({ topic, groupId: "g", max });

let cluster: FakeCluster;
let opened: KafkaBroker[];
/** Processes whose requests get no answer any more. */
let dead: Set<string>;

beforeEach(async () => {
  cluster = await startFakeCluster({ initialDelayMs: 30 });
  dead = new Set();
  cluster.fate = (_api, client) => (dead.has(client) ? "lost" : undefined);
  opened = [];
});
afterEach(async () => {
  for (const client of dead) cluster.state.producers.delete(client);
  dead.clear();
  await Promise.all(opened.map((b) => b.close()));
  await cluster.close();
});

/** No answer reaches it any more, and its sessions have run out. */
function kill(client: string): void {
  dead.add(client);
  cluster.forget(client);
}

function open(clientId: string, limitMs?: number): KafkaBroker {
  const access = { clientId, brokers: cluster.brokers, partitions: 2, limitMs };
  const broker = createKafkaBroker({ access, clock, log: silentLogger, leaseSeconds: 30 });
  opened.push(broker);
  return broker;
}

const msg = (n: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage => ({
  topic: TOPIC,
  payload: { n },
  ...more,
});
const ns = (deliveries: readonly Delivery[]) => deliveries.map((d) => (d.payload as { n: number }).n);
const done = (delivery: Delivery, ...out: OutgoingMessage[]): Settlement => ({ kind: "complete", delivery, out });
const claim = async (b: KafkaBroker, ...claims: ClaimRequest[]) =>
  (await b.exchange({ settle: [], claim: claims.length > 0 ? claims : [want()], waitMs: 0 })).deliveries;
const settle = async (b: KafkaBroker, ...ends: Settlement[]) =>
  (await b.exchange({ settle: ends, claim: [], waitMs: 0 })).lost;

/** Claims until `count` have come. */
async function claimUntil(b: KafkaBroker, count: number): Promise<Delivery[]> {
  const got: Delivery[] = [];
  for (let tries = 0; got.length < count && tries < 40; tries++) {
    got.push(...(await b.exchange({ settle: [], claim: [want()], waitMs: 500 })).deliveries);
  }
  return got;
}

describe("kafka: processes that die", () => {
  test("what a dead process had begun comes again with its attempt counted; what it had ended does not", async () => {
    const [a, b] = [open("a"), open("b")];
    await a.register([group]);
    await a.publish([0, 1, 2, 3, 4].map((n) => msg(n, { key: "k" })));
    await a.publish([msg(5), msg(6), msg(7)]);
    const first = await claim(a);
    expect(ns(first).sort()).toEqual([0, 5, 6, 7]);
    // One in the middle is left running: its commit is below those that ended.
    await settle(a, ...first.filter((d) => (d.payload as { n: number }).n !== 5).map((d) => done(d)));
    const running = first.find((d) => (d.payload as { n: number }).n === 5);
    kill("a");
    const again = await claimUntil(b, 2);
    expect(ns(again).sort()).toEqual([1, 5]);
    expect(again.find((d) => d.messageId === running?.messageId)?.attempt).toBe(2);
    expect(again.find((d) => d.key === "k")?.attempt).toBe(1);
  });

  test("a crash loop counts every execution", async () => {
    const attempts: number[] = [];
    for (const name of ["a", "b", "c"]) {
      const broker = open(name);
      if (name === "a") {
        await broker.register([group]);
        await broker.publish([msg(1)]);
      }
      attempts.push(...(await claimUntil(broker, 1)).map((d) => d.attempt));
      kill(name);
    }
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("a waiting retry holds its key for the process that takes over", async () => {
    const [a, b] = [open("a"), open("b")];
    await a.register([group]);
    await a.publish([msg(1, { key: "k" }), msg(2, { key: "k" }), msg(3, { key: "outra" })]);
    const got = await claim(a);
    const first = got.find((d) => d.key === "k") as Delivery;
    await settle(a, { kind: "retry", delivery: first, delayMs: 60_000, error: "x" });
    kill("a");
    expect(ns(await claimUntil(b, 1))).toEqual([3]);
    expect(await claim(b)).toEqual([]);
    clock.advanceMs(61_000);
    const retried = await claim(b);
    expect(retried).toMatchObject([{ messageId: first.messageId, attempt: 2 }]);
    await settle(b, ...retried.map((d) => done(d)));
    expect(ns(await claim(b))).toEqual([2]);
  });

  test("a process that was cut off and replaced publishes nothing more: its generation is over", async () => {
    const [a, b] = [open("a"), open("b")];
    await a.register([group, { ...group, topic: "saida" }]);
    await a.publish([msg(1)]);
    const [held] = await claim(a);
    if (!held) throw new Error("nothing claimed");
    kill("a");
    const [taken] = await claimUntil(b, 1);
    expect(taken).toMatchObject({ messageId: held.messageId, attempt: 2 });
    // It can speak again, and does not know; it is not let into the group while the other works.
    cluster.fate = (api, client) => (client === "a" && api === "JoinGroup" ? "lost" : undefined);
    expect(await settle(a, done(held, { topic: "saida", payload: { n: 10 } }))).toEqual([held.token]);
    expect(await settle(b, done(taken as Delivery, { topic: "saida", payload: { n: 11 } }))).toEqual([]);
    expect(ns(await claim(b, want(100, "saida")))).toEqual([11]);
  });
});

describe("kafka: groups that change", () => {
  test("a second process takes its part, and the first keeps what it holds of the rest", async () => {
    const [a, b] = [open("a"), open("b")];
    await a.register([group]);
    await a.publish(Array.from({ length: 40 }, (_, n) => msg(n, { key: `k${n}` })));
    const held = await claim(a, want(40));
    expect(held).toHaveLength(40);
    await b.join([group]);
    const moved = await claimUntil(b, 1);
    const lost = new Set(await settle(a, ...held.map((d) => done(d))));
    // Every message is ended by one of them, none by both.
    const again = new Set(moved.map((d) => d.messageId));
    expect(lost.size).toBeGreaterThan(0);
    expect(lost.size).toBeLessThan(40);
    for (const d of held) expect(again.has(d.messageId)).toBe(lost.has(d.token));
    expect(await settle(b, ...moved.map((d) => done(d)))).toEqual([]);
    expect([...(await claim(a)), ...(await claim(b))]).toEqual([]);
  });

  test("a process that closes leaves at once: the other need not wait for a session", async () => {
    const [a, b] = [open("a"), open("b")];
    await a.register([group]);
    await Promise.all([a.join([group]), b.join([group])]);
    await a.publish([0, 1, 2, 3, 4, 5].map((n) => msg(n, { key: `k${n}` })));
    const held = await claim(a);
    await settle(a, ...held.map((delivery): Settlement => ({ kind: "release", delivery })));
    await a.close();
    const got = await claimUntil(b, 6);
    expect(ns(got).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(got.every((d) => d.attempt === 1)).toBe(true);
  });
});

describe("kafka: answers that get lost", () => {
  /** Loses the next answer to `api`, or the request itself. */
  const once = (api: string, fate: "lost" | "unanswered") => {
    let left = 1;
    cluster.fate = (name) => (name === api && left-- > 0 ? fate : undefined);
  };

  for (const [api, fate] of [
    ["EndTxn", "unanswered"],
    ["EndTxn", "lost"],
    ["Produce", "unanswered"],
    ["Produce", "lost"],
    ["TxnOffsetCommit", "unanswered"],
    ["AddPartitionsToTxn", "lost"],
  ] as const) {
    test(`a settlement whose ${api} was ${fate} publishes once all the same`, async () => {
      const a = open("a");
      await a.register([group, { ...group, topic: "saida" }]);
      await a.publish([msg(1), msg(2)]);
      const got = await claim(a);
      once(api, fate);
      const ends = got.map((d) => done(d, { topic: "saida", payload: { n: (d.payload as { n: number }).n * 10 } }));
      expect(await settle(a, ...ends)).toEqual([]);
      expect(ns(await claim(a, want(100, "saida"))).sort()).toEqual([10, 20]);
      expect(await claim(a)).toEqual([]);
    });
  }

  test("several messages are published together or not at all", async () => {
    const a = open("a");
    await a.register([group]);
    cluster.fate = (name) => (name === "EndTxn" ? "lost" : undefined);
    let refused = false;
    const publishing = a.publish([0, 1, 2, 3].map((n) => msg(n, { key: `k${n}` }))).catch(() => {
      refused = true;
    });
    await expect.poll(() => cluster.requests.get("EndTxn") ?? 0, { timeout: 20_000 }).toBeGreaterThan(1);
    expect(await claim(a), "written, and not readable").toEqual([]);
    cluster.fate = () => undefined;
    await publishing;
    expect(await claim(a)).toHaveLength(refused ? 0 : 4);
  });
});

describe("kafka: ends that stay unknown", () => {
  for (const [fate, word] of [
    ["unanswered", "had happened"],
    ["lost", "had not happened"],
  ] as const) {
    test(`a transaction whose end could not be asked for long enough is found out: it ${word}`, async () => {
      const a = open("a", 800);
      await a.register([group, { ...group, topic: "saida" }]);
      await a.publish([msg(1)]);
      const [d] = await claim(a);
      if (!d) throw new Error("nothing claimed");
      cluster.fate = (name) => (name === "EndTxn" ? fate : undefined);
      const end = done(d, { topic: "saida", payload: { n: 10 } });
      const answer = await settle(a, end).catch((err: unknown) => err);
      cluster.fate = () => undefined;
      // Not done is said as an error that may be tried again; done is done, though no answer ever said so.
      if (fate === "lost") expect(answer).toBeInstanceOf(TransientError);
      else expect(answer).toEqual([]);
      expect(await settle(a, end)).toEqual([]);
      expect(ns(await claim(a, want(100, "saida")))).toEqual([10]);
    });
  }
});

describe("kafka: what operators see", () => {
  const bury = (delivery: Delivery): Settlement => ({ kind: "bury", delivery, dlq: null, error: "veneno" });

  test("dead deliveries are listed with what killed them, and go back to their group alone, once", async () => {
    const a = open("a");
    await a.register([group, { ...group, groupId: "outro", worker: "outro" }]);
    const [id] = await a.publish([msg(1, { headers: { "x-a": "1" } })]);
    await settle(a, ...(await claim(a)).map(bury));
    const dead = await a.admin?.listDead({ limit: 10 });
    expect(dead).toMatchObject([
      { messageId: id, topic: TOPIC, groupId: "g", worker: "w", attempts: 1, error: "veneno", payload: { n: 1 } },
    ]);
    expect(await a.admin?.listDead({ limit: 10, worker: "outro" })).toEqual([]);
    const deliveryId = dead?.[0]?.id ?? "";
    expect(await a.admin?.replay(deliveryId)).toBe(true);
    expect(await a.admin?.replay(deliveryId)).toBe(false);
    for (const wrong of ["1", "t.g.dead~0~99", "x.dead~0~0"]) expect(await a.admin?.replay(wrong)).toBe(false);
    expect(await a.admin?.listDead({ limit: 10 })).toEqual([]);
    expect(await claim(a)).toMatchObject([{ messageId: id, attempt: 1, headers: { "x-a": "1" } }]);
  });

  test("health and backlog count what is due, running, waiting and dead", async () => {
    const a = open("a");
    await a.register([group]);
    await a.publish([1, 2, 3, 4].map((n) => msg(n)));
    const got = await claim(a, want(3));
    const [d1, d2] = got as [Delivery, Delivery];
    await settle(a, { kind: "retry", delivery: d1, delayMs: 60_000, error: "x" }, bury(d2));
    clock.advanceMs(5000);
    expect(await a.admin?.backlog([group])).toEqual({ due: 2, withoutConsumer: 0 });
    expect(await a.admin?.health()).toMatchObject([
      { worker: "w", pending: 1, running: 1, waitingRetry: 1, dead1h: 1, dead24h: 1, oldestDueS: 5 },
    ]);
    clock.advanceMs(60_000);
    expect(await a.admin?.backlog([])).toEqual({ due: 3, withoutConsumer: 0 });
    await settle(a, ...[...got.slice(2), ...(await claim(a))].map((d) => done(d)));
    expect(await a.admin?.backlog([])).toEqual({ due: 0, withoutConsumer: 0 });
  });

  test("a pause is refused with a word on what to do", async () => {
    const a = open("a");
    await expect(a.admin?.pause(TOPIC, "g", true)).rejects.toThrow(/pare os processos/);
  });
});

describe("kafka: a cluster that is gone", () => {
  test("calls fail as transient and say what of Kafka failed; closing does not wait for it", async () => {
    const a = open("a", 800);
    await a.register([group]);
    await a.join([group]);
    cluster.fate = () => "lost";
    await expect(a.publish([msg(1)])).rejects.toThrow(TransientError);
    await expect(a.register([{ ...group, topic: "outro" }])).rejects.toThrow(/Kafka: .* falhou/);
    await a.close();
    await expect(a.publish([msg(1)])).rejects.toThrow(TransientError);
  });
});
