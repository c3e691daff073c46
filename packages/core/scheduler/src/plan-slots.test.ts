import { describe, expect, test } from "vitest";
import { instantOf } from "#core/runtime";
import { graceOf, type ScheduleEntry } from "./entry.ts";
import { type EntryState, initialState, nextOf, planEntry, postpone, settle, unplan } from "./plan-slots.ts";

function entry(cron: string, periodS: number, misfire: Partial<ScheduleEntry["misfire"]> = {}): ScheduleEntry {
  return {
    name: "x",
    cron,
    endpoint: "/jobs/x",
    periodS,
    timeoutMs: 300_000,
    misfire: { graceS: graceOf(periodS), ...misfire },
  };
}
/** `02 10:00:40` of March 2026, São Paulo (2 = segunda). */
function at(text: string): Date {
  const [day = "", time = ""] = text.split(" ");
  const [h = 0, m = 0, s = 0] = time.split(":").map(Number);
  return new Date(instantOf(`2026-03-${day}`, h, m).getTime() + s * 1000);
}
const stateAt = (e: ScheduleEntry, lastSlot: string | null, agora: string): EntryState =>
  initialState(e, lastSlot === null ? null : at(lastSlot), at(agora), at(agora));

const daily = entry("0 10 * * *", 86_400);
const everyMinute = entry("* * * * *", 60);
const quarter = entry("*/15 * * * *", 900);

describe("on time", () => {
  test("a slot is due throughout its own minute, once", () => {
    const state = stateAt(daily, "01 10:00", "02 10:00:40");
    expect(planEntry(state, at("02 10:00:40"))).toEqual({ due: at("02 10:00"), catchUp: null, skips: [] });
    expect(planEntry(state, at("02 10:00:41"))).toEqual({ due: null, catchUp: null, skips: [] });
    expect(nextOf(state)).toEqual(at("03 10:00"));
  });
  test("the minute in which the first scheduler ever starts counts, earlier ones do not exist", () => {
    const state = stateAt(everyMinute, null, "02 10:30:20");
    expect(planEntry(state, at("02 10:30:20"))).toEqual({ due: at("02 10:30"), catchUp: null, skips: [] });
    expect(planEntry(stateAt(daily, null, "02 10:30:00"), at("02 10:30:00")).catchUp).toBeNull();
  });
  test("a clock that steps back finds nothing due", () => {
    const state = stateAt(everyMinute, "02 09:59", "02 10:00:00");
    planEntry(state, at("02 10:00:00"));
    for (const t of ["02 09:50:00", "02 09:59:59", "02 10:00:59"]) expect(planEntry(state, at(t)).due).toBeNull();
    expect(planEntry(state, at("02 10:01:00")).due).toEqual(at("02 10:01"));
  });
});

describe("missed", () => {
  test("a daily job missed at 10:00 is caught up at 10:30, and at 11:01 no more", () => {
    expect(planEntry(stateAt(daily, "01 10:00", "02 10:30:00"), at("02 10:30:00"))).toEqual({
      due: null,
      catchUp: at("02 10:00"),
      skips: [],
    });
    const late = planEntry(stateAt(daily, "01 10:00", "02 11:01:00"), at("02 11:01:00"));
    expect(late).toMatchObject({ due: null, catchUp: null, skips: [{ slot: at("02 10:00"), motivo: "perdido" }] });
  });
  test("the grace ends exactly at its second", () => {
    expect(planEntry(stateAt(daily, "01 10:00", "02 11:00:00"), at("02 11:00:00")).catchUp).toEqual(at("02 10:00"));
    expect(planEntry(stateAt(daily, "01 10:00", "02 11:00:01"), at("02 11:00:01")).catchUp).toBeNull();
  });
  test("minute jobs missed while away are lost one by one, the current minute does their work", () => {
    const plan = planEntry(stateAt(everyMinute, "02 10:00", "02 10:05:10"), at("02 10:05:10"));
    expect(plan.due).toEqual(at("02 10:05"));
    expect(plan.skips.map((s) => [s.slot, s.motivo])).toEqual(
      ["02 10:01", "02 10:02", "02 10:03", "02 10:04"].map((t) => [at(t), "perdido"]),
    );
  });
  test("only the latest missed slot runs, older ones within their grace are coalesced into it", () => {
    const hourly = entry("0 * * * *", 3600, { graceS: 7200 });
    const plan = planEntry(stateAt(hourly, "02 06:00", "02 10:10:00"), at("02 10:10:00"));
    expect(plan.catchUp).toEqual(at("02 10:00"));
    expect(plan.skips.map((s) => s.motivo)).toEqual(["perdido", "perdido", "coalescido"]);
    expect(plan.skips[2]?.detalhe).toContain(at("02 10:00").toISOString());
  });
  test("a later slot that is due now takes the place of one waiting", () => {
    const state = stateAt(quarter, "02 09:30", "02 09:51:00");
    expect(planEntry(state, at("02 09:51:00")).catchUp).toEqual(at("02 09:45"));
    expect(planEntry(state, at("02 10:00:00"))).toMatchObject({
      due: at("02 10:00"),
      catchUp: null,
      skips: [{ slot: at("02 09:45"), motivo: "perdido" }],
    });
  });
  test("until 23:00 of the slot's own date where the endpoint works on that date", () => {
    const reset = entry("5 0 * * *", 86_400, { untilHour: 23 });
    expect(planEntry(stateAt(reset, "01 00:05", "02 22:59:00"), at("02 22:59:00")).catchUp).toEqual(at("02 00:05"));
    expect(planEntry(stateAt(reset, "01 00:05", "02 23:00:01"), at("02 23:00:01")).catchUp).toBeNull();
  });
  test("jobs that talk to doctors wait for 08:00 to catch up, and say so when the grace ends first", () => {
    const weekly = entry("0 23 * * *", 604_800, { window: { from: 8, to: 20 } });
    const state = stateAt(weekly, "01 23:00", "03 00:10:00");
    expect(planEntry(state, at("03 00:10:00"))).toEqual({ due: null, catchUp: null, skips: [] });
    expect(planEntry(state, at("03 08:00:00")).catchUp).toEqual(at("02 23:00"));
    const hourly = entry("0 22 * * *", 3600, { window: { from: 8, to: 20 } });
    const lost = planEntry(stateAt(hourly, "01 22:00", "02 22:31:00"), at("02 22:31:00"));
    expect(lost.skips).toMatchObject([{ motivo: "fora_da_janela" }]);
  });
  test("a long absence accounts for every slot of 90 days and not beyond", () => {
    const plan = planEntry(stateAt(daily, "01 10:00", "02 10:30:00"), instantOf("2027-03-02", 10, 30));
    expect(plan.skips).toHaveLength(365);
    const state = initialState(everyMinute, at("01 00:00"), at("01 00:00"), instantOf("2027-03-02", 10, 30));
    expect(planEntry(state, instantOf("2027-03-02", 10, 30)).skips).toHaveLength(90 * 1440 - 1);
  });
});

