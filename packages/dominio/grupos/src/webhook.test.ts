import { describe, expect, test } from "vitest";
import { interpretarWebhook } from "./webhook.ts";

const AGORA = new Date("2026-03-10T12:20:00Z");
const TEXTO = "Plantão CM no Hospital Vila Serena, 14/03 SN, R$ 1.500";

function corpo(data: Record<string, unknown> = {}, key: Record<string, unknown> = {}, event = "messages.upsert") {
  return {
    event,
    instance: "escuta-01",
    data: {
      key: {
        remoteJid: "120363000000000001@g.us",
        participant: "5511988881234@s.whatsapp.net",
        id: "3EB0A1",
        fromMe: false,
        ...key,
      },
      pushName: "Paula - Escalas Alfa",
      messageTimestamp: 1773144900,
      message: { conversation: TEXTO },
      groupName: "Plantões Médicos SP",
      ...data,
    },
    destination: "https://exemplo.test/webhook",
    sender: "5511900000000@s.whatsapp.net",
    apikey: "segredo",
  };
}

function uma(c: unknown) {
  const r = interpretarWebhook(c, AGORA);
  expect(r.ignoradas).toEqual([]);
  expect(r.mensagens).toHaveLength(1);
  return r.mensagens[0] as (typeof r.mensagens)[number];
}

function motivos(c: unknown) {
  const r = interpretarWebhook(c, AGORA);
  expect(r.mensagens).toEqual([]);
  return r.ignoradas.map((i) => i.motivo);
}

test("a mensagem do exemplo vira as colunas de mensagens_grupo", () => {
  expect(uma(corpo())).toEqual({
    message_id: "3EB0A1",
    grupo_jid: "120363000000000001@g.us",
    grupo_nome: "Plantões Médicos SP",
    sender_jid: "5511988881234@s.whatsapp.net",
    sender_nome: "Paula - Escalas Alfa",
    texto: TEXTO,
    tipo_midia: "texto",
    tem_midia: false,
    is_forwarded: false,
    is_reply: false,
    reply_to_id: null,
    timestamp_msg: "2026-03-10T12:15:00.000Z",
    instance_name: "escuta-01",
    status_inicial: "pendente",
    contato: { jid: "5511988881234@s.whatsapp.net", telefone: "5511988881234", nome: "Paula", empresa: "Escalas Alfa" },
  });
});

describe("envelope", () => {
  test.each(["MESSAGES_UPSERT", "messages_upsert", "Messages.Upsert"])("o evento %s é o mesmo", (evento) => {
    expect(uma(corpo({}, {}, evento)).message_id).toBe("3EB0A1");
  });

  test("data pode ser uma lista, e um item ruim não perde os outros", () => {
    const c = corpo();
    const r = interpretarWebhook(
      { ...c, data: [c.data, { key: {} }, 7, null, { ...c.data, key: { ...c.data.key, id: "3EB0A2" } }] },
      AGORA,
    );
    expect(r.mensagens.map((m) => m.message_id)).toEqual(["3EB0A1", "3EB0A2"]);
    expect(r.ignoradas.map((i) => i.motivo)).toEqual(["sem_identificacao", "sem_identificacao", "sem_identificacao"]);
  });

  test("data pode trazer a lista em messages", () => {
    const c = corpo();
    expect(interpretarWebhook({ ...c, data: { messages: [c.data] } }, AGORA).mensagens).toHaveLength(1);
  });

  test.each([
    [null, "corpo_invalido"],
    ["texto", "corpo_invalido"],
    [[], "corpo_invalido"],
    [{ event: 1 }, "corpo_invalido"],
    [{ event: "connection.update", data: {} }, "evento_ignorado"],
    [{ event: "messages.update", data: {} }, "evento_ignorado"],
    [{ event: "messages.upsert" }, "sem_identificacao"],
    [corpo({}, { id: "" }), "sem_identificacao"],
    [corpo({}, { remoteJid: undefined }), "sem_identificacao"],
    [corpo({}, { remoteJid: "5511988881234@s.whatsapp.net" }), "nao_e_grupo"],
    [corpo({}, { remoteJid: "status@broadcast" }), "nao_e_grupo"],
  ])("corpo fora do esperado (%#) é descartado com motivo", (c, motivo) => {
    expect(motivos(c)).toEqual([motivo]);
  });

  test("uma mensagem só com o obrigatório é lida", () => {
    const minima = { key: { remoteJid: "1@g.us", id: "A" }, message: { conversation: TEXTO } };
    expect(uma({ event: "messages.upsert", data: minima })).toMatchObject({
      timestamp_msg: AGORA.toISOString(),
      contato: null,
      instance_name: null,
      status_inicial: "pendente",
    });
  });

  test("campos opcionais com tipo errado contam como ausentes", () => {
    const m = uma({ ...corpo({ pushName: 7, groupName: {}, contextInfo: "x" }, { participantAlt: 3 }), instance: 9 });
    expect(m).toMatchObject({ sender_nome: null, grupo_nome: null, instance_name: null });
  });
});

