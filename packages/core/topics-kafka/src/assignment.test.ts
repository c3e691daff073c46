import { expect, test } from "vitest";
import { decodeAssignment, decodeHeld, encodeAssignment, encodeSubscription, share } from "./assignment.ts";

const sizes = (shares: Map<string, number[]>) => [...shares.values()].map((p) => p.length).sort();
const all = (shares: Map<string, number[]>) => [...shares.values()].flat().sort((a, b) => a - b);

test("every partition goes to one member, evenly", () => {
  const shares = share(
    7,
    ["c", "a", "b"].map((memberId) => ({ memberId, held: [] })),
  );
  expect(all(shares)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(sizes(shares)).toEqual([2, 2, 3]);
});

test("a member that stays keeps what it holds, up to its part", () => {
  const shares = share(6, [
    { memberId: "old", held: [0, 1, 2, 3, 4, 5] },
    { memberId: "new", held: [] },
  ]);
  expect(shares.get("old")).toEqual([0, 1, 2]);
  expect(shares.get("new")).toEqual([3, 4, 5]);
  const again = share(6, [
    { memberId: "old", held: [0, 1, 2] },
    { memberId: "new", held: [3, 4, 5] },
  ]);
  expect(again).toEqual(shares);
});

test("two that claim the same partition do not both get it, and more members than partitions leave some idle", () => {
  const shares = share(2, [
    { memberId: "a", held: [0, 1, 9] },
    { memberId: "b", held: [0, 1] },
    { memberId: "c", held: [] },
  ]);
  expect(all(shares)).toEqual([0, 1]);
  expect(sizes(shares)).toEqual([0, 1, 1]);
});

test("what a member writes is what the others read", () => {
  expect(decodeHeld(encodeSubscription(["t", "t.g.retry"], [3, 1]))).toEqual([3, 1]);
  expect(decodeHeld(Buffer.from("nada"))).toEqual([]);
  expect(decodeAssignment(encodeAssignment(["t", "t.g.retry"], [3, 1]))).toEqual([3, 1]);
  expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
});
