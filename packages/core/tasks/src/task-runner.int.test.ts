import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { exponential } from "#core/retry";
import { PermanentError, TransientError } from "#core/runtime";
import { defineTask, released } from "./define-task.ts";
import { enqueueTasks } from "./enqueue-tasks.ts";
import { purgeTasks, requeueTasks, resumeQueue, taskStatus } from "./task-queries.ts";
import { createTaskWorld, type TaskWorld } from "./testing/task-world.ts";

let t: TestDatabase;
let world: TaskWorld;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  world = createTaskWorld(t);
});

const double = defineTask({
  name: "double_number",
  queue: "default",
  args: z.object({ n: z.int() }),
  result: z.object({ twice: z.int() }),
  retry: exponential(60_000, { maxMs: 600_000 }),
});
const keyed = defineTask({
  name: "keyed_task",
  queue: "default",
  args: z.object({ key: z.string() }),
  result: z.object({}),
  dedupeKey: (a) => a.key,
});
const deps = () => ({ db: world.db, clock: world.time.clock });
const enqueueNumbers = (...numbers: number[]) =>
  enqueueTasks(
    deps(),
    double,
    numbers.map((n) => ({ n })),
  );
const status = (id: string) => taskStatus(world.db, id, world.time.clock);
/** Lets a drain run while time goes by. */
async function during<T>(work: Promise<T>, ms: number): Promise<T> {
  await world.time.advance(ms);
  return work;
}

describe("enqueueing", () => {
  test("answers one id per task, in their order; a batch is one transaction", async () => {
    const ids = await enqueueNumbers(3, 1, 2);
    expect(ids.every((e) => e.created)).toBe(true);
    const rows = await t.sql("select job_id, (args ->> 'n')::int as n from background_jobs");
    expect(ids.map((e) => rows.find((r) => r.job_id === e.jobId)?.n)).toEqual([3, 1, 2]);
  });

  test("an active task with the same key is answered instead of a second one, also within one batch", async () => {
    const [first] = await enqueueTasks(deps(), keyed, [{ key: "a" }]);
    const again = await enqueueTasks(deps(), keyed, [{ key: "b" }, { key: "a" }, { key: "b" }]);
    expect(again.map((e) => e.created)).toEqual([true, false, false]);
    expect([again[1]?.jobId, again[2]?.jobId]).toEqual([first?.jobId, again[0]?.jobId]);
    expect(await world.rows()).toHaveLength(2);
  });

  test("fifty callers with one key make one task, and all get its id", async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => enqueueTasks(deps(), keyed, [{ key: "x" }])));
    expect(new Set(all.map(([e]) => e?.jobId)).size).toBe(1);
    expect(all.filter(([e]) => e?.created)).toHaveLength(1);
  });

  test("once the task has ended its key is free again", async () => {
    const [first] = await enqueueTasks(deps(), keyed, [{ key: "a" }]);
    await world.process("p", [keyed.handle(async () => ({}))]).drain();
    const [second] = await enqueueTasks(deps(), keyed, [{ key: "a" }]);
    expect([second?.created, second?.jobId === first?.jobId]).toEqual([true, false]);
  });

  test("arguments that do not fit are refused with the field's name", async () => {
    await expect(enqueueTasks(deps(), double, [{ n: 1.5 }])).rejects.toThrow(/double_number: n:/);
  });
});

