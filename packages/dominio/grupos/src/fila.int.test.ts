import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import type { ItemMensagem } from "./fila.ts";
import { item, muitasMensagens, umaFila, umaMensagem, umaVagaExtraida } from "./testing/fabrica.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase({ seed: true });
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const MENSAGEM = ["pendente", "heuristica", "classificacao", "extracao"];

function comVagas(i: ItemMensagem, vagas: object[]): object {
  return {
    id: i.id,
    token: i.token,
    mensagem_id: i.mensagem_id,
    grupo_id: i.grupo_id,
    contato_id: i.contato_id,
    max_tentativas: i.max_tentativas,
    estagio: "finalizado",
    ultimo_estagio: "extracao",
    motivo: `vagas:${vagas.length}`,
    mensagem: { status: "extraida", eh_oferta: true, qtd_vagas_extraidas: vagas.length },
    vagas,
  };
}

async function primeiro(reserva: Promise<ItemMensagem[]>): Promise<ItemMensagem> {
  const [i] = await reserva;
  if (!i) throw new Error("nada reservado");
  return i;
}

describe("reserva", () => {
  test("B-01: oito processos reservando de vinte em vinte levam mil itens, cada um uma vez", async () => {
    await muitasMensagens(t, 1000);
    const levados: string[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, k) => {
        const { fila } = umaFila(t, `p${k}`);
        for (
          let i = await fila.reservarMensagens(MENSAGEM, 20);
          i.length > 0;
          i = await fila.reservarMensagens(MENSAGEM, 20)
        ) {
          levados.push(...i.map((x) => x.id));
        }
      }),
    );
    expect(levados.length).toBe(1000);
    expect(new Set(levados).size).toBe(1000);
  });

  test("leva primeiro o que nunca falhou, depois o mais antigo, na ordem dos estágios pedidos", async () => {
    const a = await umaMensagem(t, { agora: "2026-03-10T12:00:00Z" });
    const b = await umaMensagem(t, { agora: "2026-03-10T12:01:00Z" });
    const c = await umaMensagem(t, { agora: "2026-03-10T12:02:00Z" });
    await t.sql("update fila_processamento_grupos set tentativas = 1 where id = $1", [a.itemId]);
    await t.sql("update fila_processamento_grupos set estagio = 'extracao' where id = $1", [b.itemId]);
    const { fila } = umaFila(t);
    const ordem: string[] = [];
    for (let k = 0; k < 3; k++) ordem.push((await primeiro(fila.reservarMensagens(MENSAGEM, 1))).id);
    expect(ordem).toEqual([c.itemId, a.itemId, b.itemId]);
  });

  test("B-03: um item à espera de repetição não sai aos 59 s e sai aos 61 s", async () => {
    await umaMensagem(t);
    const { fila, em } = umaFila(t);
    const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    await fila.falhar([{ id: i.id, token: i.token, erro: "x", definitivo: false }]);
    em("2026-03-10T12:05:59Z");
    expect(await fila.reservarMensagens(MENSAGEM, 1)).toEqual([]);
    em("2026-03-10T12:06:01Z");
    expect((await fila.reservarMensagens(MENSAGEM, 1)).length).toBe(1);
  });

  test("traz o que o estágio precisa: texto, grupo, remetente e o dia de São Paulo do envio", async () => {
    // 23:30 em São Paulo já é o dia seguinte em UTC (B-24).
    await umaMensagem(t, { texto: "CM hoje", enviadaEm: "2026-03-11T02:30:00Z" });
    expect(await umaFila(t).fila.reservarMensagens(MENSAGEM, 1)).toMatchObject([
      {
        texto: "CM hoje",
        data_referencia: "2026-03-10",
        grupo_nome: "Plantões Médicos SP",
        remetente_telefone: "5511900000001",
      },
    ]);
  });
});

