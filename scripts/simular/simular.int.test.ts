import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { instantOf } from "#core/runtime";
import { agendaCompleta } from "./agenda.ts";
import { faltas } from "./resumo.ts";
import { simular } from "./simular.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());

test("três horas de todas as agendas com tudo o que dá errado: nenhum horário sem explicação, nenhum duas vezes", async () => {
  const entradas = agendaCompleta();
  expect(entradas).toHaveLength(35);
  const r = await simular({
    databaseUrl: t.databaseUrl,
    sql: t.sql,
    entradas,
    semente: 20_260_302,
    inicio: instantOf("2026-03-02", 8),
    horas: 3,
    replicas: 2,
    stepMs: 15_000,
  });
  expect(Object.fromEntries(faltas(r).map(([promessa, achados]) => [promessa, [...achados]]))).toEqual({
    "horários sem explicação": [],
    "duplicados (executados e pulados)": [],
    "fora da agenda": [],
    "recebidos duas vezes pela API": [],
    "perdidos com uma réplica sã": [],
    "execuções deixadas abertas": [],
    "erros do próprio Postgres": [],
  });
  expect(r.auditoria.expected).toBeGreaterThan(1200);
  // O que se perturbou deixou marcas: uma simulação em que nada acontece não prova nada.
  expect(Object.keys(r.perturbacoes)).toHaveLength(10);
  expect(r.processos).toBeGreaterThan(4);
  expect(r.porStatus).toMatchObject({ success: expect.any(Number), error: expect.any(Number) });
  expect(r.porMotivo).toMatchObject({ sobreposicao: expect.any(Number) });
}, 240_000);
