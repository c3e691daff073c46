import { expect, test } from "vitest";
import { z } from "zod";
import { systemTimers } from "#core/executions";
import { fixedClock, silentLogger } from "#core/runtime";
import { defineTask } from "./define-task.ts";
import { createTaskRunner } from "./task-runner.ts";
import type { ExchangeAnswer, ExchangeRequest, TaskStore } from "./task-store.ts";

const TASK = defineTask({ name: "t", queue: "q", args: z.object({}), result: z.object({}) });
const taken = (id: string) => ({ id, token: `${id}!`, function: "t", args: {}, tries: 1, maxTries: 1, timeoutS: 60 });

test("a drain ends when an empty claim is answered before the settlement of the last task", async () => {
  const calls: { request: ExchangeRequest; answer: (claimed: ExchangeAnswer["claimed"]) => void }[] = [];
  let arrived = () => {};
  const store: TaskStore = {
    exchange: (request) =>
      new Promise((resolve) => {
        calls.push({ request, answer: (claimed) => resolve({ claimed, lost: [], pausedUntil: null }) });
        arrived();
      }),
    renew: async () => [],
    wait: async () => false,
    beat: async () => undefined,
  };
  const call = async (n: number) => {
    while (calls.length < n) await new Promise<void>((resolve) => (arrived = resolve));
    const found = calls[n - 1];
    if (!found) throw new Error("unreachable");
    return found;
  };
  const ends = new Map<string, () => void>();
  const runner = createTaskRunner({
    store,
    clock: fixedClock("2026-03-10T12:00:00Z"),
    timers: systemTimers,
    log: silentLogger,
    tasks: [TASK.handle((_args, { jobId }) => new Promise((resolve) => void ends.set(jobId, () => resolve({}))))],
  });
  const signal = new AbortController().signal;
  const report = runner.drain({ queue: "q", limit: 100, slots: 2, budgetMs: 20_000, signal });

  (await call(1)).answer([taken("a"), taken("b")]);
  await new Promise((resolve) => setImmediate(resolve));
  ends.get("a")?.();
  const claimsToo = await call(2);
  ends.get("b")?.();
  const settlesOnly = await call(3);
  expect([claimsToo.request.limit, settlesOnly.request.limit]).toEqual([1, 0]);
  claimsToo.answer([]);
  await new Promise((resolve) => setImmediate(resolve));
  settlesOnly.answer([]);
  (await call(4)).answer([]);
  expect(await report).toMatchObject({ complete: 2, cut: false });
  await runner.close(0);
});
