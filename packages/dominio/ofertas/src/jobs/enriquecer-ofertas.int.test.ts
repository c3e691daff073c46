import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { answers } from "../../../../clients/storefront/src/testing/fake-shop.ts";
import { closeLoopbacks } from "../../../../core/http/src/testing/loopback.ts";
import { enqueueEnrichmentJob } from "../ofertas.ts";
import { criarMundo, HOST, type Mundo } from "../testing/mundo.ts";
import { PAGINA_VERIFICACAO, paginaProduto } from "../testing/paginas.ts";

let t: TestDatabase;
let m: Mundo;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  m = await criarMundo(t);
});
afterEach(async () => {
  await m.fechar();
  await closeLoopbacks();
});

const pagina = (n: number, o?: Parameters<typeof paginaProduto>[0]) =>
  m.loja.pages.set(`${HOST}/MLB-${n}`, paginaProduto(o));
const responde = (n: number, status: number, headers: Record<string, string> = {}) =>
  m.loja.pages.set(`${HOST}/MLB-${n}`, answers(status, headers));
const verificacao = (n: number) =>
  responde(n, 302, { location: "https://www.mercadolivre.com.br/gz/account-verification?go=x" });
const paginasPedidas = () => m.loja.requests.filter((r) => !r.endsWith("robots.txt"));
const SEM_DESCONTO = { antigo: null, rotulo: null } as const;

describe("o que a página diz", () => {
  test("34: 449,99 por 282,14 com 37% OFF: 44999 e 37, os textos crus, e o preço do scraping intacto", async () => {
    const [id = ""] = await m.salvar(1);
    pagina(1, { atual: ["281", "99"] });
    expect(await m.rodar()).toMatchObject({
      status: "ok",
      processados: 1,
      enfileiradas: 0,
      finalizadas: 1,
      falhas: 0,
      sem_desconto: 0,
      bloqueadas: 0,
      em_andamento: 0,
      na_fila: 0,
      pausada_ate: null,
    });
    expect(await m.oferta(id)).toMatchObject({
      enrichment_status: "finished",
      enrichment_outcome: "enriquecida",
      product_id: "MLB1",
      old_fraction: "449",
      old_cents: "99",
      old_price_cents: 44_999,
      discount_pct: 37,
      current_price_cents: 28_214,
      title: "Produto 1",
      affiliate_link: null,
      enrichment_attempts: 1,
      enriched_at: m.clock.now(),
    });
    expect(await m.tarefas()).toMatchObject([
      { queue: "enrichment", function: "enrich_offer", status: "complete", tries: 1 },
    ]);
  });

  test("36: sem preço anterior, com um carrossel que tem: sem_desconto, nada preenchido, e só é lida de novo 24 h depois", async () => {
    const [id = ""] = await m.salvar(1);
    pagina(1, SEM_DESCONTO);
    expect(await m.rodar()).toMatchObject({ finalizadas: 1, sem_desconto: 1 });
    expect(await m.oferta(id)).toMatchObject({
      enrichment_status: "finished",
      enrichment_outcome: "sem_desconto",
      old_price_cents: null,
      discount_pct: null,
      old_fraction: null,
    });
    m.clock.advanceMs(24 * 3_600_000 - 1);
    expect(await m.rodar()).toMatchObject({ enfileiradas: 0, processados: 0 });
    m.clock.advanceMs(1);
    expect(await m.rodar()).toMatchObject({ enfileiradas: 1, finalizadas: 1 });
  });

  test("42: com afiliação configurada o link é preenchido também sem desconto, e um que já existe fica", async () => {
    await m.fechar();
    m = await criarMundo(t, { MELI_AFFILIATE_WORD: "abc", MELI_AFFILIATE_TOOL: "123" });
    const [um = "", dois = ""] = await m.salvar(1, 2);
    await t.sql("update offers set affiliate_link = 'https://meli.la/meu' where id = $1", [dois]);
    for (const n of [1, 2]) pagina(n, SEM_DESCONTO);
    await m.rodar();
    expect(await m.oferta(um)).toMatchObject({
      affiliate_link: `https://${HOST}/MLB-1?matt_word=abc&matt_tool=123`,
      affiliation_id: "123",
      enrichment_outcome: "sem_desconto",
    });
    expect(await m.oferta(dois)).toMatchObject({ affiliate_link: "https://meli.la/meu", affiliation_id: null });
  });

  test("404, 410 e anúncio pausado são indisponíveis", async () => {
    const ids = await m.salvar(1, 2, 3);
    responde(1, 404);
    responde(2, 410);
    pagina(3, { aviso: "Anúncio pausado" });
    expect(await m.rodar()).toMatchObject({ finalizadas: 3, indisponiveis: 3, falhas: 0 });
    for (const id of ids)
      expect(await m.oferta(id)).toMatchObject({ enrichment_outcome: "indisponivel", enrichment_error: null });
  });

  test("uma leitura sem preço anterior não apaga o que uma leitura anterior guardou", async () => {
    const [id = ""] = await m.salvar(1);
    pagina(1);
    await m.rodar();
    m.clock.advanceMs(25 * 3_600_000);
    pagina(1, SEM_DESCONTO);
    await enqueueEnrichmentJob(m.deps, { offerId: id });
    await m.rodar();
    expect(await m.oferta(id)).toMatchObject({
      old_price_cents: 44_999,
      discount_pct: 37,
      enrichment_outcome: "sem_desconto",
    });
  });

  test("um rótulo que mente fica registrado, e vale o calculado", async () => {
    const [id = ""] = await m.salvar(1);
    pagina(1, { rotulo: "60% OFF" });
    await m.rodar();
    expect(await m.oferta(id)).toMatchObject({ discount_pct: 37 });
    expect(m.log).toContainEqual(
      expect.objectContaining({ level: "warn", msg: expect.stringContaining("[enrichment_job] rótulo de 60%") }),
    );
  });
});

