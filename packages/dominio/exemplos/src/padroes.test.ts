import { afterEach, describe, expect, test } from "vitest";
import { type TopicWorld, topicWorld } from "../../../core/topics/src/testing/world.ts";
import { etl } from "./etl.ts";
import { fanOut } from "./fan-out.ts";
import { type ServicosPedido, saga } from "./saga.ts";

let w: TopicWorld;
afterEach(() => w.stop());

test("ETL: o dado cru sai transformado e é carregado uma vez", async () => {
  const carregados: unknown[] = [];
  w = await topicWorld(
    ...etl({ now: () => new Date("2026-03-02T13:00:00Z"), monotonicMs: () => 0 }, async (d) => void carregados.push(d)),
  );
  await w.publish("raw.data", { id: "a", value: 21 });
  await w.publish("raw.data", { id: "b", value: "x" });
  await w.time.advance(1000);
  expect(carregados).toEqual([{ id: "a", value: 42, transformed_at: "2026-03-02T13:00:00.000Z" }]);
  expect(w.on("raw.data.dlq")).toMatchObject([{ original: { id: "b", value: "x" }, worker: "transform_data" }]);
});

test("fan-out: um cadastro vira exatamente três mensagens, e um inválido nenhuma", async () => {
  w = await topicWorld(fanOut());
  await w.publish("user.created", { id: "1", name: "Ana", email: "ana@exemplo.com", created_at: "2026-03-02" });
  await w.publish("user.created", { id: "2" });
  await w.time.advance(1000);
  expect(w.on("notifications.welcome")).toEqual([{ user_id: "1", email: "ana@exemplo.com" }]);
  expect(w.on("analytics.user.created")).toEqual([{ user_id: "1", created_at: "2026-03-02" }]);
  expect(w.on("crm.contacts.create")).toEqual([{ email: "ana@exemplo.com", name: "Ana" }]);
});

describe("saga", () => {
  const pedido = { order_id: "p1", items: [{ product_id: "A", quantity: 2 }], total: 100 };

  function servicos(cobrar: (vez: number) => boolean | Error) {
    const reservados = new Set<string>();
    const cobrados: number[] = [];
    let vezes = 0;
    const s: ServicosPedido = {
      reservar: async (id) => void reservados.add(id),
      async cobrar(_id, valor) {
        const r = cobrar(++vezes);
        if (r instanceof Error) throw r;
        if (r) cobrados.push(valor);
        return r;
      },
      liberar: async (id) => void reservados.delete(id),
    };
    return { s, reservados, cobrados };
  }

  test("o caminho feliz vai do pedido à confirmação, com o valor do pedido", async () => {
    const { s, reservados, cobrados } = servicos((vez) => (vez === 1 ? new Error("sem resposta") : true));
    w = await topicWorld(...saga(s));
    await w.publish("orders.created", pedido);
    await w.time.advance(60_000);
    expect(w.on("orders.confirmed")).toEqual([{ order_id: "p1", status: "confirmed" }]);
    expect([cobrados, [...reservados], w.on("payments.failed")]).toEqual([[100], ["p1"], []]);
  });

  test("um pagamento recusado libera a reserva; nada é confirmado", async () => {
    const { s, reservados } = servicos(() => false);
    w = await topicWorld(...saga(s));
    await w.publish("orders.created", pedido);
    await w.time.advance(60_000);
    expect(w.on("payments.failed")).toEqual([{ order_id: "p1", motivo: "recusado" }]);
    expect([[...reservados], w.on("orders.confirmed")]).toEqual([[], []]);
  });

  test("um pagamento que nunca responde passa pela DLQ e é compensado também", async () => {
    const { s, reservados } = servicos(() => new Error("Connection timeout"));
    w = await topicWorld(...saga(s));
    await w.publish("orders.created", pedido);
    await w.time.advance(60_000);
    expect(w.on("inventory.reserved.dlq")).toHaveLength(1);
    expect(w.on("payments.failed")).toEqual([{ order_id: "p1", motivo: "sem resposta" }]);
    expect([...reservados]).toEqual([]);
  });
});
