import {
  type API,
  apiVersionsV0,
  Connection,
  createPartitionsV1,
  createTopicsV4,
  findCoordinatorV2,
  metadataV2,
  metadataV4,
} from "@platformatic/kafka";
import { pause, systemTimers } from "#core/executions";
import { PermanentError, systemClock } from "#core/runtime";
import { faultId, isPassing, unavailable } from "./faults.ts";

/** How to reach a cluster. Credentials never leave the client library. */
export interface KafkaAccess {
  clientId: string;
  /** `host:port`, one or more to begin with. */
  brokers: readonly string[];
  tls?: boolean | undefined;
  sasl?: { mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512"; username: string; password: string } | undefined;
  /** How long a request that fails for a passing reason is repeated. Default 20 s. */
  limitMs?: number | undefined;
  /** Partitions of a topic that we create. Default 6. */
  partitions?: number | undefined;
}

export interface Node {
  host: string;
  port: number;
}

const CONNECT_MS = 5000;
/** Above any wait that a request asks of the broker. */
const REQUEST_MS = 30_000;
const JOIN_MS = 90_000;
const LIMIT_MS = 20_000;
const METADATA_AGE_MS = 60_000;
/** Kept for as long as a dead delivery is (30 days), since Kafka forgets by age and not by what was handled. */
const RETENTION_MS = 30 * 86_400_000;
const DEFAULT_PARTITIONS = 6;

/** Connections, leaders and coordinators of one cluster; every request goes through `call`. */
export class KafkaCluster {
  readonly #access: KafkaAccess;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #coordinators = new Map<string, Promise<Node>>();
  readonly #topics = new Map<string, { leaders: (Node | undefined)[]; readAtMs: number }>();
  #versions: Promise<Map<string, number>> | null = null;
  #closed = false;

