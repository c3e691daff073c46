import type { Settlement } from "#core/topics";
import { unavailable } from "./faults.ts";
import type { GroupConsumer, Held } from "./group-consumer.ts";
import type { Entry } from "./partition-log.ts";
import { type KafkaProducer, type TxnOffsets, UnknownOutcome } from "./producer.ts";
import { type OutRecord, outRecordOf, shadowRecord } from "./records.ts";

export interface Writers {
  /** Null: the cluster knows no transactions that a group's generation fences; see `docs/brokers.md`. */
  txn: KafkaProducer | null;
  /** For what is published beside any settlement; null as above. */
  publisher: KafkaProducer | null;
  plain: KafkaProducer;
}

/** What is to happen to deliveries of one group in one commit. */
export interface Plan {
  consumer: GroupConsumer;
  changes: Map<Entry, "done" | number>;
  records: OutRecord[];
  /** Memory follows the commit. */
  apply: (() => void)[];
}

/** Rounds of looking again after the group changed; each waits for the change to end. */
const ROUNDS = 5;

/**
 * Settles deliveries of any groups: their commits and all they publish, in one transaction. Returns the tokens that were no
 * longer held. Throws a TransientError when the cluster could not be reached; then nothing has changed, and the same call
 * may be made again.
 */
export async function settle(
  settlements: readonly { consumer: GroupConsumer; settlement: Settlement }[],
  writers: Writers,
  nowMs: () => number,
): Promise<string[]> {
  const lost: string[] = [];
  let rest = settlements;
  for (let round = 0; rest.length > 0; round++) {
    const consumers = [...new Set(rest.map((s) => s.consumer))].sort((a, b) => (a.name < b.name ? -1 : 1));
    if (round > 0) await Promise.all(consumers.map((c) => c.whenStable()));
    const refused = await withLocks(consumers, async () => {
      const plans = new Map<GroupConsumer, Plan>();
      for (const { consumer, settlement } of rest) {
        const held = consumer.held(settlement.delivery.token);
        if (!held) {
          lost.push(settlement.delivery.token);
          continue;
        }
        let plan = plans.get(consumer);
        if (!plan) {
          plan = { consumer, changes: new Map(), records: [], apply: [] };
          plans.set(consumer, plan);
        }
        planOne(plan, held, settlement, nowMs());
      }
      return await write([...plans.values()], writers);
    });
    rest = rest.filter((s) => refused.has(s.consumer) && s.consumer.held(s.settlement.delivery.token) !== undefined);
    if (rest.length > 0 && round === ROUNDS) throw unavailable("conclusão durante mudanças do grupo", undefined);
    // What a refused group no longer holds is lost; what it holds is tried again under its new generation.
    for (const s of settlements) {
      const { token } = s.settlement.delivery;
      if (refused.has(s.consumer) && s.consumer.held(token) === undefined && !lost.includes(token)) lost.push(token);
    }
  }
  return lost;
}

function planOne(plan: Plan, { lane, entry }: Held, s: Settlement, nowMs: number): void {
  const { consumer } = plan;
  const { token } = s.delivery;
  if (s.kind === "release") {
    plan.changes.set(entry, entry.attempts - 1);
    plan.apply.push(() => consumer.end(token, "released"));
    return;
  }
  plan.changes.set(entry, "done");
  if (s.kind === "retry") {
    plan.records.push(parked(consumer, lane.partition, entry, nowMs + s.delayMs, entry.attempts, s.error));
    plan.apply.push(() => consumer.end(token, "moved"));
    return;
  }
  const out = s.kind === "complete" ? s.out : s.dlq ? [s.dlq] : [];
  for (const m of out) plan.records.push(outRecordOf(m, nowMs));
  if (s.kind === "bury") {
    const dead = { ...entry.message, attempts: entry.attempts, availableAtMs: nowMs, error: s.error };
    plan.records.push(shadowRecord(consumer.deadTopic, lane.partition, dead));
  }
  plan.apply.push(() => consumer.end(token, "done"));
}

/** The message as it goes on in the retry topic. */
export function parked(
  consumer: GroupConsumer,
  partition: number,
  { message }: Entry,
  availableAtMs: number,
  attempts: number,
  error: string | null,
): OutRecord {
  return shadowRecord(consumer.retryTopic, partition, { ...message, availableAtMs, attempts, error });
}

/** Commits plans of groups whose locks the caller holds. Returns the groups that refused; nothing of theirs has happened. */
export async function write(plans: readonly Plan[], writers: Writers): Promise<Set<GroupConsumer>> {
  const refused = new Set<GroupConsumer>();
  const silent = plans.filter((p) => p.records.length === 0 && p.changes.size > 0);
  const loud = plans.filter((p) => p.records.length > 0);
  await Promise.all([
    ...silent.map((plan) => writeAlone(plan, refused)),
    writers.txn ? writeTogether(loud, writers.txn, refused) : writeLoosely(loud, writers.plain, refused),
  ]);
  return refused;
}

async function writeAlone(plan: Plan, refused: Set<GroupConsumer>): Promise<void> {
  const offsets = plan.consumer.offsets(plan.changes);
  try {
    await plan.consumer.commit(offsets);
  } catch (err) {
    if (!plan.consumer.wasRefused(err, offsets)) throw unavailable(`posições de ${plan.consumer.name}`, err);
    refused.add(plan.consumer);
    return;
  }
  for (const apply of plan.apply) apply();
}

/** One transaction; a group that refuses is left out of the next try, so that it does not hold up the others. */
async function writeTogether(plans: readonly Plan[], txn: KafkaProducer, refused: Set<GroupConsumer>): Promise<void> {
  let rest = plans;
  while (rest.length > 0) {
    const offsets = rest.map((p) => p.consumer.offsets(p.changes));
    try {
      await txn.transaction(
        rest.flatMap((p) => p.records),
        offsets,
      );
    } catch (err) {
      if (err instanceof UnknownOutcome) {
        if (await tookPlace(rest, offsets)) break;
        throw unavailable("transação", err);
      }
      const at = rest.length === 1 ? 0 : rest.findIndex((p) => groupOf(err) === p.consumer.name);
      const plan = rest[at];
      if (!plan?.consumer.wasRefused(err, offsets[at] as TxnOffsets)) throw unavailable("transação", err);
      refused.add(plan.consumer);
      rest = rest.filter((p) => p !== plan);
      continue;
    }
    break;
  }
  for (const plan of rest) for (const apply of plan.apply) apply();
}

/** Without transactions: first what is published, then the commit. A death between the two publishes it again. */
async function writeLoosely(plans: readonly Plan[], plain: KafkaProducer, refused: Set<GroupConsumer>): Promise<void> {
  const records = plans.flatMap((p) => p.records);
  if (records.length === 0) return;
  try {
    await plain.send(records);
  } catch (err) {
    throw unavailable("publicação", err);
  }
  await Promise.all(plans.map((plan) => writeAlone(plan, refused)));
}

async function tookPlace(plans: readonly Plan[], offsets: readonly TxnOffsets[]): Promise<boolean> {
  const answers = await Promise.all(plans.map((p, n) => p.consumer.hasCommitted(offsets[n] as TxnOffsets)));
  return answers.every((yes) => yes);
}

function groupOf(err: unknown): string | undefined {
  return (err as { groupId?: string }).groupId;
}

export async function withLocks<T>(consumers: readonly GroupConsumer[], run: () => Promise<T>): Promise<T> {
  const [first, ...others] = consumers;
  return first ? await first.lock(() => withLocks(others, run)) : await run();
}
