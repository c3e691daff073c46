import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { silentLogger, systemClock } from "#core/runtime";
import { requeueTasks } from "#core/tasks";
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
}, 500_000);

const OFERTAS = 24;
const SIMULTANEAS = 3;

test("kill -9 no meio de uma página: outro worker termina as outras, as cortadas ficam à vista, e reprocessadas terminam; nenhuma termina duas vezes", async () => {
  await t.truncateAll();
  let presas = true;
  const loja = await loopback((req, res) => {
    if (req.url === "/robots.txt") return void res.writeHead(404).end();
    res.writeHead(200, { "content-type": "text/html" });
    // Metade da página, e a outra metade nunca: é aí que o primeiro worker morre.
    if (presas && lidas(loja.requests) > 2) return void res.write(paginaProduto().slice(0, 2_000));
    res.end(paginaProduto());
  });
  const deps = { db: t.db, clock: systemClock, log: silentLogger, tarefa: tarefaEnriquecer(configOfertasPadrao()) };
  await salvarOfertas(
    deps,
    Array.from({ length: OFERTAS }, (_, n) =>
      OfertaColetada.parse({ url: `${loja.url}/MLB-${1000 + n}`, current_price_cents: 28_214 }),
    ),
  );
  const worker = () =>
    iniciar({
      modo: "worker",
      pronto: "[worker] fila enrichment",
      env: {
        SUPABASE_URL: t.url,
        SUPABASE_SERVICE_KEY: t.serviceKey,
        ENRICHMENT_ALLOW_LOOPBACK: "true",
        ENRICHMENT_REQUEST_DELAY_S: "0",
        ENRICHMENT_WORKER_CONCURRENCY: String(SIMULTANEAS),
        TASKS_LEASE_S: "3", // curta para o teste, longa para um processo que para por um segundo não perder a sua
      },
    });
  const primeiro = await worker();
  await expect.poll(() => lidas(loja.requests), { timeout: 120_000, interval: 10 }).toBe(2 + SIMULTANEAS);
  await primeiro.matar();
  presas = false;
  const segundo = await worker();
  const tarefas = () =>
    t.sql("select status, error, count(*)::int as n from background_jobs group by 1, 2 order by 1, 2");
  // Uma execução por oferta (§4.4): a que se perdeu com o processo não é repetida sem que alguém peça.
  await expect.poll(tarefas, { timeout: 120_000 }).toEqual([
    { status: "complete", error: null, n: OFERTAS - SIMULTANEAS },
    { status: "failed", error: "Worker lost", n: SIMULTANEAS },
  ]);
  expect(await requeueTasks(t.db, "enrichment", { limit: 100 }, systemClock)).toHaveLength(SIMULTANEAS);
  await expect.poll(tarefas, { timeout: 120_000 }).toEqual([{ status: "complete", error: null, n: OFERTAS }]);
  expect(
    await t.sql("select enrichment_status as s, old_price_cents as p, count(*)::int as n from offers group by 1, 2"),
  ).toEqual([{ s: "finished", p: 44_999, n: OFERTAS }]);
  expect(await segundo.encerrar()).toBe(0);
  // Cada oferta foi lida até o fim uma vez, e só as cortadas foram pedidas duas vezes.
  expect(lidas(loja.requests)).toBe(OFERTAS + SIMULTANEAS);
}, 500_000);

/** Páginas de ofertas pedidas até agora. */
function lidas(pedidos: readonly string[]): number {
  return pedidos.filter((p) => p.includes("/MLB-")).length;
}
