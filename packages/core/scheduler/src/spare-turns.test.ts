import { expect, test } from "vitest";
import { createVirtualTime } from "#core/executions";
import { createSpareTurns } from "./spare-turns.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

function world(perTurn: number) {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const ran: number[] = [];
  const state = { busy: false };
  const spare = createSpareTurns({ timers: time.timers, busy: () => state.busy, holdMs: 1_000, perTurn });
  const add = (...ns: number[]) => {
    for (const n of ns) spare.add(() => void ran.push(n));
  };
  return { time, ran, state, spare, add };
}

test("spare work runs a little at a time, in order", async () => {
  const w = world(2);
  w.add(0, 1, 2, 3, 4);
  expect(w.ran).toEqual([]);
  await turn();
  expect(w.ran).toEqual([0, 1]);
  for (let i = 0; i < 5; i++) await turn();
  w.add(5);
  await turn();
  expect(w.ran).toEqual([0, 1, 2, 3, 4, 5]);
});

test("it waits for what is more urgent, until that is over", async () => {
  const w = world(2);
  w.state.busy = true;
  w.add(0, 1, 2);
  await w.time.advance(999);
  w.spare.wake(); // something urgent is over, but not all
  await turn();
  expect(w.ran).toEqual([]);
  w.state.busy = false;
  w.spare.wake();
  await w.time.advance(0);
  expect(w.ran).toEqual([0, 1, 2]);
});

test("it waits a second at most, then all of it is done; what comes later waits anew", async () => {
  const w = world(2);
  w.state.busy = true;
  w.add(0, 1, 2);
  await w.time.advance(500);
  w.add(3, 4);
  await w.time.advance(500);
  expect(w.ran).toEqual([0, 1, 2, 3, 4]);
  w.add(5);
  await w.time.advance(999);
  expect(w.ran).toEqual([0, 1, 2, 3, 4]);
  await w.time.advance(1);
  expect(w.ran).toEqual([0, 1, 2, 3, 4, 5]);
});
