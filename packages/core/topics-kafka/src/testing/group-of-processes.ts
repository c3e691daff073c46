import type { Broker, Delivery, Exchange, ExchangeResult } from "#core/topics";
import type { KafkaBroker } from "../kafka-broker.ts";

/** All wait together, a little at a time: the one that has something need not wait for those that have not. */
const SLICE_MS = 250;

/**
 * Several processes of the same groups, asked as one broker. Kafka hands work out by partition, so which process may claim a
 * message is not the caller's choice; the contract speaks of the group. A claim asks one process after the other, a
 * settlement or renewal goes to the process that claimed.
 */
export function groupOfProcesses(processes: readonly KafkaBroker[]): {
  seenFrom(n: number): Broker;
  close(): Promise<void>;
} {
  const owners = new Map<string, KafkaBroker>();
  const ownerOf = (d: Delivery, otherwise: KafkaBroker) => owners.get(d.token) ?? otherwise;

  async function claimFrom(process: KafkaBroker, claim: Exchange["claim"], waitMs: number): Promise<Delivery[]> {
    const { deliveries } = await process.exchange({ settle: [], claim, waitMs });
    for (const d of deliveries) owners.set(d.token, process);
    return deliveries;
  }

  function seenFrom(n: number): Broker {
    const order = [...processes.slice(n), ...processes.slice(0, n)];
    const here = order[0] as KafkaBroker;

    async function exchange({ settle, claim, waitMs }: Exchange): Promise<ExchangeResult> {
      const lost: string[] = [];
      for (const [process, mine] of Map.groupBy(settle, (s) => ownerOf(s.delivery, here))) {
        lost.push(...(await process.exchange({ settle: mine, claim: [], waitMs: 0 })).lost);
      }
      if (claim.length === 0) return { lost, deliveries: [] };
      for (let leftMs = waitMs; leftMs > 0; leftMs -= SLICE_MS) {
        const waitedMs = Math.min(SLICE_MS, leftMs);
        const got = await Promise.all(order.map((p) => claimFrom(p, claim, waitedMs)));
        if (got.some((deliveries) => deliveries.length > 0)) return { lost, deliveries: got.flat() };
      }
      const deliveries: Delivery[] = [];
      for (const p of order) {
        const left = claim
          .map((c) => ({
            ...c,
            max: c.max - deliveries.filter((d) => d.topic === c.topic && d.groupId === c.groupId).length,
          }))
          .filter((c) => c.max > 0);
        if (left.length > 0) deliveries.push(...(await claimFrom(p, left, 0)));
      }
      return { lost, deliveries };
    }

    return {
      publish: (messages) => here.publish(messages),
      // As a worker does at its start; the first place in a group is given after its initial delay.
      async register(groups) {
        await here.register(groups);
        await Promise.all(order.map((p) => p.join(groups)));
      },
      exchange,
      async extend(deliveries) {
        const lost: string[] = [];
        for (const [process, mine] of Map.groupBy(deliveries, (d) => ownerOf(d, here))) {
          lost.push(...(await process.extend(mine)));
        }
        return lost;
      },
      async recover() {
        return (await Promise.all(processes.map((p) => p.recover()))).reduce((sum, n) => sum + n, 0);
      },
      admin: null,
      close: async () => {},
    };
  }

  return {
    seenFrom,
    async close() {
      await Promise.all(processes.map((p) => p.close()));
    },
  };
}
