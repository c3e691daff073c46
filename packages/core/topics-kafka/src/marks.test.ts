import { expect, test } from "vitest";
import { decodeMarks, encodeMarks } from "./marks.ts";

test("what is written is what is read, from the committed offset on", () => {
  const text = encodeMarks([
    { state: 2, length: 1 },
    { state: 1, length: 300 },
    { state: 0, length: 5 },
    { state: 7, length: 2 },
    { state: 0, length: 9 },
  ]);
  const marks = decodeMarks(text, 1000);
  expect([999, 1000, 1001, 1300, 1301, 1305, 1306, 1307, 1308, 9999].map((o) => marks.stateAt(o))).toEqual([
    1, 2, 1, 1, 0, 0, 7, 7, 0, 0,
  ]);
  expect(marks.end).toBe(1308);
  expect(marks.runsFrom(1299)).toEqual([
    { state: 1, length: 2 },
    { state: 0, length: 5 },
    { state: 7, length: 2 },
  ]);
});

test("nothing begun is an empty text", () => {
  expect(encodeMarks([])).toBe("");
  expect(encodeMarks([{ state: 0, length: 10 }])).toBe("");
});

test("what others wrote as metadata is taken as nothing begun", () => {
  for (const text of [null, "", "outro", "j1:", "j1:%%%"]) {
    expect(decodeMarks(text, 5).stateAt(5)).toBe(0);
    expect(decodeMarks(text, 5).stateAt(4)).toBe(1);
  }
});

test("eight hundred alternating states fit the 4096 characters that brokers allow", () => {
  const runs = Array.from({ length: 800 }, (_, i) => ({ state: i % 2 ? 1 : 120, length: 100 }));
  expect(encodeMarks(runs).length).toBeLessThan(4096);
});
