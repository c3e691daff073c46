import { expect, test } from "vitest";
import { graceWords, openUntil } from "./scheduled-job.ts";

const slot = new Date("2026-03-02T11:30:00Z"); // 08:30 in São Paulo
const minute = { name: "heartbeat", cron: "* * * * *", graceS: 0 };
const daily = { name: "report_manha", cron: "30 8 * * *", graceS: 3600 };

test.each([
  [minute, "2026-03-02T11:30:00Z", "o minuto seguinte faz o trabalho"],
  [daily, "2026-03-02T12:30:00Z", "a tolerância é de 1 h"],
  [{ ...daily, untilHour: 23 }, "2026-03-03T02:00:00Z", "só podia começar até as 23 h do dia"],
])("%o is open until %s", (job, until, words) => {
  expect([openUntil(job, slot).toISOString().replace(".000", ""), graceWords(job)]).toEqual([until, words]);
});
