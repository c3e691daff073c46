import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { Broker, Delivery } from "./broker.ts";
import { createPostgresBroker } from "./postgres-broker.ts";

let t: TestDatabase;
let broker: Broker;
beforeAll(async () => {
  t = await createTestDatabase();
  broker = createPostgresBroker({ db: t.db, owner: "a", leaseSeconds: 30 });
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const TOPIC = "pedidos";
const spec = (groupId: string, startFrom: "latest" | "earliest" = "latest") => ({
  topic: TOPIC,
  groupId,
  worker: `w_${groupId}`,
  startFrom,
});
const rows = (groupId: string) => [{ topic: TOPIC, group_id: groupId, worker: "w", start_from: "earliest" }];
const publish = (...ns: [n: number, key?: string][]) =>
  broker.publish(ns.map(([n, key]) => ({ topic: TOPIC, payload: { n }, ...(key === undefined ? {} : { key }) })));
const claim = async (groupId: string, settle: Delivery[] = []) => {
  const ends = settle.map((delivery) => ({ kind: "complete" as const, delivery, out: [] }));
  const claims = [{ topic: TOPIC, groupId, max: 100 }];
  return (await broker.exchange({ settle: ends, claim: claims, waitMs: 0 })).deliveries;
};
const ns = (deliveries: readonly Delivery[]) => deliveries.map((d) => (d.payload as { n: number }).n);
const backfill = (groupId: string, limit: number) =>
  t.db.call("backfill_topic_groups", { p_groups: rows(groupId), p_limit: limit });
const group = async (groupId: string) =>
  (await t.sql("select pausado, backfill_after, backfill_until from event_groups where group_id = $1", [groupId]))[0];

test("a new group takes the messages kept in batches; what is published meanwhile waits, and of each key the order holds", async () => {
  await publish([1, "k"], [2], [3, "j"], [4, "k"], [5]);
  await t.db.call("register_topic_groups", { p_groups: rows("g") });
  // Nothing was copied under the lock.
  expect(await t.sql("select 1 from event_deliveries")).toEqual([]);
  await publish([6, "k"], [7, "j"], [8]);
  expect(await claim("g")).toEqual([]);
  expect(await backfill("g", 2)).toBe(true);
  await publish([9, "k"], [10, "novo"]);
  // A second process, or this one after a crash, goes on from there.
  expect(await backfill("g", 2)).toBe(true);
  expect(await claim("g")).toEqual([]);
  expect(await backfill("g", 2)).toBe(false);
  expect(await group("g")).toMatchObject({ pausado: false, backfill_after: null, backfill_until: null });

  const first = await claim("g");
  expect(ns(first).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 5, 8, 10]);
  const second = await claim("g", first);
  expect(ns(second).toSorted((a, b) => a - b)).toEqual([4, 7]);
  const third = await claim("g", second);
  expect(ns(third)).toEqual([6]);
  expect(ns(await claim("g", third))).toEqual([9]);
});

test("what a process left undone is done by the next registration", async () => {
  await publish([1], [2], [3]);
  await t.db.call("register_topic_groups", { p_groups: rows("g") });
  await backfill("g", 1);
  await broker.register([spec("g", "earliest")]);
  expect(ns(await claim("g"))).toEqual([1, 2, 3]);
});

test("a pause asked for meanwhile holds from the end of that on", async () => {
  await publish([1], [2]);
  await t.db.call("register_topic_groups", { p_groups: rows("g") });
  await broker.admin?.pause(TOPIC, "g", true);
  await backfill("g", 10);
  expect(await claim("g")).toEqual([]);
  await broker.admin?.pause(TOPIC, "g", false);
  expect(ns(await claim("g"))).toEqual([1, 2]);
});

test("a group removed gets nothing more, and its open deliveries do not keep the messages for ever", async () => {
  await broker.register([spec("velho"), spec("vivo")]);
  await publish([1, "k"], [2, "k"], [3], [4], [5]);
  const [done, dead, running] = (await claim("velho")).filter((d) => d.key === null);
  if (!done || !dead || !running) throw new Error("three deliveries were expected");
  await broker.exchange({
    settle: [
      { kind: "complete", delivery: done, out: [] },
      { kind: "bury", delivery: dead, dlq: null, error: "não" },
    ],
    claim: [],
    waitMs: 0,
  });
  const one = await t.db.call("remove_topic_group", { p_topic: TOPIC, p_group_id: "velho", p_limit: 1 });
  expect(one).toEqual({ removed: true, ended: 1, more: true });
  expect(await broker.admin?.removeGroup(TOPIC, "velho")).toBe(2);
  expect(await broker.admin?.removeGroup(TOPIC, "velho")).toBeNull();
  expect(await broker.admin?.removeGroup(TOPIC, "outro")).toBeNull();

  // The late end of one that ran is dropped, and the other group is as it was.
  const late = { kind: "complete" as const, delivery: running, out: [{ topic: "saida", payload: 1 }] };
  expect((await broker.exchange({ settle: [late], claim: [], waitMs: 0 })).lost).toEqual([running.token]);
  expect(await t.sql("select 1 from event_messages where topic = 'saida'")).toEqual([]);
  await publish([6]);
  const first = await claim("vivo");
  expect(ns(first).toSorted()).toEqual([1, 3, 4, 5, 6]);
  await claim("vivo", [...first, ...(await claim("vivo", first))]);
  expect((await broker.admin?.health())?.map((h) => h.groupId)).toEqual(["vivo"]);

  // What died stays to be seen; nobody would take it back.
  const [shown] = (await broker.admin?.listDead({ limit: 10 })) ?? [];
  expect(shown).toMatchObject({ groupId: "velho", worker: "velho", error: "não" });
  expect(await broker.admin?.replay(shown?.id ?? "")).toBe(false);

  await t.sql("update event_messages set published_at = published_at - interval '40 days'");
  await t.sql("update event_deliveries set finished_at = finished_at - interval '40 days'");
  expect(await broker.admin?.purge(100)).toBe(6);
});

test("a group registered again gets what had not ended", async () => {
  await broker.register([spec("g")]);
  await publish([1, "k"], [2, "k"], [3]);
  const first = await claim("g");
  expect(ns(first)).toEqual([1, 3]);
  await broker.exchange({
    settle: [{ kind: "complete", delivery: first[0] as Delivery, out: [] }],
    claim: [],
    waitMs: 0,
  });
  await broker.admin?.removeGroup(TOPIC, "g");
  await broker.register([spec("g", "earliest")]);
  expect(ns(await claim("g"))).toEqual([2, 3]);
});