describe("conteúdo", () => {
  test.each([
    ["ephemeralMessage", { ephemeralMessage: { message: { conversation: TEXTO } } }],
    ["viewOnceMessage", { viewOnceMessage: { message: { imageMessage: { caption: TEXTO } } } }],
    ["viewOnceMessageV2", { viewOnceMessageV2: { message: { imageMessage: { caption: TEXTO } } } }],
    [
      "documento com legenda dentro de efêmera",
      {
        ephemeralMessage: {
          message: { documentWithCaptionMessage: { message: { documentMessage: { caption: TEXTO } } } },
        },
      },
    ],
  ])("abre o invólucro %s", (_nome, message) => {
    expect(uma(corpo({ message }))).toMatchObject({ texto: TEXTO, status_inicial: "pendente" });
  });

  test.each([
    ["editedMessage", { editedMessage: { message: { protocolMessage: {} } } }],
    ["protocolMessage", { protocolMessage: { type: "REVOKE" } }],
    ["reactionMessage", { reactionMessage: { text: "👍" } }],
    ["edição dentro de efêmera", { ephemeralMessage: { message: { editedMessage: { message: {} } } } }],
  ])("%s não é mensagem", (_nome, message) => {
    expect(motivos(corpo({ message }))).toEqual(["tipo_ignorado"]);
  });

  test.each([
    [null],
    [undefined],
    [{}],
    ["x"],
    [{ senderKeyDistributionMessage: { groupId: "g" }, messageContextInfo: {} }],
  ])("corpo vazio (%#) não é guardado, para que a mensagem decifrada depois não pareça repetida", (message) => {
    expect(motivos(corpo({ message }))).toEqual(["sem_conteudo"]);
  });

  test("texto estendido com resposta e encaminhamento", () => {
    const message = {
      extendedTextMessage: { text: TEXTO, contextInfo: { stanzaId: "3EB000", isForwarded: true, quotedMessage: {} } },
    };
    expect(uma(corpo({ message }))).toMatchObject({
      texto: TEXTO,
      tipo_midia: "texto",
      is_reply: true,
      reply_to_id: "3EB000",
      is_forwarded: true,
    });
  });

  test("o contexto também vem ao lado da mensagem", () => {
    const m = uma(corpo({ contextInfo: { stanzaId: "3EB000", forwardingScore: 2 } }));
    expect(m).toMatchObject({ is_reply: true, reply_to_id: "3EB000", is_forwarded: true });
  });

  test.each([
    ["imageMessage", "imagem"],
    ["audioMessage", "audio"],
    ["videoMessage", "video"],
    ["documentMessage", "documento"],
    ["stickerMessage", "sticker"],
  ])("%s sem legenda é ignorada_midia", (chave, tipo) => {
    expect(uma(corpo({ message: { [chave]: { mimetype: "x" } } }))).toMatchObject({
      tipo_midia: tipo,
      tem_midia: true,
      texto: null,
      status_inicial: "ignorada_midia",
    });
  });

  test("legenda curta é ignorada_midia; a de 15 caracteres é lida", () => {
    expect(uma(corpo({ message: { imageMessage: { caption: "  vaga 14/03 ok " } } })).status_inicial).toBe(
      "ignorada_midia",
    );
    expect(uma(corpo({ message: { imageMessage: { caption: "vaga 14/03 hoje" } } })).status_inicial).toBe("pendente");
  });

  test("texto de menos de 5 caracteres é ignorada_curta, contando emoji como um", () => {
    expect(uma(corpo({ message: { conversation: " oi! " } })).status_inicial).toBe("ignorada_curta");
    expect(uma(corpo({ message: { conversation: "👍🏽👍" } })).status_inicial).toBe("ignorada_curta");
    expect(uma(corpo({ message: { pollCreationMessage: { name: "?" } } }))).toMatchObject({
      tipo_midia: "outro",
      tem_midia: false,
      status_inicial: "ignorada_curta",
    });
  });

  test("mensagem própria é guardada como ignorada_propria, qualquer que seja o conteúdo", () => {
    expect(uma(corpo({}, { fromMe: true })).status_inicial).toBe("ignorada_propria");
    expect(uma(corpo({ message: { imageMessage: {} } }, { fromMe: true })).status_inicial).toBe("ignorada_propria");
  });

  test("NUL e meio par substituto não chegam ao banco", () => {
    expect(uma(corpo({ message: { conversation: "vaga\u0000 aberta \ud83d" } })).texto).toBe("vaga aberta \ufffd");
  });
});