describe("falhas", () => {
  test("41: HTTP 503 falha essa oferta e mais nenhuma; o básico fica; reposta na fila, volta", async () => {
    const [um = "", dois = ""] = await m.salvar(1, 2);
    responde(1, 503);
    pagina(2);
    expect(await m.rodar()).toMatchObject({ status: "ok", processados: 2, finalizadas: 1, falhas: 1 });
    expect(await m.oferta(um)).toMatchObject({
      enrichment_status: "failed",
      enrichment_error: "HTTP 503",
      title: "Produto 1",
      current_price_cents: 28_214,
      enrichment_attempts: 1,
      enriched_at: null,
    });
    expect(await m.oferta(dois)).toMatchObject({ enrichment_outcome: "enriquecida" });
    const falha = (await m.tarefas()).find((x) => x.status === "failed");
    expect(falha).toMatchObject({ error: "HTTP 503", tries: 1 });
    // Não volta sozinha.
    m.clock.advanceMs(48 * 3_600_000);
    expect(await m.rodar()).toMatchObject({ enfileiradas: 0 });
    await t.sql(
      "update background_jobs set status = 'queued', tries = 0, finish_time = null, expires_at = null where status = 'failed'",
    );
    pagina(1);
    expect(await m.rodar()).toMatchObject({ finalizadas: 1 });
    expect(await m.oferta(um)).toMatchObject({ enrichment_status: "finished", old_price_cents: 44_999 });
  });

  test("reprocessar_falhas inclui as que falharam", async () => {
    await m.salvar(1);
    responde(1, 500);
    await m.rodar();
    pagina(1);
    expect(await m.rodar()).toMatchObject({ enfileiradas: 0 });
    expect(await m.rodar({ reprocessar_falhas: true })).toMatchObject({ enfileiradas: 1, finalizadas: 1 });
  });

  test("43: uma URL que não se pode pedir falha com URL não permitida, sem pedido algum", async () => {
    const [id = ""] = await m.salvar(1);
    await t.sql("delete from background_jobs");
    await enqueueEnrichmentJob(m.deps, { offerId: id, url: "http://localhost/x", currentPriceCents: 100 });
    expect(await m.rodar()).toMatchObject({ falhas: 1 });
    expect(await m.oferta(id)).toMatchObject({ enrichment_status: "failed", enrichment_error: "URL não permitida" });
    expect(m.loja.requests).toEqual([]);
  });

  test("43: duas vezes na fila é uma tarefa só, com o mesmo id", async () => {
    const [id = ""] = await m.salvar(1);
    const ids = await Promise.all([1, 2, 3].map(() => enqueueEnrichmentJob(m.deps, { offerId: id })));
    expect(new Set(ids).size).toBe(1);
    expect(await m.tarefas()).toMatchObject([{ job_id: ids[0] }]);
    expect(await m.oferta(id)).toMatchObject({ enrichment_status: "queued", enrichment_job_id: ids[0] });
  });

  test("o que robots.txt proíbe não é pedido, e não é falta de desconto", async () => {
    const [id = ""] = await m.salvar(1);
    m.loja.pages.set(`${HOST}/robots.txt`, "User-agent: *\nDisallow: /MLB-");
    expect(await m.rodar()).toMatchObject({ falhas: 1, sem_desconto: 0 });
    expect(await m.oferta(id)).toMatchObject({ enrichment_error: "Proibida pelo robots.txt da loja" });
    expect(paginasPedidas()).toEqual([]);
  });

  test("além do prazo: Job timeout exceeded, e o que chega depois é descartado", async () => {
    await m.fechar();
    m = await criarMundo(t, { ENRICHMENT_JOB_TIMEOUT: 1 });
    const [id = ""] = await m.salvar(1);
    m.loja.pages.set(`${HOST}/MLB-1`, () => undefined);
    expect(await m.rodar()).toMatchObject({ falhas: 1 });
    expect(await m.oferta(id)).toMatchObject({ enrichment_status: "failed", enrichment_error: "Job timeout exceeded" });
    const job = (await m.tarefas())[0]?.job_id as string;
    const tarde = { offer_id: id, job_id: job, outcome: "sem_desconto" };
    expect(await t.db.call("concluir_ofertas", { p_itens: [tarde], p_fila: "enrichment" })).toEqual([]);
  });

  test("um processo morto no meio: a oferta falha com Worker lost, e à mão volta", async () => {
    const [id = ""] = await m.salvar(1);
    await t.sql("update offers set enrichment_status = 'started'");
    await t.sql(
      `update background_jobs set status = 'in_progress', tries = 1, lease_token = gen_random_uuid(), locked_until = $1`,
      [m.clock.now().toISOString()],
    );
    pagina(1);
    await m.rodar();
    expect(await m.oferta(id)).toMatchObject({ enrichment_status: "failed", enrichment_error: "Worker lost" });
    await enqueueEnrichmentJob(m.deps, { offerId: id });
    expect(await m.rodar()).toMatchObject({ finalizadas: 1 });
  });

  test("interrompida por um encerramento: volta à fila sem contar a tentativa, e a oferta também", async () => {
    const [id = ""] = await m.salvar(1);
    m.loja.pages.set(`${HOST}/MLB-1`, () => undefined);
    const rodada = m.rodar();
    await m.loja.server.arrived(2);
    await m.ofertas.tarefas.close(0);
    await rodada;
    expect(await m.tarefas()).toMatchObject([{ status: "queued", tries: 0 }]);
    await t.db.call("sincronizar_ofertas", { p_agora: m.clock.now().toISOString() });
    expect(await m.oferta(id)).toMatchObject({
      enrichment_status: "queued",
      enrichment_attempts: 0,
      enrichment_error: null,
    });
  });

  test("uma oferta que não existe mais falha a sua tarefa", async () => {
    await m.salvar(1);
    await t.sql("delete from offers");
    expect(await m.rodar()).toMatchObject({ falhas: 1 });
    expect(await m.tarefas()).toMatchObject([{ error: "Oferta não encontrada" }]);
  });
});

