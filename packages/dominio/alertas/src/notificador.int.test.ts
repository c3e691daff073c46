import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { silentLogger } from "#core/runtime";
import type { Alerta } from "./alerta.ts";
import type { MensagemSlack } from "./mensagem-slack.ts";
import { type CanalSlack, notificarAlertas } from "./notificador.ts";

let t: TestDatabase;
let recebidas: MensagemSlack[];
let slackCaiu: boolean;
const slack = {
  async enviar(mensagem: MensagemSlack) {
    if (slackCaiu) return { enviado: false, motivo: "HTTP 500" };
    recebidas.push(mensagem);
    return { enviado: true };
  },
};

beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(async () => {
  await t.truncateAll();
  recebidas = [];
  slackCaiu = false;
});

const HANDOFF: Alerta = {
  chave: "taxa_handoff_alta",
  tipo: "taxa_handoff_alta",
  severidade: "warning",
  titulo: "Taxa de handoff alta",
  mensagem: "25% das conversas <da última hora> & contando",
  valor: 0.25,
  limiar: 0.2,
};

/** Evaluates `alertas` at an instant written as São Paulo wall time. */
function rodar(
  quando: string,
  alertas: Alerta[],
  opcoes: { grupo?: string; tipos?: string[]; slack?: CanalSlack } = {},
) {
  return notificarAlertas(
    {
      grupo: opcoes.grupo ?? "operacional",
      agora: new Date(`${quando}-03:00`),
      alertas,
      tiposAvaliados: opcoes.tipos ?? ["taxa_handoff_alta"],
    },
    { db: t.db, slack: opcoes.slack ?? slack, log: silentLogger },
  );
}

const linhas = () =>
  t.sql<{
    chave: string;
    estado: string;
    notificado: boolean;
    tentativas: number;
    resolvido: boolean;
    erro_envio: string;
  }>(
    "select chave, estado, notificado, tentativas, resolvido_em is not null as resolvido, erro_envio from alertas_enviados order by detectado_em, chave",
  );