describe("how attempts end", () => {
  test("a catch-up is offered again only after a minute, until somebody accounts for it", () => {
    const state = stateAt(daily, "01 10:00", "02 10:30:00");
    planEntry(state, at("02 10:30:00"));
    postpone(state, at("02 10:00"), at("02 10:31:00"));
    expect(planEntry(state, at("02 10:30:30")).catchUp).toBeNull();
    expect(settle(state, at("02 10:00"), "overlap", at("02 10:30:31"))).toBeNull();
    expect(planEntry(state, at("02 10:31:00")).catchUp).toEqual(at("02 10:00"));
    settle(state, at("02 10:00"), "accounted", at("02 10:31:01"));
    expect(planEntry(state, at("02 10:32:00")).catchUp).toBeNull();
  });
  test("an overlapped daily slot may still run within its grace, an overlapped minute slot is over", () => {
    const state = stateAt(daily, "01 10:00", "02 10:00:00");
    planEntry(state, at("02 10:00:00"));
    settle(state, at("02 10:00"), "overlap", at("02 10:00:00"));
    expect(planEntry(state, at("02 10:00:30")).catchUp).toBeNull();
    expect(planEntry(state, at("02 10:01:00")).catchUp).toEqual(at("02 10:00"));
    const minute = stateAt(everyMinute, "02 09:59", "02 10:00:00");
    planEntry(minute, at("02 10:00:00"));
    settle(minute, at("02 10:00"), "overlap", at("02 10:00:00"));
    const next = planEntry(minute, at("02 10:01:00"));
    expect(next).toMatchObject({ due: at("02 10:01"), catchUp: null });
  });
  test("a slot that could not be claimed is not given up before its minute is over", () => {
    const state = stateAt(everyMinute, "02 09:59", "02 10:00:00");
    planEntry(state, at("02 10:00:00"));
    settle(state, at("02 10:00"), "unclaimed", at("02 10:00:20"));
    expect(planEntry(state, at("02 10:00:59")).skips).toEqual([]);
    expect(planEntry(state, at("02 10:01:00")).skips).toMatchObject([{ slot: at("02 10:00"), motivo: "perdido" }]);
  });
  test("an attempt that fails after the next slot has come is recorded at once", () => {
    const state = stateAt(everyMinute, "02 09:59", "02 10:00:00");
    planEntry(state, at("02 10:00:59"));
    planEntry(state, at("02 10:01:00"));
    expect(settle(state, at("02 10:00"), "unclaimed", at("02 10:01:05"))).toMatchObject({ motivo: "perdido" });
    expect(settle(state, at("02 10:00"), "overlap", at("02 10:01:05"))).toBeNull();
  });
  test("a slot the database thinks early is planned again", () => {
    const state = stateAt(everyMinute, "02 09:59", "02 10:00:00");
    planEntry(state, at("02 10:00:00"));
    unplan(state, at("02 10:00"));
    expect(planEntry(state, at("02 10:00:30")).due).toEqual(at("02 10:00"));
  });
});

test("graces are the page's table", () => {
  expect([60, 300, 600, 900, 3600, 86_400, 604_800].map(graceOf)).toEqual([0, 150, 300, 450, 1800, 3600, 86_400]);
});
