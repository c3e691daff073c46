import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Clock, PermanentError, silentLogger } from "#core/runtime";
import { defineWorker } from "./define-worker.ts";
import { publish } from "./publish.ts";
import { createWorkerRegistry } from "./registry.ts";
import { RetryPolicy } from "./retry-policy.ts";
import { type TopicWorld, topicWorld } from "./testing/world.ts";
import { Worker } from "./worker.ts";

/** The code examples of requirement 001, in its order, in TypeScript; patterns (ETL, saga, fan-out) are in `dominio/exemplos`. */
let w: TopicWorld | null = null;
afterEach(async () => {
  await w?.stop();
  w = null;
});
const Event = z.looseObject({});

test("quick start", async () => {
  const worker = defineWorker(
    { topic: "events.raw", outputTopic: "events.processed", inputSchema: Event },
    async function process_event(event) {
      return { ...(event as Record<string, string>), processed: true };
    },
  );
  w = await topicWorld(worker);
  await w.publish("events.raw", { a: "1" });
  await w.time.advance(1000);
  expect(w.on("events.processed")).toEqual([{ a: "1", processed: true }]);
  expect(worker.groupId).toBe("process_event");
});

test("decorator style: notify_order sends the e-mail and publishes what it returns", async () => {
  const sendEmail = vi.fn(async (_to: string, _text: string) => {});
  const Order = z.object({ id: z.string(), user_email: z.string() });
  const notifyOrder = defineWorker(
    {
      name: "notify_order",
      topic: "orders.created",
      outputTopic: "orders.notifications",
      concurrency: 5,
      maxRetries: 3,
      inputSchema: Order,
    },
    async (order) => {
      await sendEmail(order.user_email, `Order ${order.id} confirmed!`);
      return { order_id: order.id, notified: true };
    },
  );
  w = await topicWorld(notifyOrder);
  await w.publish("orders.created", { id: "7", user_email: "a@exemplo.com" });
  await w.time.advance(1000);
  expect(sendEmail).toHaveBeenCalledExactlyOnceWith("a@exemplo.com", "Order 7 confirmed!");
  expect(w.on("orders.notifications")).toEqual([{ order_id: "7", notified: true }]);
});

test("every parameter of the decorator has its option", () => {
  const OrderInput = z.object({ order_id: z.string() });
  const OrderOutput = z.object({ ok: z.boolean() });
  const worker = defineWorker(
    {
      name: "my_worker",
      topic: "input.topic",
      outputTopic: "output.topic",
      groupId: "my-service",
      concurrency: 5,
      maxRetries: 3,
      retryBackoff: "exponential",
      inputSchema: OrderInput,
      outputSchema: OrderOutput,
      dlqTopic: "orders.dlq",
    },
    async () => ({ ok: true }),
  );
  expect(worker).toMatchObject({ groupId: "my-service", dlqTopic: "orders.dlq", outputTopic: "output.topic" });
});

const OrderInput = z.object({
  order_id: z.string(),
  user_id: z.int(),
  items: z.array(z.object({ product_id: z.string(), quantity: z.int() })),
  total: z.number(),
});
const OrderOutput = z.object({ order_id: z.string(), status: z.string(), processed_at: z.date() });
type OrderIn = z.output<typeof OrderInput>;
type OrderOut = z.input<typeof OrderOutput>;

/** The outside of the class example. */
const outside = {
  available: 10,
  charged: [] as number[],
  alerts: [] as string[],
  processed: 0,
  clock: { now: () => new Date("2026-03-02T13:00:00Z"), monotonicMs: () => 0 } satisfies Clock,
};

class OrderProcessor extends Worker<OrderIn, OrderOut> {
  static config = {
    inputTopic: "orders.created",
    outputTopic: "orders.processed",
    groupId: "order-processor",
    concurrency: 10,
    maxRetries: 3,
    retryBackoff: "exponential",
    inputSchema: OrderInput,
    outputSchema: OrderOutput,
    dlqTopic: "orders.dlq",
  };

  async process(order: OrderIn): Promise<OrderOut> {
    await this.validateInventory(order.items);
    await this.processPayment(order);
    return { order_id: order.order_id, status: "processed", processed_at: outside.clock.now() };
  }

  async validateInventory(items: OrderIn["items"]): Promise<void> {
    for (const item of items) {
      if (outside.available < item.quantity) throw new Error(`Insufficient stock for ${item.product_id}`);
    }
  }

  async processPayment(order: OrderIn): Promise<void> {
    outside.charged.push(order.total);
  }

  override async onError(order: unknown, error: Error): Promise<void> {
    const { order_id } = order as OrderIn;
    silentLogger.error({ err: error }, `Failed to process order ${order_id}`);
    outside.alerts.push(`Order processing failed: ${order_id}`);
  }

  override async onSuccess(_order: OrderIn, _result: OrderOut | null): Promise<void> {
    outside.processed++;
  }
}
const order = { order_id: "123", user_id: 1, items: [{ product_id: "A", quantity: 2 }], total: 100.0 };

