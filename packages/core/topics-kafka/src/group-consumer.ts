import { createHash, randomUUID } from "node:crypto";
import { offsetCommitV7, offsetFetchV5, offsetFetchV7 } from "@platformatic/kafka";
import { pause, systemTimers } from "#core/executions";
import { type Clock, type Logger, systemClock } from "#core/runtime";
import type { Delivery, GroupSpec } from "#core/topics";
import type { KafkaCluster } from "./cluster.ts";
import { faultId, isFenced, unavailable } from "./faults.ts";
import type { Fetcher } from "./fetcher.ts";
import { Lane } from "./lane.ts";
import { Membership } from "./membership.ts";
import { createMutex } from "./mutex.ts";
import { type Changes, type Entry, PartitionLog } from "./partition-log.ts";
import type { TxnOffsets } from "./producer.ts";

export interface GroupConsumerOptions {
  cluster: KafkaCluster;
  fetcher: Fetcher;
  topic: string;
  groupId: string;
  leaseSeconds: number;
  sessionTimeoutMs: number;
  clock: Clock;
  log: Logger;
}

export interface Held {
  lane: Lane;
  entry: Entry;
}

/** Above a session, so that the place of a dead member is given out within it. */
const STABLE_LIMIT_MS = 45_000;

/** One group on one topic, as this process takes part in it: its lanes, what runs of them, and what is committed of them. */
export class GroupConsumer {
  readonly topic: string;
  readonly groupId: string;
  /** Name of the worker, for those who read about the group; known once registered. */
  worker = "";
  /** The Kafka group, and the stem of its topics. */
  readonly name: string;
  readonly retryTopic: string;
  readonly deadTopic: string;
  /** Commits are whole states, so one at a time: a claim or a settlement holds this from reading to committing. */
  readonly lock = createMutex();
  readonly #o: GroupConsumerOptions;
  readonly #membership: Membership;
  readonly #lanes = new Map<number, Lane>();
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Set<() => void>();

