import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { silentLogger, systemClock } from "#core/runtime";
import { configOfertasPadrao, OfertaColetada, salvarOfertas, tarefaEnriquecer } from "#dominio/ofertas";
import { closeLoopbacks, loopback } from "../../../packages/core/http/src/testing/loopback.ts";
import { paginaProduto } from "../../../packages/dominio/ofertas/src/testing/paginas.ts";
import { iniciar, matarSobras } from "./processo.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(async () => {
  matarSobras();
  await t.drop();
});
afterEach(closeLoopbacks);

test("RUN_MODE=worker drena a fila de enriquecimento: o que começou antes dele e o que chega depois; SIGTERM sai com 0", async () => {
  const loja = await loopback((req, res) => {
    res.writeHead(req.url === "/robots.txt" ? 404 : 200, { "content-type": "text/html" });
    res.end(req.url === "/robots.txt" ? "" : paginaProduto());
  });
  const deps = { db: t.db, clock: systemClock, log: silentLogger, tarefa: tarefaEnriquecer(configOfertasPadrao()) };
  const salvar = (n: number) =>
    salvarOfertas(deps, [OfertaColetada.parse({ url: `${loja.url}/MLB-${n}`, current_price_cents: 28_214 })]);
  await salvar(1);
  const worker = await iniciar({
    modo: "worker",
    pronto: "[worker] fila enrichment",
    env: {
      SUPABASE_URL: t.url,
      SUPABASE_SERVICE_KEY: t.serviceKey,
      ENRICHMENT_ALLOW_LOOPBACK: "true",
      ENRICHMENT_REQUEST_DELAY_S: "0.05",
    },
  });
  await worker.ate("enriquecida");
  const [dois] = await salvar(2);
  await worker.ate(`oferta ${dois?.id}: enriquecida`);
  expect(await worker.encerrar()).toBe(0);
  expect(await t.sql("select enrichment_status as s, old_price_cents as p, discount_pct as d from offers")).toEqual([
    { s: "finished", p: 44_999, d: 37 },
    { s: "finished", p: 44_999, d: 37 },
  ]);
  expect(await t.sql("select distinct status from background_jobs")).toEqual([{ status: "complete" }]);
}, 180_000);
