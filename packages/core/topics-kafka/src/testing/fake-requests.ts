import { protocolAPIsByName, type Reader, Writer } from "@platformatic/kafka";
import { FakePartition } from "./fake-partition.ts";
import {
  type Answer,
  begin,
  type FakeState,
  groupOf,
  type Handler,
  list,
  partitionOf,
  positionOf,
  read,
  TRANSACTION_HANDLERS,
  UNKNOWN_TOPIC,
  wake,
} from "./fake-transactions.ts";

const TOPIC_EXISTS = 36;
const INVALID_PARTITIONS = 37;

/** Highest version of each request that is spoken here; other versions are not. */
const VERSIONS: Record<string, number> = {
  Produce: 7,
  Fetch: 11,
  ListOffsets: 5,
  Metadata: 4,
  OffsetCommit: 7,
  OffsetFetch: 7,
  FindCoordinator: 2,
  JoinGroup: 5,
  Heartbeat: 3,
  LeaveGroup: 1,
  SyncGroup: 3,
  ApiVersions: 0,
  CreateTopics: 4,
  CreatePartitions: 1,
  InitProducerId: 1,
  AddPartitionsToTxn: 1,
  AddOffsetsToTxn: 1,
  EndTxn: 1,
  TxnOffsetCommit: 3,
};

export async function answerTo(s: FakeState, client: string, api: string, version: number, r: Reader): Promise<Answer> {
  if (VERSIONS[api] !== version) throw new Error(`${api} ${version} is not spoken here`);
  const handler = HANDLERS[api];
  if (!handler) throw new Error(`no answer to ${api}`);
  return await handler(s, r, client);
}

