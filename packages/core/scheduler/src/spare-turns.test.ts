import { expect, test } from "vitest";
import { createSpareTurns } from "./spare-turns.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("spare work runs a little at a time, in order, and each once, even if it is asked for early", async () => {
  const spare = createSpareTurns(2);
  const ran: number[] = [];
  const now = [0, 1, 2, 3, 4].map((n) => spare.add(() => void ran.push(n)));
  expect(ran).toEqual([]);
  now[4]?.();
  await turn();
  expect(ran).toEqual([4, 0, 1]);
  for (let i = 0; i < 5; i++) await turn();
  spare.add(() => void ran.push(5));
  await turn();
  expect(ran).toEqual([4, 0, 1, 2, 3, 5]);
});
