import type { Entry, PartitionLog } from "./partition-log.ts";

/** Runs that a commit may need for one partition: above 900 they might not fit the 4096 characters of its metadata. */
const RUNS_LIMIT = 800;
/** Messages of one partition in memory, from which no more are read until some have ended. */
const READ_AHEAD = 2000;
const READ_AHEAD_RETRY = 20_000;

/**
 * One partition of a topic and the same partition of the group's retry topic: the unit that a process holds. Messages of a
 * key share it, so their order is kept here: each waits for those of its key before it, in either topic.
 */
export class Lane {
  readonly partition: number;
  readonly main: PartitionLog;
  readonly retry: PartitionLog;
  /** Undone messages of a key, in publish order. */
  readonly #lines = new Map<string, Entry[]>();
  /** Until the retry topic was read to here, keys may be held by messages not yet seen. */
  retryEnd = 0;

  constructor(partition: number, main: PartitionLog, retry: PartitionLog) {
    this.partition = partition;
    this.main = main;
    this.retry = retry;
  }

  wantsMore(log: PartitionLog): boolean {
    return log.entries.size < (log === this.retry ? READ_AHEAD_RETRY : READ_AHEAD);
  }

  /** Puts newly read entries into their keys' lines. */
  enlist(fresh: readonly Entry[]): void {
    for (const entry of fresh) {
      const { key } = entry.message;
      if (key === null) continue;
      const line = this.#lines.get(key);
      if (!line) {
        this.#lines.set(key, [entry]);
        continue;
      }
      const moved = line.findIndex((e) => e.state === "moved" && e.message.id === entry.message.id);
      if (moved >= 0) line[moved] = entry;
      else if (entry.log === this.retry) {
        // It was at its turn once, so it is older than all that the main topic still has of its key.
        const first = line.findIndex((e) => e.log === this.main);
        line.splice(first < 0 ? line.length : first, 0, entry);
      } else line.push(entry);
    }
  }

  /** The entry has ended; the next of its key may run. */
  remove(entry: Entry): void {
    entry.log.entries.delete(entry.offset);
    const { key } = entry.message;
    const line = key === null ? undefined : this.#lines.get(key);
    if (!line || key === null) return;
    const at = line.indexOf(entry);
    if (at >= 0) line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(key);
  }

  /** The entry goes on in the retry topic: done where it was, its key held until it is read there. */
  move(entry: Entry): void {
    entry.log.entries.delete(entry.offset);
    entry.state = "moved";
    entry.token = null;
  }

  /** What may run now, oldest first per topic; none of the main topic before the retry topic is known. */
  due(nowMs: number): Entry[] {
    const found: Entry[] = [];
    for (const log of this.#open()) {
      let room = Math.floor((RUNS_LIMIT - log.runs().length) / 2) - running(log);
      for (const entry of log.entries.values()) {
        if (room <= 0) break;
        if (entry.state !== "waiting" || entry.availableAtMs > nowMs || !this.#isTurn(entry)) continue;
        found.push(entry);
        room--;
      }
    }
    return found;
  }

  /**
   * What is to be moved on to the end of the retry topic: messages of the main topic that are not due yet, and the oldest
   * waiting retries when what lies between them leaves the commit no room.
   */
  toPark(nowMs: number, max: number): Entry[] {
    const found: Entry[] = [];
    const crowded = this.retry.runs().length > RUNS_LIMIT / 2;
    for (const log of crowded ? [this.main, this.retry] : [this.main]) {
      for (const entry of log.entries.values()) {
        if (found.length >= max) return found;
        if (entry.state === "waiting" && entry.availableAtMs > nowMs && this.#isTurn(entry)) found.push(entry);
      }
    }
    return found;
  }

  /** Epoch ms at which the next waiting message becomes due; null: none waits for a time. */
  nextDueMs(nowMs: number): number | null {
    let next: number | null = null;
    for (const log of [this.retry, this.main]) {
      for (const e of log.entries.values()) {
        if (e.state !== "waiting" || e.availableAtMs <= nowMs) continue;
        if (next === null || e.availableAtMs < next) next = e.availableAtMs;
      }
    }
    return next;
  }

  #open(): PartitionLog[] {
    return this.retry.position >= this.retryEnd ? [this.retry, this.main] : [this.retry];
  }

  #isTurn(entry: Entry): boolean {
    const { key } = entry.message;
    return key === null || this.#lines.get(key)?.[0] === entry;
  }
}

function running(log: PartitionLog): number {
  let n = 0;
  for (const e of log.entries.values()) if (e.state === "running") n++;
  return n;
}
