import { type Reader, Writer } from "@platformatic/kafka";
import { FakeGroup } from "./fake-group.ts";
import type { FakePartition } from "./fake-partition.ts";

export type Answer = Writer;
export type Handler = (s: FakeState, r: Reader, client: string) => Answer | Promise<Answer>;

interface FakeProducer {
  producerId: bigint;
  producerEpoch: number;
  partitions: Set<FakePartition>;
  groups: Set<FakeGroup>;
  ending: boolean;
  /** How the last transaction ended: asking for the same end again is answered as done. */
  ended: boolean | null;
}

export interface FakeState {
  host: string;
  port: number;
  topics: Map<string, FakePartition[]>;
  groups: Map<string, FakeGroup>;
  producers: Map<string, FakeProducer>;
  nextProducerId: bigint;
  initialDelayMs: number;
  markerDelayMs: number;
  /** Fetches that wait for records. */
  wakers: Set<() => void>;
}

export const UNKNOWN_TOPIC = 3;
const INVALID_EPOCH = 47;
const INVALID_TXN_STATE = 48;
const CONCURRENT = 51;

export const begin = () => Writer.create().appendInt32(0); // throttle time
export const list = <T>(w: Writer, items: readonly T[], write: (w: Writer, item: T) => void) =>
  w.appendArray([...items], (v, item) => write(v, item), false, false);
export const read = <T>(r: Reader, item: (r: Reader) => T): T[] => r.readArray(item, false, false);

export function partitionOf(s: FakeState, topic: string, n: number): FakePartition | undefined {
  return s.topics.get(topic)?.[n];
}

export function groupOf(s: FakeState, id: string): FakeGroup {
  const known = s.groups.get(id);
  if (known) return known;
  const group = new FakeGroup(s.initialDelayMs);
  s.groups.set(id, group);
  return group;
}

export function wake(s: FakeState): void {
  for (const w of [...s.wakers]) w();
}

/** The part of the protocol that is about producers and their transactions. */
export const TRANSACTION_HANDLERS: Record<string, Handler> = {
  InitProducerId(s, r) {
    const id = r.readNullableString(false);
    const known = id === null ? undefined : s.producers.get(id);
    if (known?.ending) return begin().appendInt16(CONCURRENT).appendInt64(-1n).appendInt16(-1);
    const producer: FakeProducer = known ?? {
      producerId: s.nextProducerId++,
      producerEpoch: -1,
      partitions: new Set(),
      groups: new Set(),
      ending: false,
      ended: null,
    };
    finish(s, producer, false);
    producer.producerEpoch++;
    producer.ended = null;
    for (const t of s.topics.values()) for (const p of t) p.forgetSequences(producer.producerId);
    if (id !== null) s.producers.set(id, producer);
    return begin().appendInt16(0).appendInt64(producer.producerId).appendInt16(producer.producerEpoch);
  },

  AddPartitionsToTxn(s, r) {
    const { producer, error } = producerOf(s, r.readString(false), r);
    const topics = read(r, (v) => ({ name: v.readString(false), partitions: read(v, (p) => p.readInt32()) }));
    return list(begin(), topics, (w, t) => {
      w.appendString(t.name, false);
      list(w, t.partitions, (v, n) => {
        const log = partitionOf(s, t.name, n);
        if (error === 0 && log) producer?.partitions.add(log);
        v.appendInt32(n).appendInt16(error || (log ? 0 : UNKNOWN_TOPIC));
      });
    });
  },

  AddOffsetsToTxn(s, r) {
    const { producer, error } = producerOf(s, r.readString(false), r);
    if (error === 0) producer?.groups.add(groupOf(s, r.readString(false)));
    return begin().appendInt16(error);
  },

  TxnOffsetCommit(s, r) {
    const id = r.readString();
    const group = groupOf(s, r.readString());
    const { producer, error: unfit } = producerOf(s, id, r);
    const generation = r.readInt32();
    const fenced = group.check(r.readString(), generation);
    r.readNullableString();
    const topics = r.readArray((v) => ({ name: v.readString(), partitions: v.readArray((p) => positionOf(p, true)) }));
    const error = unfit || fenced || (producer?.groups.has(group) ? 0 : INVALID_TXN_STATE);
    return begin()
      .appendArray(topics, (w, t) => {
        w.appendString(t.name).appendArray(t.partitions, (v, p) => {
          if (error === 0) group.commit(`${t.name}/${p.index}`, p.offset, p.metadata, producer?.producerId);
          v.appendInt32(p.index).appendInt16(error);
        });
      })
      .appendTaggedFields();
  },

  EndTxn(s, r) {
    const { producer, error } = producerOf(s, r.readString(false), r, true);
    const committed = r.readBoolean();
    if (error !== 0 || !producer) return begin().appendInt16(error);
    const isOpen = producer.partitions.size > 0 || producer.groups.size > 0;
    if (!isOpen || producer.ending) return begin().appendInt16(producer.ended === committed ? 0 : INVALID_TXN_STATE);
    producer.ending = true;
    producer.ended = committed;
    setTimeout(() => finish(s, producer, committed), s.markerDelayMs);
    return begin().appendInt16(0);
  },
};

/** Markers in every partition of the transaction, and its positions take effect. */
function finish(s: FakeState, producer: FakeProducer, committed: boolean): void {
  const { producerId, producerEpoch } = producer;
  for (const p of producer.partitions) p.endTransaction(producerId, producerEpoch, committed);
  for (const g of producer.groups) g.endTransaction(producerId, committed);
  producer.partitions.clear();
  producer.groups.clear();
  producer.ending = false;
  wake(s);
}

function producerOf(
  s: FakeState,
  id: string,
  r: Reader,
  ending = false,
): { producer: FakeProducer | undefined; error: number } {
  const producer = s.producers.get(id);
  const isOwn = r.readInt64() === producer?.producerId;
  const isCurrent = r.readInt16() === producer?.producerEpoch;
  if (!isOwn || !isCurrent) return { producer, error: INVALID_EPOCH };
  return { producer, error: producer.ending && !ending ? CONCURRENT : 0 };
}

export function positionOf(r: Reader, compact: boolean): { index: number; offset: bigint; metadata: string | null } {
  const index = r.readInt32();
  const offset = r.readInt64();
  r.readInt32();
  return { index, offset, metadata: r.readNullableString(compact) };
}
