import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock } from "#core/runtime";
import { umaMensagem } from "../../../packages/dominio/grupos/src/testing/fabrica.ts";
import { buildApp } from "../src/app.ts";
import { depsDeSaude } from "./saude-semeada.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

test("caso 33: 100, 101, 500 e 501 itens de extracao sem mudança há 61 minutos: healthy, degraded, degraded, unhealthy", async () => {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const deps = await depsDeSaude(t, clock);
  const app = await buildApp(deps);
  try {
    const { mensagemId } = await umaMensagem(t, { agora: "2026-03-02T11:00:00Z" });
    await t.sql("delete from fila_processamento_grupos");
    const vereditos: unknown[] = [];
    let feitos = 0;
    for (const quantos of [100, 101, 500, 501]) {
      // Uma mensagem por item: cópias da primeira, com identificação própria.
      await t.sql(
        `with copia as (
           insert into mensagens_grupo select (jsonb_populate_record(m, jsonb_build_object(
             'id', gen_random_uuid(), 'message_id', 'C-' || g))).* from mensagens_grupo m, generate_series($2::int + 1, $3::int) g where m.id = $1
           returning id)
         insert into fila_processamento_grupos (mensagem_id, estagio, estagio_desde, updated_at)
         select id, 'extracao', $4::timestamptz - interval '61 minutes', $4::timestamptz - interval '61 minutes' from copia`,
        [mensagemId, feitos, quantos, clock.now()],
      );
      feitos = quantos;
      for (const url of ["/health/grupos", "/health/grupos-worker"]) {
        const r = await app.inject({ url });
        const { status, travados, metrics, fila } = r.json();
        vereditos.push([r.statusCode, status, travados.count, metrics.travados, fila.extracao]);
      }
    }
    expect(vereditos).toEqual(
      [
        [100, "healthy"],
        [101, "degraded"],
        [500, "degraded"],
        [501, "unhealthy"],
      ].flatMap(([n, status]) => Array(2).fill([200, status, n, n, n])),
    );
    clock.set("2026-03-02T12:58:00Z"); // 59 minutos: ainda não está travado
    expect((await app.inject({ url: "/health/grupos" })).json()).toMatchObject({
      status: "healthy",
      travados: { count: 0 },
    });
  } finally {
    await app.close();
    await deps.fechar();
  }
});
