import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { createPostgresBroker } from "./postgres-broker.ts";

const MESSAGES = 5000;
const POISON_EVERY = 200;
const KILLS = 20;
const PROCESSES = 3;
/** Four seconds in place of thirty; the meaning is the same. */
const LEASE_S = 4;

let t: TestDatabase;
const alive = new Set<ChildProcess>();
beforeAll(async () => {
  t = await createTestDatabase({ restPoolSize: 20 });
});
afterAll(async () => {
  for (const child of alive) child.kill("SIGKILL");
  await t.drop();
});

let started = 0;
const byOwner = new Map<string, ChildProcess>();
function startWorker(): ChildProcess {
  const owner = `w${started++}`;
  const script = new URL("./testing/worker-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script], {
    env: {
      PATH: process.env.PATH ?? "",
      SUPABASE_URL: t.url,
      SUPABASE_SERVICE_KEY: t.serviceKey,
      OWNER: owner,
      LEASE_S: String(LEASE_S),
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  alive.add(child);
  byOwner.set(owner, child);
  child.once("exit", () => {
    alive.delete(child);
    byOwner.delete(owner);
  });
  return child;
}

/** A living process that is in the middle of a handler. */
async function heldBy(): Promise<ChildProcess> {
  for (let i = 0; i < 6000; i++) {
    const [row] = await t.sql<{ locked_by: string }>(
      `select locked_by from event_deliveries
        where status = 'processando' and group_id = 'work' and locked_by = any ($1::text[]) limit 1`,
      [[...byOwner.keys()]],
    );
    const child = row && byOwner.get(row.locked_by);
    if (child) return child;
    await wait(10);
  }
  throw new Error("no process took anything");
}

interface Counts {
  open: number;
  held: number;
}
const counts = async (): Promise<Counts> => {
  const [row] = await t.sql<{ open: number; held: number }>(
    `select count(*) filter (where status not in ('concluida', 'morta'))::int as open,
            count(*) filter (where status = 'processando' and group_id = 'work')::int as held from event_deliveries`,
  );
  return row ?? { open: 0, held: 0 };
};

test("twenty kill -9 in mid-handler over 5,000 messages: each ends exactly once, outputs once per success, poison in the DLQ", async () => {
  const broker = createPostgresBroker({ db: t.db, owner: "test", leaseSeconds: LEASE_S });
  await broker.register([
    { topic: "fault.in", groupId: "work", worker: "work", startFrom: "latest" },
    { topic: "fault.in", groupId: "copy", worker: "copy", startFrom: "latest" },
  ]);
  const all = Array.from({ length: MESSAGES }, (_, n) => ({ n, poison: n % POISON_EVERY === 7 }));
  // A part at a time, so that there is work for every kill however quick the machine.
  const part = Math.ceil(MESSAGES / KILLS);
  for (let i = 0; i < PROCESSES; i++) startWorker();
  for (let k = 0; k < KILLS; k++) {
    const payloads = all.slice(k * part, (k + 1) * part);
    await broker.publish(payloads.map((payload) => ({ topic: "fault.in", payload })));
    const child = await heldBy();
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
    startWorker();
  }
  await expect.poll(async () => (await counts()).open, { timeout: 240_000, interval: 100 }).toBe(0);

  const poison = all.filter((p) => p.poison).map((p) => p.n);
  const ends = await t.sql(
    "select group_id, status, count(*)::int as n from event_deliveries group by 1, 2 order by 1, 2",
  );
  expect(ends).toEqual([
    { group_id: "copy", status: "concluida", n: MESSAGES },
    { group_id: "work", status: "concluida", n: MESSAGES - poison.length },
    { group_id: "work", status: "morta", n: poison.length },
  ]);
  const [out] = await t.sql(
    "select count(*)::int as n, count(distinct payload ->> 'n')::int as different from event_messages where topic = 'fault.out'",
  );
  expect(out).toEqual({ n: MESSAGES - poison.length, different: MESSAGES - poison.length });
  const dead = await t.sql<{ n: number }>(
    "select (payload -> 'original' ->> 'n')::int as n from event_messages where topic = 'fault.in.dlq' order by 1",
  );
  expect(dead.map((d) => d.n)).toEqual(poison);
  const [lost] = await t.sql<{ n: number }>(
    "select count(*)::int as n from event_deliveries where status = 'concluida' and attempts > 1",
  );
  expect(lost?.n, "some executions were really cut").toBeGreaterThan(0);

  for (const child of alive) child.kill("SIGTERM");
  await expect.poll(() => alive.size, { timeout: 30_000 }).toBe(0);
}, 400_000);

test("SIGTERM in mid-run: what runs is settled, the rest handed back uncounted, and the process ends with 0", async () => {
  const broker = createPostgresBroker({ db: t.db, owner: "test", leaseSeconds: LEASE_S });
  await broker.publish(Array.from({ length: 3000 }, (_, n) => ({ topic: "fault.in", payload: { n, poison: false } })));
  const child = startWorker();
  await expect.poll(async () => (await counts()).held, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
  await wait(20);
  child.kill("SIGTERM");
  const [code] = (await once(child, "exit")) as [number | null];
  expect(code).toBe(0);
  const [rest] = await t.sql(
    `select count(*) filter (where status = 'processando')::int as held,
            count(*) filter (where status = 'pendente')::int > 0 as waiting,
            count(*) filter (where status = 'pendente' and attempts > 0)::int as counted from event_deliveries`,
  );
  expect(rest).toEqual({ held: 0, waiting: true, counted: 0 });
}, 90_000);
