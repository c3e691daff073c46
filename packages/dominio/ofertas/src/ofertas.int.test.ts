import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { closeLoopbacks } from "../../../core/http/src/testing/loopback.ts";
import {
  detalharOferta,
  enqueueEnrichmentJob,
  getOffersNeedingEnrichment,
  OfertaColetada,
  salvarOfertas,
} from "./ofertas.ts";
import { criarMundo, HOST, type Mundo } from "./testing/mundo.ts";

let t: TestDatabase;
let m: Mundo;
beforeAll(async () => {
  t = await createTestDatabase();
  m = await criarMundo(t);
});
afterAll(async () => {
  await m.fechar();
  await closeLoopbacks();
  await t.drop();
});
beforeEach(() => t.truncateAll());
afterEach(() => m.clock.set("2026-03-10T12:00:00Z"));

const coletada = (n: number, mais: object = {}) =>
  OfertaColetada.parse({
    url: `https://${HOST}/MLB-${n}-x`,
    title: `Produto ${n}`,
    current_price_cents: 1000 + n,
    ...mais,
  });
const salvar = (...ofertas: ReturnType<typeof coletada>[]) => salvarOfertas(m.deps, ofertas);
const precisam = (opcoes: Partial<Parameters<typeof getOffersNeedingEnrichment>[1]> = {}) =>
  getOffersNeedingEnrichment(m.deps, { recheckH: 24, afiliacaoConfigurada: true, ...opcoes });
/** Como se as tarefas tivessem acabado, sem mais. */
const semTarefas = () => t.sql("with d as (delete from background_jobs) update offers set enrichment_status = 'none'");

describe("salvar", () => {
  test("as novas ganham uma tarefa cada uma na mesma transação; as conhecidas só são atualizadas", async () => {
    const [um] = await salvar(coletada(1));
    const salvas = await salvar(coletada(2), coletada(1, { title: "Outro", current_price_cents: 5 }), coletada(3));
    expect(salvas.map((s) => s.nova)).toEqual([true, false, true]);
    expect(salvas[1]).toMatchObject({ id: um?.id, job_id: um?.job_id });
    expect(await m.oferta(um?.id ?? "")).toMatchObject({ title: "Outro", current_price_cents: 5, product_id: "MLB1" });
    const tarefas = await t.sql(
      "select args, queue, max_tries, timeout_s, keep_result_s, keep_failed_s from background_jobs",
    );
    expect(tarefas).toHaveLength(3);
    expect(tarefas[0]).toMatchObject({
      queue: "enrichment",
      max_tries: 1,
      timeout_s: 600,
      keep_result_s: 3600,
      keep_failed_s: 604_800,
    });
    expect(
      await t.sql("select count(*)::int as n from offers o join background_jobs j on j.job_id = o.enrichment_job_id"),
    ).toEqual([{ n: 3 }]);
  });
  test("um null nunca apaga um valor, nem um link de afiliado bom é trocado", async () => {
    const link = { affiliate_link: "https://meli.la/a", affiliation_id: "1", old_price_cents: 5000, discount_pct: 0 };
    const [um] = await salvar(coletada(1, link));
    await salvar(coletada(1, { title: null, affiliate_link: "https://meli.la/b", affiliation_id: "2" }));
    expect(await m.oferta(um?.id ?? "")).toMatchObject({ title: "Produto 1", ...link });
  });
  test("o que um banco não guarda num texto sai dele", async () => {
    const [um] = await salvar(coletada(1, { title: "Fone\u0000 \ud800 <b>" }));
    expect(await m.oferta(um?.id ?? "")).toMatchObject({ title: "Fone \ufffd <b>" });
  });
  test("de uma URL repetida no lote vale a última; lotes ao mesmo tempo não se atrapalham", async () => {
    expect(await salvar(coletada(1), coletada(1, { current_price_cents: 7 }))).toHaveLength(1);
    const lote = Array.from({ length: 50 }, (_, i) => coletada(i));
    const lotes = await Promise.all([salvar(...lote), salvar(...lote.toReversed()), salvar(...lote)]);
    expect(lotes.flat().filter((s) => s.nova)).toHaveLength(49);
    expect(await t.sql("select count(*)::int as n from background_jobs")).toEqual([{ n: 50 }]);
  });
  test("um lote que o banco recusa não deixa nada: nem oferta, nem tarefa", async () => {
    const ruim = { ...coletada(2), current_price_cents: -1 };
    await expect(salvar(coletada(1), ruim)).rejects.toMatchObject({ code: "conflito" });
    expect(
      await t.sql("select (select count(*) from offers)::int as o, (select count(*) from background_jobs)::int as t"),
    ).toEqual([{ o: 0, t: 0 }]);
  });
  test.each([
    [{ url: "javascript:alert(1)" }, "url"],
    [{ url: `https://x.example/${"a".repeat(2048)}` }, "url"],
    [{ url: `https://x.example/${"é".repeat(2000)}` }, "url"],
    [{ title: " \u0000 " }, "title"],
    [{ current_price_cents: 0 }, "current_price_cents"],
    [{ current_price_cents: 10.5 }, "current_price_cents"],
    [{ discount_pct: 100 }, "discount_pct"],
    [{ preco: 1 }, ""],
  ])("uma oferta com %j é recusada pelo nome do campo", (mais, campo) => {
    const r = OfertaColetada.safeParse({ ...coletada(1), ...mais });
    expect(r.error?.issues[0]?.path.join(".")).toBe(campo);
  });
});

