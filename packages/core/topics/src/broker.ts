import type { Leased } from "#core/queue";
import type { Json } from "./json.ts";

/** A message on its way out. `payload` is JSON already (see `toJson`). */
export interface OutgoingMessage {
  topic: string;
  payload: Json;
  /** Messages of one key run in publish order inside each group. */
  key?: string | undefined;
  headers?: Record<string, string> | undefined;
  /** A second message of the same topic and dedupe key, within the retention, is not published: the first one's id is answered. */
  dedupeKey?: string | undefined;
  /** Not delivered before this long after the publish, ms. */
  delayMs?: number | undefined;
  /** Default: a new one. */
  correlationId?: string | undefined;
  /** Id of the message whose handling published this one. */
  causationId?: string | undefined;
}

/** One message on its way through one group. */
export interface Delivery extends Leased {
  messageId: string;
  topic: string;
  groupId: string;
  key: string | null;
  /** 1 for the first execution. Executions lost with their process count. */
  attempt: number;
  correlationId: string;
  headers: Record<string, string>;
  payload: Json;
}

/** How one execution ended. Nothing of it holds if the lease was lost meanwhile. */
export type Settlement =
  /** Done: `out` is published in the same transaction. */
  | { kind: "complete"; delivery: Delivery; out: readonly OutgoingMessage[] }
  /** Failed, to be delivered again after `delayMs`. */
  | { kind: "retry"; delivery: Delivery; delayMs: number; error: string }
  /** Failed for good: `dlq` is published in the same transaction. */
  | { kind: "bury"; delivery: Delivery; dlq: OutgoingMessage | null; error: string }
  /** Not run, or given up by a shutdown: available at once, the attempt does not count. */
  | { kind: "release"; delivery: Delivery };

export interface GroupSpec {
  topic: string;
  groupId: string;
  /** Name of the worker, for those who read the tables. */
  worker: string;
  /** Where a group that is new begins: with messages published from now on, or with the oldest one retained. */
  startFrom: "latest" | "earliest";
}

export interface ClaimRequest {
  topic: string;
  groupId: string;
  /** Most deliveries wanted, 1 or more. */
  max: number;
}

export interface Exchange {
  settle: readonly Settlement[];
  claim: readonly ClaimRequest[];
  /** When there is nothing to claim: answer as soon as there is, or after this long, ms. Only without settlements. */
  waitMs: number;
}

export interface ExchangeResult {
  /** Tokens of settlements whose lease was no longer held: their results were dropped. */
  lost: string[];
  /** Per group, oldest first. */
  deliveries: Delivery[];
  /** There was no place to wait, so the call did not: the caller asks again from time to time. */
  full?: boolean;
}

/**
 * Where messages live. Implementations: PostgreSQL (the default), memory (tests). All promises below are held by one
 * contract suite (`testing/broker-contract.ts`).
 *
 * - At least once: a delivery is settled, or it comes again after its lease.
 * - A settlement, its outgoing messages and its DLQ message are one transaction; so a success publishes exactly once.
 * - A settlement is accepted once, and only under the lease it was claimed with. Sending it again after a lost answer is
 *   harmless: it is answered as held, and nothing is published twice.
 * - Inside a group a message is with one consumer at a time, and messages of one key are delivered in publish order, each
 *   after the one before has ended. Every group receives every message.
 */
export interface Broker {
  /** Ids, in the order of the messages. All are published, or none. */
  publish(messages: readonly OutgoingMessage[]): Promise<string[]>;
  /** Declares groups; repeating it changes nothing. A message published after it returns reaches them all. */
  register(groups: readonly GroupSpec[]): Promise<void>;
  /** Settles what ended and claims what comes next, in one round trip. `claim` counts the attempt. */
  exchange(exchange: Exchange): Promise<ExchangeResult>;
  /** Renews leases in one call; answers the tokens that are no longer held. */
  extend(deliveries: readonly Delivery[]): Promise<string[]>;
  /** Makes deliveries whose lease has expired due again; answers how many. Their attempt stays counted. */
  recover(): Promise<number>;
  /** What only a broker with tables can offer; null where the store has no such thing. */
  readonly admin: BrokerAdmin | null;
  close(): Promise<void>;
}

export interface DeadDelivery {
  id: string;
  messageId: string;
  topic: string;
  groupId: string;
  worker: string;
  attempts: number;
  error: string;
  payload: Json;
  publishedAt: Date;
  diedAt: Date;
}

export interface WorkerHealth {
  worker: string;
  topic: string;
  groupId: string;
  paused: boolean;
  pending: number;
  /** Age of the oldest delivery that is due, seconds; null: none is. */
  oldestDueS: number | null;
  running: number;
  waitingRetry: number;
  dead1h: number;
  dead24h: number;
  /** Executions of the last hour that ended well, 0..1; null: none ended. */
  successRate1h: number | null;
}

export interface BrokerAdmin {
  /** Newest first. */
  listDead(filter: { worker?: string | undefined; limit: number }): Promise<DeadDelivery[]>;
  /** Back to its group as if new; false: there is no such dead delivery. */
  replay(deliveryId: string): Promise<boolean>;
  /** A paused group receives its messages, and delivers none until resumed. False: no such group. */
  pause(topic: string, groupId: string, paused: boolean): Promise<boolean>;
  /**
   * Removes a group that no worker serves any more: what is published reaches it no longer, and its open deliveries go; answers how many
   * of them. Null: no such group.
   */
  removeGroup(topic: string, groupId: string): Promise<number | null>;
  /** Removes messages past their retention, at most `limit`; answers how many. */
  purge(limit: number): Promise<number>;
  /** Deliveries due now of the given groups (all when empty), and messages kept that no group receives. */
  backlog(groups: readonly { topic: string; groupId: string }[]): Promise<{ due: number; withoutConsumer: number }>;
  health(): Promise<WorkerHealth[]>;
}
