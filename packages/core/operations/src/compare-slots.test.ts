import { describe, expect, test } from "vitest";
import { compareSlots, type RecordedSlot } from "./compare-slots.ts";
import type { ScheduledJob } from "./scheduled-job.ts";

const entry: ScheduledJob = { name: "x", cron: "*/5 * * * *", graceS: 150 };
const at = (hhmmss: string) => new Date(`2026-03-02T${hhmmss.padEnd(8, ":00")}Z`);
const run = (slot: string, started: string, status = "success"): RecordedSlot => ({
  job: "x",
  slot: at(slot),
  execution: { id: `id-${slot}`, startedAt: at(started), trigger: "schedule", status },
  skip: null,
});
const skip = (slot: string, motivo: string, detalhe: string | null = null): RecordedSlot => ({
  job: "x",
  slot: at(slot),
  execution: null,
  skip: { motivo, detalhe },
});
const compare = (recorded: RecordedSlot[], change: Partial<Parameters<typeof compareSlots>[0]> = {}) =>
  compareSlots({
    job: "x",
    entry,
    registeredAt: at("00:00"),
    lastStepAt: at("13:59:59"),
    recorded,
    span: { from: at("13:00"), until: at("13:20") },
    agora: at("14:00"),
    toleranceMs: 2_000,
    ...change,
  }).map((v) => [v.slot.toISOString().slice(11, 16), v.label, v.lateMs ?? v.motivo]);

describe("each slot gets the one label that is true of it", () => {
  test("on time, late, skipped, missed", () => {
    const recorded = [
      run("13:00", "13:00:01"),
      run("13:05", "13:07:30", "error"),
      skip("13:10", "sobreposicao"),
      skip("13:15", "perdido"),
    ];
    expect(compare(recorded)).toEqual([
      ["13:00", "no_horario", 1_000],
      ["13:05", "atrasado", 150_000],
      ["13:10", "pulado", "sobreposicao"],
      ["13:15", "perdido", "perdido"],
    ]);
  });

  test("a slot with no record is unexplained, one on record twice is a duplicate", () => {
    const both = { ...run("13:10", "13:10"), skip: { motivo: "pausado", detalhe: null } };
    expect(compare([run("13:00", "13:00"), both, run("13:15", "13:15")])).toEqual([
      ["13:00", "no_horario", 0],
      ["13:05", "inexplicado", null],
      ["13:10", "duplicado", 0],
      ["13:15", "no_horario", 0],
    ]);
  });

  test("what nobody expected is off schedule, with the reason", () => {
    const span = { from: at("13:00"), until: at("13:02") };
    expect(compare([run("13:00", "13:00"), run("13:01", "13:01")], { span })[1]).toEqual([
      "13:01",
      "fora_da_agenda",
      0,
    ]);
    const [stranger] = compareSlots({
      job: "y",
      entry: null,
      registeredAt: null,
      lastStepAt: at("13:59:59"),
      recorded: [{ ...run("13:00", "13:00"), job: "y" }],
      span,
      agora: at("14:00"),
      toleranceMs: 2_000,
    });
    expect(stranger).toMatchObject({ label: "fora_da_agenda", motivo: "job_fora_do_catalogo" });
  });

  test("nothing is expected before the job was registered, but the minute of the registration counts", () => {
    expect(compare([], { registeredAt: at("13:10:40") }).map(([slot]) => slot)).toEqual(["13:10", "13:15"]);
    expect(compare([], { registeredAt: null })).toEqual([]);
    expect(compare([run("13:00", "13:00")], { registeredAt: at("13:10") })[0]).toEqual(["13:00", "fora_da_agenda", 0]);
  });

  test("a slot without record whose time is not over is pending, not unexplained", () => {
    expect(compare([], { agora: at("13:09:00") })).toEqual([
      ["13:00", "inexplicado", null],
      ["13:05", "pendente", null],
    ]);
  });

  test("while every scheduler is down nothing is unexplained: pending, then missed, and why", () => {
    const down = { lastStepAt: at("13:04:58"), agora: at("13:13:59") };
    expect(compare([run("13:00", "13:00")], down)).toEqual([
      ["13:00", "no_horario", 0],
      ["13:05", "perdido", "agendador_parado"],
      ["13:10", "pendente", null],
    ]);
    const [, missed] = compareSlots({
      job: "x",
      entry,
      registeredAt: at("00:00"),
      recorded: [run("13:00", "13:00")],
      span: { from: at("13:00"), until: at("13:10") },
      toleranceMs: 2_000,
      ...down,
    });
    expect(missed?.detalhe).toBe("nenhum agendador ativo desde 02/03/2026 10:04:58");
  });

  test("a scheduler that was there until the grace was over leaves no excuse, one that stopped before does", () => {
    const recorded = [run("13:05", "13:05"), run("13:10", "13:10"), run("13:15", "13:15")];
    const first = (lastStepAt: Date | null) => compare(recorded, { lastStepAt })[0];
    expect(first(at("13:02:29"))).toEqual(["13:00", "perdido", "agendador_parado"]);
    expect(first(at("13:02:30"))).toEqual(["13:00", "inexplicado", null]);
    expect(first(null), "and silence of which nothing is known excuses nothing").toEqual([
      "13:00",
      "inexplicado",
      null,
    ]);
  });

  test("a slot claimed by a database whose clock is a second ahead is no stranger", () => {
    expect(compare([run("13:00", "13:00")], { agora: at("12:59:59") })).toEqual([["13:00", "no_horario", 0]]);
    expect(compare([], { agora: at("12:59:59") }), "and without record it is not due yet").toEqual([]);
  });

  test("the span has its beginning and not its end", () => {
    expect(compare([], { span: { from: at("13:00"), until: at("13:05") } }).map(([slot]) => slot)).toEqual(["13:00"]);
    expect(compare([], { span: { from: at("13:00:00"), until: at("13:00:00") } })).toEqual([]);
  });
});

test("a slot that may run until an hour of its day is open until then, whatever the grace", () => {
  const daily: ScheduledJob = { name: "x", cron: "30 8 * * *", graceS: 3600, untilHour: 23 };
  const span = { from: at("00:00"), until: at("23:59") };
  const seen = (agora: Date) => compare([], { entry: daily, span, agora, lastStepAt: agora }).map(([, label]) => label);
  expect(seen(at("20:00"))).toEqual(["pendente"]);
  expect(seen(new Date("2026-03-03T01:59:00Z"))).toEqual(["pendente"]);
  expect(seen(new Date("2026-03-03T02:10:00Z"))).toEqual(["inexplicado"]);
});
