import { Reader, Writer } from "@platformatic/kafka";

/** What a member tells when it joins: the topics it reads and the partitions it holds. */
export interface MemberClaim {
  memberId: string;
  held: readonly number[];
}

/**
 * Shares the partitions out evenly, and leaves each with who holds it as far as that allows: a partition that moves takes
 * its running deliveries from the process that works on them. Every member computes the same from the same members.
 */
export function share(partitions: number, members: readonly MemberClaim[]): Map<string, number[]> {
  const order = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const given = new Map<string, number[]>(order.map((m) => [m.memberId, []]));
  const taken = new Set<number>();
  const floor = Math.floor(partitions / Math.max(1, order.length));
  let extra = partitions - floor * order.length;
  for (const m of order) {
    const mine = given.get(m.memberId) as number[];
    for (const p of m.held) {
      if (p < 0 || p >= partitions || taken.has(p)) continue;
      if (mine.length === floor) {
        if (extra === 0) break;
        extra--;
      }
      if (mine.length > floor) break;
      mine.push(p);
      taken.add(p);
    }
  }
  for (let p = 0; p < partitions; p++) {
    if (taken.has(p)) continue;
    let least: number[] | undefined;
    for (const mine of given.values()) if (!least || mine.length < least.length) least = mine;
    least?.push(p);
  }
  return given;
}

/** Kafka's consumer protocol, version 0, so that its own tools can read the group: the held partitions are user data. */
export function encodeSubscription(topics: readonly string[], held: readonly number[]): Buffer {
  return Writer.create()
    .appendInt16(0)
    .appendArray([...topics], (w, t) => void w.appendString(t, false), false, false)
    .appendBytes(Buffer.from(JSON.stringify(held)), false).buffer;
}

/** The held partitions of a member; of one that speaks otherwise, none. */
export function decodeHeld(metadata: Buffer): number[] {
  try {
    const reader = Reader.from(metadata);
    reader.readInt16();
    reader.readArray((r) => r.readString(false), false, false);
    const held: unknown = JSON.parse(reader.readBytes(false).toString());
    return Array.isArray(held) ? held.filter((p): p is number => Number.isInteger(p)) : [];
  } catch {
    return []; // another version of this program: it holds nothing that it could keep
  }
}

export function encodeAssignment(topics: readonly string[], partitions: readonly number[]): Buffer {
  return Writer.create()
    .appendInt16(0)
    .appendArray(
      [...topics],
      (w, t) =>
        void w.appendString(t, false).appendArray([...partitions], (v, p) => void v.appendInt32(p), false, false),
      false,
      false,
    )
    .appendBytes(null, false).buffer;
}

/** Partitions of the first topic named. */
export function decodeAssignment(assignment: Buffer): number[] {
  if (assignment.length === 0) return [];
  const reader = Reader.from(assignment);
  reader.readInt16();
  const topics = reader.readArray(
    (r) => ({ topic: r.readString(false), partitions: r.readArray((v) => v.readInt32(), false, false) }),
    false,
    false,
  );
  return topics[0]?.partitions ?? [];
}