  constructor(access: KafkaAccess) {
    this.#access = access;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * One request. A lane is a connection of its own: the broker answers the requests of one connection in their order, so
   * what waits there (a fetch, a join) must not stand before what does not.
   */
  async call<A extends unknown[], R>(node: Node, lane: string, api: API<A, R>, ...args: A): Promise<R> {
    const connection = await this.#connection(node, lane);
    return await api.async(connection, ...args);
  }

  /** Repeats what fails for a passing reason, with growing pauses, until the deadline; then throws a TransientError. */
  async persist<T>(what: string, run: () => Promise<T>, onFault?: (err: unknown) => void): Promise<T> {
    const untilMs = systemClock.monotonicMs() + (this.#access.limitMs ?? LIMIT_MS);
    for (let pauseMs = 4; ; pauseMs = Math.min(500, pauseMs * 2)) {
      try {
        return await run();
      } catch (err) {
        onFault?.(err);
        if (this.#closed || !isPassing(err) || systemClock.monotonicMs() + pauseMs > untilMs) {
          throw unavailable(what, err);
        }
      }
      await pause(systemTimers, pauseMs);
    }
  }

  /** Highest version of an API that the brokers speak; 0 is also what "not at all" answers, see `speaks`. */
  async maxVersion(api: string): Promise<number> {
    return (await this.#readVersions()).get(api) ?? -1;
  }

  /** Nodes that lead each partition; undefined for one without a leader at the moment. Null: there is no such topic. */
  async leaders(topic: string, fresh = false): Promise<(Node | undefined)[] | null> {
    const known = this.#topics.get(topic);
    if (known && !fresh && systemClock.monotonicMs() - known.readAtMs < METADATA_AGE_MS) return known.leaders;
    await this.#readTopics([topic]);
    return this.#topics.get(topic)?.leaders ?? null;
  }

  async leader(topic: string, partition: number): Promise<Node> {
    const node = (await this.leaders(topic))?.[partition];
    if (node) return node;
    const again = (await this.leaders(topic, true))?.[partition];
    if (!again) throw unavailable(`líder de ${topic}/${partition}`, undefined);
    return again;
  }

  forgetTopic(topic: string): void {
    this.#topics.delete(topic);
  }

  /** Number of partitions, having made the topic if it was missing. */
  async ensureTopic(topic: string, partitions?: number): Promise<number> {
    const known = await this.leaders(topic);
    if (known && (partitions === undefined || known.length >= partitions)) return known.length;
    const deadlineMs = systemClock.monotonicMs() + 20_000;
    if (known === null) await this.#createTopic(topic, partitions ?? this.#access.partitions ?? DEFAULT_PARTITIONS);
    else await this.#growTopic(topic, partitions ?? known.length);
    for (;;) {
      const leaders = await this.leaders(topic, true);
      if (leaders && leaders.length > 0 && leaders.every((n) => n !== undefined)) return leaders.length;
      if (systemClock.monotonicMs() > deadlineMs) throw unavailable(`criação do tópico ${topic}`, undefined);
      await pause(systemTimers, 50);
    }
  }

  async coordinator(kind: "group" | "txn", key: string): Promise<Node> {
    const name = `${kind} ${key}`;
    let found = this.#coordinators.get(name);
    if (!found) {
      found = this.persist(`coordenador de ${key}`, async () => {
        const r = await this.any((node) =>
          this.call(node, "main", findCoordinatorV2.api, kind === "group" ? 0 : 1, [key]),
        );
        const [c] = r.coordinators;
        if (!c) throw unavailable(`coordenador de ${key}`, undefined);
        return { host: c.host, port: c.port };
      });
      this.#coordinators.set(name, found);
      found.catch(() => this.#coordinators.delete(name));
    }
    return await found;
  }

  /** After NOT_COORDINATOR or a lost connection: the next request asks who it is now. */
  forgetCoordinator(kind: "group" | "txn", key: string): void {
    this.#coordinators.delete(`${kind} ${key}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#connections.values()];
    this.#connections.clear();
    await Promise.allSettled(open.map(async (c) => (await c).close()));
  }

  async #connection(node: Node, lane: string): Promise<Connection> {
    if (this.#closed) throw unavailable("pedido depois de fechado", undefined);
    const name = `${node.host}:${node.port} ${lane}`;
    const known = this.#connections.get(name);
    if (known) {
      const connection = await known;
      if (connection.isConnected()) return connection;
      if (this.#connections.get(name) === known) this.#connections.delete(name);
      return await this.#connection(node, lane);
    }
    const connection = new Connection(this.#access.clientId, {
      connectTimeout: CONNECT_MS,
      requestTimeout: lane.startsWith("join") ? JOIN_MS : REQUEST_MS,
      ...(this.#access.tls ? { tls: {}, tlsServerName: true } : {}),
      ...(this.#access.sasl ? { sasl: this.#access.sasl } : {}),
    });
    // Each request gets the failure of its own connection; an unheard `error` event would end the process.
    connection.on("error", () => {});
    const opening = Promise.resolve(connection.connect(node.host, node.port)).then(() => connection);
    this.#connections.set(name, opening);
    opening.catch(() => this.#connections.delete(name));
    return await opening;
  }

  /** Asks the given brokers one after the other until one answers. */
  async any<T>(ask: (node: Node) => Promise<T>): Promise<T> {
    let last: unknown;
    for (const address of this.#access.brokers) {
      const at = address.lastIndexOf(":");
      try {
        return await ask({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
      } catch (err) {
        last = err;
        if (faultId(err) !== undefined) break; // it answered
      }
    }
    throw last;
  }

  async #readVersions(): Promise<Map<string, number>> {
    this.#versions ??= this.persist("leitura das versões", async () => {
      const r = await this.any((node) => this.call(node, "main", apiVersionsV0.api, "julia-jobs", "1"));
      return new Map(r.apiKeys.map((k) => [k.name, k.maxVersion]));
    });
    this.#versions.catch(() => {
      this.#versions = null;
    });
    return await this.#versions;
  }

  async #readTopics(topics: string[]): Promise<void> {
    const modern = (await this.maxVersion("Metadata")) >= 4;
    const answer = await this.persist("leitura dos tópicos", () =>
      this.any((node) =>
        modern
          ? this.call(node, "main", metadataV4.api, topics, false)
          : this.call(node, "main", metadataV2.api, topics),
      ).catch((err: unknown) => {
        // A topic that does not exist is an answer, not a failure.
        if (modern && faultId(err) === "UNKNOWN_TOPIC_OR_PARTITION") return null;
        throw err;
      }),
    );
    if (answer === null) return;
    const nodes = new Map(answer.brokers.map((b) => [b.nodeId, { host: b.host, port: b.port }]));
    for (const t of answer.topics) {
      const leaders: (Node | undefined)[] = [];
      for (const p of t.partitions) leaders[p.partitionIndex] = nodes.get(p.leaderId);
      this.#topics.set(t.name, { leaders: [...leaders], readAtMs: systemClock.monotonicMs() });
    }
  }

  async #createTopic(name: string, numPartitions: number): Promise<void> {
    if ((await this.maxVersion("CreateTopics")) < 4) {
      await this.any((node) => this.call(node, "main", metadataV2.api, [name])); // the cluster makes them on first sight
      return;
    }
    const configs = [{ name: "retention.ms", value: String(RETENTION_MS) }];
    const topic = { name, numPartitions, replicationFactor: -1, assignments: [], configs };
    await this.persist(`criação do tópico ${name}`, () =>
      this.#controller((node) => this.call(node, "main", createTopicsV4.api, [topic], 10_000, false)),
    ).catch((err: unknown) => {
      if (faultId(err) !== "TOPIC_ALREADY_EXISTS") throw unavailable(`criação do tópico ${name}`, err);
    });
  }

  async #growTopic(name: string, count: number): Promise<void> {
    if ((await this.maxVersion("CreatePartitions")) < 1) {
      throw new PermanentError("configuracao_invalida", `O tópico ${name} precisa de ${count} partições`);
    }
    await this.persist(`aumento do tópico ${name}`, () =>
      this.#controller((node) =>
        this.call(node, "main", createPartitionsV1.api, [{ name, count, assignments: [] }], 10_000, false),
      ),
    ).catch((err: unknown) => {
      if (faultId(err) !== "INVALID_PARTITIONS") throw unavailable(`aumento do tópico ${name}`, err); // somebody else did
    });
  }

  async #controller<T>(ask: (node: Node) => Promise<T>): Promise<T> {
    const modern = (await this.maxVersion("Metadata")) >= 4;
    const m = await this.any((node) =>
      modern ? this.call(node, "main", metadataV4.api, [], false) : this.call(node, "main", metadataV2.api, []),
    );
    const b = m.brokers.find((n) => n.nodeId === m.controllerId) ?? m.brokers[0];
    if (!b) throw unavailable("controlador", undefined);
    return await ask({ host: b.host, port: b.port });
  }
}
