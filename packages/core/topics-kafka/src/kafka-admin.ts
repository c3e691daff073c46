import { PermanentError } from "#core/runtime";
import type { BrokerAdmin, DeadDelivery, WorkerHealth } from "#core/topics";
import type { KafkaCluster } from "./cluster.ts";
import { unavailable } from "./faults.ts";
import type { Fetcher } from "./fetcher.ts";
import type { GroupConsumer } from "./group-consumer.ts";
import { type Entry, PartitionLog } from "./partition-log.ts";
import { type OutRecord, shadowRecord } from "./records.ts";

export interface KafkaAdminOptions {
  cluster: KafkaCluster;
  fetcher: Fetcher;
  /** The groups that this process knows. */
  groups(): readonly GroupConsumer[];
  nowMs(): number;
  /** Writes all of the records, or none where the cluster has transactions. */
  write(records: readonly OutRecord[]): Promise<void>;
}

/** Newest dead deliveries that are looked at, per partition. */
const DEAD_LOOKED_AT = 1000;
/** Messages not ended that are read, per partition, to count them; beyond it offsets are counted, markers included. */
const PENDING_READ = 2000;
const POLLS = 50;
const HOUR_MS = 3_600_000;
/** In the dead topic: says that the delivery at this offset of the partition went back. */
const REPLAYED = "x-replayed-offset";
const ID = /^(?<dead>.+)~(?<partition>\d+)~(?<offset>\d+)$/;

/**
 * What operators ask, answered from the log: a group's dead topic and positions. It knows the groups registered by this
 * process. What Kafka has no record of is said as unknown (`successRate1h` null, `withoutConsumer` 0).
 */
