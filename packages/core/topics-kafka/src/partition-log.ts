import { type fetchV11, IS_CONTROL, IS_TRANSACTIONAL, type RecordsBatch } from "@platformatic/kafka";
import { DONE, decodeMarks, encodeMarks, type Marks, UNTOUCHED } from "./marks.ts";
import type { CommittedPartition } from "./producer.ts";
import { type StoredMessage, storedMessageOf } from "./records.ts";

export type FetchedPartition = fetchV11.FetchResponsePartition;

/** A message read from a partition and not ended. */
export interface Entry {
  log: PartitionLog;
  offset: number;
  message: StoredMessage;
  /** Executions begun, the running one included. */
  attempts: number;
  /** `moved`: it goes on in the retry topic, and holds its key's place until it is read there. */
  state: "waiting" | "running" | "moved";
  availableAtMs: number;
  token: string | null;
  lockedUntilMs: number;
}

/** What a commit will change: entries that end, and the executions that others are then counted to have begun. */
export type Changes = ReadonlyMap<Entry, "done" | number>;
const NONE: Changes = new Map();

/** Twins of a dedupe key are recognised within this many messages of their partition before the first one not yet done… */
export const DEDUPE_LOOKBACK = 1000;
/** …and, while a process holds the partition, among this many messages that had a dedupe key. */
const DEDUPE_REMEMBERED = 20_000;

/** One partition as one group reads it: where to read on, what was read and has not ended, and how that is committed. */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly shadow: boolean;
  /** Undone, ascending. */
  readonly entries = new Map<number, Entry>();
  /** Next offset to read. */
  position = 0;
  /** End of what is readable, as far as the last answer told. */
  highWatermark = 0;
  /** The committed offset when this process took the partition over. */
  #start = 0;
  #marks: Marks = decodeMarks(null, 0);
  readonly #seen = new Set<string>();

  /** `shadow`: what is here was in the main topic before, so twins are no news. */
  constructor(topic: string, partition: number, shadow: boolean) {
    this.topic = topic;
    this.partition = partition;
    this.shadow = shadow;
  }

  /** Begins where the group stopped. `first`: oldest offset that the log still has. */
  resume(committed: number, metadata: string | null, first: number): void {
    this.#start = Math.max(committed, first);
    this.#marks = decodeMarks(committed >= first ? metadata : null, this.#start);
    this.position = Math.max(first, this.#start - DEDUPE_LOOKBACK);
  }

  /** All below is done, once `changes` are. */
  watermark(changes: Changes = NONE): number {
    for (const [offset, entry] of this.entries) if (changes.get(entry) !== "done") return offset;
    return Math.max(this.position, this.#start);
  }

  /** Takes in a fetched answer; returns the entries that are new. Answers may overlap: what was read before is passed over. */
  append(answer: FetchedPartition): Entry[] {
    this.highWatermark = Math.max(this.highWatermark, Number(answer.highWatermark));
    const fresh: Entry[] = [];
    const aborted = [...(answer.abortedTransactions ?? [])].sort((a, b) => Number(a.firstOffset - b.firstOffset));
    const dead = new Set<bigint>();
    for (const batch of answer.records ?? []) {
      const base = Number(batch.firstOffset);
      const last = base + batch.lastOffsetDelta;
      while (aborted[0] && Number(aborted[0].firstOffset) <= last)
        dead.add((aborted.shift() as { producerId: bigint }).producerId);
      const control = (batch.attributes & IS_CONTROL) !== 0;
      if (control && isAbort(batch)) dead.delete(batch.producerId);
      const dropped = control || ((batch.attributes & IS_TRANSACTIONAL) !== 0 && dead.has(batch.producerId));
      if (!dropped) this.#take(batch, base, fresh);
      this.position = Math.max(this.position, last + 1);
    }
    return fresh;
  }

  #take(batch: RecordsBatch, base: number, fresh: Entry[]): void {
    for (const record of batch.records) {
      const offset = base + record.offsetDelta;
      if (offset < this.position) continue;
      const timestampMs = Number(batch.firstTimestamp + record.timestampDelta);
      const message = storedMessageOf(record, `${this.topic}/${this.partition}/${offset}`, timestampMs);
      if (this.#isTwin(message)) continue;
      if (offset < this.#start) continue;
      const state = this.#marks.stateAt(offset);
      if (state === DONE) continue;
      const entry: Entry = {
        log: this,
        offset,
        message,
        attempts: Math.max(message.attempts, state === UNTOUCHED ? 0 : state - 1),
        state: "waiting",
        availableAtMs: message.availableAtMs,
        token: null,
        lockedUntilMs: 0,
      };
      this.entries.set(offset, entry);
      fresh.push(entry);
    }
  }

  #isTwin({ dedupeId }: StoredMessage): boolean {
    if (dedupeId === null || this.shadow) return false;
    if (this.#seen.has(dedupeId)) return true;
    this.#seen.add(dedupeId);
    if (this.#seen.size > DEDUPE_REMEMBERED) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return false;
  }

  /** The runs of the commit, from the watermark on. */
  runs(changes: Changes = NONE): { state: number; length: number }[] {
    const runs: { state: number; length: number }[] = [];
    const add = (state: number, length: number) => {
      const last = runs.at(-1);
      if (length <= 0) return;
      if (last?.state === state) last.length += length;
      else runs.push({ state, length });
    };
    let at = this.watermark(changes);
    for (const [offset, entry] of this.entries) {
      const change = changes.get(entry);
      if (change === "done") continue; // counted as part of what lies between the undone ones
      const attempts = change ?? entry.attempts;
      add(DONE, offset - at);
      add(attempts > entry.message.attempts ? attempts + 1 : UNTOUCHED, 1);
      at = offset + 1;
    }
    const read = Math.max(this.position, this.#start);
    add(DONE, read - at);
    // Not read again since this process took over: what the one before had said still holds.
    for (const { state, length } of this.#marks.runsFrom(read)) add(state, length);
    return runs;
  }

  /** What is to be committed so that `changes` hold; memory is changed by the caller, after the commit. */
  commit(changes: Changes = NONE): CommittedPartition {
    return {
      partitionIndex: this.partition,
      committedOffset: BigInt(this.watermark(changes)),
      committedLeaderEpoch: -1,
      committedMetadata: encodeMarks(this.runs(changes)),
    };
  }
}

/** A control record's key is (version, type): 0 aborts, 1 commits. */
function isAbort(batch: RecordsBatch): boolean {
  const key = batch.records[0]?.key;
  return key != null && key.length >= 4 && key.readInt16BE(2) === 0;
}
