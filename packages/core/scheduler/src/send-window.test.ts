import { expect, test } from "vitest";
import { createVirtualTime } from "#core/executions";
import { createSendWindow } from "./send-window.ts";

function world(size: number) {
  const time = createVirtualTime("2026-03-02T13:00:00Z");
  const begun: string[] = [];
  const leaves = new Map<string, () => void>();
  let noneWaiting = 0;
  const window = createSendWindow({ timers: time.timers, size, youngMs: 100, onNoneWaiting: () => noneWaiting++ });
  const enter = (...names: string[]) => {
    for (const name of names)
      window.enter((leave) => {
        begun.push(name);
        leaves.set(name, leave);
      });
  };
  return { time, window, begun, enter, leave: (name: string) => leaves.get(name)?.(), noneWaiting: () => noneWaiting };
}

test("calls beyond the window wait, and begin in their order as others are answered", () => {
  const w = world(2);
  w.enter("a", "b", "c", "d");
  expect([w.begun, w.window.waiting()]).toEqual([["a", "b"], 2]);
  w.leave("b");
  w.leave("b"); // told twice, the place is given back once
  expect([w.begun, w.window.waiting(), w.noneWaiting()]).toEqual([["a", "b", "c"], 1, 0]);
  w.leave("a");
  expect([w.begun, w.window.waiting(), w.noneWaiting()]).toEqual([["a", "b", "c", "d"], 0, 1]);
  w.leave("c");
  w.leave("d");
  w.enter("e", "f", "g");
  expect([w.begun.slice(4), w.window.waiting()]).toEqual([["e", "f"], 1]);
});

test("a call that takes long gives its place up, once", async () => {
  const w = world(1);
  w.enter("slow", "next", "last");
  await w.time.advance(99);
  expect(w.begun).toEqual(["slow"]);
  await w.time.advance(1);
  expect(w.begun).toEqual(["slow", "next"]);
  w.leave("slow"); // answered at last: its place is already another's
  expect(w.begun).toEqual(["slow", "next"]);
  w.leave("next");
  expect(w.begun).toEqual(["slow", "next", "last"]);
});

test("a call that is answered while it begins gives its place to the next", () => {
  const w = world(1);
  const begun: number[] = [];
  for (const n of [1, 2, 3])
    w.window.enter((leave) => {
      begun.push(n);
      leave();
    });
  expect([begun, w.window.waiting()]).toEqual([[1, 2, 3], 0]);
});
