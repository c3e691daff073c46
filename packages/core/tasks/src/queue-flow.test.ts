import { expect, test } from "vitest";
import { z } from "zod";
import { systemTimers } from "#core/executions";
import { fixedClock, silentLogger } from "#core/runtime";
import { defineTask } from "./define-task.ts";
import { createTaskRunner } from "./task-runner.ts";
import type { ExchangeAnswer, ExchangeRequest, TaskStore } from "./task-store.ts";

const TASK = defineTask({ name: "t", queue: "q", args: z.object({}), result: z.object({}) });
const taken = (id: string) => ({ id, token: `${id}!`, function: "t", args: {}, tries: 1, maxTries: 1, timeoutS: 60 });

/** A drain of two slots whose calls are answered by the test, and whose tasks end when it says so. */
function openDrain() {
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

  return { call, end: (id: string) => ends.get(id)?.(), report, close: () => runner.close(0) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Two tasks have ended: the first one's call also claims, the second one's only settles. */
async function twoCallsUnderWay(d: ReturnType<typeof openDrain>) {
  (await d.call(1)).answer([taken("a"), taken("b")]);
  await turn();
  d.end("a");
  const claimsToo = await d.call(2);
  d.end("b");
  const settlesOnly = await d.call(3);
  expect([claimsToo.request.limit, settlesOnly.request.limit]).toEqual([1, 0]);
  return { claimsToo, settlesOnly };
}

test("a drain ends when an empty claim is answered before the settlement of the last task", async () => {
  const d = openDrain();
  const { claimsToo, settlesOnly } = await twoCallsUnderWay(d);
  claimsToo.answer([]);
  await turn();
  settlesOnly.answer([]);
  (await d.call(4)).answer([]);
  expect(await d.report).toMatchObject({ complete: 2, cut: false });
  await d.close();
});

test("an empty claim that was asked before the last settlement ends no drain: that may have made more due", async () => {
  const d = openDrain();
  const { claimsToo, settlesOnly } = await twoCallsUnderWay(d);
  settlesOnly.answer([]);
  await turn();
  claimsToo.answer([]);
  (await d.call(4)).answer([taken("c")]);
  await turn();
  d.end("c");
  (await d.call(5)).answer([]);
  expect(await d.report).toMatchObject({ complete: 3, cut: false });
  await d.close();
});
