import { randomInt } from "node:crypto";
import {
  addOffsetsToTxnV1,
  addPartitionsToTxnV1,
  endTxnV1,
  initProducerIdV1,
  type MessageRecord,
  murmur2,
  NumericMap,
  produceV7,
  txnOffsetCommitV3,
} from "@platformatic/kafka";
import type { KafkaCluster, Node } from "./cluster.ts";
import { isPassing, responseOf } from "./faults.ts";
import { createMutex } from "./mutex.ts";
import type { OutRecord } from "./records.ts";

/** The part of a group's commit that goes into a transaction. */
export interface TxnOffsets {
  groupId: string;
  generationId: number;
  memberId: string;
  topics: { name: string; partitions: CommittedPartition[] }[];
}
export interface CommittedPartition {
  partitionIndex: number;
  committedOffset: bigint;
  committedLeaderEpoch: number;
  committedMetadata: string;
}

/** The end of a transaction was asked for and never answered: it may have happened. */
export class UnknownOutcome extends Error {
  constructor(cause: unknown) {
    super("o fim da transação não foi respondido", { cause });
    this.name = "UnknownOutcome";
  }
}

/** How long a broker may wait for its replicas. */
const ACKS_MS = 10_000;
/** Below the broker's default limit of a batch (1 MB), headers included. */
const BATCH_BYTES = 700_000;

/** Records without a key that go to one partition before the next one gets its run. */
const RUN_RECORDS = 200;

const DUPLICATE_SEQUENCE = 46;

type Placed = MessageRecord & { partition: number };

/** An idempotent producer; with a transactional id, one that also writes in transactions. One request sequence at a time. */
export class KafkaProducer {
  readonly #cluster: KafkaCluster;
  readonly #txnId: string | null;
  readonly #txnTimeoutMs: number;
  readonly #lock = createMutex();
  #identity: { producerId: bigint; producerEpoch: number } | null = null;
  #sequences = new NumericMap();

  constructor(cluster: KafkaCluster, options: { transactionalId: string | null; transactionTimeoutMs: number }) {
    this.#cluster = cluster;
    this.#txnId = options.transactionalId;
    this.#txnTimeoutMs = options.transactionTimeoutMs;
  }