describe("running", () => {
  test("every task runs once, its result is stored and answered until it expires", async () => {
    const ids = await enqueueNumbers(1, 2, 3);
    const seen: number[] = [];
    const p = world.process("p", [
      double.handle(async ({ n }) => {
        seen.push(n);
        return { twice: 2 * n };
      }),
    ]);
    expect(await p.drain()).toMatchObject({ claimed: 3, complete: 3, failed: 0, underWay: 0, cut: false });
    expect(seen.sort()).toEqual([1, 2, 3]);
    const id = ids[1]?.jobId ?? "";
    expect(await status(id)).toMatchObject({ status: "complete", tries: 1, result: { twice: 4 } });
    await world.time.advance(3_599_000);
    expect(await status(id)).not.toBeNull();
    await world.time.advance(1_000);
    expect(await status(id)).toBeNull();
    expect(await purgeTasks(world.db, 1000, world.time.clock)).toBe(3);
    expect(await world.rows()).toEqual([]);
    expect(await t.sql("select queue, complete, failed from background_job_totals")).toEqual([
      { queue: "default", complete: 3, failed: 0 },
    ]);
  });

  test("failures are tried again after 60 s and 120 s, the third ends the task", async () => {
    const [e] = await enqueueNumbers(1);
    const at: number[] = [];
    const p = world.process("p", [
      double.handle(async () => {
        at.push(world.time.clock.monotonicMs() / 1000);
        throw new TransientError("servico_externo", "o provedor não respondeu");
      }),
    ]);
    for (let s = 0; s <= 200; s += 10) {
      await p.drain();
      if (s === 30) expect(await status(e?.jobId ?? "")).toMatchObject({ status: "queued", tries: 1 });
      await world.time.advance(10_000);
    }
    expect(at).toEqual([0, 60, 180]);
    expect(await status(e?.jobId ?? "")).toMatchObject({
      status: "failed",
      tries: 3,
      error: "o provedor não respondeu",
    });
  });

  test("a longer Retry-After wins over the policy's wait", async () => {
    await enqueueNumbers(1);
    const handler = double.handle(() =>
      Promise.reject(new TransientError("muitas_requisicoes", "calma", { retryAfterMs: 300_000 })),
    );
    expect(await world.process("p", [handler]).drain()).toMatchObject({ retries: 1 });
    expect(
      await t.sql("select extract(epoch from available_at - enqueue_time)::int as s from background_jobs"),
    ).toEqual([{ s: 300 }]);
  });

  test("a permanent error and an invalid result end the task at once", async () => {
    const [a, b] = await enqueueNumbers(1, 2);
    const handler = double.handle(async ({ n }) => {
      if (n === 1) throw new PermanentError("nao_encontrado", "não existe");
      return { twice: 0.5 };
    });
    expect(await world.process("p", [handler]).drain()).toMatchObject({ failed: 2 });
    expect(await status(a?.jobId ?? "")).toMatchObject({ status: "failed", tries: 1, error: "não existe" });
    expect((await status(b?.jobId ?? ""))?.error).toMatch(/^resultado inválido: twice/);
  });

  test("a run of 301 s fails for good with the exact text; its late answer changes nothing", async () => {
    const [e] = await enqueueNumbers(1);
    const end = Promise.withResolvers<{ twice: number }>();
    const p = world.process("p", [double.handle(() => end.promise)]);
    const report = await during(p.drain({ budgetMs: 400_000 }), 301_000);
    expect(report).toMatchObject({ failed: 1, retries: 0 });
    end.resolve({ twice: 2 });
    await world.time.advance(1_000);
    expect(await status(e?.jobId ?? "")).toMatchObject({
      status: "failed",
      tries: 1,
      error: "Job timeout exceeded",
      result: null,
    });
  });

  test("a batch handler gets many in one call, and each ends on its own", async () => {
    const ids = await enqueueNumbers(...Array.from({ length: 25 }, (_, i) => i));
    const sizes: number[] = [];
    const p = world.process("p", [
      double.handleBatch(10, async (items) => {
        sizes.push(items.length);
        return items.map(({ args: { n } }) => {
          if (n === 7) return { failed: new PermanentError("conflito", "sete") };
          return n === 8 ? released("depois", 60_000) : { ok: { twice: 2 * n } };
        });
      }),
    ]);
    // One more may be claimed than there are: what is given back is not due again within this drain.
    const report = await p.drain({ limit: 26, slots: 2 });
    expect(report).toMatchObject({ claimed: 25, complete: 23, failed: 1, released: 1 });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    expect(await status(ids[8]?.jobId ?? "")).toMatchObject({ status: "queued", tries: 0 });
  });

  test("slots bound the calls under way, and maxRunning those of all processes together", async () => {
    await enqueueNumbers(...Array.from({ length: 12 }, (_, i) => i));
    let now = 0;
    let most = 0;
    const handler = double.handle(async ({ n }) => {
      most = Math.max(most, ++now);
      await new Promise<void>((resolve) => world.time.timers.after(100, resolve));
      now--;
      return { twice: n };
    });
    const a = world.process("a", [handler]).drain({ slots: 4, maxRunning: 3 });
    const b = world.process("b", [handler]).drain({ slots: 4, maxRunning: 3 });
    await world.time.advance(5_000);
    const reports = await Promise.all([a, b]);
    expect(reports.reduce((n, r) => n + r.complete, 0)).toBe(12);
    expect(most).toBe(3);
  });
});