const HANDLERS: Record<string, Handler> = {
  ApiVersions: () =>
    list(Writer.create().appendInt16(0), Object.entries(VERSIONS), (w, [name, max]) => {
      const key = (protocolAPIsByName as Record<string, number>)[name] ?? 0;
      w.appendInt16(key).appendInt16(0).appendInt16(max);
    }),

  Metadata(s, r) {
    const names = r.readNullableArray((v) => v.readString(false), false, false) ?? [...s.topics.keys()];
    const w = begin();
    list(w, [s], (v) => v.appendInt32(1).appendString(s.host, false).appendInt32(s.port).appendString(null, false));
    w.appendString("fake", false).appendInt32(1);
    return list(w, names, (v, name) => {
      const partitions = s.topics.get(name);
      v.appendInt16(partitions ? 0 : UNKNOWN_TOPIC)
        .appendString(name, false)
        .appendBoolean(false);
      list(v, [...(partitions ?? []).keys()], (p, n) => {
        p.appendInt16(0).appendInt32(n).appendInt32(1);
        list(p, [1], (x, id) => x.appendInt32(id));
        list(p, [1], (x, id) => x.appendInt32(id));
      });
    });
  },

  CreateTopics(s, r) {
    const topics = read(r, (v) => ({ name: v.readString(false), count: v.readInt32(), rest: skipTopicRest(v) }));
    return list(begin(), topics, (w, t) => {
      const exists = s.topics.has(t.name);
      if (!exists)
        s.topics.set(
          t.name,
          Array.from({ length: t.count }, () => new FakePartition()),
        );
      w.appendString(t.name, false)
        .appendInt16(exists ? TOPIC_EXISTS : 0)
        .appendString(null, false);
    });
  },

  CreatePartitions(s, r) {
    const topics = read(r, (v) => ({
      name: v.readString(false),
      count: v.readInt32(),
      rest: v.readNullableArray((x) => read(x, (y) => y.readInt32()), false, false),
    }));
    return list(begin(), topics, (w, t) => {
      const partitions = s.topics.get(t.name) ?? [];
      const error = t.count <= partitions.length ? INVALID_PARTITIONS : 0;
      while (partitions.length < t.count) partitions.push(new FakePartition());
      w.appendString(t.name, false).appendInt16(error).appendString(null, false);
    });
  },

  FindCoordinator: (s) =>
    begin().appendInt16(0).appendString(null, false).appendInt32(1).appendString(s.host, false).appendInt32(s.port),

  Produce(s, r) {
    r.readNullableString(false);
    r.readInt16();
    r.readInt32();
    const topics = read(r, (v) => ({
      name: v.readString(false),
      partitions: read(v, (p) => ({ index: p.readInt32(), records: p.readBytes(false) })),
    }));
    const w = Writer.create();
    list(w, topics, (v, t) => {
      v.appendString(t.name, false);
      list(v, t.partitions, (p, { index, records }) => {
        const at = partitionOf(s, t.name, index)?.append(records) ?? { error: UNKNOWN_TOPIC, base: -1 };
        p.appendInt32(index).appendInt16(at.error).appendInt64(BigInt(at.base)).appendInt64(-1n).appendInt64(0n);
      });
    });
    wake(s);
    return w.appendInt32(0);
  },

  async Fetch(s, r) {
    r.readInt32();
    const maxWaitMs = r.readInt32();
    const minBytes = r.readInt32();
    r.readInt32();
    const committedOnly = r.readInt8() === 1;
    r.readInt32();
    r.readInt32();
    const topics = read(r, (v) => ({
      name: v.readString(false),
      partitions: read(v, (p) => {
        const index = p.readInt32();
        p.readInt32();
        const offset = Number(p.readInt64());
        p.readInt64();
        p.readInt32();
        return { index, offset };
      }),
    }));
    const look = () =>
      topics.map((t) => ({
        name: t.name,
        partitions: t.partitions.map((p) => {
          const log = partitionOf(s, t.name, p.index);
          const found = log?.read(p.offset, committedOnly) ?? {
            error: UNKNOWN_TOPIC,
            records: Buffer.alloc(0),
            aborted: [],
          };
          return { ...p, ...found, end: log?.end ?? -1, stableEnd: log?.stableEnd ?? -1 };
        }),
      }));
    const untilMs = Date.now() + maxWaitMs;
    let found = look();
    while (
      minBytes > 0 &&
      Date.now() < untilMs &&
      found.every((t) => t.partitions.every((p) => p.records.length === 0))
    ) {
      await nextRecord(s, untilMs - Date.now());
      found = look();
    }
    return list(begin().appendInt16(0).appendInt32(0), found, (w, t) => {
      w.appendString(t.name, false);
      list(w, t.partitions, (v, p) => {
        v.appendInt32(p.index).appendInt16(p.error);
        v.appendInt64(BigInt(p.end)).appendInt64(BigInt(p.stableEnd)).appendInt64(0n);
        list(v, p.aborted, (x, a) => x.appendInt64(a.producerId).appendInt64(BigInt(a.first)));
        v.appendInt32(-1).appendBytes(p.records, false);
      });
    });
  },

  ListOffsets(s, r) {
    r.readInt32();
    const committedOnly = r.readInt8() === 1;
    const topics = read(r, (v) => ({
      name: v.readString(false),
      partitions: read(v, (p) => {
        const index = p.readInt32();
        p.readInt32();
        return { index, at: p.readInt64() };
      }),
    }));
    return list(begin(), topics, (w, t) => {
      w.appendString(t.name, false);
      list(w, t.partitions, (v, p) => {
        const log = partitionOf(s, t.name, p.index);
        const end = (committedOnly ? log?.stableEnd : log?.end) ?? -1;
        v.appendInt32(p.index)
          .appendInt16(log ? 0 : UNKNOWN_TOPIC)
          .appendInt64(-1n);
        v.appendInt64(BigInt(p.at === -2n ? 0 : end)).appendInt32(0);
      });
    });
  },

  async JoinGroup(s, r, client) {
    const group = groupOf(s, r.readString(false));
    const sessionMs = r.readInt32();
    const rebalanceMs = r.readInt32();
    const memberId = r.readString(false);
    r.readNullableString(false);
    r.readString(false);
    const [protocol] = read(r, (v) => ({ name: v.readString(false), metadata: v.readBytes(false) }));
    const j = await group.join(client, memberId, sessionMs, rebalanceMs, Buffer.from(protocol?.metadata ?? []));
    const w = begin()
      .appendInt16(j.error)
      .appendInt32(j.generation)
      .appendString(protocol?.name ?? "", false);
    w.appendString(j.leader, false).appendString(j.memberId, false);
    return list(w, j.members, (v, m) =>
      v.appendString(m.memberId, false).appendString(null, false).appendBytes(m.metadata, false),
    );
  },

  async SyncGroup(s, r) {
    const group = groupOf(s, r.readString(false));
    const generation = r.readInt32();
    const memberId = r.readString(false);
    r.readNullableString(false);
    const assignments = read(r, (v) => ({
      memberId: v.readString(false),
      assignment: Buffer.from(v.readBytes(false)),
    }));
    const { error, assignment } = await group.sync(memberId, generation, assignments);
    return begin().appendInt16(error).appendBytes(assignment, false);
  },

  Heartbeat(s, r) {
    const group = groupOf(s, r.readString(false));
    const generation = r.readInt32();
    return begin().appendInt16(group.heartbeat(r.readString(false), generation));
  },

  LeaveGroup(s, r) {
    groupOf(s, r.readString(false)).leave(r.readString(false));
    return begin().appendInt16(0);
  },

  OffsetCommit(s, r) {
    const group = groupOf(s, r.readString(false));
    const generation = r.readInt32();
    const error = group.check(r.readString(false), generation);
    r.readNullableString(false);
    const topics = read(r, (v) => ({ name: v.readString(false), partitions: read(v, (p) => positionOf(p, false)) }));
    return list(begin(), topics, (w, t) => {
      w.appendString(t.name, false);
      list(w, t.partitions, (v, p) => {
        if (error === 0) group.commit(`${t.name}/${p.index}`, p.offset, p.metadata);
        v.appendInt32(p.index).appendInt16(error);
      });
    });
  },

  OffsetFetch(s, r) {
    const group = groupOf(s, r.readString());
    const topics = r.readArray((v) => ({
      name: v.readString(),
      indexes: v.readArray((p) => p.readInt32(), true, false),
    }));
    const requireStable = r.readBoolean();
    return begin()
      .appendArray(topics, (w, t) => {
        w.appendString(t.name).appendArray(t.indexes, (v, index) => {
          const p = group.position(`${t.name}/${index}`);
          v.appendInt32(index).appendInt64(p.offset).appendInt32(-1).appendString(p.metadata);
          v.appendInt16(requireStable ? p.error : 0);
        });
      })
      .appendInt16(0)
      .appendTaggedFields();
  },

  ...TRANSACTION_HANDLERS,
};

function skipTopicRest(r: Reader): null {
  r.readInt16();
  read(r, (v) => [v.readInt32(), read(v, (x) => x.readInt32())]);
  read(r, (v) => [v.readString(false), v.readNullableString(false)]);
  return null;
}

function nextRecord(s: FakeState, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      s.wakers.delete(done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(1, limitMs));
    s.wakers.add(done);
  });
}
