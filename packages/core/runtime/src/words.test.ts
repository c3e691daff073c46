import { expect, test } from "vitest";
import { durationWords, momentWords } from "./words.ts";

test("an instant reads as the São Paulo wall clock", () => {
  const at = new Date("2026-03-02T03:00:07Z");
  expect(momentWords(at)).toBe("02/03/2026 00:00");
  expect(momentWords(at, { seconds: true })).toBe("02/03/2026 00:00:07");
});

test.each([
  [0, "0 ms"],
  [999, "999 ms"],
  [1_240, "1,2 s"],
  [9_999, "10,0 s"],
  [42_400, "42 s"],
  [60_000, "1 min"],
  [751_000, "12 min 31 s"],
  [3_600_000, "1 h"],
  [11_100_000, "3 h 5 min"],
  [187_200_000, "2 d 4 h"],
])("%d ms reads %s", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});
