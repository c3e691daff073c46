import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
import { heartbeat } from "./heartbeat.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const bater = (agora: string) => heartbeat.run({}, { db: t.db, clock: fixedClock(agora) });

test("sem estado nenhum, registra ativo", async () => {
  expect(await bater("2026-03-10T13:00:00Z")).toMatchObject({
    status: "ok",
    processados: 1,
    status_operacional: "ativo",
  });
});

test("AC-40: um pausado de emergência continua pausado depois do heartbeat", async () => {
  await t.sql(
    "insert into julia_status (status, alterado_por, alterado_via, created_at) values ('pausado', 'gestora', 'slack', '2026-03-10T12:59:30Z')",
  );
  await bater("2026-03-10T13:00:00Z");
  await bater("2026-03-10T13:01:00Z");
  expect(await t.sql("select status, alterado_por from julia_status order by created_at desc")).toEqual([
    { status: "pausado", alterado_por: "scheduler" },
    { status: "pausado", alterado_por: "scheduler" },
    { status: "pausado", alterado_por: "gestora" },
  ]);
});

test("apaga os seus sinais com mais de 24 horas e nenhum de pessoas", async () => {
  await bater("2026-03-08T13:00:00Z");
  await t.sql(
    "insert into julia_status (status, alterado_por, created_at) values ('ativo', 'gestora', '2026-01-01T00:00:00Z')",
  );
  await bater("2026-03-10T13:00:00Z");
  expect(await t.sql("select alterado_por from julia_status order by created_at")).toEqual([
    { alterado_por: "gestora" },
    { alterado_por: "scheduler" },
  ]);
});
