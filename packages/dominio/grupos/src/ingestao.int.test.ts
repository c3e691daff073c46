import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, silentLogger } from "#core/runtime";
import { type BuscaNomeGrupo, ingerirWebhook } from "./ingestao.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const GRUPO = "120363000000000001@g.us";

function corpo(
  ajustes: { id?: string; instance?: string; message?: object; fromMe?: boolean; groupName?: string } = {},
) {
  return {
    event: "messages.upsert",
    instance: ajustes.instance ?? "escuta-01",
    data: {
      key: {
        remoteJid: GRUPO,
        participant: "5511988881234@s.whatsapp.net",
        id: ajustes.id ?? "3EB0A1",
        fromMe: ajustes.fromMe ?? false,
      },
      pushName: "Paula - Escalas Alfa",
      messageTimestamp: 1773144900,
      message: ajustes.message ?? { conversation: "Plantão CM no Hospital Vila Serena dia 14/03" },
      ...(ajustes.groupName === undefined ? {} : { groupName: ajustes.groupName }),
    },
  };
}

function ingerir(c: unknown, buscarNomeGrupo: BuscaNomeGrupo | null = null) {
  return ingerirWebhook(c, {
    db: t.db,
    clock: fixedClock("2026-03-10T12:15:01Z"),
    log: silentLogger,
    maxTentativas: 4,
    buscarNomeGrupo,
  });
}

const contagens = () =>
  t.sql(
    `select (select count(*)::int from mensagens_grupo) as mensagens, (select count(*)::int from fila_processamento_grupos) as itens,
            (select total_mensagens from grupos_whatsapp) as do_grupo, (select total_mensagens from contatos_grupo) as do_contato`,
  );

test("uma mensagem de grupo vira grupo, contato, mensagem e item na fila", async () => {
  expect(await ingerir(corpo({ groupName: "Plantões Médicos SP" }))).toEqual({
    status: "ok",
    recebidas: 1,
    novas: 1,
    duplicadas: 0,
    enfileiradas: 1,
    ignoradas: 0,
  });
  expect(
    await t.sql(
      `select g.nome as grupo, c.nome, c.empresa, c.telefone, m.texto, m.status, m.timestamp_msg, m.instance_name, f.estagio, f.max_tentativas
         from mensagens_grupo m join grupos_whatsapp g on g.id = m.grupo_id join contatos_grupo c on c.id = m.contato_id
         join fila_processamento_grupos f on f.mensagem_id = m.id`,
    ),
  ).toEqual([
    {
      grupo: "Plantões Médicos SP",
      nome: "Paula",
      empresa: "Escalas Alfa",
      telefone: "5511988881234",
      texto: "Plantão CM no Hospital Vila Serena dia 14/03",
      status: "pendente",
      timestamp_msg: new Date(1773144900_000),
      instance_name: "escuta-01",
      estagio: "pendente",
      max_tentativas: 4,
    },
  ]);
});

test("B-11: o mesmo webhook três vezes, por duas instâncias, dá uma mensagem, um item e um na contagem", async () => {
  const respostas = await Promise.all([ingerir(corpo()), ingerir(corpo({ instance: "escuta-02" })), ingerir(corpo())]);
  expect(respostas.map((r) => r.novas).sort()).toEqual([0, 0, 1]);
  expect(await contagens()).toEqual([{ mensagens: 1, itens: 1, do_grupo: 1, do_contato: 1 }]);
});

test("B-12: grupo com monitorar_ofertas desligado guarda a mensagem e não a enfileira", async () => {
  await t.sql("insert into grupos_whatsapp (jid, monitorar_ofertas) values ($1, false)", [GRUPO]);
  expect(await ingerir(corpo())).toMatchObject({ novas: 1, enfileiradas: 0, ignoradas: 1 });
  expect(await t.sql("select status from mensagens_grupo")).toEqual([{ status: "ignorada_grupo" }]);
});

test("B-13: imagem sem legenda é ignorada; com legenda de oferta é lida como texto", async () => {
  await ingerir(corpo({ id: "A", message: { imageMessage: { mimetype: "image/jpeg" } } }));
  await ingerir(corpo({ id: "B", message: { imageMessage: { caption: "Plantão CM ".repeat(18) } } }));
  expect(
    await t.sql(
      "select m.message_id, m.status, m.tipo_midia, f.id is not null as na_fila from mensagens_grupo m left join fila_processamento_grupos f on f.mensagem_id = m.id order by 1",
    ),
  ).toEqual([
    { message_id: "A", status: "ignorada_midia", tipo_midia: "imagem", na_fila: false },
    { message_id: "B", status: "pendente", tipo_midia: "imagem", na_fila: true },
  ]);
});

test("mensagem própria é guardada e não vai para a fila", async () => {
  await ingerir(corpo({ fromMe: true }));
  expect(await t.sql("select status from mensagens_grupo")).toEqual([{ status: "ignorada_propria" }]);
});

test("o que não é mensagem de grupo não deixa rastro", async () => {
  expect(await ingerir({ event: "connection.update", data: {} })).toMatchObject({
    recebidas: 0,
    novas: 0,
    ignoradas: 1,
  });
  expect(await t.sql("select 1 from grupos_whatsapp")).toEqual([]);
});

test("caracteres que o Postgres recusa não derrubam a ingestão", async () => {
  expect(await ingerir(corpo({ message: { conversation: "Plantão \u0000CM \ud83d dia 14/03" } }))).toMatchObject({
    novas: 1,
  });
});

test("o nome que falta é buscado no provedor depois da ingestão, e uma falha ali não a desfaz", async () => {
  const pedidos: unknown[] = [];
  let respondido!: () => void;
  const fim = new Promise<void>((r) => {
    respondido = r;
  });
  await ingerir(corpo({ id: "A" }), async (jid, instancia) => {
    pedidos.push([jid, instancia]);
    throw new Error("provedor fora");
  });
  await ingerir(corpo({ id: "B" }), async () => {
    queueMicrotask(respondido);
    return "Plantões ABC";
  });
  await fim;
  expect(pedidos).toEqual([[GRUPO, "escuta-01"]]);
  await expect
    .poll(() => t.sql("select nome from grupos_whatsapp"), { timeout: 30_000 })
    .toEqual([{ nome: "Plantões ABC" }]);
});
