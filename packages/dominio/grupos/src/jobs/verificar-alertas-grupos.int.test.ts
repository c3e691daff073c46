import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { fixedClock, silentLogger } from "#core/runtime";
import type { MensagemSlack } from "#dominio/alertas";
import { configGruposPadrao } from "../config.ts";
import { criarGrupos } from "../grupos.ts";
import { muitasMensagens } from "../testing/fabrica.ts";
import { verificarAlertasGrupos } from "./verificar-alertas-grupos.ts";

let t: TestDatabase;
let enviadas: MensagemSlack[];
let slackCaiu: boolean;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  enviadas = [];
  slackCaiu = false;
});

const slack = {
  enviar: async (m: MensagemSlack) => {
    if (slackCaiu) return { enviado: false, motivo: "HTTP 500" };
    enviadas.push(m);
    return { enviado: true };
  },
};

function verificar(agora: string) {
  const clock = fixedClock(agora);
  const base = { db: t.db, clock, log: silentLogger };
  const grupos = criarGrupos({ ...base, config: configGruposPadrao(), instancia: "t", llm: null, places: null });
  return verificarAlertasGrupos.run({}, { ...base, signal: new AbortController().signal, grupos, slack });
}

/** `n` itens com as colunas pedidas. */
async function itens(n: number, set: string) {
  await muitasMensagens(t, n);
  await t.sql(`update fila_processamento_grupos set ${set}`);
}
const EM_ERRO = "estagio = 'erro', ultimo_estagio = 'extracao', tentativas = 3";

test("B-21: onze itens em erro, duas verificações com quinze minutos: uma mensagem, o alerta nas duas respostas", async () => {
  await itens(11, EM_ERRO);
  const primeira = await verificar("2026-03-10T13:00:00Z");
  const segunda = await verificar("2026-03-10T13:15:00Z");
  expect(primeira).toMatchObject({
    status: "ok",
    alertas: [{ tipo: "fila_travada", severidade: "error", valor: 11, enviado: true }],
    erros_regras: [],
  });
  expect(segunda).toMatchObject({ alertas: [{ tipo: "fila_travada", enviado: false }] });
  expect(enviadas).toHaveLength(1);
});

test("a mensagem do Slack diz o que houve, a gravidade e a hora de São Paulo", async () => {
  await itens(11, EM_ERRO);
  await verificar("2026-03-10T13:00:00Z");
  expect(enviadas[0]).toMatchObject({
    text: ":x: Pipeline Grupos: Fila de grupos com erros",
    attachments: [
      {
        color: "#F44336",
        fields: [
          { title: "Descrição", value: "11 itens em erro na fila de grupos (limite: 10)" },
          { title: "Severidade", value: "ERROR" },
          { title: "Horário", value: "10:00" },
        ],
      },
    ],
  });
});

test("dez itens em erro não alertam: a condição é estrita", async () => {
  await itens(10, EM_ERRO);
  expect(await verificar("2026-03-10T13:00:00Z")).toMatchObject({ alertas: [], processados: 0 });
});

test("pipeline parado é crítico e sai a qualquer hora", async () => {
  await itens(1, "created_at = '2026-03-10T02:00:00Z'");
  expect(await verificar("2026-03-10T05:00:00Z")).toMatchObject({
    alertas: [{ tipo: "pipeline_parado", severidade: "critical", enviado: true }],
  });
});

test("fora da janela o alerta que não é crítico espera as 8h", async () => {
  await itens(11, EM_ERRO);
  expect(await verificar("2026-03-10T05:00:00Z")).toMatchObject({ alertas: [{ enviado: false }] });
  expect(await verificar("2026-03-10T11:00:00Z")).toMatchObject({ alertas: [{ enviado: true }] });
});

test("um Slack fora do ar não derruba o job, e a entrega é tentada na verificação seguinte", async () => {
  await itens(11, EM_ERRO);
  slackCaiu = true;
  expect(await verificar("2026-03-10T13:00:00Z")).toMatchObject({ status: "ok", alertas: [{ enviado: false }] });
  slackCaiu = false;
  expect(await verificar("2026-03-10T13:15:00Z")).toMatchObject({ alertas: [{ enviado: true }] });
});

test("uma regra que não pode ser avaliada é dita e não esconde as outras nem fecha o seu alerta", async () => {
  await itens(11, EM_ERRO);
  await t.sql(
    "insert into uso_llm_grupos (estagio, modelo, custo_usd, created_at) values ('extracao', 'm', 1.5, '2026-03-10T12:00:00Z')",
  );
  expect(await verificar("2026-03-10T13:00:00Z")).toMatchObject({
    alertas: [{ tipo: "fila_travada" }, { tipo: "custo_alto" }],
  });
  await t.sql("alter table uso_llm_grupos rename to uso_sumido");
  try {
    expect(await verificar("2026-03-10T13:15:00Z")).toMatchObject({
      status: "ok",
      parcial: true,
      alertas: [{ tipo: "fila_travada" }],
      erros_regras: [{ regra: "custo_alto", erro: expect.stringContaining("uso_llm_grupos") }],
    });
  } finally {
    await t.sql("alter table uso_sumido rename to uso_llm_grupos");
  }
  expect(await t.sql("select resolvido_em from alertas_enviados where tipo = 'custo_alto'")).toEqual([
    { resolvido_em: null },
  ]);
});
