import { IS_CONTROL, IS_TRANSACTIONAL, type KafkaRecord, type RecordsBatch } from "@platformatic/kafka";
import { expect, test } from "vitest";
import { Lane } from "./lane.ts";
import { type Entry, type FetchedPartition, PartitionLog } from "./partition-log.ts";
import { outRecordOf, shadowRecord } from "./records.ts";

const NOW = Date.parse("2026-03-02T13:00:00Z");

interface Told {
  n: number;
  key?: string;
  dedupeKey?: string;
  delayMs?: number;
}

const recordOf = (told: Told, offsetDelta: number): KafkaRecord => {
  const { n, ...more } = told;
  const { record } = outRecordOf({ topic: "t", payload: n, ...more }, NOW);
  const headers = [...(record.headers ?? [])] as [Buffer, Buffer][];
  return {
    length: 0,
    attributes: 0,
    timestampDelta: 0n,
    offsetDelta,
    key: record.key ?? null,
    value: record.value,
    headers,
  };
};

function batch(base: number, records: KafkaRecord[], more: Partial<RecordsBatch> = {}): RecordsBatch {
  return {
    firstOffset: BigInt(base),
    length: 0,
    partitionLeaderEpoch: 0,
    magic: 2,
    crc: 0,
    attributes: 0,
    lastOffsetDelta: records.length - 1,
    firstTimestamp: BigInt(NOW),
    maxTimestamp: BigInt(NOW),
    producerId: -1n,
    producerEpoch: 0,
    firstSequence: 0,
    records,
    ...more,
  };
}

const marker = (base: number, producerId: bigint, commits: boolean): RecordsBatch =>
  batch(base, [{ ...recordOf({ n: 0 }, 0), key: Buffer.from([0, 0, 0, commits ? 1 : 0]) }], {
    attributes: IS_CONTROL | IS_TRANSACTIONAL,
    producerId,
  });

const answer = (
  records: RecordsBatch[],
  aborted: { producerId: bigint; firstOffset: bigint }[] = [],
): FetchedPartition => ({
  partitionIndex: 0,
  errorCode: 0,
  highWatermark: 100n,
  lastStableOffset: 100n,
  logStartOffset: 0n,
  abortedTransactions: aborted,
  preferredReadReplica: -1,
  records,
});

function logOf(told: Told[], shadow = false): PartitionLog {
  const log = new PartitionLog("t", 0, shadow);
  log.append(answer([batch(0, told.map(recordOf))]));
  return log;
}

const ns = (entries: Iterable<Entry>) => [...entries].map((e) => e.message.payload);
const resumed = (log: PartitionLog, told: Told[]): PartitionLog => {
  const { committedOffset, committedMetadata } = log.commit();
  const next = new PartitionLog("t", 0, log.shadow);
  next.resume(Number(committedOffset), committedMetadata, 0);
  next.append(answer([batch(0, told.map(recordOf))]));
  return next;
};

test("records of a transaction that was given up are passed over, and those of others between them are not", () => {
  const log = new PartitionLog("t", 0, false);
  const [mine, theirs] = [7n, 8n];
  const transactional = { attributes: IS_TRANSACTIONAL };
  log.append(
    answer(
      [
        batch(0, [recordOf({ n: 1 }, 0)], { ...transactional, producerId: mine }),
        batch(1, [recordOf({ n: 2 }, 0)], { ...transactional, producerId: theirs }),
        batch(2, [recordOf({ n: 3 }, 0)]),
        marker(3, mine, false),
        batch(4, [recordOf({ n: 4 }, 0)], { ...transactional, producerId: mine }),
        marker(5, theirs, true),
        marker(6, mine, true),
      ],
      [{ producerId: mine, firstOffset: 0n }],
    ),
  );
  expect(ns(log.entries.values())).toEqual([2, 3, 4]);
  expect(log.position).toBe(7);
});

test("an answer that overlaps what was read adds nothing twice", () => {
  const log = logOf([{ n: 0 }, { n: 1 }]);
  log.append(
    answer([
      batch(
        0,
        [0, 1, 2].map((n) => recordOf({ n }, n)),
      ),
    ]),
  );
  expect(ns(log.entries.values())).toEqual([0, 1, 2]);
});

