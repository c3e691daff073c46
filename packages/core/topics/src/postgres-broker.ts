import { z } from "zod";
import type { Db } from "#core/db";
import { TransientError } from "#core/runtime";
import type { Broker, Delivery, Exchange, ExchangeResult, OutgoingMessage } from "./broker.ts";
import type { Json } from "./json.ts";
import { postgresAdmin } from "./postgres-admin.ts";

export interface PostgresBrokerOptions {
  db: Db;
  /** Name of this process in `locked_by` and `published_by`. */
  owner: string;
  /** Lease of a claim, seconds (`decisions.md` §6: 30, renewed every 10). */
  leaseSeconds: number;
  /** Default: the database's own clock, so that processes with wrong clocks agree. Tests give theirs. */
  now?: () => Date;
}

/** Most messages of one publish call: about a second of the database's time, of the eight it allows. */
const PUBLISH_CHUNK = 5000;
/** Above any wait asked of the database, below its own limit of 8 s. */
const EXCHANGE_TIMEOUT_MS = 15_000;

/** Five thousand messages each. */
const BACKFILL_CALLS = 2000;

const Ids = z.array(z.number());
const Tokens = z.array(z.string());

/** What `exchange_deliveries` answers. Written by that function alone, and read here a thousand rows at a time: trusted. */
interface ExchangeRow {
  lost: string[];
  taken: [number, DeliveryColumns][];
  full?: boolean;
}
type DeliveryColumns = [
  messageIds: number[],
  tokens: string[],
  attempts: number[],
  keys: (string | null)[] | null,
  correlationIds: string[],
  headers: Record<string, string>[] | null,
  payloads: Json[],
];

/** The broker on the product's own database, through its Data API: one call a batch, never one a message. */
export function createPostgresBroker(options: PostgresBrokerOptions): Broker {
  const { db, owner, leaseSeconds, now } = options;
  const at = () => (now ? { p_now: now().toISOString() } : {});

  return {
    async publish(messages) {
      const ids: string[] = [];
      for (let i = 0; i < messages.length; i += PUBLISH_CHUNK) {
        const chunk = messages.slice(i, i + PUBLISH_CHUNK);
        const answer = await db.json(
          "publish_messages",
          {
            p_messages: chunk.map((m) => rowOf(m)) as never,
            p_keys: keysOf(chunk),
            p_dedupe: chunk.some((m) => m.dedupeKey !== undefined),
            p_by: owner,
            ...at(),
          },
          Ids,
        );
        for (const id of answer) ids.push(String(id));
      }
      return ids;
    },

    async register(groups) {
      const rows = groups.map((g) => ({
        topic: g.topic,
        group_id: g.groupId,
        worker: g.worker,
        start_from: g.startFrom,
      }));
      await db.call("register_topic_groups", { p_groups: rows, ...at() });
      // What a process before this one left undone is taken up, too.
      for (let n = 0; n < BACKFILL_CALLS; n++) {
        if (!(await db.call("backfill_topic_groups", { p_groups: rows, ...at() }))) return;
      }
      throw new TransientError("tempo_esgotado", "um grupo novo ainda recebe as mensagens guardadas");
    },

    async exchange(exchange) {
      const answer = await db.call(
        "exchange_deliveries",
        {
          p_by: owner,
          p_lease_s: leaseSeconds,
          ...settlementArgs(exchange),
          p_claim: exchange.claim.map((c) => ({ topic: c.topic, group_id: c.groupId, max: c.max })),
          p_wait_ms: Math.round(exchange.waitMs),
          ...at(),
        },
        { timeoutMs: EXCHANGE_TIMEOUT_MS },
      );
      return resultOf(exchange, answer as unknown as ExchangeRow);
    },

    extend: (deliveries) =>
      db.json(
        "extend_deliveries",
        {
          p_ids: deliveries.map((d) => Number(d.messageId)),
          p_tokens: deliveries.map((d) => d.token),
          p_lease_s: leaseSeconds,
          ...at(),
        },
        Tokens,
      ),

    recover: async () => await db.call("recover_deliveries", at()),
    admin: postgresAdmin(db, at),
    close: async () => {},
  };
}

function rowOf(m: OutgoingMessage): Record<string, Json> {
  return {
    topic: m.topic,
    payload: m.payload,
    ...(m.key === undefined ? {} : { key: m.key }),
    ...(m.headers === undefined ? {} : { headers: m.headers }),
    ...(m.dedupeKey === undefined ? {} : { dedupe_key: m.dedupeKey }),
    ...(m.delayMs === undefined ? {} : { delay_ms: m.delayMs }),
    ...(m.correlationId === undefined ? {} : { correlation_id: m.correlationId }),
    ...(m.causationId === undefined ? {} : { causation_id: m.causationId }),
  };
}

/** The same as `interno.topic_key`. */
function keysOf(messages: readonly { topic: string; key?: string | null | undefined }[]): string[] {
  const keys = new Set<string>();
  for (const { topic, key } of messages) if (key !== undefined && key !== null) keys.add(`${topic} ${key}`);
  return [...keys];
}

function settlementArgs({ settle }: Exchange) {
  const ids: number[] = [];
  const tokens: string[] = [];
  const others: Record<string, Json>[] = [];
  const out: Record<string, Json>[] = [];
  const keyed: { topic: string; key?: string | null | undefined }[] = [];
  let dedupe = false;
  const send = (token: string, messages: readonly OutgoingMessage[]) => {
    for (const m of messages) {
      out.push({ token, ...rowOf(m) });
      keyed.push(m);
      dedupe ||= m.dedupeKey !== undefined;
    }
  };
  for (const s of settle) {
    const { token, messageId } = s.delivery;
    const id = Number(messageId);
    keyed.push(s.delivery);
    if (s.kind === "complete") {
      ids.push(id);
      tokens.push(token);
      send(token, s.out);
    } else {
      others.push({
        kind: s.kind,
        id,
        token,
        ...(s.kind === "release" ? {} : { error: s.error }),
        ...(s.kind === "retry" ? { delay_ms: s.delayMs } : {}),
      });
      if (s.kind === "bury" && s.dlq) send(token, [s.dlq]);
    }
  }
  return {
    p_ids: ids,
    p_tokens: tokens,
    p_others: others as never,
    p_out: out as never,
    p_keys: keysOf(keyed),
    p_dedupe: dedupe,
  };
}

function resultOf({ claim }: Exchange, { lost, taken, full = false }: ExchangeRow): ExchangeResult {
  const deliveries: Delivery[] = [];
  for (const [n, [messageIds, tokens, attempts, keys, correlationIds, headers, payloads]] of taken) {
    const { topic, groupId } = claim[n] as { topic: string; groupId: string };
    for (const i of inOrder(messageIds)) {
      const id = String(messageIds[i]);
      deliveries.push({
        id,
        token: tokens[i] as string,
        messageId: id,
        topic,
        groupId,
        key: keys?.[i] ?? null,
        attempt: attempts[i] as number,
        correlationId: correlationIds[i] as string,
        headers: headers?.[i] ?? {},
        payload: payloads[i] as Json,
      });
    }
  }
  return { lost, deliveries, full };
}

/** Positions, oldest message first: sorting is cheaper here than in the database. */
function inOrder(messageIds: readonly number[]): number[] {
  const at = (i: number) => messageIds[i] as number;
  return Array.from(messageIds.keys()).sort((a, b) => at(a) - at(b));
}
