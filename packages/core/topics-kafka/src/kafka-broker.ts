import { randomUUID } from "node:crypto";
import { pause, systemTimers } from "#core/executions";
import { type Clock, errorMessage, type Logger, systemClock } from "#core/runtime";
import type { Broker, ClaimRequest, Delivery, Exchange, GroupSpec } from "#core/topics";
import { type KafkaAccess, KafkaCluster } from "./cluster.ts";
import { unavailable } from "./faults.ts";
import { Fetcher } from "./fetcher.ts";
import { GroupConsumer } from "./group-consumer.ts";
import { kafkaAdmin } from "./kafka-admin.ts";
import type { Lane } from "./lane.ts";
import type { Entry } from "./partition-log.ts";
import { KafkaProducer } from "./producer.ts";
import { type OutRecord, outRecordOf } from "./records.ts";
import { type Plan, parked, settle, type Writers, write as writePlans } from "./settle.ts";

export interface KafkaBrokerOptions {
  access: KafkaAccess;
  clock: Clock;
  log: Logger;
  /** Time that a delivery may go without being renewed by its own process, seconds. */
  leaseSeconds: number;
  /** Time after which a process not heard of loses its partitions. Default 10 s. */
  sessionTimeoutMs?: number | undefined;
}

export interface KafkaBroker extends Broker {
  /** Takes part in these groups now, and not at the first claim: resolves when this process has its partitions. */
  join(groups: readonly { topic: string; groupId: string }[]): Promise<void>;
}

const SESSION_MS = 10_000;
/** A transaction left open by a dead process holds up its readers for this long. Above any request within it. */
const TRANSACTION_MS = 20_000;
/** Longest that a claim goes on reading what was there when it was made. */
const CATCH_UP_MS = 2000;
/** Settled tokens remembered, so that a settlement sent again after a lost answer is known. */
const SETTLED_REMEMBERED = 20_000;
/** Longest that a goodbye to the groups may take. */
const CLOSE_MS = 3000;
const PARK_AT_ONCE = 200;
/** Longest that a claim with nothing to answer waits for a group that is changing; the first place takes 3 s. */
const CHANGE_MS = 15_000;
/** Longest single wait for records: a group that changes meanwhile is looked at after it. */
const POLL_MS = 5000;