describe("leases", () => {
  const slow = (ms: number) =>
    double.handle(async ({ n }) => {
      await new Promise<void>((resolve) => world.time.timers.after(ms, resolve));
      return { twice: 2 * n };
    });

  test("a drain answers when its time is over; the task goes on under its lease and completes later", async () => {
    const [e] = await enqueueNumbers(1);
    const p = world.process("p", [slow(200_000)]);
    const report = await during(p.drain(), 50_000);
    expect(report).toMatchObject({ claimed: 1, complete: 0, underWay: 1, cut: true });
    await world.time.advance(100_000);
    expect(await world.process("other", [slow(1)]).drain()).toMatchObject({ claimed: 0 });
    await world.time.advance(60_000);
    expect(await status(e?.jobId ?? "")).toMatchObject({ status: "complete", tries: 1, result: { twice: 2 } });
  });

  test("what a killed process held runs again after its lease, within 45 s; its late end is refused", async () => {
    const [e] = await enqueueNumbers(1);
    const dead = world.process("dead", [slow(10_000)]);
    void dead.drain();
    await world.time.advance(0);
    dead.kill();
    const [before] = await world.rows();
    const living = world.process("living", [slow(1_000)]);
    await world.time.advance(29_000);
    expect(await living.drain()).toMatchObject({ claimed: 0 });
    await world.time.advance(4_000);
    expect(await during(living.drain(), 2_000)).toMatchObject({ complete: 1 });
    expect(await status(e?.jobId ?? "")).toMatchObject({ status: "complete", tries: 2 });
    const late = {
      p_done_ids: [String(before?.job_id)],
      p_done_tokens: [String(before?.lease_token)],
      p_results: [{ twice: 99 }],
    };
    expect(await t.db.call("settle_tasks", late)).toEqual([e?.jobId]);
    expect((await status(e?.jobId ?? ""))?.result).toEqual({ twice: 2 });
  });

  test("a task that takes its process down on every try fails with Worker lost", async () => {
    const [e] = await enqueueNumbers(1);
    for (let i = 0; i < 3; i++) {
      const p = world.process(`p${i}`, [slow(10_000)]);
      void p.drain();
      await world.time.advance(0);
      p.kill();
      await world.time.advance(31_000);
    }
    expect(await world.process("last", [slow(1)]).drain()).toMatchObject({ claimed: 0 });
    expect(await status(e?.jobId ?? "")).toMatchObject({ status: "failed", tries: 3, error: "Worker lost" });
  });

  test("a shutdown waits for its grace, then gives back what still runs; the try does not count", async () => {
    await enqueueNumbers(1, 2);
    const p = world.process("p", [
      double.handle(async ({ n }) => {
        await new Promise<void>((resolve) => world.time.timers.after(n === 1 ? 5_000 : 60_000, resolve));
        return { twice: n };
      }),
    ]);
    void p.drain();
    await world.time.advance(0);
    const closed = p.runner.close(25_000);
    await during(closed, 30_000);
    expect((await world.rows()).map((r) => [r.status, r.tries, r.lease_token])).toEqual([
      ["complete", 1, null],
      ["queued", 0, null],
    ]);
    expect(p.runner.underWay()).toBe(0);
  });

  test("a result that the database refuses fails alone, with the reason; those of the same call are kept", async () => {
    const text = defineTask({ name: "text", queue: "default", args: z.object({ n: z.int() }), result: z.string() });
    const ids = await enqueueTasks(deps(), text, [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    const answer = text.handleBatch(5, async (items) =>
      items.map(({ args }) => ({ ok: args.n === 3 ? "a\u0000b" : `${args.n}` })),
    );
    const report = await world.process("p", [answer]).drain();
    expect(report).toMatchObject({ complete: 4, failed: 1 });
    const rows = await Promise.all(ids.map((e) => status(e.jobId)));
    expect(rows.map((r) => r?.result)).toEqual(["0", "1", "2", null, "4"]);
    expect(rows[3]?.error).toMatch(/recusado pelo banco/);
  });

  test("whatever wait an outside service asks for, a task waits whole milliseconds, at most a day", async () => {
    const [e] = await enqueueNumbers(1);
    const busy = double.handle(async () => {
      throw new TransientError("circuito_aberto", "devagar", { retryAfterMs: 1e20 });
    });
    await world.process("p", [busy]).drain();
    const [row] = await world.rows();
    const waitMs = new Date(String(row?.available_at)).getTime() - world.time.clock.now().getTime();
    expect([await status(e?.jobId ?? "").then((s) => s?.status), Math.round(waitMs / 1000)]).toEqual([
      "queued",
      86_400,
    ]);
  });

  test("ends that could not be written are written when the database is back", async () => {
    const [e] = await enqueueNumbers(1);
    const p = world.process("p", [slow(1_000)]);
    const drain = p.drain();
    const failed = expect(drain).rejects.toThrow("connection lost");
    await world.time.advance(500);
    world.state.down = true;
    await world.time.advance(4_000);
    world.state.down = false;
    await world.time.advance(10_000);
    await failed;
    expect(await status(e?.jobId ?? "")).toMatchObject({ status: "complete", tries: 1 });
  });
});

describe("queues", () => {
  test("a paused queue gives nothing until the pause is over, or lifted", async () => {
    await enqueueNumbers(1, 2);
    const p = world.process("p", [double.handle(async ({ n }) => ({ twice: n }))]);
    const pauseQueue = () =>
      t.sql(
        `insert into queue_state (queue, pausada_ate, motivo, bloqueios_seguidos) values ('default', $1, 'teste', 3)
         on conflict (queue) do update set pausada_ate = excluded.pausada_ate`,
        [new Date(world.time.clock.now().getTime() + 60_000)],
      );
    await pauseQueue();
    expect(await p.drain()).toMatchObject({ claimed: 0 });
    await world.time.advance(60_000);
    expect(await p.drain({ limit: 1 })).toMatchObject({ complete: 1 });
    await pauseQueue();
    expect(await p.drain()).toMatchObject({ claimed: 0 });
    expect(await resumeQueue(world.db, "default", world.time.clock)).toBe(true);
    expect(await t.sql("select bloqueios_seguidos, motivo from queue_state")).toEqual([
      { bloqueios_seguidos: 0, motivo: null },
    ]);
    expect(await p.drain()).toMatchObject({ complete: 1 });
    expect(await resumeQueue(world.db, "default", world.time.clock)).toBe(false);
  });

  test("failed tasks go back on request, with their tries forgotten, unless their key is active again", async () => {
    await enqueueTasks(deps(), keyed, [{ key: "a" }, { key: "b" }], { maxTries: 1 });
    const p = world.process("p", [keyed.handle(() => Promise.reject(new Error("não")))]);
    expect(await p.drain()).toMatchObject({ failed: 2 });
    await enqueueTasks(deps(), keyed, [{ key: "a" }]);
    const back = await requeueTasks(world.db, "default", { limit: 10 }, world.time.clock);
    const rows = await world.rows();
    expect(back).toEqual([rows.find((r) => r.dedupe_key === "b")?.job_id]);
    expect(rows.find((r) => r.dedupe_key === "b")).toMatchObject({ status: "queued", tries: 0, error: null });
  });
});