  constructor(options: GroupConsumerOptions) {
    this.#o = options;
    this.topic = options.topic;
    this.groupId = options.groupId;
    this.name = legalName(`${options.topic}.${options.groupId}`);
    this.retryTopic = `${this.name}.retry`;
    this.deadTopic = `${this.name}.dead`;
    this.#membership = new Membership({
      cluster: options.cluster,
      groupId: this.name,
      topics: [this.topic, this.retryTopic],
      sessionTimeoutMs: options.sessionTimeoutMs,
      log: options.log,
      onAssigned: (partitions) => this.#assign(partitions),
      onLost: () => this.#drop([...this.#lanes.keys()]),
    });
  }

  get stable(): boolean {
    return this.#membership.stable;
  }

  get lanes(): Iterable<Lane> {
    return this.#lanes.values();
  }

  /** Makes the group's topics, and fixes where a new group begins. */
  async register({ startFrom, worker }: GroupSpec): Promise<void> {
    const { cluster, fetcher } = this.#o;
    this.worker = worker;
    const count = await cluster.ensureTopic(this.topic);
    await cluster.ensureTopic(this.retryTopic, count);
    await cluster.ensureTopic(this.deadTopic, count);
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic: this.topic, partition }));
    // The end is read before the question whether somebody else has begun: of two that register at once, neither then
    // overwrites a beginning that the other has already answered for.
    const bounds = await fetcher.bounds(partitions, startFrom === "latest" ? "written" : "first");
    const known = await this.committed(this.topic, count);
    const missing = partitions.filter((_, n) => known[n] === null);
    if (missing.length === 0) return;
    const topics = [
      {
        name: this.topic,
        partitions: missing.map(({ partition }) => ({
          partitionIndex: partition,
          committedOffset: BigInt(bounds[partition] ?? 0),
          committedLeaderEpoch: -1,
          committedMetadata: "",
        })),
      },
    ];
    await this.#onCoordinator(`início do grupo ${this.name}`, (node) =>
      cluster.call(node, "main", offsetCommitV7.api, this.name, -1, "", null, topics),
    ).catch((err: unknown) => {
      if (!isFenced(err)) throw unavailable(`início do grupo ${this.name}`, err); // it has members: it has begun
    });
  }

  start(): void {
    this.#membership.start();
  }

  /** Waits until this process has its place in the group, or the group's change is over; false: it took too long. */
  async whenStable(limitMs = STABLE_LIMIT_MS): Promise<boolean> {
    const untilMs = systemClock.monotonicMs() + limitMs;
    while (!this.stable) {
      if (systemClock.monotonicMs() > untilMs || this.#o.cluster.closed) return false;
      await pause(systemTimers, 10);
    }
    return true;
  }

  /** Resolves when something may have become claimable here without being fetched. */
  changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Partitions that there is room to read more of. */
  readable(): PartitionLog[] {
    return [...this.#lanes.values()].flatMap((lane) => [lane.retry, lane.main].filter((log) => lane.wantsMore(log)));
  }

  absorb(log: PartitionLog, fresh: readonly Entry[]): void {
    const lane = this.#lanes.get(log.partition);
    // An answer may come when the partition has gone to another: its log is no longer ours.
    if (lane && (lane.main === log || lane.retry === log)) lane.enlist(fresh);
  }

  held(token: string): Held | undefined {
    return this.#held.get(token);
  }

  /** The lease of what was begun, in memory: the group's own lease is the session. */
  begin(lane: Lane, entry: Entry): Delivery {
    entry.attempts++;
    entry.state = "running";
    const token = randomUUID();
    entry.token = token;
    this.#held.set(token, { lane, entry });
    this.renew(token);
    const { message } = entry;
    return {
      id: `${entry.log.topic}/${entry.log.partition}/${entry.offset}`,
      token,
      messageId: message.id,
      topic: this.topic,
      groupId: this.groupId,
      key: message.key,
      attempt: entry.attempts,
      correlationId: message.correlationId,
      headers: message.headers,
      payload: message.payload,
    };
  }

  renew(token: string): boolean {
    const held = this.#held.get(token);
    if (!held) return false;
    held.entry.lockedUntilMs = this.#o.clock.monotonicMs() + this.#o.leaseSeconds * 1000;
    return true;
  }

  /** Ends the lease; `as` tells what becomes of the message. */
  end(token: string, as: "done" | "moved" | "released"): void {
    const held = this.#held.get(token);
    this.#held.delete(token);
    if (!held) return;
    const { lane, entry } = held;
    if (as === "done") lane.remove(entry);
    else if (as === "moved") lane.move(entry);
    else {
      entry.attempts--;
      entry.state = "waiting";
      entry.token = null;
    }
  }

  /** Takes back what was not renewed in time; its execution stays counted, in the commit too. */
  recover(): number {
    const nowMs = this.#o.clock.monotonicMs();
    let n = 0;
    for (const [token, { entry }] of this.#held) {
      if (entry.lockedUntilMs >= nowMs) continue;
      this.#held.delete(token);
      entry.state = "waiting";
      entry.token = null;
      n++;
    }
    if (n > 0) this.wake();
    return n;
  }

  /** The commit that makes `changes` hold, under this process's generation. */
  offsets(changes: Changes): TxnOffsets {
    const logs = new Set([...changes.keys()].map((e) => e.log));
    const byTopic = Map.groupBy(logs, (log) => log.topic);
    return {
      groupId: this.name,
      generationId: this.#membership.generationId,
      memberId: this.#membership.memberId,
      topics: [...byTopic].map(([name, mine]) => ({ name, partitions: mine.map((log) => log.commit(changes)) })),
    };
  }

  async commit(offsets: TxnOffsets): Promise<void> {
    const { groupId, generationId, memberId, topics } = offsets;
    await this.#onCoordinator(`posições de ${this.name}`, (node) =>
      this.#o.cluster.call(node, "main", offsetCommitV7.api, groupId, generationId, memberId, null, topics),
    );
  }

  /** Whether the group's committed state is what `offsets` said: the question after a transaction whose end was not answered. */
  async hasCommitted(offsets: TxnOffsets): Promise<boolean> {
    for (const { name, partitions } of offsets.topics) {
      const count = Math.max(...partitions.map((p) => p.partitionIndex)) + 1;
      const known = await this.committed(name, count);
      for (const p of partitions) {
        const have = known[p.partitionIndex];
        if (have?.offset !== Number(p.committedOffset) || (have.metadata ?? "") !== p.committedMetadata) return false;
      }
    }
    return true;
  }

  /**
   * True when a commit was refused because the group has changed or is changing: what is held has to be looked at again.
   * Under the generation that still is ours, the refusal means that all is lost.
   */
  wasRefused(err: unknown, { generationId }: TxnOffsets): boolean {
    if (isFenced(err)) {
      if (this.stable && generationId === this.#membership.generationId) this.#membership.lose();
      return true;
    }
    if (faultId(err) !== "REBALANCE_IN_PROGRESS") return false;
    this.#membership.rejoin();
    return true;
  }

  async close(): Promise<void> {
    await this.#membership.close();
    this.#drop([...this.#lanes.keys()]);
    this.wake();
  }

  async #assign(partitions: readonly number[]): Promise<void> {
    this.#drop([...this.#lanes.keys()].filter((p) => !partitions.includes(p)));
    const fresh = partitions
      .filter((p) => !this.#lanes.has(p))
      .map((p) => new Lane(p, new PartitionLog(this.topic, p, false), new PartitionLog(this.retryTopic, p, true)));
    if (fresh.length > 0) {
      const count = Math.max(...partitions) + 1;
      const logs = fresh.flatMap((lane) => [lane.main, lane.retry]);
      // The positions first, and only once no transaction on them is open; then the ends, readable yet or not, which so
      // include all that it wrote.
      const committed = new Map(
        await Promise.all([this.topic, this.retryTopic].map(async (t) => [t, await this.committed(t, count)] as const)),
      );
      const firsts = await this.#o.fetcher.bounds(logs, "first");
      const ends = await this.#o.fetcher.bounds(
        fresh.map((lane) => lane.retry),
        "written",
      );
      logs.forEach((log, n) => {
        const at = committed.get(log.topic)?.[log.partition];
        log.resume(at?.offset ?? 0, at?.metadata ?? null, firsts[n] ?? 0);
      });
      fresh.forEach((lane, n) => {
        lane.retryEnd = ends[n] ?? 0;
        this.#lanes.set(lane.partition, lane);
      });
    }
    this.wake();
  }

  #drop(partitions: readonly number[]): void {
    for (const p of partitions) {
      const lane = this.#lanes.get(p);
      this.#lanes.delete(p);
      for (const [token, held] of this.#held) if (held.lane === lane) this.#held.delete(token);
    }
  }

  /** Committed offset of each partition of a topic; null: none. */
  async committed(topic: string, count: number): Promise<({ offset: number; metadata: string | null } | null)[]> {
    const stable = (await this.#o.cluster.maxVersion("OffsetFetch")) >= 7;
    const partitionIndexes = Array.from({ length: count }, (_, n) => n);
    const groups = [{ groupId: this.name, topics: [{ name: topic, partitionIndexes }] }];
    const r = await this.#onCoordinator(`leitura das posições de ${this.name}`, (node) =>
      stable
        ? this.#o.cluster.call(node, "main", offsetFetchV7.api, groups, true)
        : this.#o.cluster.call(node, "main", offsetFetchV5.api, groups, false),
    );
    const found = new Map(r.topics.flatMap((t) => t.partitions).map((p) => [p.partitionIndex, p]));
    return partitionIndexes.map((n) => {
      const p = found.get(n);
      return p === undefined || p.committedOffset < 0n
        ? null
        : { offset: Number(p.committedOffset), metadata: p.metadata ?? null };
    });
  }

  async #onCoordinator<T>(what: string, ask: (node: { host: string; port: number }) => Promise<T>): Promise<T> {
    const { cluster } = this.#o;
    return await cluster.persist(
      what,
      async () => ask(await cluster.coordinator("group", this.name)),
      () => cluster.forgetCoordinator("group", this.name),
    );
  }
}

/** Kafka's topics have letters, digits, `._-`, and at most 249 of them; other names are cut and told apart by a hash. */
function legalName(name: string): string {
  if (/^[\w.-]{1,240}$/.test(name)) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 12);
  return `${name.replaceAll(/[^\w.-]/g, "_").slice(0, 220)}-${hash}`;
}
