import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, fixedClock, loadConfig, silentLogger } from "#core/runtime";
import { circuitConfigShape, createCircuitRegistry } from "./circuit-registry.ts";

const clock = fixedClock("2026-03-02T13:00:00Z");

test("the circuits have the numbers of the texts", () => {
  const registry = createCircuitRegistry({ clock, log: silentLogger });
  expect(registry.settings("evolution")).toEqual({ failures: 5, callTimeoutMs: 30_000, resetS: 60, maxResetS: 1800 });
  expect(registry.settings("llm")).toEqual({ failures: 3, callTimeoutMs: 30_000, resetS: 60, maxResetS: 300 });
  expect(registry.settings("supabase")).toEqual({ failures: 5, callTimeoutMs: 10_000, resetS: 60, maxResetS: 120 });
  expect(Object.keys(registry.snapshot())).toEqual(expect.arrayContaining(["evolution", "llm", "supabase"]));
});

test("CIRCUIT_<NOME>_RESET_S and _FALHAS override them", () => {
  const config = loadConfig(z.object(circuitConfigShape), { CIRCUIT_LLM_RESET_S: "5", CIRCUIT_LLM_FALHAS: "1" });
  const registry = createCircuitRegistry({ clock, log: silentLogger, config });
  registry.get("llm").enter().report("failure");
  expect(registry.snapshot().llm).toMatchObject({ estado: "open", falhas_para_abrir: 1, tempo_reset_atual: 5 });
  expect(registry.snapshot().evolution.falhas_para_abrir).toBe(5);
});

test("a nonsense override is refused by name", () => {
  const read = () => loadConfig(z.object(circuitConfigShape), { CIRCUIT_LLM_FALHAS: "zero" });
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/CIRCUIT_LLM_FALHAS/);
});

test("a journal that throws breaks no call", () => {
  const registry = createCircuitRegistry({
    clock,
    log: silentLogger,
    onTransition: () => {
      throw new Error("banco fora");
    },
  });
  for (let i = 0; i < 3; i++) registry.get("llm").enter().report("failure");
  expect(registry.snapshot().llm.estado).toBe("open");
});

test("an operator resets one circuit by name; an unknown name is refused", () => {
  const registry = createCircuitRegistry({ clock, log: silentLogger });
  for (let i = 0; i < 3; i++) registry.get("llm").enter().report("failure");
  expect(registry.reset("llm").estado).toBe("closed");
  expect(() => registry.reset("foo")).toThrow(/foo/);
});
