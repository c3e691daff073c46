const NONE = 0;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER = 25;
const REBALANCING = 27;
const MEMBER_ID_REQUIRED = 79;
export const UNSTABLE = 88;

export interface Joined {
  error: number;
  generation: number;
  leader: string;
  memberId: string;
  members: { memberId: string; metadata: Buffer }[];
}

interface Member {
  metadata: Buffer;
  sessionMs: number;
  heardAtMs: number;
  joining: ((joined: Joined) => void) | null;
  syncing: ((answer: { error: number; assignment: Buffer }) => void) | null;
  assignment: Buffer;
}

interface Position {
  offset: bigint;
  metadata: string | null;
  /** Commits in the order they were written; a transaction's counts from when it was written, not from its end. */
  order: number;
}

/** A consumer group with the classic protocol, its committed positions, and those of transactions not yet ended. */
export class FakeGroup {
  generation = 0;
  readonly #members = new Map<string, Member>();
  /** Ids given out and not used yet: no members, nobody waits for them. */
  readonly #invited = new Set<string>();
  readonly #positions = new Map<string, Position>();
  readonly #pending = new Map<bigint, Map<string, Position>>();
  readonly #initialDelayMs: number;
  #state: "empty" | "joining" | "syncing" | "stable" = "empty";
  #named = 0;
  #order = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(initialDelayMs: number) {
    this.#initialDelayMs = initialDelayMs;
  }

  join(client: string, memberId: string, sessionMs: number, rebalanceMs: number, metadata: Buffer): Promise<Joined> {
    const refused = (error: number, id: string): Joined => ({
      error,
      generation: -1,
      leader: "",
      memberId: id,
      members: [],
    });
    if (memberId === "") {
      const id = `${client}-${++this.#named}`;
      this.#invited.add(id);
      return Promise.resolve(refused(MEMBER_ID_REQUIRED, id));
    }
    if (this.#invited.delete(memberId)) this.#members.set(memberId, this.#newMember(metadata, sessionMs));
    const member = this.#members.get(memberId);
    if (!member) return Promise.resolve(refused(UNKNOWN_MEMBER, memberId));
    Object.assign(member, { metadata, sessionMs, heardAtMs: Date.now() });
    return new Promise((resolve) => {
      member.joining = resolve;
      if (this.#state !== "joining") {
        const first = this.#state === "empty";
        this.#prepare();
        this.#after(first ? this.#initialDelayMs : rebalanceMs, () => this.#begin());
        if (first) return;
      }
      if (this.generation > 0 && [...this.#members.values()].every((m) => m.joining)) this.#begin();
    });
  }

  sync(memberId: string, generation: number, assignments: { memberId: string; assignment: Buffer }[]) {
    const error = this.check(memberId, generation, true);
    const member = this.#members.get(memberId);
    if (error !== NONE || !member) return Promise.resolve({ error, assignment: Buffer.alloc(0) });
    if (this.#state === "joining") return Promise.resolve({ error: REBALANCING, assignment: Buffer.alloc(0) });
    return new Promise<{ error: number; assignment: Buffer }>((resolve) => {
      member.syncing = resolve;
      if (assignments.length > 0) {
        for (const a of assignments) {
          const m = this.#members.get(a.memberId);
          if (m) m.assignment = a.assignment;
        }
        this.#state = "stable";
      }
      if (this.#state !== "stable") return;
      for (const m of this.#members.values()) {
        m.syncing?.({ error: NONE, assignment: m.assignment });
        m.syncing = null;
      }
    });
  }

  heartbeat(memberId: string, generation: number): number {
    const error = this.check(memberId, generation, true);
    return error === NONE && this.#state === "joining" ? REBALANCING : error;
  }

  /** May this member write positions under this generation? `duringSync`: also before all know their partitions. */
  check(memberId: string, generation: number, duringSync = false): number {
    if (generation < 0 && memberId === "") return this.#members.size === 0 ? NONE : UNKNOWN_MEMBER;
    const member = this.#members.get(memberId);
    if (!member) return UNKNOWN_MEMBER;
    member.heardAtMs = Date.now();
    if (generation !== this.generation) return ILLEGAL_GENERATION;
    return this.#state === "syncing" && !duringSync ? REBALANCING : NONE;
  }

  leave(memberId: string): void {
    if (this.#members.delete(memberId)) this.#changed();
  }

  /** Removes the members of one client, as if their sessions had run out. */
  forget(client: string): void {
    for (const id of [...this.#members.keys()]) if (id.startsWith(`${client}-`)) this.leave(id);
  }

  /** Removes members not heard of for their session; called from time to time. */
  expire(): void {
    const nowMs = Date.now();
    for (const [id, m] of this.#members) {
      if (!m.joining && nowMs - m.heardAtMs > m.sessionMs) {
        this.#members.delete(id);
        this.#changed();
      }
    }
  }

  commit(place: string, offset: bigint, metadata: string | null, producerId?: bigint): void {
    const position = { offset, metadata, order: ++this.#order };
    if (producerId === undefined) {
      this.#positions.set(place, position);
      return;
    }
    const pending = this.#pending.get(producerId) ?? new Map<string, Position>();
    this.#pending.set(producerId, pending.set(place, position));
  }

  endTransaction(producerId: bigint, committed: boolean): void {
    const pending = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (!committed || !pending) return;
    for (const [place, position] of pending) {
      const known = this.#positions.get(place);
      if (!known || known.order < position.order) this.#positions.set(place, position);
    }
  }

  position(place: string): { offset: bigint; metadata: string | null; error: number } {
    const unstable = [...this.#pending.values()].some((p) => p.has(place));
    const known = this.#positions.get(place);
    return { offset: known?.offset ?? -1n, metadata: known?.metadata ?? "", error: unstable ? UNSTABLE : NONE };
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  #newMember(metadata: Buffer, sessionMs: number): Member {
    return { metadata, sessionMs, heardAtMs: Date.now(), joining: null, syncing: null, assignment: Buffer.alloc(0) };
  }

  #changed(): void {
    if (this.#members.size === 0) {
      this.#state = "empty";
      this.stop();
      return;
    }
    if (this.#state === "joining") {
      if (this.generation > 0 && [...this.#members.values()].every((m) => m.joining)) this.#begin();
      return;
    }
    this.#prepare();
    this.#after(30_000, () => this.#begin());
  }

  /** All must join anew; who waits for its partitions of the generation that ends is told so. */
  #prepare(): void {
    this.#state = "joining";
    for (const m of this.#members.values()) {
      m.syncing?.({ error: REBALANCING, assignment: Buffer.alloc(0) });
      m.syncing = null;
    }
  }

  #begin(): void {
    this.stop();
    for (const [id, m] of this.#members) if (!m.joining) this.#members.delete(id);
    const [leader] = this.#members.keys();
    if (leader === undefined) {
      this.#state = "empty";
      return;
    }
    this.generation++;
    this.#state = "syncing";
    const members = [...this.#members].map(([memberId, m]) => ({ memberId, metadata: m.metadata }));
    for (const [memberId, m] of this.#members) {
      m.joining?.({
        error: NONE,
        generation: this.generation,
        leader,
        memberId,
        members: memberId === leader ? members : [],
      });
      m.joining = null;
      m.heardAtMs = Date.now();
    }
  }

  #after(ms: number, run: () => void): void {
    this.stop();
    this.#timer = setTimeout(run, ms);
  }
}
