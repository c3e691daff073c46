import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDb } from "#core/db";
import { createTestDatabase, type TestDatabase } from "#core/db-testing";
import { devolverLimites, type LimiteEnvio, lerLimites, limitesGlobais, reservarLimites } from "./limites.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await createTestDatabase();
});
afterAll(() => t.drop());
beforeEach(() => t.truncateAll());

const AS_10H = new Date("2026-03-02T13:10:00Z");
const GLOBAIS = limitesGlobais({ MAX_MSGS_POR_HORA: 20, MAX_MSGS_POR_DIA: 100 });
const reservar = (agora = AS_10H, limites: readonly LimiteEnvio[] = GLOBAIS) => reservarLimites(t.db, limites, agora);
const usado = async (agora = AS_10H) => {
  const { hora, dia } = await lerLimites(t.db, agora);
  return [hora.usado, dia.usado];
};
const jaEnviadas = (n: number) =>
  reservar(
    AS_10H,
    GLOBAIS.map((l) => ({ ...l, quantidade: n })),
  );

describe("caso 36", () => {
  test("com 19 na hora, a 20ª é permitida e a 21ª recusada, até a hora seguinte", async () => {
    await jaEnviadas(19);
    expect((await reservar()).permitido).toBe(true);
    expect(await reservar()).toEqual({
      permitido: false,
      motivo: "limite_hora",
      liberaEm: new Date("2026-03-02T14:00:00Z"),
    });
    expect(await usado()).toEqual([20, 20]);
    expect((await reservar(new Date("2026-03-02T14:00:00Z"))).permitido).toBe(true);
  });

  test("duas ao mesmo tempo com 19: exatamente uma é permitida", async () => {
    await jaEnviadas(19);
    for (let vez = 0; vez < 5; vez++) {
      const respostas = await Promise.all(Array.from({ length: 4 }, () => reservar()));
      const permitidas = respostas.flatMap((r) => (r.permitido ? [r.reserva] : []));
      expect(permitidas).toHaveLength(1);
      for (const r of permitidas) await devolverLimites(t.db, r);
    }
  });

  test("com os contadores fora do ar, todas são recusadas", async () => {
    const fora = createDb({ url: "http://127.0.0.1:1", key: "x".repeat(30) });
    const respostas = await Promise.all([
      reservarLimites(fora, GLOBAIS, AS_10H),
      reservarLimites(fora, GLOBAIS, AS_10H),
    ]);
    expect(respostas).toEqual(Array(2).fill({ permitido: false, motivo: "limites_indisponiveis", liberaEm: null }));
  });
});

test("é tudo ou nada, e o motivo é o primeiro da lista que não deixa", async () => {
  const limites: LimiteEnvio[] = [
    { escopo: "limite_cliente_hora", chave: "c1", periodo: "hora", limite: 3 },
    { escopo: "limite_tipo_hora", chave: "campanha", periodo: "hora", limite: 1 },
    ...GLOBAIS,
  ];
  expect((await reservar(AS_10H, limites)).permitido).toBe(true);
  expect(await reservar(AS_10H, limites)).toMatchObject({ permitido: false, motivo: "limite_tipo_hora" });
  expect(await t.sql("select escopo, contador from limites_envio order by escopo")).toEqual([
    { escopo: "limite_cliente_hora", contador: 1 },
    { escopo: "limite_dia", contador: 1 },
    { escopo: "limite_hora", contador: 1 },
    { escopo: "limite_tipo_hora", contador: 1 },
  ]);
});

test("um lote reserva a sua quantidade, e o mesmo limite duas vezes na lista soma", async () => {
  const duas = (limite: number): LimiteEnvio[] => [
    { escopo: "limite_hora", periodo: "hora", limite, quantidade: 12 },
    { escopo: "limite_hora", periodo: "hora", limite, quantidade: 8 },
  ];
  expect((await reservar(AS_10H, duas(19))).permitido).toBe(false);
  expect((await reservar(AS_10H, duas(20))).permitido).toBe(true);
  expect((await usado())[0]).toBe(20);
});

test("o dia e a hora são os de São Paulo, e o dia libera à meia-noite de lá", async () => {
  const limites: LimiteEnvio[] = [{ escopo: "limite_dia", periodo: "dia", limite: 1 }];
  const as2230 = new Date("2026-03-03T01:30:00Z"); // dia 2 em São Paulo
  expect((await reservar(as2230, limites)).permitido).toBe(true);
  expect(await reservar(new Date("2026-03-03T02:59:59Z"), limites)).toEqual({
    permitido: false,
    motivo: "limite_dia",
    liberaEm: new Date("2026-03-03T03:00:00Z"),
  });
  expect((await reservar(new Date("2026-03-03T03:00:00Z"), limites)).permitido).toBe(true);
});

test("o intervalo por telefone: 45 s depois do último envio, e uma reserva devolvida é como se não tivesse sido", async () => {
  const um = { numero: "5511990000001", intervaloS: 45 };
  const em = (s: number) => reservarLimites(t.db, GLOBAIS, new Date(AS_10H.getTime() + s * 1000), um);
  expect((await em(0)).permitido).toBe(true);
  expect(await em(44)).toEqual({
    permitido: false,
    motivo: "limite_intervalo",
    liberaEm: new Date(AS_10H.getTime() + 45_000),
  });
  expect(await usado()).toEqual([1, 1]);
  const r = await em(45);
  if (r.permitido) await devolverLimites(t.db, r.reserva);
  expect([r.permitido, await usado()]).toEqual([true, [1, 1]]);
  expect((await em(46)).permitido).toBe(true); // conta desde o envio que ficou, o primeiro
});

test("devolver duas vezes nunca deixa um contador negativo", async () => {
  const r = await reservar();
  if (!r.permitido) throw new Error("recusada");
  await devolverLimites(t.db, r.reserva);
  await devolverLimites(t.db, r.reserva);
  expect(await usado()).toEqual([0, 0]);
});

test("janelas vencidas e telefones de mais de uma hora são podados pelas reservas seguintes", async () => {
  await reservarLimites(t.db, GLOBAIS, AS_10H, { numero: "5511990000001", intervaloS: 45 });
  await reservar(new Date("2026-03-04T13:00:00Z"));
  expect(await t.sql("select janela from limites_envio order by janela")).toEqual([
    { janela: "20260304" },
    { janela: "2026030410" },
  ]);
  expect(await t.sql("select 1 from telefone_ultimo_envio")).toEqual([]);
});

test("um pedido malformado é erro de quem chama, não uma recusa", async () => {
  const torto = [{ escopo: "limite_hora", periodo: "mes", limite: 1 }] as unknown as LimiteEnvio[];
  await expect(reservar(AS_10H, torto)).rejects.toThrow("periodo hora ou dia");
});