describe("falha", () => {
  test("B-02: três falhas esperam 1 min, 5 min e terminam em erro com o estágio e o motivo", async () => {
    const { itemId, mensagemId } = await umaMensagem(t);
    const { fila, em } = umaFila(t);
    const esperas: (string | null)[] = [];
    for (const instante of ["2026-03-10T13:00:00Z", "2026-03-10T14:00:00Z", "2026-03-10T15:00:00Z"]) {
      em(instante);
      const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
      await fila.falhar([{ id: i.id, token: i.token, erro: `falha às ${instante}`, definitivo: false }]);
      const { proximo_retry } = (await item(t.sql, itemId)) as { proximo_retry: Date | null };
      esperas.push(proximo_retry && String((proximo_retry.getTime() - Date.parse(instante)) / 60_000));
    }
    expect(esperas).toEqual(["1", "5", null]);
    expect(await item(t.sql, itemId)).toMatchObject({
      estagio: "erro",
      tentativas: 3,
      ultimo_estagio: "pendente",
      ultimo_erro: "falha às 2026-03-10T15:00:00Z",
      lease_token: null,
    });
    expect(await t.sql("select status from mensagens_grupo where id = $1", [mensagemId])).toEqual([{ status: "erro" }]);
  });

  test("com max_tentativas 4, a espera de 15 minutos existe", async () => {
    const { itemId } = await umaMensagem(t, { maxTentativas: 4 });
    const { fila, em } = umaFila(t);
    for (const instante of ["2026-03-10T13:00:00Z", "2026-03-10T14:00:00Z", "2026-03-10T15:00:00Z"]) {
      em(instante);
      const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
      await fila.falhar([{ id: i.id, token: i.token, erro: "x", definitivo: false }]);
    }
    expect(await item(t.sql, itemId)).toMatchObject({
      estagio: "pendente",
      tentativas: 3,
      proximo_retry: new Date("2026-03-10T15:15:00Z"),
    });
  });

  test("uma falha definitiva vai direto para erro", async () => {
    const { itemId } = await umaMensagem(t);
    const { fila } = umaFila(t);
    const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    expect(await fila.falhar([{ id: i.id, token: i.token, erro: "x".repeat(900), definitivo: true }])).toEqual({
      [i.id]: "erro",
    });
    expect(String((await item(t.sql, itemId)).ultimo_erro).length).toBe(500);
  });

  test("B-04: o sucesso depois de uma falha zera as tentativas e apaga o erro", async () => {
    const { itemId } = await umaMensagem(t);
    const { fila, em } = umaFila(t);
    let i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    await fila.falhar([{ id: i.id, token: i.token, erro: "x", definitivo: false }]);
    em("2026-03-10T13:00:00Z");
    i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    await fila.concluirMensagens([
      { id: i.id, token: i.token, mensagem_id: i.mensagem_id, estagio: "extracao", mensagem: {} },
    ]);
    expect(await item(t.sql, itemId)).toMatchObject({
      estagio: "extracao",
      tentativas: 0,
      ultimo_erro: null,
      proximo_retry: null,
    });
  });
});

describe("reserva vencida", () => {
  test("B-05: depois de 30 s o ciclo seguinte conta uma falha lease_expirado e o item volta a rodar", async () => {
    const { itemId } = await umaMensagem(t);
    const { fila, em } = umaFila(t);
    await fila.reservarMensagens(MENSAGEM, 1);
    em("2026-03-10T12:05:29Z");
    expect(await fila.iniciarCiclo()).toBe(0);
    em("2026-03-10T12:05:31Z");
    expect(await fila.iniciarCiclo()).toBe(1);
    expect(await item(t.sql, itemId)).toMatchObject({
      estagio: "pendente",
      tentativas: 1,
      ultimo_erro: "lease_expirado",
      leases_expirados: 1,
      proximo_retry: null,
    });
    expect((await fila.reservarMensagens(MENSAGEM, 1)).length).toBe(1);
  });

  test("renovar estende a reserva e diz quais já foram perdidas", async () => {
    await umaMensagem(t);
    const { fila, em } = umaFila(t);
    const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    em("2026-03-10T12:05:20Z");
    const estranho = crypto.randomUUID();
    expect(await fila.renovar([i.token, estranho])).toEqual([estranho]);
    em("2026-03-10T12:05:45Z");
    expect(await fila.iniciarCiclo()).toBe(0);
  });

  test("devolver não conta falha", async () => {
    const { itemId } = await umaMensagem(t);
    const { fila } = umaFila(t);
    const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    expect(await fila.devolver([i.token])).toBe(1);
    expect(await item(t.sql, itemId)).toMatchObject({ tentativas: 0, lease_token: null, leases_expirados: 0 });
  });

  test("B-06: o processo antigo termina depois de o item ter sido tomado: nada dele fica", async () => {
    const { mensagemId } = await umaMensagem(t);
    const antigo = umaFila(t, "antigo");
    const novo = umaFila(t, "novo");
    const velho = await primeiro(antigo.fila.reservarMensagens(MENSAGEM, 1));
    novo.em("2026-03-10T12:05:40Z");
    await novo.fila.iniciarCiclo();
    novo.em("2026-03-10T12:07:00Z");
    const atual = await primeiro(novo.fila.reservarMensagens(MENSAGEM, 1));
    const r = await antigo.fila.concluirMensagens([comVagas(velho, [umaVagaExtraida()])]);
    expect(r).toMatchObject({ itens: { [velho.id]: "lease_perdido" }, vagas_criadas: 0 });
    expect(await t.sql("select 1 from vagas_grupo")).toEqual([]);
    await novo.fila.concluirMensagens([comVagas(atual, [umaVagaExtraida()])]);
    expect(await t.sql("select count(*)::int as n from vagas_grupo where mensagem_id = $1", [mensagemId])).toEqual([
      { n: 1 },
    ]);
  });

  test("um item empurrado à mão acima do limite vai para erro no ciclo seguinte", async () => {
    const { itemId } = await umaMensagem(t);
    await t.sql("update fila_processamento_grupos set tentativas = 3 where id = $1", [itemId]);
    await umaFila(t).fila.iniciarCiclo();
    expect(await item(t.sql, itemId)).toMatchObject({
      estagio: "erro",
      ultimo_estagio: "pendente",
      ultimo_erro: "tentativas_esgotadas",
    });
  });
});

