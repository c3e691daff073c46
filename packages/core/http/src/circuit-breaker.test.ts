import { describe, expect, test } from "vitest";
import { AppError, fixedClock } from "#core/runtime";
import { type CircuitTransition, createCircuitBreaker } from "./circuit-breaker.ts";

function setup(overrides: Partial<Parameters<typeof createCircuitBreaker>[0]> = {}) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const seen: CircuitTransition[] = [];
  const circuit = createCircuitBreaker({
    name: "evolution",
    failures: 5,
    resetS: 60,
    maxResetS: 1800,
    clock,
    onTransition: (t) => seen.push(t),
    ...overrides,
  });
  const fail = (times = 1) => {
    for (let i = 0; i < times; i++) circuit.enter().report("failure", new TypeError("fetch failed"));
  };
  return { clock, circuit, fail, seen, reasons: () => seen.map((t) => t.reason) };
}

const refusal = (act: () => unknown): AppError => {
  try {
    act();
  } catch (err) {
    if (err instanceof AppError) return err;
  }
  throw new Error("expected a refusal");
};

describe("closed", () => {
  test("the threshold counts failures in a row: a success in between starts the count again", () => {
    const { circuit, fail } = setup();
    fail(4);
    circuit.enter().report("success");
    fail(4);
    expect(circuit.snapshot()).toMatchObject({
      estado: "closed",
      falhas_consecutivas: 4,
      proxima_tentativa_em_s: null,
    });
    fail();
    expect(circuit.snapshot().estado).toBe("open");
  });

  test("an answer about one request and a rate limit neither count nor forgive", () => {
    const { circuit, fail } = setup();
    fail(4);
    circuit.enter().report("answered");
    circuit.enter().report("unknown");
    expect(circuit.snapshot().falhas_consecutivas).toBe(4);
    fail();
    expect(circuit.snapshot().estado).toBe("open");
  });

  test("a permit counts once, however often it is reported", () => {
    const { circuit } = setup();
    const permit = circuit.enter();
    for (let i = 0; i < 10; i++) permit.report("failure");
    expect(circuit.snapshot().falhas_consecutivas).toBe(1);
  });
});

describe("open", () => {
  test("calls are refused at once, with `circuit open`, the name and the wait", () => {
    const { circuit, clock, fail, reasons } = setup();
    fail(5);
    clock.advanceMs(10_500);
    const error = refusal(() => circuit.enter());
    expect(error).toMatchObject({ code: "circuito_aberto", status: 503, retryAfterMs: 49_500 });
    expect(error.message).toMatch(/circuit open.*evolution/);
    expect(circuit.snapshot()).toMatchObject({ proxima_tentativa_em_s: 50, tempo_reset_atual: 60 });
    expect(reasons()).toEqual(["muitas_falhas_5"]);
  });

  test("what calls from before the opening report later changes nothing", () => {
    const { circuit, fail, reasons } = setup();
    const [early, late] = [circuit.enter(), circuit.enter()];
    fail(5);
    early.report("success");
    late.report("failure");
    expect(circuit.snapshot()).toMatchObject({ estado: "open", falhas_consecutivas: 5 });
    expect(reasons()).toHaveLength(1);
  });

  test("reading moves an idle circuit whose wait is over to half_open", () => {
    const { circuit, clock, fail, reasons } = setup();
    fail(5);
    clock.advanceMs(59_999);
    expect(circuit.snapshot().estado).toBe("open");
    clock.advanceMs(1);
    expect(circuit.snapshot()).toMatchObject({ estado: "half_open", proxima_tentativa_em_s: 0 });
    expect(reasons()).toEqual(["muitas_falhas_5", "timeout_reset_60s"]);
  });
});

