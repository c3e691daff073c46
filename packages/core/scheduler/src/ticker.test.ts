import { expect, test } from "vitest";
import { createVirtualTime } from "#core/executions";
import { startTicker } from "./ticker.ts";

test("steps fall on every whole second and half-way between, and tell how far the clock jumped by itself", async () => {
  const time = createVirtualTime("2026-03-02T12:59:58.700Z");
  const seen: [string, number][] = [];
  const stop = startTicker({
    ...time,
    onStep: ({ agora, jumpMs }) => seen.push([agora.toISOString().slice(17), jumpMs]),
  });
  await time.advance(1500);
  time.jump(-60_000);
  await time.advance(400);
  stop();
  await time.advance(5000);
  expect(seen).toEqual([
    ["58.700Z", 0],
    ["59.000Z", 0],
    ["59.500Z", 0],
    ["00.000Z", 0],
    ["00.500Z", -60_000],
  ]);
});

test("a second that begins while a step is at work is looked at right after it", async () => {
  const time = createVirtualTime("2026-03-02T12:59:59.999Z");
  const seen: string[] = [];
  startTicker({
    ...time,
    onStep({ agora }) {
      seen.push(agora.toISOString().slice(17));
      if (seen.length === 1) time.jump(3);
    },
  });
  await time.advance(0);
  expect(seen).toEqual(["59.999Z", "00.002Z"]);
});