describe("fan-out", () => {
  test("uma mensagem vira N vagas e N itens, e a mensagem termina, numa transação", async () => {
    const { mensagemId, itemId } = await umaMensagem(t);
    const { fila } = umaFila(t);
    const i = await primeiro(fila.reservarMensagens(MENSAGEM, 1));
    const r = await fila.concluirMensagens([comVagas(i, [umaVagaExtraida(), umaVagaExtraida(), umaVagaExtraida()])]);
    expect(r.vagas_criadas).toBe(3);
    expect(await item(t.sql, itemId)).toMatchObject({ estagio: "finalizado", motivo: "vagas:3" });
    expect(
      await t.sql(
        "select estagio, count(*)::int as n from fila_processamento_grupos where vaga_grupo_id is not null group by 1",
      ),
    ).toEqual([{ estagio: "normalizacao", n: 3 }]);
    expect(await t.sql("select status, qtd_vagas_extraidas from mensagens_grupo where id = $1", [mensagemId])).toEqual([
      { status: "extraida", qtd_vagas_extraidas: 3 },
    ]);
    expect(await t.sql("select total_ofertas_detectadas as o from grupos_whatsapp")).toEqual([{ o: 1 }]);
    expect(await t.sql("select total_vagas_postadas as p from contatos_grupo")).toEqual([{ p: 3 }]);
  });

  test("B-07 e B-08: extrair de novo não duplica vagas nem itens; o que não foi lido agora é substituído", async () => {
    const { mensagemId, itemId } = await umaMensagem(t);
    const { fila } = umaFila(t);
    const fica = umaVagaExtraida();
    const sai = umaVagaExtraida();
    await fila.concluirMensagens([comVagas(await primeiro(fila.reservarMensagens(MENSAGEM, 1)), [fica, sai])]);
    await t.sql("update fila_processamento_grupos set estagio = 'extracao' where id = $1", [itemId]);
    await fila.concluirMensagens([
      comVagas(await primeiro(fila.reservarMensagens(MENSAGEM, 1)), [{ ...fica, valor: 1700 }]),
    ]);
    expect(
      await t.sql(
        `select v.valor, v.status, f.estagio, f.motivo from vagas_grupo v join fila_processamento_grupos f on f.vaga_grupo_id = v.id
          where v.mensagem_id = $1 order by v.valor desc`,
        [mensagemId],
      ),
    ).toEqual([
      { valor: 1700, status: "nova", estagio: "normalizacao", motivo: null },
      { valor: 1500, status: "substituida", estagio: "descartado", motivo: "substituida" },
    ]);
  });

  test("um elemento que o banco recusa falha sozinho; os outros do lote são gravados", async () => {
    await umaMensagem(t);
    await umaMensagem(t);
    await umaMensagem(t);
    const { fila } = umaFila(t);
    const itens = await fila.reservarMensagens(MENSAGEM, 3);
    const perdido = { ...itens[1], token: crypto.randomUUID() } as ItemMensagem;
    const r = await fila.concluirMensagens([
      comVagas(itens[0] as ItemMensagem, [umaVagaExtraida()]),
      comVagas(perdido, [umaVagaExtraida()]),
      comVagas(itens[2] as ItemMensagem, [umaVagaExtraida({ numero_vagas: 99 })]),
    ]);
    expect(r.vagas_criadas).toBe(1);
    expect(r.itens[itens[0]?.id ?? ""]).toMatchObject({ estagio: "finalizado" });
    expect(r.itens[perdido.id]).toBe("lease_perdido");
    const terceira = itens[2]?.id ?? "";
    expect(Object.keys(r.erros)).toEqual([terceira]);
    expect(await item(t.sql, terceira)).toMatchObject({ estagio: "erro", ultimo_estagio: "pendente" });
    expect(String((await item(t.sql, terceira)).ultimo_erro)).toContain("ck_vagas_grupo_numero");
  });
});