test("who takes over knows what had ended beyond the committed offset, and how often the rest had begun", () => {
  const told = Array.from({ length: 6 }, (_, n) => ({ n }));
  const log = logOf(told);
  for (const n of [1, 2, 4]) log.entries.delete(n);
  (log.entries.get(0) as Entry).attempts = 2;
  const next = resumed(log, told);
  expect(ns(next.entries.values())).toEqual([0, 3, 5]);
  expect([...next.entries.values()].map((e) => e.attempts)).toEqual([2, 0, 0]);
});

test("who has not read again what the one before had ended does not forget it in its own commits", () => {
  const told = Array.from({ length: 6 }, (_, n) => ({ n }));
  const log = logOf(told);
  for (const n of [3, 4]) log.entries.delete(n);
  const { committedOffset, committedMetadata } = log.commit();
  const half = new PartitionLog("t", 0, false);
  half.resume(Number(committedOffset), committedMetadata, 0);
  half.append(answer([batch(0, told.slice(0, 2).map(recordOf))]));
  expect(ns(resumed(half, told).entries.values())).toEqual([0, 1, 2, 5]);
});

test("the second of one dedupe key is passed over, also when only the first had been done before", () => {
  const told = [{ n: 0, dedupeKey: "d" }, { n: 1 }, { n: 2, dedupeKey: "d" }, { n: 3, dedupeKey: "e" }];
  const log = logOf(told);
  expect(ns(log.entries.values())).toEqual([0, 1, 3]);
  log.entries.delete(0);
  expect(ns(resumed(log, told).entries.values())).toEqual([1, 3]);
});

test("a commit keeps room for its metadata: what would crowd it waits, and old retries are moved on", () => {
  const retry = new PartitionLog("t.g.retry", 0, true);
  const lane = new Lane(0, new PartitionLog("t", 0, false), retry);
  const told = Array.from({ length: 1800 }, (_, n) => (n % 2 ? { n } : { n, delayMs: 60_000 }));
  lane.enlist(retry.append(answer([batch(0, told.map(recordOf))])));
  const first = lane.due(NOW);
  expect(first.length).toBeGreaterThan(300);
  expect(first.length).toBeLessThanOrEqual(400);
  for (const entry of first) lane.remove(entry);
  expect(retry.commit().committedMetadata.length).toBeLessThan(4096);
  expect(lane.due(NOW)).toEqual([]);
  const parked = lane.toPark(NOW, 200);
  expect(ns(parked)).toEqual(Array.from({ length: 200 }, (_, n) => n * 2));
  for (const entry of parked) lane.move(entry);
  expect(lane.due(NOW).length).toBeGreaterThan(0);
});

test("a key waits for its retry wherever the process learns of it first", () => {
  const main = new PartitionLog("t", 0, false);
  const retry = new PartitionLog("t.g.retry", 0, true);
  const lane = new Lane(0, main, retry);
  const retried = { ...recordOf({ n: 1, key: "k", delayMs: 60_000 }, 0) };
  lane.retryEnd = 1;
  lane.enlist(main.append(answer([batch(5, [recordOf({ n: 2, key: "k" }, 0), recordOf({ n: 3 }, 1)])])));
  expect(lane.due(NOW), "the retry topic is not known yet").toEqual([]);
  lane.enlist(retry.append(answer([batch(0, [retried])])));
  expect(ns(lane.due(NOW))).toEqual([3]);
  expect(ns(lane.due(NOW + 60_000)).sort()).toEqual([1, 3]);
});

test("a message that moved holds its key until it is read where it went", () => {
  const main = logOf([
    { n: 1, key: "k" },
    { n: 2, key: "k" },
  ]);
  const lane = new Lane(0, main, new PartitionLog("t.g.retry", 0, true));
  lane.enlist([...main.entries.values()]);
  const [entry] = lane.due(NOW);
  if (!entry) throw new Error("nothing due");
  lane.move(entry);
  expect(lane.due(NOW)).toEqual([]);
  const { record } = shadowRecord("t.g.retry", 0, { ...entry.message, attempts: 1 });
  const headers = [...(record.headers ?? [])] as [Buffer, Buffer][];
  const read = { ...recordOf({ n: 1, key: "k" }, 0), headers };
  lane.enlist(lane.retry.append(answer([batch(0, [read])])));
  const [again] = lane.due(NOW);
  expect(again).toMatchObject({ log: lane.retry, attempts: 1 });
  lane.remove(again as Entry);
  expect(ns(lane.due(NOW))).toEqual([2]);
});
