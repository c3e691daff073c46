import { expect, test } from "vitest";
import { durationSeconds } from "./duration.ts";

test("a bare number is seconds; s, m and h are units; nothing else is a duration", () => {
  const texts = [
    "600",
    "90s",
    "10m",
    "1h",
    "0",
    "10 minutes",
    "10M",
    "1.5h",
    "-1",
    "",
    "m",
    "1h30m",
    "١٠",
    "9999999999",
  ];
  expect(texts.map(durationSeconds)).toEqual([600, 90, 600, 3600, 0, ...Array(9).fill(null)]);
});