test("class style: helpers, shared state and hooks; a unit test needs no broker", async () => {
  const result = await new OrderProcessor().process(order);
  expect([result.order_id, result.status]).toEqual(["123", "processed"]);

  w = await topicWorld(createWorkerRegistry().register(OrderProcessor));
  await publish(w.broker, "orders.created", order);
  await publish(w.broker, "orders.created", { ...order, order_id: "9", items: [{ product_id: "B", quantity: 99 }] });
  await w.time.advance(60_000);
  expect(w.on("orders.processed")).toEqual([
    { order_id: "123", status: "processed", processed_at: "2026-03-02T13:00:00.000Z" },
  ]);
  expect(w.on("orders.dlq")).toMatchObject([
    { error: "Insufficient stock for B", worker: "OrderProcessor", retries: 3, original: { order_id: "9" } },
  ]);
  expect([outside.alerts, outside.processed]).toEqual([["Order processing failed: 9"], 1]);
});

test.each([
  ["payments", { maxRetries: 5, retryBackoff: "exponential" }, [0, 1, 3, 7, 15, 31]],
  ["emails", { maxRetries: 3, retryBackoff: "linear" }, [0, 1, 3, 6]],
  ["webhooks", { maxRetries: 10, retryBackoff: "fixed" }, [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50]],
] as const)("retry of %s runs at the very times of the text", async (topic, options, times) => {
  const at: number[] = [];
  w = await topicWorld(
    defineWorker({ name: topic, topic, ...options }, async () => {
      at.push(w?.seconds() ?? -1);
      throw new Error("down");
    }),
  );
  await w.publish(topic, {});
  await w.time.advance(120_000);
  expect(at.map(Math.round)).toEqual(times);
});

test("the advanced policy", () => {
  const policy = new RetryPolicy({ maxRetries: 5, backoff: "exponential", initialDelay: 1.0, maxDelay: 60.0 });
  expect(policy.getDelay(3)).toBe(4.0);
});

test("when to retry: a temporary error is thrown again, a permanent one is answered with nothing", async () => {
  class TemporaryError extends Error {}
  const outcomes = [new TemporaryError("busy"), "done"];
  const seen: string[] = [];
  w = await topicWorld(
    defineWorker({ name: "process_order", topic: "orders", outputTopic: "orders.out", maxRetries: 3 }, async (m) => {
      try {
        if (m === "bad") throw new PermanentError("parametro_invalido", "closed");
        const outcome = outcomes.shift();
        seen.push(String(outcome));
        if (outcome instanceof Error) throw outcome;
        return { ok: true };
      } catch (err) {
        if (err instanceof PermanentError) return null;
        throw err;
      }
    }),
  );
  await w.publish("orders", "good");
  await w.publish("orders", "bad");
  await w.time.advance(10_000);
  expect(w.on("orders.out")).toEqual([{ ok: true }]);
  expect(seen).toHaveLength(2);
  expect(w.on("orders.dlq")).toEqual([]);
});

test("a DLQ and its worker: the failed payment is told and refunded", async () => {
  const told: string[] = [];
  const Dead = z.object({
    original: z.object({ payment_id: z.string() }),
    error: z.string(),
    worker: z.string(),
    retries: z.int(),
  });
  w = await topicWorld(
    defineWorker({ name: "process_payment", topic: "payments", maxRetries: 3, dlqTopic: "payments.dlq" }, async () => {
      throw new Error("Connection timeout");
    }),
    defineWorker({ name: "handle_failed_payments", topic: "payments.dlq", inputSchema: Dead }, async (dead) => {
      told.push(
        `Payment failed: ${dead.original.payment_id}, error: ${dead.error}`,
        `refund ${dead.original.payment_id}`,
      );
    }),
  );
  await w.publish("payments", { payment_id: "123", amount: 100.0 });
  await w.time.advance(30_000);
  expect(told).toEqual(["Payment failed: 123, error: Connection timeout", "refund 123"]);
});

test("input and output validation", async () => {
  const PaymentInput = z.object({
    payment_id: z.string(),
    amount: z.number().refine((v) => v > 0, "Amount must be positive"),
    currency: z.string().default("BRL"),
  });
  const PaymentOutput = z.object({ payment_id: z.string(), status: z.string(), processed_at: z.date() });
  w = await topicWorld(
    defineWorker(
      {
        name: "process_payment",
        topic: "payments",
        outputTopic: "payments.processed",
        inputSchema: PaymentInput,
        outputSchema: PaymentOutput,
      },
      async (payment) => ({
        payment_id: payment.payment_id,
        status: `completed in ${payment.currency}`,
        processed_at: outside.clock.now(),
      }),
    ),
  );
  await w.publish("payments", { payment_id: "1", amount: 10 });
  await w.publish("payments", { payment_id: "2", amount: -5 });
  await w.time.advance(1000);
  expect(w.on("payments.processed")).toEqual([
    { payment_id: "1", status: "completed in BRL", processed_at: "2026-03-02T13:00:00.000Z" },
  ]);
  expect(w.on("payments.dlq")).toMatchObject([{ original: { payment_id: "2", amount: -5 }, retries: 0 }]);
});

test("concurrency: ten at a time", async () => {
  let running = 0;
  let most = 0;
  w = await topicWorld(
    defineWorker({ name: "process_event", topic: "events", concurrency: 10 }, async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => w?.time.timers.after(10, resolve));
      running--;
    }),
  );
  for (let n = 0; n < 30; n++) await w.publish("events", n);
  await w.time.advance(5000);
  expect([most, running]).toEqual([10, 0]);
});
