import { describe, expect, test } from "vitest";
import { slotsBetween } from "#core/cron";
import { catalogo } from "./catalogo.ts";
import { CRITICOS, PUBLICADO } from "./testing/publicado.ts";

describe.each(catalogo.map((e) => [e.nome, e] as const))("%s", (nome, e) => {
  test("tem o horário, o endpoint, o SLA e a criticidade publicados, e 300 s de prazo", () => {
    expect([e.nome, e.schedule, e.endpoint, e.slaS]).toEqual(PUBLICADO.find(([publicado]) => publicado === nome));
    expect(e.critico).toBe(CRITICOS.includes(nome));
    expect(e.timeoutS).toBe(300);
  });

  test("o seu período não é mais curto do que o menor intervalo entre os seus horários, e o SLA é mais longo", () => {
    const horarios = slotsBetween(e.schedule, new Date("2026-03-02T03:00:00Z"), new Date("2026-03-16T03:00:00Z"));
    const intervalos = horarios.slice(1).map((h, i) => h.getTime() - (horarios[i]?.getTime() ?? 0));
    expect(Math.min(...intervalos)).toBeLessThanOrEqual(e.periodoS * 1000);
    expect(e.slaS).toBeGreaterThan(e.periodoS);
  });
});
