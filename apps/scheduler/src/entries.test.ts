import { expect, test } from "vitest";
import { catalogo } from "#catalogo";
import { entradasDoScheduler } from "./entries.ts";

const entradas = entradasDoScheduler(catalogo);
const porNome = new Map(entradas.map((e) => [e.name, e]));

test("cada linha do catálogo vira um horário, com o endpoint inteiro e o prazo da chamada", () => {
  expect(entradas.map((e) => e.name).sort()).toEqual(catalogo.map((e) => e.nome).sort());
  expect(porNome.get("processar_grupos")).toEqual({
    name: "processar_grupos",
    cron: "* * * * *",
    endpoint: "/jobs/processar-grupos?batch_size=200&max_workers=20",
    periodS: 60,
    timeoutMs: 300_000,
    misfire: { graceS: 0 },
  });
  expect(entradasDoScheduler(catalogo, 1000).every((e) => e.timeoutMs === 1000)).toBe(true);
});

test("os críticos vêm primeiro", () => {
  const criticos = catalogo.filter((e) => e.critico).map((e) => e.nome);
  expect(entradas.slice(0, criticos.length).map((e) => e.name)).toEqual(criticos);
});

test("consolidar_metricas_grupos é recuperado até as 23 h do seu dia", () => {
  expect(porNome.get("consolidar_metricas_grupos")?.misfire).toEqual({ graceS: 3600, untilHour: 23 });
});
