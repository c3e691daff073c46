import { createRecordsBatch, IS_CONTROL, IS_TRANSACTIONAL } from "@platformatic/kafka";

interface StoredBatch {
  base: number;
  last: number;
  bytes: Buffer;
}

/** Where the fields of a record batch (format 2) stand. */
const AT = { attributes: 21, lastOffsetDelta: 23, producerId: 43, sequence: 53 } as const;

export const NONE = 0;
export const OUT_OF_RANGE = 1;
const OUT_OF_ORDER = 45;

/** One partition's log: batches as they came, producers' sequences, and which transactions are open or were given up. */
export class FakePartition {
  end = 0;
  readonly #batches: StoredBatch[] = [];
  readonly #open = new Map<bigint, number>();
  readonly #aborted: { producerId: bigint; first: number; last: number }[] = [];
  readonly #sequences = new Map<bigint, { next: number; last: { sequence: number; base: number } }>();

  /** Readers of committed records stop before the first open transaction. */
  get stableEnd(): number {
    return Math.min(this.end, ...this.#open.values());
  }

  append(batch: Buffer): { error: number; base: number } {
    const producerId = batch.readBigInt64BE(AT.producerId);
    const sequence = batch.readInt32BE(AT.sequence);
    const count = batch.readInt32BE(AT.lastOffsetDelta) + 1;
    if (producerId >= 0n) {
      const known = this.#sequences.get(producerId);
      if (known && known.last.sequence === sequence) return { error: NONE, base: known.last.base };
      if (sequence !== (known?.next ?? 0)) return { error: OUT_OF_ORDER, base: -1 };
      this.#sequences.set(producerId, { next: sequence + count, last: { sequence, base: this.end } });
    }
    const transactional = (batch.readInt16BE(AT.attributes) & IS_TRANSACTIONAL) !== 0;
    if (transactional && !this.#open.has(producerId)) this.#open.set(producerId, this.end);
    return { error: NONE, base: this.#store(batch, count) };
  }

  /** A new epoch of a producer begins its sequences anew. */
  forgetSequences(producerId: bigint): void {
    this.#sequences.delete(producerId);
  }

  /** The marker that ends a producer's transaction here. */
  endTransaction(producerId: bigint, producerEpoch: number, committed: boolean): void {
    const first = this.#open.get(producerId);
    if (first === undefined) return;
    this.#open.delete(producerId);
    if (!committed) this.#aborted.push({ producerId, first, last: this.end });
    const message = { topic: "", partition: 0, key: Buffer.from([0, 0, 0, committed ? 1 : 0]), value: Buffer.alloc(6) };
    const batch = Buffer.from(createRecordsBatch([message], { producerId, producerEpoch }).buffer);
    batch.writeInt16BE(IS_TRANSACTIONAL | IS_CONTROL, AT.attributes);
    this.#store(batch, 1);
  }

  read(from: number, committedOnly: boolean) {
    const until = committedOnly ? this.stableEnd : this.end;
    const error = from > this.end ? OUT_OF_RANGE : NONE;
    const found = this.#batches.filter((b) => b.last >= from && b.last < until);
    return {
      error,
      records: Buffer.concat(found.map((b) => b.bytes)),
      aborted: this.#aborted.filter((a) => a.last >= from && a.first < until),
    };
  }

  #store(batch: Buffer, count: number): number {
    const base = this.end;
    const bytes = Buffer.from(batch);
    bytes.writeBigInt64BE(BigInt(base), 0); // not part of what the checksum covers
    this.#batches.push({ base, last: base + count - 1, bytes });
    this.end += count;
    return base;
  }
}