describe("half_open", () => {
  test("exactly one probe is let through, the others are refused as if open", () => {
    const { circuit, clock, fail } = setup();
    fail(5);
    clock.advanceMs(60_000);
    const probe = circuit.enter();
    expect(refusal(() => circuit.enter()).message).toContain("circuit open: evolution");
    expect(refusal(() => circuit.check()).code).toBe("circuito_aberto");
    probe.report("success");
    circuit.enter().report("success");
    expect(circuit.snapshot()).toMatchObject({ estado: "closed", falhas_consecutivas: 0, tempo_reset_atual: 60 });
  });

  test("checking takes no probe away", () => {
    const { circuit, clock, fail } = setup();
    fail(5);
    clock.advanceMs(60_000);
    circuit.check();
    circuit.enter().report("success");
    expect(circuit.snapshot().estado).toBe("closed");
  });

  test("evolution waits 60, 120, 240, 480, 960, 1800, 1800 seconds, and 60 again after a success", () => {
    const { circuit, clock, fail, reasons } = setup();
    fail(5);
    const waits: number[] = [];
    for (let n = 0; n < 7; n++) {
      const { tempo_reset_atual } = circuit.snapshot();
      waits.push(tempo_reset_atual);
      clock.advanceMs(tempo_reset_atual * 1000 - 1);
      refusal(() => circuit.check());
      clock.advanceMs(1);
      circuit.enter().report("failure");
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1800, 1800]);
    expect(circuit.snapshot()).toMatchObject({ tentativas_half_open: 7, falhas_consecutivas: 12 });
    clock.advanceMs(1_800_000);
    circuit.enter().report("success");
    expect(circuit.snapshot()).toMatchObject({ estado: "closed", tempo_reset_atual: 60, tentativas_half_open: 0 });
    expect(reasons().slice(0, 5)).toEqual([
      "muitas_falhas_5",
      "timeout_reset_60s",
      "falha_half_open_tentativa_1",
      "timeout_reset_120s",
      "falha_half_open_tentativa_2",
    ]);
    expect(reasons().at(-1)).toBe("recuperado");
  });

  test("an answer about one request proves the upstream alive", () => {
    const { circuit, clock, fail } = setup();
    fail(5);
    clock.advanceMs(60_000);
    circuit.enter().report("answered");
    expect(circuit.snapshot().estado).toBe("closed");
  });

  test("a probe that says nothing is handed to the next call", () => {
    const { circuit, clock, fail, reasons } = setup();
    fail(5);
    clock.advanceMs(60_000);
    circuit.enter().report("unknown");
    circuit.enter().report("success");
    expect(reasons()).toEqual(["muitas_falhas_5", "timeout_reset_60s", "recuperado"]);
  });

  test("a probe that never reports counts as failed after its time", () => {
    const { circuit, clock, fail, reasons } = setup({ probeTimeoutMs: 30_000 });
    fail(5);
    clock.advanceMs(60_000);
    const lost = circuit.enter();
    clock.advanceMs(30_000);
    expect(circuit.snapshot()).toMatchObject({
      estado: "open",
      tempo_reset_atual: 120,
      ultimo_erro_tipo: "TimeoutError",
    });
    lost.report("success");
    expect(circuit.snapshot().estado).toBe("open");
    expect(reasons().at(-1)).toBe("falha_half_open_tentativa_1");
  });
});

test("an operator's reset closes an open circuit", () => {
  const { circuit, fail, seen } = setup();
  fail(5);
  circuit.reset();
  circuit.enter().report("success");
  expect(seen.at(-1)).toMatchObject({ from_state: "open", to_state: "closed", reason: "reset_manual" });
});

test("a transition carries the row of circuit_transitions", () => {
  const { fail, seen } = setup();
  fail(5);
  expect(seen[0]).toEqual({
    circuit_name: "evolution",
    from_state: "closed",
    to_state: "open",
    reason: "muitas_falhas_5",
    falhas_consecutivas: 5,
    tentativas_half_open: 0,
    at: new Date("2026-03-02T13:00:00Z"),
  });
});

test("the snapshot has the fields of GET /health/circuits and names the kind of the last error, not its text", () => {
  const { circuit } = setup();
  circuit.enter().report("success");
  circuit.enter().report("failure", new AppError("erro_interno", "telefone 11988887777", { details: { http: 503 } }));
  expect(circuit.snapshot()).toEqual({
    nome: "evolution",
    estado: "closed",
    falhas_consecutivas: 1,
    falhas_para_abrir: 5,
    ultima_falha: "2026-03-02T13:00:00.000Z",
    ultimo_sucesso: "2026-03-02T13:00:00.000Z",
    tentativas_half_open: 0,
    tempo_reset_atual: 60,
    proxima_tentativa_em_s: null,
    ultimo_erro_tipo: "HTTP 503",
  });
});
