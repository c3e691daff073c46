import { fetchV11, listOffsetsV5 } from "@platformatic/kafka";
import type { Logger } from "#core/runtime";
import type { KafkaCluster, Node } from "./cluster.ts";
import { responseOf } from "./faults.ts";
import type { Entry, PartitionLog } from "./partition-log.ts";

const MAX_BYTES = 8 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;
const READ_COMMITTED = 1;
const OFFSET_OUT_OF_RANGE = 1;
/** Of a time stamp in ListOffsets: the end and the beginning of the log. */
const LATEST = -1n;
const EARLIEST = -2n;

/**
 * `first`: the oldest record kept. `readable`: after the last record that no open transaction stands before. `written`: after
 * the last record. A transaction that has ended is readable a moment later, in each partition at its own time.
 */
export type Bound = "first" | "readable" | "written";

/** Reads partitions of any groups together: one request per broker, each on a connection of its own while it waits. */
export class Fetcher {
  readonly #cluster: KafkaCluster;
  readonly #log: Logger;
  readonly #busy = new Set<string>();

  constructor(cluster: KafkaCluster, log: Logger) {
    this.#cluster = cluster;
    this.#log = log;
  }

  /**
   * Asks for what follows each log's position, waiting up to `waitMs` for the first record. `onFresh` gets what is new of
   * each log as it is taken in. Failures of single partitions are left to the next call.
   */
  async poll(
    logs: readonly PartitionLog[],
    waitMs: number,
    onFresh: (log: PartitionLog, fresh: Entry[]) => void,
  ): Promise<void> {
    const byNode = new Map<string, { node: Node; logs: PartitionLog[] }>();
    for (const log of logs) {
      const node = await this.#cluster.leader(log.topic, log.partition);
      // A request names a partition once: the groups of one topic ask beside each other.
      for (let n = 0; ; n++) {
        const name = `${node.host}:${node.port} ${n}`;
        const at = byNode.get(name) ?? { node, logs: [] };
        if (at.logs.some((l) => l.topic === log.topic && l.partition === log.partition)) continue;
        at.logs.push(log);
        byNode.set(name, at);
        break;
      }
    }
    await Promise.all([...byNode.values()].map((at) => this.#pollNode(at.node, at.logs, waitMs, onFresh)));
  }

  /** One end of each log. */
  async bounds(logs: readonly { topic: string; partition: number }[], bound: Bound): Promise<number[]> {
    return await Promise.all(
      logs.map((log) =>
        this.#cluster.persist(
          `posição de ${log.topic}/${log.partition}`,
          async () => {
            const node = await this.#cluster.leader(log.topic, log.partition);
            const partitions = [
              {
                partitionIndex: log.partition,
                currentLeaderEpoch: -1,
                timestamp: bound === "first" ? EARLIEST : LATEST,
              },
            ];
            const r = await this.#cluster.call(
              node,
              "main",
              listOffsetsV5.api,
              -1,
              bound === "readable" ? READ_COMMITTED : 0,
              [{ name: log.topic, partitions }],
            );
            return Number(r.topics[0]?.partitions[0]?.offset ?? 0n);
          },
          () => this.#cluster.forgetTopic(log.topic),
        ),
      ),
    );
  }

  async #pollNode(
    node: Node,
    logs: readonly PartitionLog[],
    waitMs: number,
    onFresh: (log: PartitionLog, fresh: Entry[]) => void,
  ): Promise<void> {
    const byTopic = Map.groupBy(logs, (log) => log.topic);
    const topics = [...byTopic].map(([topicId, mine]) => ({
      topicId,
      partitions: mine.map((log) => ({
        partition: log.partition,
        currentLeaderEpoch: -1,
        fetchOffset: BigInt(log.position),
        lastFetchedEpoch: -1,
        partitionMaxBytes: PARTITION_BYTES,
      })),
    }));
    const lane = this.#freeLane();
    this.#busy.add(lane);
    let answer: fetchV11.FetchResponse;
    try {
      answer = await this.#cluster.call(
        node,
        lane,
        fetchV11.api,
        Math.max(0, Math.round(waitMs)),
        waitMs > 0 ? 1 : 0,
        MAX_BYTES,
        READ_COMMITTED,
        0,
        -1,
        topics,
        [],
        "",
      );
    } catch (err) {
      // One partition's failure fails the call; the answer still has what the others gave.
      const partial = responseOf(err) as fetchV11.FetchResponse | undefined;
      for (const topic of byTopic.keys()) this.#cluster.forgetTopic(topic);
      if (partial?.responses === undefined) throw err;
      answer = partial;
    } finally {
      this.#busy.delete(lane);
    }
    for (const topic of answer.responses) {
      for (const part of topic.partitions) {
        const log = logs.find((l) => l.topic === topic.topicId && l.partition === part.partitionIndex);
        if (log === undefined) continue;
        if (part.errorCode === 0) onFresh(log, log.append(part));
        else if (part.errorCode === OFFSET_OUT_OF_RANGE) await this.#skipForgotten(log);
      }
    }
  }

  /** A connection that no other fetch is waiting on. */
  #freeLane(): string {
    for (let n = 0; ; n++) if (!this.#busy.has(`fetch${n}`)) return `fetch${n}`;
  }

  /** The log no longer has what comes next: its retention is shorter than the group was behind. */
  async #skipForgotten(log: PartitionLog): Promise<void> {
    const [first = 0] = await this.bounds([log], "first");
    if (first <= log.position) return;
    this.#log.error(
      { topic: log.topic, partition: log.partition, de: log.position, ate: first },
      "Kafka: mensagens apagadas pela retenção antes de lidas",
    );
    log.position = first;
  }
}
