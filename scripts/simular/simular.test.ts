import { describe, expect, test } from "vitest";
import { planejar } from "./plano.ts";
import { semJustificativa } from "./relogio-real.ts";
import type { Replica, Trecho } from "./replica.ts";

const HORA = 3_600_000;

test("a mesma semente dá o mesmo plano, em ordem, com ao menos uma perturbação de cada tipo", () => {
  const plano = planejar(7, 3 * HORA, 2);
  expect(plano).toEqual(planejar(7, 3 * HORA, 2));
  expect(plano).not.toEqual(planejar(8, 3 * HORA, 2));
  expect(new Set(plano.map((p) => p.tipo)).size).toBe(10);
  expect(plano.map((p) => p.emMs)).toEqual(plano.map((p) => p.emMs).sort((a, b) => a - b));
  const semana = planejar(7, 168 * HORA, 2);
  expect(semana.filter((p) => p.tipo === "morte de todos" && p.voltaMs >= 3 * HORA)).toHaveLength(2);
});

describe("um horário perdido não tem justificativa quando", () => {
  const inicio = new Date("2026-03-02T10:00:00Z").getTime();
  const slot = new Date(inicio + 60_000);
  const corrida = (deMs: number, paredeMs = inicio + deMs, duraMs = Number.POSITIVE_INFINITY) => ({
    monoMs: deMs,
    paredeMs,
    duraMs,
  });
  const replica = (...saudavel: Trecho[]) => ({ saudavel }) as unknown as Replica;

  test("uma réplica esteve sã do vencimento até 25 s depois", () => {
    expect(semJustificativa(slot, [corrida(0)], [replica({ deMs: 0, ateMs: 90_000 })])).toBe(true);
    expect(semJustificativa(slot, [corrida(0)], [replica({ deMs: 0, ateMs: 84_000 })])).toBe(false);
    expect(semJustificativa(slot, [corrida(0)], [replica({ deMs: 61_000, ateMs: 900_000 })])).toBe(false);
    const metades = [replica({ deMs: 0, ateMs: 70_000 }), replica({ deMs: 70_000, ateMs: 900_000 })];
    expect(semJustificativa(slot, [corrida(0)], metades)).toBe(false);
  });

  test("e nunca quando o relógio saltou por cima dele ou passou duas vezes", () => {
    const sa = [replica({ deMs: 0, ateMs: 900_000 })];
    expect(semJustificativa(slot, [corrida(0, inicio, 30_000), corrida(30_000, inicio + 120_000)], sa)).toBe(false);
    expect(semJustificativa(slot, [corrida(0, inicio, 90_000), corrida(90_000, inicio)], sa)).toBe(false);
  });
});