export function kafkaAdmin({ cluster, fetcher, groups, nowMs, write }: KafkaAdminOptions): BrokerAdmin {
  /** Reads logs to where they end now, or to `most` entries each. */
  async function readOut(logs: readonly PartitionLog[], most: number): Promise<void> {
    const ends = await fetcher.bounds(logs, "readable");
    for (let n = 0; n < POLLS; n++) {
      const open = logs.filter((log, i) => log.position < (ends[i] ?? 0) && log.entries.size < most);
      if (open.length === 0) return;
      await fetcher.poll(open, 0, () => {});
    }
  }

  async function deadOf(group: GroupConsumer): Promise<Entry[]> {
    const count = (await cluster.leaders(group.deadTopic))?.length ?? 0;
    const logs = Array.from({ length: count }, (_, p) => new PartitionLog(group.deadTopic, p, true));
    const [firsts, ends] = [await fetcher.bounds(logs, "first"), await fetcher.bounds(logs, "readable")];
    logs.forEach((log, n) => {
      log.resume(Math.max(firsts[n] ?? 0, (ends[n] ?? 0) - DEAD_LOOKED_AT), null, firsts[n] ?? 0);
    });
    await readOut(logs, Number.POSITIVE_INFINITY);
    return logs.flatMap((log) => {
      const entries = [...log.entries.values()];
      const back = new Set(entries.flatMap((e) => e.message.headers[REPLAYED] ?? []));
      return entries.filter((e) => !back.has(String(e.offset)) && e.message.headers[REPLAYED] === undefined);
    });
  }

  /** What of a group has not ended, of each of its two topics; `more`: offsets beyond what was read. */
  async function pendingOf(group: GroupConsumer): Promise<{ main: Entry[]; retry: Entry[]; more: number }> {
    const [main, retry] = await Promise.all(
      [group.topic, group.retryTopic].map(async (topic) => {
        const count = (await cluster.leaders(topic))?.length ?? 0;
        const logs = Array.from({ length: count }, (_, p) => new PartitionLog(topic, p, topic === group.retryTopic));
        const [committed, firsts] = [await group.committed(topic, count), await fetcher.bounds(logs, "first")];
        logs.forEach((log, n) => {
          log.resume(committed[n]?.offset ?? 0, committed[n]?.metadata ?? null, firsts[n] ?? 0);
        });
        await readOut(logs, PENDING_READ);
        return logs;
      }),
    );
    const all = [...(main ?? []), ...(retry ?? [])];
    return {
      main: (main ?? []).flatMap((log) => [...log.entries.values()]),
      retry: (retry ?? []).flatMap((log) => [...log.entries.values()]),
      more: all.reduce((sum, log) => sum + Math.max(0, log.highWatermark - log.position), 0),
    };
  }

  async function healthOf(group: GroupConsumer): Promise<WorkerHealth> {
    const now = nowMs();
    const [{ main, retry, more }, dead] = await Promise.all([pendingOf(group), deadOf(group)]);
    const due = [...main, ...retry].filter((e) => e.availableAtMs <= now);
    // Begun and not ended: running, or lost with its process and not yet claimed again.
    const begun = due.filter((e) => e.attempts > e.message.attempts);
    const since = due.map((e) => Math.max(e.availableAtMs, e.message.publishedAtMs));
    return {
      worker: group.worker,
      topic: group.topic,
      groupId: group.groupId,
      paused: false,
      pending: due.length - begun.length + more,
      oldestDueS: since.length === 0 ? null : Math.max(0, (now - Math.min(...since)) / 1000),
      running: begun.length,
      waitingRetry: retry.filter((e) => e.availableAtMs > now && e.message.attempts > 0).length,
      dead1h: dead.filter((e) => now - e.availableAtMs <= HOUR_MS).length,
      dead24h: dead.filter((e) => now - e.availableAtMs <= 24 * HOUR_MS).length,
      successRate1h: null,
    };
  }

  return {
    async listDead({ worker, limit }) {
      const mine = groups().filter((g) => worker === undefined || g.worker === worker);
      const found = await Promise.all(mine.map(async (g) => (await deadOf(g)).map((e) => deadDelivery(g, e))));
      return found
        .flat()
        .sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime())
        .slice(0, limit);
    },

    async replay(deliveryId) {
      const parts = ID.exec(deliveryId)?.groups;
      const group = groups().find((g) => g.deadTopic === parts?.dead);
      if (!group || !parts) return false;
      const [partition, offset] = [Number(parts.partition), Number(parts.offset)];
      const entry = (await deadOf(group)).find((e) => e.log.partition === partition && e.offset === offset);
      if (!entry) return false;
      const { message } = entry;
      const marker = {
        ...message,
        id: `${message.id}~${offset}`,
        payload: null,
        headers: { [REPLAYED]: String(offset) },
      };
      try {
        await write([
          shadowRecord(group.retryTopic, partition, { ...message, attempts: 0, availableAtMs: nowMs(), error: null }),
          shadowRecord(group.deadTopic, partition, marker),
        ]);
      } catch (err) {
        throw unavailable("devolução", err);
      }
      return true;
    },

    async pause() {
      throw new PermanentError(
        "conflito",
        "o corretor Kafka não pausa grupos: pare os processos do worker; as mensagens esperam no tópico",
      );
    },

    async removeGroup() {
      throw new PermanentError(
        "conflito",
        "o corretor Kafka não remove grupos por aqui: use as ferramentas do cluster; sem worker um grupo só guarda posições",
      );
    },

    purge: async () => 0, // the topics' own retention does

    async backlog(wanted) {
      const mine = groups().filter(
        (g) => wanted.length === 0 || wanted.some((w) => w.topic === g.topic && w.groupId === g.groupId),
      );
      const now = nowMs();
      const due = await Promise.all(
        mine.map(async (g) => {
          const { main, retry, more } = await pendingOf(g);
          return [...main, ...retry].filter((e) => e.availableAtMs <= now).length + more;
        }),
      );
      return { due: due.reduce((sum, n) => sum + n, 0), withoutConsumer: 0 };
    },

    health: async () => await Promise.all(groups().map(healthOf)),
  };
}

function deadDelivery(group: GroupConsumer, { log, offset, message }: Entry): DeadDelivery {
  return {
    id: `${group.deadTopic}~${log.partition}~${offset}`,
    messageId: message.id,
    topic: group.topic,
    groupId: group.groupId,
    worker: group.worker,
    attempts: message.attempts,
    error: message.error ?? "",
    payload: message.payload,
    publishedAt: new Date(message.publishedAtMs),
    diedAt: new Date(message.availableAtMs),
  };
}