describe("40: quem precisa de enriquecimento", () => {
  test("qualquer um dos campos pedidos basta; sem campo pedido, nenhuma", async () => {
    await salvar(
      coletada(1, { discount_pct: 0 }),
      coletada(2, { old_price_cents: 9 }),
      coletada(3, { affiliate_link: "https://meli.la/a" }),
    );
    await semTarefas();
    const quais = async (old: boolean, discount: boolean, link: boolean, afiliacaoConfigurada = true) => {
      const flags = {
        missingOldPrice: old,
        missingDiscount: discount,
        missingAffiliateLink: link,
        afiliacaoConfigurada,
      };
      return (await precisam(flags)).map((o) => o.url.match(/MLB-(\d)/)?.[1]).sort();
    };
    expect(await quais(false, true, false), "com desconto mas sem preço anterior não é devolvida").toEqual(["2", "3"]);
    expect(await quais(true, false, false)).toEqual(["1", "3"]);
    expect(await quais(false, false, true)).toEqual(["1", "2"]);
    expect(await quais(true, true, true)).toEqual(["1", "2", "3"]);
    expect(await quais(false, false, true, false), "sem afiliação o link não falta").toEqual([]);
    expect(await quais(false, false, false)).toEqual([]);
  });
  test("ficam fora as que têm tarefa, as que falharam e as lidas há pouco; a mais antiga vem primeiro", async () => {
    await salvar(coletada(1), coletada(2), coletada(3), coletada(4));
    expect(await precisam()).toEqual([]);
    await semTarefas();
    await t.sql("update offers set enrichment_status = 'failed' where product_id = 'MLB1'");
    await t.sql("update offers set enriched_at = $1, enrichment_status = 'finished' where product_id = 'MLB2'", [
      m.clock.now(),
    ]);
    await t.sql("update offers set created_at = created_at - interval '1 day' where product_id = 'MLB4'");
    const ids = async (o = {}) => (await precisam(o)).map((x) => x.url.match(/MLB-(\d)/)?.[1]);
    expect(await ids()).toEqual(["4", "3"]);
    expect(await ids({ limit: 1 })).toEqual(["4"]);
    m.clock.advanceMs(24 * 3_600_000);
    expect((await ids()).toSorted()).toEqual(["2", "3", "4"]);
  });
  test("um limite fora de 1 a 1000 é recusado", () => {
    expect(() => precisam({ limit: 0 })).toThrow("limit deve ser um inteiro de 1 a 1000");
  });
});

describe("à mão", () => {
  test("uma oferta que não existe é nao_encontrado", async () => {
    const id = "00000000-0000-4000-8000-000000000000";
    await expect(enqueueEnrichmentJob(m.deps, { offerId: id })).rejects.toMatchObject({ code: "nao_encontrado" });
    await expect(detalharOferta(t.db, id)).rejects.toMatchObject({ code: "nao_encontrado" });
  });
  test("a tarefa leva a URL e o preço dados, ou os guardados", async () => {
    const [um] = await salvar(coletada(1));
    await semTarefas();
    await enqueueEnrichmentJob(m.deps, { offerId: um?.id ?? "", url: "https://meli.la/x", currentPriceCents: 77 });
    expect(await m.tarefas()).toMatchObject([
      { args: { offer_id: um?.id, url: "https://meli.la/x", current_price_cents: 77 } },
    ]);
    expect(m.log.at(-1)?.msg).toMatch(/^\[queue\] oferta /);
  });
});

test("a seleção lê só o índice das incompletas, por maior que seja a tabela", async () => {
  await t.sql(
    `insert into offers (url, current_price_cents, old_price_cents, discount_pct, affiliate_link, enrichment_status)
     select 'https://x/' || n, 100, case when n % 1000 > 0 then 200 end, 50, 'l', 'finished' from generate_series(1, 5000) n`,
  );
  await t.sql("analyze offers");
  const leituras = (o: string) => `pg_stat_get_xact_numscans('${o}'::regclass)::int`;
  const [r] = await t.sql(
    `select ${leituras("offers_incompletas_idx")} as indice_antes, ${leituras("offers")} as tabela_antes,
            ${leituras("offers_enrichment_status_idx")} as falhas_antes,
            jsonb_array_length(ofertas_a_enriquecer(10, true, true, true, 24, false)) as n,
            ${leituras("offers_incompletas_idx")} as indice, ${leituras("offers")} as tabela,
            ${leituras("offers_enrichment_status_idx")} as falhas`,
  );
  expect(r).toMatchObject({
    n: 5,
    indice: (r?.indice_antes as number) + 1,
    tabela: r?.tabela_antes,
    falhas: r?.falhas_antes,
  });
});