describe("remetente", () => {
  test("um LID com telefone alternativo guarda os dois", () => {
    for (const campo of ["participantAlt", "participantPn", "senderPn"]) {
      const m = uma(corpo({}, { participant: "224253161005092@lid", [campo]: "5511988881234:7@s.whatsapp.net" }));
      expect(m.contato).toMatchObject({ jid: "224253161005092@lid", telefone: "5511988881234" });
    }
  });

  test("um LID sozinho não tem telefone", () => {
    const m = uma(corpo({}, { participant: "224253161005092@lid", participantAlt: "224253161005092@lid" }));
    expect(m.contato).toMatchObject({ jid: "224253161005092@lid", telefone: null });
  });

  test("o sufixo do aparelho não faz outro contato", () => {
    expect(uma(corpo({}, { participant: "5511988881234:12@s.whatsapp.net" })).contato?.jid).toBe(
      "5511988881234@s.whatsapp.net",
    );
  });

  test("participant também vem fora da chave; sem ele o remetente é o grupo e não há contato", () => {
    expect(
      uma(corpo({ participant: "5511977776666@s.whatsapp.net" }, { participant: undefined })).contato?.telefone,
    ).toBe("5511977776666");
    expect(uma(corpo({}, { participant: undefined }))).toMatchObject({
      sender_jid: "120363000000000001@g.us",
      contato: null,
    });
  });
});

describe("instante", () => {
  test.each([
    [1773144900, "2026-03-10T12:15:00.000Z"],
    ["1773144900", "2026-03-10T12:15:00.000Z"],
    [{ low: 1773144900, high: 0, unsigned: true }, "2026-03-10T12:15:00.000Z"],
    [1773144900000, "2026-03-10T12:15:00.000Z"],
    [0, AGORA.toISOString()],
    [null, AGORA.toISOString()],
    [undefined, AGORA.toISOString()],
    ["ontem", AGORA.toISOString()],
    [-5, AGORA.toISOString()],
    [Number.POSITIVE_INFINITY, AGORA.toISOString()],
    [9e15, AGORA.toISOString()],
  ])("messageTimestamp %j é %s", (messageTimestamp, esperado) => {
    expect(uma(corpo({ messageTimestamp })).timestamp_msg).toBe(esperado);
  });
});
