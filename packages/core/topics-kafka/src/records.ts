import { createHash, randomUUID } from "node:crypto";
import type { KafkaRecord, MessageRecord } from "@platformatic/kafka";
import type { Json, OutgoingMessage } from "#core/topics";

/** Our own headers. Everything else in a record's headers is the publisher's. */
const H = {
  id: "julia-id",
  correlationId: "julia-correlation-id",
  causationId: "julia-causation-id",
  dedupe: "julia-dedupe",
  availableAt: "julia-available-at",
  attempts: "julia-attempts",
  error: "julia-error",
  publishedAt: "julia-published-at",
} as const;

/** A message as the log holds it, read back. */
export interface StoredMessage {
  id: string;
  key: string | null;
  payload: Json;
  headers: Record<string, string>;
  correlationId: string;
  causationId: string | null;
  /** Set for messages published with a dedupe key: equal for its twins. */
  dedupeId: string | null;
  /** Epoch ms before which it is not delivered; 0: at once. */
  availableAtMs: number;
  /** Executions that it has had, for what comes from a retry topic. */
  attempts: number;
  publishedAtMs: number;
  error: string | null;
}

/** A record on its way out, its partition still to be chosen when `partition` is undefined. */
export interface OutRecord {
  topic: string;
  partition?: number | undefined;
  /** What the partition is chosen by; null: any. */
  routeBy: string | null;
  id: string;
  record: Omit<MessageRecord, "topic" | "partition">;
}

/**
 * The id of a message with a dedupe key is made from topic and key, so that twins have one id wherever they are published;
 * groups then pass over the second. Twins must also share a partition: they are routed by their key, else by the dedupe key.
 */
export function outRecordOf(m: OutgoingMessage, nowMs: number): OutRecord {
  const dedupeId = m.dedupeKey === undefined ? null : uuidOf(`${m.topic}\n${m.dedupeKey}`);
  const stored: StoredMessage = {
    id: dedupeId ?? randomUUID(),
    key: m.key ?? null,
    payload: m.payload,
    headers: m.headers ?? {},
    correlationId: m.correlationId ?? randomUUID(),
    causationId: m.causationId ?? null,
    dedupeId,
    availableAtMs: m.delayMs === undefined || m.delayMs <= 0 ? 0 : nowMs + m.delayMs,
    attempts: 0,
    publishedAtMs: nowMs,
    error: null,
  };
  return { topic: m.topic, routeBy: m.key ?? m.dedupeKey ?? null, id: stored.id, record: recordOf(stored) };
}

/** The record that says `m`; with `partition` for the topics that shadow another partition by partition. */
export function shadowRecord(topic: string, partition: number, m: StoredMessage): OutRecord {
  return { topic, partition, routeBy: null, id: m.id, record: recordOf(m) };
}

function recordOf(m: StoredMessage): OutRecord["record"] {
  const headers = new Map<Buffer, Buffer>();
  const set = (name: string, value: string) => headers.set(Buffer.from(name), Buffer.from(value));
  for (const [name, value] of Object.entries(m.headers)) set(name, value);
  set(H.id, m.id);
  set(H.correlationId, m.correlationId);
  set(H.publishedAt, String(m.publishedAtMs));
  if (m.causationId !== null) set(H.causationId, m.causationId);
  if (m.dedupeId !== null) set(H.dedupe, m.dedupeId);
  if (m.availableAtMs > 0) set(H.availableAt, String(m.availableAtMs));
  if (m.attempts > 0) set(H.attempts, String(m.attempts));
  if (m.error !== null) set(H.error, m.error);
  return {
    ...(m.key === null ? {} : { key: Buffer.from(m.key) }),
    value: Buffer.from(JSON.stringify(m.payload)),
    headers,
  };
}

/** Reads any record, ours or another producer's: what is no JSON is delivered as its text, for the worker's schema to refuse. */
export function storedMessageOf(record: KafkaRecord, place: string, timestampMs: number): StoredMessage {
  const headers: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const [name, value] of record.headers) {
    const key = name?.toString() ?? "";
    if (key.startsWith("julia-")) own[key] = value?.toString() ?? "";
    else headers[key] = value?.toString() ?? "";
  }
  const id = own[H.id] ?? uuidOf(place);
  return {
    id,
    key: record.key?.toString() ?? null,
    payload: payloadOf(record.value),
    headers,
    correlationId: own[H.correlationId] ?? id,
    causationId: own[H.causationId] ?? null,
    dedupeId: own[H.dedupe] ?? null,
    availableAtMs: numberOf(own[H.availableAt]),
    attempts: numberOf(own[H.attempts]),
    publishedAtMs: numberOf(own[H.publishedAt]) || timestampMs,
    error: own[H.error] ?? null,
  };
}

function payloadOf(value: Buffer | null): Json {
  if (value === null) return null;
  const text = value.toString();
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function numberOf(text: string | undefined): number {
  const n = Number(text ?? 0);
  return Number.isFinite(n) ? n : 0;
}

/** The same text gives the same UUID (version 8: made from a hash). */
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
