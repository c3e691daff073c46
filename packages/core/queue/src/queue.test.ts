import { expect, test, vi } from "vitest";
import { silentLogger } from "#core/runtime";
import { type DrainOptions, drain } from "./drain.ts";
import { createLeaseKeeper, type Leased } from "./lease.ts";
import { mapBounded } from "./map-bounded.ts";

/** A queue of `size` items, and what was done with it. */
function world(size: number, options: Partial<DrainOptions<Leased>> = {}) {
  const waiting = Array.from({ length: size }, (_, i) => ({ id: `i${i}`, token: `t${i}` }));
  const done: string[] = [];
  const claims: number[] = [];
  const returned: string[] = [];
  const keeper = createLeaseKeeper({ renew: async () => [], everyMs: 10_000, log: silentLogger });
  const settings: DrainOptions<Leased> = {
    limit: 100,
    chunk: 10,
    claim: async (limit) => {
      claims.push(limit);
      return waiting.splice(0, limit);
    },
    process: async (items) => void done.push(...items.map((i) => i.id)),
    handBack: async (items) => void returned.push(...items.map((i) => i.id)),
    mayClaim: () => true,
    signal: new AbortController().signal,
    keeper,
    ...options,
  };
  return { run: () => drain(settings), waiting, done, claims, returned, keeper };
}

test("drain takes batches until a claim is empty, each item once, and holds no lease afterwards", async () => {
  const w = world(25);
  expect(await w.run()).toEqual({ claimed: 25, end: "empty" });
  expect(w.claims).toEqual([10, 10, 10, 10]);
  expect(new Set(w.done).size).toBe(25);
  expect(w.keeper.held()).toBe(0);
});

test("the limit holds over all lanes together, and the last claim asks only for what is left", async () => {
  const w = world(100, { limit: 25, lanes: 4 });
  expect(await w.run()).toEqual({ claimed: 25, end: "limit" });
  expect(w.done).toHaveLength(25);
  expect(w.claims.reduce((a, b) => a + b)).toBe(25);
});

test("neither a used budget nor an abort claims anything more; what is in flight is finished", async () => {
  const stop = new AbortController();
  const w = world(100, {
    signal: stop.signal,
    process: async () => stop.abort(),
  });
  expect(await w.run()).toEqual({ claimed: 10, end: "aborted" });
  expect(await world(100, { mayClaim: () => false }).run()).toEqual({ claimed: 0, end: "budget" });
});

test("a batch whose process throws is handed back; the other lane finishes its own; the error reaches the caller", async () => {
  const finished: string[] = [];
  const other = Promise.withResolvers<void>();
  const w = world(20, {
    lanes: 2,
    process: async (items) => {
      if (items[0]?.id === "i0") {
        setImmediate(() => other.resolve());
        throw new Error("banco caiu");
      }
      await other.promise;
      finished.push(...items.map((i) => i.id));
    },
  });
  await expect(w.run()).rejects.toThrow("banco caiu");
  expect(w.returned).toEqual(Array.from({ length: 10 }, (_, i) => `i${i}`));
  expect(finished).toHaveLength(10);
  expect(w.keeper.held()).toBe(0);
});

test("the keeper renews what is held in one call, remembers what was lost, and outlives a failed renewal", async () => {
  let tick = () => {};
  const renew = vi.fn(async (tokens: string[]) => tokens.filter((t) => t === "b"));
  const keeper = createLeaseKeeper({
    renew,
    everyMs: 10_000,
    log: silentLogger,
    setInterval: (run) => {
      tick = run;
      return {};
    },
  });
  tick();
  expect(renew).not.toHaveBeenCalled();
  keeper.hold([
    { id: "1", token: "a" },
    { id: "2", token: "b" },
  ]);
  tick();
  expect(renew).toHaveBeenCalledExactlyOnceWith(["a", "b"]);
  await vi.waitFor(() => expect(keeper.isLost("b")).toBe(true));
  expect([keeper.isLost("a"), keeper.held()]).toEqual([false, 1]);
  renew.mockRejectedValueOnce(new Error("sem banco"));
  tick();
  await vi.waitFor(() => expect(renew).toHaveBeenCalledTimes(2));
  await Promise.resolve();
  tick();
  await vi.waitFor(() => expect(renew).toHaveBeenCalledTimes(3));
  expect(keeper.held()).toBe(1);
});

test("mapBounded keeps the order, isolates failures, and never runs more than its concurrency", async () => {
  let running = 0;
  let most = 0;
  const outcomes = await mapBounded(
    [1, 2, 3, 4, 5],
    async (n) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      if (n === 3) throw new Error("três");
      return n * 2;
    },
    { concurrency: 2, itemTimeoutMs: 60_000, signal: new AbortController().signal },
  );
  expect(outcomes.map((o) => (o.kind === "done" ? o.value : o.kind))).toEqual([2, 4, "failed", 8, 10]);
  expect(most).toBe(2);
});

test("an item that ignores its signal still ends at its timeout; after an abort items are returned, not failed", async () => {
  const never = () => new Promise<never>(() => {});
  const [late] = await mapBounded([1], never, {
    concurrency: 1,
    itemTimeoutMs: 5,
    signal: new AbortController().signal,
  });
  expect(late).toMatchObject({ kind: "failed", error: { code: "tempo_esgotado" } });
  const stop = new AbortController();
  const pending = mapBounded([1, 2, 3], never, { concurrency: 1, itemTimeoutMs: 60_000, signal: stop.signal });
  stop.abort();
  expect((await pending).map((o) => o.kind)).toEqual(["returned", "returned", "returned"]);
});