/** The broker on a Kafka cluster (from 2.5), for those who outgrow one database. What it promises: `docs/brokers.md`. */
export function createKafkaBroker(options: KafkaBrokerOptions): KafkaBroker {
  const { access, clock, log, leaseSeconds, sessionTimeoutMs = SESSION_MS } = options;
  const cluster = new KafkaCluster(access);
  const fetcher = new Fetcher(cluster, log);
  const consumers = new Map<string, GroupConsumer>();
  const settled = new Set<string>();
  const closing = new AbortController();
  const nowMs = () => clock.now().getTime();
  const plain = new KafkaProducer(cluster, { transactionalId: null, transactionTimeoutMs: TRANSACTION_MS });
  let writers: Promise<Writers> | null = null;

  /** A transaction needs offsets that the group's generation fences: TxnOffsetCommit 3, of Kafka 2.5. */
  async function openWriters(): Promise<Writers> {
    if ((await cluster.maxVersion("TxnOffsetCommit")) >= 3) {
      // New for each process: what fences one that was replaced is the group's generation, which the commit carries.
      const producerOf = () => {
        const transactionalId = `${access.clientId}-${randomUUID()}`;
        return new KafkaProducer(cluster, { transactionalId, transactionTimeoutMs: TRANSACTION_MS });
      };
      return { plain, txn: producerOf(), publisher: producerOf() };
    }
    log.warn(
      {},
      "Kafka: sem transações cercadas por geração (anterior à 2.5); publicações podem se repetir após uma queda",
    );
    return { plain, txn: null, publisher: null };
  }
  const writersOf = () => {
    writers ??= openWriters();
    writers.catch(() => {
      writers = null;
    });
    return writers;
  };

  function consumerOf({ topic, groupId }: { topic: string; groupId: string }): GroupConsumer {
    const name = `${topic} ${groupId}`;
    let found = consumers.get(name);
    if (!found) {
      found = new GroupConsumer({ cluster, fetcher, topic, groupId, leaseSeconds, sessionTimeoutMs, clock, log });
      consumers.set(name, found);
    }
    return found;
  }

  /** Takes part, and waits until these groups are settled or it has taken too long. */
  async function join(groups: readonly { topic: string; groupId: string }[], limitMs?: number): Promise<void> {
    const mine = groups.map(consumerOf);
    for (const c of mine) c.start();
    await Promise.all(mine.map((c) => c.whenStable(limitMs)));
  }

  /** One record is whole by itself; several are only in a transaction. */
  async function write(records: readonly OutRecord[]): Promise<void> {
    const { publisher } = await writersOf();
    if (records.length > 1 && publisher) await publisher.transaction(records, []);
    else if (records.length > 0) await plain.send(records);
  }

  /** Reads what the partitions hold by now, as far as there is room. */
  async function catchUp(mine: readonly GroupConsumer[]): Promise<void> {
    const untilMs = systemClock.monotonicMs() + CATCH_UP_MS;
    let logs = mine.flatMap((c) => c.readable());
    while (logs.length > 0 && systemClock.monotonicMs() < untilMs) {
      await poll(mine, logs, 0);
      // Readable but not given: of a transaction that is just being ended.
      logs = mine.flatMap((c) => c.readable()).filter((l) => l.position < l.highWatermark);
      if (logs.length > 0) await pause(systemTimers, 2);
    }
  }

  async function poll(mine: readonly GroupConsumer[], logs: ReturnType<GroupConsumer["readable"]>, waitMs: number) {
    try {
      await fetcher.poll(logs, waitMs, (l, fresh) => {
        for (const c of mine) c.absorb(l, fresh);
      });
    } catch (err) {
      if (!closing.signal.aborted) throw unavailable("leitura", err);
    }
  }

  /** Null: the group is changing, and what this process may claim is not known. */
  async function claimOf({ topic, groupId, max }: ClaimRequest): Promise<Delivery[] | null> {
    const consumer = consumerOf({ topic, groupId });
    return await consumer.lock(async () => {
      if (!consumer.stable) return null;
      const plan: Plan = { consumer, changes: new Map(), records: [], apply: [] };
      const chosen: { lane: Lane; entry: Entry }[] = [];
      for (const lane of consumer.lanes) {
        for (const entry of lane.toPark(nowMs(), PARK_AT_ONCE)) {
          plan.changes.set(entry, "done");
          plan.records.push(
            parked(consumer, lane.partition, entry, entry.availableAtMs, entry.attempts, entry.message.error),
          );
          plan.apply.push(() => lane.move(entry));
        }
        for (const entry of lane.due(nowMs())) chosen.push({ lane, entry });
      }
      chosen.sort((a, b) => dueSince(a.entry) - dueSince(b.entry));
      chosen.length = Math.min(chosen.length, max);
      for (const { entry } of chosen) plan.changes.set(entry, entry.attempts + 1);
      if (plan.changes.size === 0) return [];
      const refused = await writePlans([plan], await writersOf());
      if (refused.size > 0) return null;
      return chosen.map(({ lane, entry }) => consumer.begin(lane, entry));
    });
  }

  /** What was claimed, and the claims to be made again. One group's failure is thrown only when no other gave anything. */
  async function claimAll(claims: readonly ClaimRequest[]): Promise<{ deliveries: Delivery[]; open: ClaimRequest[] }> {
    const answers = await Promise.allSettled(claims.map(claimOf));
    const deliveries = answers.flatMap((a) => (a.status === "fulfilled" ? (a.value ?? []) : []));
    const failed = answers.find((a) => a.status === "rejected");
    if (failed && deliveries.length === 0) throw failed.reason;
    if (failed) log.warn({ err: errorMessage(failed.reason) }, "Kafka: a reserva de um grupo falhou");
    return {
      deliveries,
      open: claims.filter((_, n) => answers[n]?.status === "fulfilled" && answers[n].value === null),
    };
  }

  /** Until a record comes, a waiting message becomes due, or something ends in this process. */
  async function waitForWork(mine: readonly GroupConsumer[], limitMs: number): Promise<void> {
    const now = nowMs();
    const dues = mine.flatMap((c) => [...c.lanes].map((lane) => lane.nextDueMs(now))).filter((n) => n !== null);
    const waitMs = Math.max(1, Math.min(limitMs, POLL_MS, ...dues.map((n) => n - now)));
    const done = new AbortController();
    const logs = mine.flatMap((c) => c.readable());
    const work: Promise<unknown>[] = mine.map((c) => c.changed(done.signal));
    work.push(pause(systemTimers, waitMs, AbortSignal.any([done.signal, closing.signal])));
    if (logs.length > 0) work.push(poll(mine, logs, waitMs));
    try {
      await Promise.race(work);
    } finally {
      done.abort();
    }
    for (const w of work) w.catch(() => {}); // a fetch that outlives the race fails for the next one, who asks anew
  }

  async function settleAll(exchange: Exchange): Promise<string[]> {
    const lost: string[] = [];
    const ends: Parameters<typeof settle>[0][number][] = [];
    for (const s of exchange.settle) {
      if (settled.has(s.delivery.token)) continue; // its answer was lost
      ends.push({ consumer: consumerOf(s.delivery), settlement: s });
    }
    if (ends.length === 0) return lost;
    lost.push(...(await settle(ends, await writersOf(), nowMs)));
    const gone = new Set(lost);
    for (const { settlement } of ends) {
      if (!gone.has(settlement.delivery.token)) settled.add(settlement.delivery.token);
    }
    for (const token of settled) {
      if (settled.size <= SETTLED_REMEMBERED) break;
      settled.delete(token);
    }
    for (const c of new Set(ends.map((e) => e.consumer))) c.wake();
    return lost;
  }

  return {
    async publish(messages) {
      const records = messages.map((m) => outRecordOf(m, nowMs()));
      try {
        await write(records);
      } catch (err) {
        throw unavailable("publicação", err);
      }
      return records.map((r) => r.id);
    },

    async register(groups: readonly GroupSpec[]) {
      await Promise.all(groups.map((g) => consumerOf(g).register(g)));
    },

    async join(groups) {
      await join(groups);
    },

    async exchange(exchange) {
      const lost = await settleAll(exchange);
      if (exchange.claim.length === 0) return { lost, deliveries: [] };
      const mine = exchange.claim.map(consumerOf);
      for (const c of mine) c.start();
      const untilMs = systemClock.monotonicMs() + exchange.waitMs;
      for (let waited = false; ; ) {
        await catchUp(mine);
        const { deliveries, open } = await claimAll(exchange.claim);
        const leftMs = untilMs - systemClock.monotonicMs();
        if (deliveries.length > 0 || closing.signal.aborted) return { lost, deliveries };
        if (open.length > 0 && !waited) {
          // Groups that are settled gave nothing; those that change may have something.
          await join(open, CHANGE_MS);
          waited = true;
        } else if (leftMs <= 0) return { lost, deliveries };
        else await waitForWork(mine, leftMs);
      }
    },

    async extend(deliveries) {
      return deliveries.filter((d) => !consumerOf(d).renew(d.token)).map((d) => d.token);
    },

    async recover() {
      let n = 0;
      for (const c of consumers.values()) n += c.recover();
      return n;
    },

    admin: kafkaAdmin({ cluster, fetcher, groups: () => [...consumers.values()], nowMs, write }),

    async close() {
      closing.abort();
      const leaving = Promise.all([...consumers.values()].map((c) => c.close()));
      const limit = new AbortController();
      // A cluster that does not answer learns of it by our silence, once the sessions have run out.
      await Promise.race([leaving, pause(systemTimers, CLOSE_MS, limit.signal)]);
      limit.abort();
      await cluster.close();
      await leaving;
    },
  };
}

function dueSince({ availableAtMs, message }: Entry): number {
  return Math.max(availableAtMs, message.publishedAtMs);
}
