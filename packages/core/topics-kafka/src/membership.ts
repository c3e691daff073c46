import { heartbeatV3, joinGroupV5, leaveGroupV1, syncGroupV3 } from "@platformatic/kafka";
import { pause, systemTimers } from "#core/executions";
import { errorMessage, type Logger } from "#core/runtime";
import { decodeAssignment, decodeHeld, encodeAssignment, encodeSubscription, share } from "./assignment.ts";
import type { KafkaCluster, Node } from "./cluster.ts";
import { faultId, isFenced, responseOf } from "./faults.ts";

export interface MembershipOptions {
  cluster: KafkaCluster;
  groupId: string;
  /** Both have the same number of partitions and are given out together. */
  topics: readonly [string, string];
  /** A member not heard of for this long loses its partitions. */
  sessionTimeoutMs: number;
  log: Logger;
  /** Takes over exactly these partitions; what it held besides is gone. */
  onAssigned(partitions: readonly number[]): Promise<void>;
  /** All is gone: others may hold it. */
  onLost(): void;
}

const PROTOCOL = "julia";
/** Between heartbeats, for sessions that are not short: after this at the latest a member hears that the group changes. */
const BEAT_MS = 1000;
/** How long the others wait for a member that is still to join a new generation. */
const REBALANCE_MS = 30_000;

/** This process's place in one consumer group: joins, keeps the place by heartbeats, joins anew when the group changes. */
export class Membership {
  generationId = -1;
  memberId = "";
  readonly #o: MembershipOptions;
  readonly #stop = new AbortController();
  #held: readonly number[] = [];
  #nudge = new AbortController();
  #running: Promise<void> | null = null;
  #stable = false;

  constructor(options: MembershipOptions) {
    this.#o = options;
  }

  /** True while this process holds its partitions under the current generation. */
  get stable(): boolean {
    return this.#stable;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** A commit was refused because the group is changing or has gone on without us: look now, not at the next heartbeat. */
  rejoin(): void {
    this.#nudge.abort();
  }

  /** The broker said that this member's generation is over. */
  lose(): void {
    this.memberId = "";
    this.#drop();
    this.#nudge.abort();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    if (this.memberId === "") return;
    const { cluster, groupId } = this.#o;
    try {
      const node = await cluster.coordinator("group", groupId);
      await cluster.call(node, "main", leaveGroupV1.api, groupId, [{ memberId: this.memberId }]);
    } catch (err) {
      // The others get the partitions when the session has run out.
      this.#o.log.warn({ err: errorMessage(err), group: groupId }, "Kafka: a saída do grupo falhou");
    }
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#join();
        failures = 0;
        await this.#beat();
      } catch (err) {
        this.#onFault(err);
        failures++;
        if (failures > 1) {
          this.#o.log.warn({ err: errorMessage(err), group: this.#o.groupId }, "Kafka: entrada no grupo será repetida");
        }
        await pause(systemTimers, Math.min(2000, 50 * 2 ** failures), this.#stop.signal);
      }
    }
  }

  async #join(): Promise<void> {
    const { cluster, groupId, topics, sessionTimeoutMs } = this.#o;
    this.#nudge = new AbortController();
    const node = await this.#unlessStopped(cluster.coordinator("group", groupId));
    const metadata = encodeSubscription(topics, this.#held);
    const ask = () =>
      this.#unlessStopped(
        cluster.call(
          node,
          `join ${groupId}`,
          joinGroupV5.api,
          groupId,
          sessionTimeoutMs,
          REBALANCE_MS,
          this.memberId,
          null,
          "consumer",
          [{ name: PROTOCOL, metadata }],
        ),
      );
    const joined = await ask().catch((err: unknown) => {
      const given = (responseOf(err) as { memberId?: string } | undefined)?.memberId;
      if (faultId(err) !== "MEMBER_ID_REQUIRED" || !given) throw err;
      this.memberId = given;
      return ask();
    });
    this.memberId = joined.memberId;
    const assignments = joined.leader === joined.memberId ? await this.#shareOut(joined.members) : [];
    const synced = await this.#unlessStopped(
      cluster.call(
        node,
        `join ${groupId}`,
        syncGroupV3.api,
        groupId,
        joined.generationId,
        joined.memberId,
        null,
        null,
        null,
        assignments,
      ),
    );
    const partitions = decodeAssignment(synced.assignment);
    this.generationId = joined.generationId;
    this.#held = partitions;
    await this.#unlessStopped(this.#whileBeating(node, this.#o.onAssigned(partitions)));
    this.#stable = true;
  }

  async #shareOut(members: readonly { memberId: string; metadata: Buffer }[]) {
    const count = (await this.#o.cluster.leaders(this.#o.topics[0], true))?.length ?? 0;
    const shares = share(
      count,
      members.map((m) => ({ memberId: m.memberId, held: decodeHeld(m.metadata) })),
    );
    return [...shares].map(([memberId, mine]) => ({ memberId, assignment: encodeAssignment(this.#o.topics, mine) }));
  }

  /** Until the group changes or this stops. */
  async #beat(): Promise<void> {
    const { sessionTimeoutMs } = this.#o;
    const beatMs = Math.min(BEAT_MS, sessionTimeoutMs / 4);
    const stop = AbortSignal.any([this.#stop.signal, this.#nudge.signal]);
    let missed = 0;
    while (!stop.aborted) {
      await pause(systemTimers, beatMs, stop);
      if (this.#stop.signal.aborted) return;
      try {
        await this.#unlessStopped(this.#beatOnce());
        missed = 0;
      } catch (err) {
        const id = faultId(err);
        if (id === "REBALANCE_IN_PROGRESS") break;
        if (id !== undefined && isFenced(err)) throw err;
        this.#o.cluster.forgetCoordinator("group", this.#o.groupId);
        if (++missed * beatMs >= sessionTimeoutMs) throw err; // as long as a session: the partitions may be another's
      }
    }
    this.#stable = false;
  }

  async #beatOnce(): Promise<void> {
    await this.#heartbeat(await this.#o.cluster.coordinator("group", this.#o.groupId));
  }

  async #heartbeat(node: Node): Promise<void> {
    const { cluster, groupId } = this.#o;
    await cluster.call(node, "beat", heartbeatV3.api, groupId, this.generationId, this.memberId);
  }

  /** Reading where to begin may take a moment; the place must not be lost over it. */
  async #whileBeating(node: Node, work: Promise<void>): Promise<void> {
    const done = new AbortController();
    const beating = (async () => {
      while ((await pause(systemTimers, this.#o.sessionTimeoutMs / 4, done.signal)) === "elapsed") {
        await this.#heartbeat(node).catch(() => {}); // what it says is heard again by `#beat`
      }
    })();
    try {
      await work;
    } finally {
      done.abort();
      await beating;
    }
  }

  #onFault(err: unknown): void {
    this.#stable = false;
    if (isFenced(err)) this.memberId = "";
    if (faultId(err) === "REBALANCE_IN_PROGRESS") return; // the next join keeps what is held
    this.#o.cluster.forgetCoordinator("group", this.#o.groupId);
    this.#drop();
  }

  #drop(): void {
    this.#stable = false;
    this.#held = [];
    this.#o.onLost();
  }

  async #unlessStopped<T>(work: Promise<T>): Promise<T> {
    const signal = this.#stop.signal;
    let onAbort = () => {};
    const stopped = new Promise<never>((_, reject) => {
      onAbort = () => reject(new Error("encerrando"));
      signal.addEventListener("abort", onAbort, { once: true });
    });
    work.catch(() => {});
    try {
      return await Promise.race([work, stopped]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}
