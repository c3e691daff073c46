import { describe, expect, test } from "vitest";
import { isReleased, released } from "./define-task.ts";

describe("released", () => {
  test("says why, and for how long the task stays away", () => {
    const answer = released("a loja bloqueou", 60_000);
    expect(isReleased(answer)).toBe(true);
    expect(answer).toMatchObject({ reason: "a loja bloqueou", delayMs: 60_000 });
  });

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a delay of %d ms", (delayMs) => {
    expect(() => released("cedo demais", delayMs)).toThrow(
      new RangeError(
        `released: delayMs is ${delayMs}, must be a whole number of milliseconds, at least 1 (cedo demais)`,
      ),
    );
  });
});