describe("notificador", () => {
  test("avisa às 10:00 e às 10:30, não às 10:15, e a linha aberta é uma só", async () => {
    const r = [
      await rodar("2026-03-10T10:00:03", [HANDOFF]),
      await rodar("2026-03-10T10:15:01", [HANDOFF]),
      await rodar("2026-03-10T10:30:01", [HANDOFF]),
    ];
    expect(r.map((x) => x.enviados)).toEqual([1, 0, 1]);
    expect(r[1]).toMatchObject({ em_cooldown: 1, alertas: [{ chave: "taxa_handoff_alta", enviado: false }] });
    expect(recebidas).toHaveLength(2);
    expect(await linhas()).toMatchObject([{ estado: "enviado", notificado: true, resolvido: false }]);
  });

  test("a mensagem traz emoji, cor, campos e texto escapado", async () => {
    await rodar("2026-03-10T10:00:03", [HANDOFF]);
    expect(recebidas[0]).toEqual({
      text: ":warning: Taxa de handoff alta",
      attachments: [
        {
          color: "#FF9800",
          title: "Taxa de handoff alta",
          fields: [
            { title: "Descrição", value: "25% das conversas &lt;da última hora&gt; &amp; contando", short: false },
            { title: "Severidade", value: "WARNING", short: true },
            { title: "Tipo", value: "taxa_handoff_alta", short: true },
          ],
          footer: "Detectado às 10:00 (BRT)",
          ts: Date.parse("2026-03-10T13:00:03Z") / 1000,
        },
      ],
    });
  });

  test("uma entrega que falha não inicia a espera: sai às 10:15 e só volta às 10:45", async () => {
    slackCaiu = true;
    expect(await rodar("2026-03-10T10:00:03", [HANDOFF])).toMatchObject({ enviados: 0, falhas_envio: 1 });
    expect(await linhas()).toMatchObject([
      { estado: "novo", notificado: false, tentativas: 1, erro_envio: "HTTP 500" },
    ]);
    slackCaiu = false;
    const r = [];
    for (const hora of ["10:15:01", "10:30:01", "10:45:01"])
      r.push((await rodar(`2026-03-10T${hora}`, [HANDOFF])).enviados);
    expect(r).toEqual([1, 0, 1]);
  });

  test("três falhas deixam o alerta em falhou, e ele volta a tentar depois de descansar", async () => {
    slackCaiu = true;
    for (const hora of ["10:00:01", "10:01:01", "10:02:01"]) await rodar(`2026-03-10T${hora}`, [HANDOFF]);
    expect(await linhas()).toMatchObject([{ estado: "falhou", tentativas: 3 }]);
    slackCaiu = false;
    expect((await rodar("2026-03-10T10:03:01", [HANDOFF])).enviados).toBe(0);
    expect((await rodar("2026-03-10T10:32:01", [HANDOFF])).enviados).toBe(1);
  });

  test("detectado às 02:15 fica adiado, sai uma vez às 08:00 mesmo já resolvido, e não às 08:15", async () => {
    expect(await rodar("2026-03-10T02:15:00", [HANDOFF])).toMatchObject({ adiados: 1, enviados: 0 });
    await rodar("2026-03-10T03:15:00", []);
    expect(await linhas()).toMatchObject([{ estado: "adiado", resolvido: true }]);
    expect((await rodar("2026-03-10T08:00:00", [])).enviados).toBe(1);
    expect((await rodar("2026-03-10T08:15:00", [])).enviados).toBe(0);
    expect(recebidas).toHaveLength(1);
  });

  test("adiado que se resolve e volta na mesma noite é uma mensagem só, com os últimos valores", async () => {
    await rodar("2026-03-10T02:15:00", [HANDOFF]);
    await rodar("2026-03-10T03:15:00", []);
    await rodar("2026-03-10T04:15:00", [{ ...HANDOFF, mensagem: "40%" }]);
    await rodar("2026-03-10T05:15:00", []);
    await rodar("2026-03-10T08:00:00", []);
    expect(recebidas.map((m) => m.attachments[0]?.fields[0]?.value)).toEqual(["40%"]);
    expect(await linhas()).toHaveLength(1);
  });

  test("a regra que deixa de valer fecha a linha; a que falhou não fecha nada", async () => {
    await rodar("2026-03-10T10:00:00", [HANDOFF]);
    await rodar("2026-03-10T10:15:00", [], { tipos: [] });
    expect(await linhas()).toMatchObject([{ resolvido: false }]);
    await rodar("2026-03-10T10:20:00", []);
    expect(await linhas()).toMatchObject([{ resolvido: true }]);
  });

  test("fechar e reabrir não zera a espera", async () => {
    await rodar("2026-03-10T10:00:00", [HANDOFF]);
    await rodar("2026-03-10T10:05:00", []);
    expect(await rodar("2026-03-10T10:10:00", [HANDOFF])).toMatchObject({ enviados: 0, em_cooldown: 1 });
    expect(await rodar("2026-03-10T10:30:00", [HANDOFF])).toMatchObject({ enviados: 1 });
  });

  test("dentro de uma rodada o mais importante do conjunto fala pelos outros", async () => {
    const a = (tipo: string): Alerta => ({ chave: tipo, tipo, severidade: "critical", titulo: tipo, mensagem: tipo });
    const r = await rodar("2026-03-10T10:00:00", [a("chip_desconectado"), a("pool_vazio"), a("fila_travada")]);
    expect(r.alertas).toEqual([
      { chave: "chip_desconectado", enviado: false, destino: "suprimido" },
      { chave: "pool_vazio", enviado: true, destino: "enviado" },
      { chave: "fila_travada", enviado: true, destino: "enviado" },
    ]);
  });

  test("duas rodadas ao mesmo tempo entregam uma mensagem", async () => {
    const agora = "2026-03-10T10:00:00";
    const r = await Promise.all([rodar(agora, [HANDOFF]), rodar(agora, [HANDOFF]), rodar(agora, [HANDOFF])]);
    expect(r.reduce((n, x) => n + x.enviados, 0)).toBe(1);
    expect(recebidas).toHaveLength(1);
  });

  test("uma rodada que começa enquanto outra entrega não entrega também, nem decide pela linha que viu a meio", async () => {
    const agora = "2026-03-10T10:00:00";
    let segunda: Awaited<ReturnType<typeof rodar>> | undefined;
    const doMeio: CanalSlack = {
      async enviar(mensagem) {
        if (recebidas.push(mensagem) === 1) segunda = await rodar(agora, [HANDOFF], { slack: doMeio });
        return { enviado: true };
      },
    };
    await rodar(agora, [HANDOFF], { slack: doMeio });
    expect(segunda?.alertas).toEqual([{ chave: "taxa_handoff_alta", enviado: false, destino: "outro_processo" }]);
    expect(recebidas).toHaveLength(1);
  });

  test("um alerta de ocasião, que ninguém reavalia, é tentado de novo pela rodada seguinte", async () => {
    slackCaiu = true;
    await rodar("2026-03-10T10:00:00", [{ ...HANDOFF, chave: "briefing_invalido", tipo: "briefing_invalido" }], {
      tipos: [],
    });
    slackCaiu = false;
    expect((await rodar("2026-03-10T11:00:00", [], { tipos: [] })).enviados).toBe(1);
    expect((await rodar("2026-03-10T12:00:00", [], { tipos: [] })).enviados).toBe(0);
  });

  test("sem canal configurado nada falha e nada é entregue", async () => {
    const r = await notificarAlertas(
      { grupo: "operacional", agora: new Date("2026-03-10T13:00:00Z"), alertas: [HANDOFF], tiposAvaliados: [] },
      {
        db: t.db,
        slack: { enviar: async () => ({ enviado: false, motivo: "slack_nao_configurado" }) },
        log: silentLogger,
      },
    );
    expect(r).toMatchObject({ enviados: 0, falhas_envio: 0, alertas: [{ enviado: false }] });
  });
});