describe("bloqueios", () => {
  test("37: levada à verificação, volta à fila sem contar tentativa; a terceira seguida para a fila 15 minutos", async () => {
    const ids = await m.salvar(1, 2, 3, 4);
    for (const n of [1, 2, 3, 4]) verificacao(n);
    const r = await m.rodar({ concorrencia: 1 });
    expect(r).toMatchObject({ processados: 0, bloqueadas: 3, falhas: 0, na_fila: 4 });
    expect(r.pausada_ate).toBe("2026-03-10T12:15:00+00:00");
    expect(paginasPedidas()).toHaveLength(3);
    for (const id of ids) {
      expect(await m.oferta(id)).toMatchObject({
        enrichment_status: "queued",
        enrichment_attempts: 0,
        enrichment_outcome: null,
      });
    }
    expect((await m.tarefas()).map((x) => [x.status, x.tries])).toEqual(Array(4).fill(["queued", 0]));

    expect(await m.rodar()).toMatchObject({ status: "skipped", motivo: "fila_pausada", processados: 0 });
    m.clock.advanceMs(900_000);
    for (const n of [1, 2, 3, 4]) pagina(n);
    expect(await m.rodar()).toMatchObject({ finalizadas: 4, pausada_ate: null });
  });

  test("uma página lida no meio recomeça a contagem", async () => {
    for (const n of [1, 2, 3, 4, 5]) {
      await m.salvar(n);
      m.clock.advanceMs(1000);
    }
    for (const n of [1, 2, 4, 5]) verificacao(n);
    pagina(3);
    expect(await m.rodar({ concorrencia: 1 })).toMatchObject({ bloqueadas: 4, finalizadas: 1, pausada_ate: null });
  });

  test("uma página sem título de produto é bloqueio e nunca falta de desconto", async () => {
    const [id = ""] = await m.salvar(1);
    m.loja.pages.set(`${HOST}/MLB-1`, PAGINA_VERIFICACAO);
    expect(await m.rodar()).toMatchObject({ bloqueadas: 1, sem_desconto: 0 });
    expect(await m.oferta(id)).toMatchObject({ enrichment_status: "queued", enriched_at: null });
  });

  test("429 para a fila pelo tempo que a loja pediu, ou 15 minutos se não disse", async () => {
    await m.salvar(1);
    m.clock.advanceMs(1000);
    await m.salvar(2);
    responde(1, 429, { "retry-after": "120" });
    responde(2, 429);
    expect(await m.rodar({ concorrencia: 1 })).toMatchObject({
      bloqueadas: 1,
      na_fila: 2,
      pausada_ate: "2026-03-10T12:02:01+00:00",
    });
    m.clock.advanceMs(120_000);
    expect(await m.rodar({ concorrencia: 1 })).toMatchObject({
      bloqueadas: 1,
      pausada_ate: "2026-03-10T12:17:01+00:00",
    });
  });

  test("o alerta enriquecimento_bloqueado sai uma vez por sequência de bloqueios", async () => {
    await m.salvar(1, 2, 3);
    for (const n of [1, 2, 3]) verificacao(n);
    await m.rodar();
    expect(m.mensagens).toMatchObject([{ text: expect.stringContaining("Enriquecimento de ofertas bloqueado") }]);
    for (let i = 0; i < 2; i++) {
      m.clock.advanceMs(3_600_000);
      await m.rodar();
    }
    expect(m.mensagens).toHaveLength(1);
    for (const n of [1, 2, 3]) pagina(n);
    m.clock.advanceMs(900_000);
    expect(await m.rodar()).toMatchObject({ finalizadas: 3 });
    expect(await t.sql("select resolvido_em is not null as resolvido from alertas_enviados")).toEqual([
      { resolvido: true },
    ]);

    await m.salvar(4, 5, 6);
    for (const n of [4, 5, 6]) verificacao(n);
    await m.rodar();
    expect(m.mensagens).toHaveLength(2);
  });

  test("a que só encontra bloqueio enquanto as outras são lidas acaba por falhar", async () => {
    const [id = ""] = await m.salvar(1);
    verificacao(1);
    await t.sql("update offers set enrichment_blocks = 9");
    await t.sql("insert into queue_state (queue, bloqueios_seguidos) values ('enrichment', 2)");
    expect(await m.rodar(), "numa sequência é a loja que recusa").toMatchObject({ falhas: 0, bloqueadas: 1 });
    await t.sql("update queue_state set bloqueios_seguidos = 0, pausada_ate = null");
    m.clock.advanceMs(60_000);
    expect(await m.rodar()).toMatchObject({ falhas: 1, bloqueadas: 0 });
    expect(await m.oferta(id)).toMatchObject({
      enrichment_status: "failed",
      enrichment_error: expect.stringContaining("Bloqueada 10 vezes"),
    });
  });
});

test("a resposta tem exatamente os campos prometidos", async () => {
  expect(Object.keys(await m.rodar()).sort()).toEqual(
    "bloqueadas em_andamento enfileiradas falhas finalizadas indisponiveis na_fila pausada_ate processados sem_desconto status".split(
      " ",
    ),
  );
});