  /** Outside of any transaction: each partition's records are all written or none. */
  async send(records: readonly OutRecord[]): Promise<void> {
    await this.#lock(async () => {
      const placed = await this.#place(records);
      await this.#guarded(async () => {
        await this.#identify();
        await this.#produce(placed);
      });
    });
  }

  /**
   * Writes the records and the groups' offsets, or nothing of it. Throws `UnknownOutcome` when the last request was not
   * answered; anything else thrown means that nothing was written.
   */
  async transaction(records: readonly OutRecord[], offsets: readonly TxnOffsets[]): Promise<void> {
    await this.#lock(async () => {
      const placed = await this.#place(records);
      await this.#guarded(async () => {
        await this.#identify();
        await this.#addPartitions(placed);
        await this.#produce(placed);
        for (const group of offsets) await this.#addOffsets(group).catch(refusedBy(group.groupId));
        await this.#end();
      });
    });
  }

  /** Any failure gives the identity up: taking it anew aborts what the transaction had written. */
  async #guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (err) {
      this.#identity = null;
      if (this.#txnId !== null && !this.#cluster.closed) await this.#identify().catch(() => {}); // tried again at the next use
      throw err;
    }
  }

  async #identify(): Promise<void> {
    if (this.#identity) return;
    const answer = await this.#persist("identidade do produtor", () =>
      this.#onTxnCoordinator((node) =>
        this.#cluster.call(node, "main", initProducerIdV1.api, this.#txnId, this.#txnTimeoutMs),
      ),
    );
    this.#identity = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
    this.#sequences = new NumericMap();
  }

  async #place(records: readonly OutRecord[]): Promise<Placed[]> {
    const placed: Placed[] = [];
    // Records that no key routes go to a partition together, a run at a time: one batch, in their order, not one each.
    const spread = new Map<string, { partition: number; count: number }>();
    for (const r of records) {
      const count = await this.#cluster.ensureTopic(r.topic);
      let { partition } = r;
      if (partition === undefined && r.routeBy !== null) {
        partition = (murmur2(Buffer.from(r.routeBy)) & 0x7fffffff) % count;
      }
      if (partition === undefined) {
        const run = spread.get(r.topic) ?? { partition: randomInt(count), count: 0 };
        if (run.count === RUN_RECORDS) Object.assign(run, { partition: (run.partition + 1) % count, count: 0 });
        run.count++;
        spread.set(r.topic, run);
        partition = run.partition;
      }
      placed.push({ ...r.record, topic: r.topic, partition });
    }
    return placed;
  }

  async #addPartitions(records: readonly Placed[]): Promise<void> {
    const topics = new Map<string, Set<number>>();
    for (const r of records) topics.set(r.topic, (topics.get(r.topic) ?? new Set()).add(r.partition));
    if (topics.size === 0) return;
    const request = {
      transactionalId: this.#txnId ?? "",
      ...this.#known(),
      verifyOnly: false,
      topics: [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] })),
    };
    await this.#persist("partições da transação", () =>
      this.#onTxnCoordinator((node) => this.#cluster.call(node, "main", addPartitionsToTxnV1.api, [request])),
    );
  }

  async #addOffsets(group: TxnOffsets): Promise<void> {
    const { producerId, producerEpoch } = this.#known();
    const txn = this.#txnId ?? "";
    await this.#persist("grupo da transação", () =>
      this.#onTxnCoordinator((node) =>
        this.#cluster.call(node, "main", addOffsetsToTxnV1.api, txn, producerId, producerEpoch, group.groupId),
      ),
    );
    await this.#persist(
      "posições da transação",
      async () => {
        const node = await this.#cluster.coordinator("group", group.groupId);
        await this.#cluster.call(
          node,
          "main",
          txnOffsetCommitV3.api,
          txn,
          group.groupId,
          producerId,
          producerEpoch,
          group.generationId,
          group.memberId,
          null,
          group.topics,
        );
      },
      () => this.#cluster.forgetCoordinator("group", group.groupId),
    );
  }

  async #end(): Promise<void> {
    const { producerId, producerEpoch } = this.#known();
    try {
      await this.#persist("fim da transação", () =>
        this.#onTxnCoordinator((node) =>
          this.#cluster.call(node, "main", endTxnV1.api, this.#txnId ?? "", producerId, producerEpoch, true),
        ),
      );
    } catch (err) {
      throw isPassing(err) ? new UnknownOutcome(err) : err;
    }
  }

  /** In the records' order per partition; a batch that is repeated is recognised by its sequence number. */
  async #produce(records: readonly Placed[]): Promise<void> {
    let rest = [...records];
    while (rest.length > 0) {
      const { now, later } = cut(rest);
      rest = later;
      let left = now;
      await this.#persist(
        "publicação",
        async () => {
          const byNode = new Map<string, { node: Node; records: Placed[] }>();
          for (const r of left) {
            const node = await this.#cluster.leader(r.topic, r.partition);
            const name = `${node.host}:${node.port}`;
            const at = byNode.get(name) ?? { node, records: [] };
            at.records.push(r);
            byNode.set(name, at);
          }
          for (const { node, records: mine } of byNode.values()) {
            await this.#produceAt(node, mine);
            left = left.filter((r) => !mine.includes(r));
          }
        },
        () => {
          for (const r of left) this.#cluster.forgetTopic(r.topic);
        },
      );
    }
  }

  async #produceAt(node: Node, records: Placed[]): Promise<void> {
    const options = {
      ...this.#known(),
      sequences: this.#sequences,
      ...(this.#txnId === null ? {} : { transactionalId: this.#txnId }),
    };
    try {
      await this.#cluster.call(
        node,
        "produce",
        produceV7.api,
        -1,
        ACKS_MS,
        records.map((r) => ({ ...r })),
        options,
      );
    } catch (err) {
      if (!wasWritten(err)) throw err;
    }
    for (const r of records) {
      const name = `${r.topic}:${r.partition}`;
      this.#sequences.set(name, (this.#sequences.getWithDefault(name, 0) + 1) % 2 ** 31);
    }
  }

  #known(): { producerId: bigint; producerEpoch: number } {
    if (!this.#identity) throw new Error("produtor sem identidade");
    return this.#identity;
  }

  async #onTxnCoordinator<T>(ask: (node: Node) => Promise<T>): Promise<T> {
    if (this.#txnId !== null) return await ask(await this.#cluster.coordinator("txn", this.#txnId));
    return await this.#cluster.any(ask);
  }

  async #persist<T>(what: string, run: () => Promise<T>, onFault?: () => void): Promise<T> {
    return await this.#cluster.persist(what, run, () => {
      if (this.#txnId !== null) this.#cluster.forgetCoordinator("txn", this.#txnId);
      onFault?.();
    });
  }
}

/** Says whose offsets were refused, for a transaction of several groups. */
function refusedBy(groupId: string): (err: unknown) => never {
  return (err) => {
    throw err instanceof Error ? Object.assign(err, { groupId }) : err;
  };
}

/** True when every partition that refused did so because the try whose answer was lost had written it. */
function wasWritten(err: unknown): boolean {
  const answer = responseOf(err) as Partial<produceV7.ProduceResponse> | undefined;
  const codes = answer?.responses?.flatMap((t) => t.partitionResponses.map((p) => p.errorCode)) ?? [];
  return codes.length > 0 && codes.every((code) => code === 0 || code === DUPLICATE_SEQUENCE);
}

/** What fits one batch per partition now, and what comes after it, orders kept. */
function cut(records: readonly Placed[]): { now: Placed[]; later: Placed[] } {
  const sizes = new Map<string, number>();
  const now: Placed[] = [];
  const later: Placed[] = [];
  for (const r of records) {
    const name = `${r.topic}:${r.partition}`;
    const size = (sizes.get(name) ?? 0) + r.value.length + 400;
    const fits = size <= BATCH_BYTES || !sizes.has(name);
    sizes.set(name, fits ? size : Number.POSITIVE_INFINITY);
    (fits ? now : later).push(r);
  }
  return { now, later };
}
