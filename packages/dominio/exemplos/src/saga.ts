import { z } from "zod";
import { defineWorker, type WorkerDefinition } from "#core/topics";

const Item = z.object({ product_id: z.string(), quantity: z.int().min(1) });
const Pedido = z.object({ order_id: z.string(), items: z.array(Item), total: z.number() });
/** Leva tudo o que os passos seguintes precisam: nenhum deles lê o que outro serviço sabe. */
const Reserva = Pedido;
const Pagamento = z.object({ order_id: z.string(), amount: z.number() });
const Falha = z.object({ order_id: z.string(), motivo: z.string() });
const Confirmacao = z.object({ order_id: z.string(), status: z.literal("confirmed") });

/** Os serviços de fora. Cada um é idempotente por `order_id`: uma execução pode repetir-se. */
export interface ServicosPedido {
  reservar(orderId: string, itens: z.infer<typeof Item>[]): Promise<void>;
  /** False: recusado; tentar de novo não muda nada. Lança quando o serviço não respondeu. */
  cobrar(orderId: string, valor: number): Promise<boolean>;
  liberar(orderId: string): Promise<void>;
}

/**
 * Uma saga que fecha, com compensação: `orders.created` → reserva → `inventory.reserved` → cobrança → `payments.completed` ou
 * `payments.failed`; → confirmação → `orders.confirmed`, ou → liberação da reserva.
 *
 * A recusa é um resultado, e a sua mensagem sai pela mesma transação; a cobrança que nunca respondeu termina na DLQ, de onde um
 * worker a leva à mesma compensação.
 */
export function saga(servicos: ServicosPedido): WorkerDefinition[] {
  return [
    defineWorker(
      {
        name: "reserve_inventory",
        topic: "orders.created",
        outputTopic: "inventory.reserved",
        inputSchema: Pedido,
        outputSchema: Reserva,
      },
      async (pedido) => {
        await servicos.reservar(pedido.order_id, pedido.items);
        return pedido;
      },
    ),
    defineWorker(
      {
        name: "process_payment",
        topic: "inventory.reserved",
        outputTopic: "payments.completed",
        inputSchema: Reserva,
        outputSchema: Pagamento,
      },
      async (reserva, ctx) => {
        const { order_id, total } = reserva;
        if (await servicos.cobrar(order_id, total)) return { order_id, amount: total };
        await ctx.publish("payments.failed", { order_id, motivo: "recusado" });
        return null;
      },
    ),
    defineWorker(
      {
        name: "payment_never_answered",
        topic: "inventory.reserved.dlq",
        outputTopic: "payments.failed",
        outputSchema: Falha,
      },
      async (morta) => {
        const { original } = z.object({ original: Reserva }).parse(morta);
        return { order_id: original.order_id, motivo: "sem resposta" };
      },
    ),
    defineWorker(
      {
        name: "confirm_order",
        topic: "payments.completed",
        outputTopic: "orders.confirmed",
        inputSchema: Pagamento,
        outputSchema: Confirmacao,
      },
      async (pagamento) => ({ order_id: pagamento.order_id, status: "confirmed" }),
    ),
    defineWorker({ name: "compensate_inventory", topic: "payments.failed", inputSchema: Falha }, async (falha) => {
      await servicos.liberar(falha.order_id);
    }),
  ];
}
