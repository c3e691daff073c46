import { expect, test } from "vitest";
import { z } from "zod";
import { type ClassOptions, defineWorker, workerFrom } from "./define-worker.ts";
import { createWorkerRegistry, formatWorkers } from "./registry.ts";
import { Worker } from "./worker.ts";

const nothing = async () => null;
const Input = z.object({ order_id: z.string(), total: z.number().default(0) });
const Output = z.object({ order_id: z.string(), status: z.enum(["processed", "refused"]), at: z.date().optional() });

test("what is not said has the documented default", () => {
  const worker = defineWorker({ name: "w", topic: "orders" }, nothing);
  expect(worker).toMatchObject({
    groupId: "w",
    concurrency: 1,
    outputTopic: null,
    dlqTopic: "orders.dlq",
    timeoutMs: 30_000,
    startFrom: "latest",
    retry: { maxRetries: 3, backoff: "exponential", initialDelay: 1, maxDelay: 60 },
  });
  expect(defineWorker({ name: "w", topic: "orders.dlq" }, nothing).dlqTopic).toBeNull();
  expect(defineWorker({ name: "w", topic: "orders", dlqTopic: false }, nothing).dlqTopic).toBeNull();
  expect(defineWorker({ name: "w", topic: "a", retryBackoff: "fixed" }, nothing).retry.initialDelay).toBe(5);
});

test("a function gives its worker its name; an anonymous one must be told", () => {
  expect(defineWorker({ topic: "a" }, async function process_event() {}).name).toBe("process_event");
  expect(() => defineWorker({ topic: "a" }, async () => {})).toThrow("sem nome");
  expect(() => defineWorker({ topic: "a", name: " " }, nothing)).toThrow("sem nome");
});

test.each([
  [{ topic: "Orders" }, "topic"],
  [{ topic: "" }, "topic"],
  [{ topic: "a..b" }, "topic"],
  [{ topic: "a".repeat(201) }, "topic"],
  [{ topic: "a", outputTopic: "a" }, "outputTopic"],
  [{ topic: "a", outputTopic: "A!" }, "outputTopic"],
  [{ topic: "a", dlqTopic: "a" }, "dlqTopic"],
  [{ topic: "a", outputTopic: "b", dlqTopic: "b" }, "dlqTopic"],
  [{ topic: "a", groupId: "" }, "groupId"],
  [{ topic: "a", concurrency: 0 }, "concurrency"],
  [{ topic: "a", concurrency: 101 }, "concurrency"],
  [{ topic: "a", maxRetries: -1 }, "maxRetries"],
  [{ topic: "a", initialDelay: 90 }, "maxDelay"],
  [{ topic: "a", timeoutSeconds: 0 }, "timeoutSeconds"],
])("%o is refused: %s, with the worker's name", (options, field) => {
  expect(() => defineWorker({ name: "meu_worker", ...options }, nothing)).toThrow(
    expect.objectContaining({ message: expect.stringMatching(new RegExp(`meu_worker.*${field}`)) }),
  );
});

test("caso 15: two workers of one group and topic are refused, and so are two of one name", () => {
  const registry = createWorkerRegistry([defineWorker({ name: "a", topic: "t", groupId: "g" }, nothing)]);
  expect(() => registry.register(defineWorker({ name: "b", topic: "t", groupId: "g" }, nothing))).toThrow(
    /"b".*grupo "g".*"a"/,
  );
  expect(() => registry.register(defineWorker({ name: "a", topic: "u" }, nothing))).toThrow(/"a".*nome/);
  registry.register(defineWorker({ name: "b", topic: "u", groupId: "g" }, nothing));
  expect(registry.list().map((w) => w.name)).toEqual(["a", "b"]);
});

class OrderProcessor extends Worker<z.output<typeof Input>, z.input<typeof Output>> {
  static config = {
    inputTopic: "orders.created",
    outputTopic: "orders.processed",
    groupId: "order-processor",
    concurrency: 10,
    maxRetries: 3,
    retryBackoff: "exponential",
    inputSchema: Input,
    outputSchema: Output,
    dlqTopic: "orders.dlq",
  };
  async process(order: z.output<typeof Input>): Promise<z.input<typeof Output>> {
    return { order_id: order.order_id, status: "processed" };
  }
}

test("a class worker has its class's name and its config; its words are checked at registration", () => {
  const worker = createWorkerRegistry().register(OrderProcessor);
  expect(worker).toMatchObject({
    name: "OrderProcessor",
    topic: "orders.created",
    groupId: "order-processor",
    concurrency: 10,
  });
  class Wrong extends Worker {
    static config = { inputTopic: "a", retryBackoff: "sometimes" };
    process = nothing;
  }
  expect(() => workerFrom(Wrong)).toThrow(/Wrong.*retryBackoff/);
});

test("caso 12: the listing is the documented block, byte for byte", () => {
  const registry = createWorkerRegistry();
  registry.register(
    defineWorker(
      { name: "process_event", topic: "events.raw", outputTopic: "events.enriched", concurrency: 5 },
      nothing,
    ),
  );
  registry.register(OrderProcessor);
  expect(formatWorkers(registry.list())).toBe(
    [
      "  OrderProcessor",
      "    Input:  orders.created",
      "    Output: orders.processed",
      "    Concurrency: 10",
      "    Retries: 3",
      "",
      "  process_event",
      "    Input:  events.raw",
      "    Output: events.enriched",
      "    Concurrency: 5",
      "    Retries: 3",
    ].join("\n"),
  );
  expect(formatWorkers([defineWorker({ name: "x", topic: "t" }, nothing)])).toContain("    Output: -\n");
  expect(formatWorkers([])).toBe("No workers registered.");
});

test("types: input and result follow the schemas, and what does not fit them does not compile", () => {
  const options = { name: "typed", topic: "t", inputSchema: Input, outputSchema: Output } as const;
  defineWorker(options, async (order) => {
    const id: string = order.order_id;
    const total: number = order.total; // the default makes it present
    return { order_id: `${id}${total}`, status: "processed" };
  });
  defineWorker(options, async (order) => (order.total > 0 ? { order_id: "1", status: "processed" } : null));
  defineWorker(options, async () => undefined);
  defineWorker(options, async () => {});
  // @ts-expect-error the field is missing
  defineWorker(options, async () => ({ order_id: "1" }));
  // @ts-expect-error the field has another type
  defineWorker(options, async () => ({ order_id: 1, status: "processed" }));
  // @ts-expect-error the value is not one of the enumeration
  defineWorker(options, async () => ({ order_id: "1", status: "done" }));
  // @ts-expect-error the schema has no such field
  defineWorker(options, async () => ({ order_id: "1", status: "processed", extra: true }));
  defineWorker(options, async (order) => {
    // @ts-expect-error the input has no such field
    return { order_id: order.id, status: "processed" };
  });
  defineWorker({ ...options, onSuccess: (order, result) => void (result?.order_id === order.order_id) }, nothing);
  // @ts-expect-error what onSuccess sees is typed as well
  defineWorker({ ...options, onSuccess: (order) => void order.nome }, nothing);
  // @ts-expect-error without a schema a message may be any JSON
  defineWorker({ name: "raw", topic: "t" }, async (event) => ({ id: event.id }));
  // @ts-expect-error a function is no JSON
  defineWorker({ name: "raw", topic: "t" }, async () => ({ run: () => 1 }));

  class Mismatch extends Worker<{ id: number }, { ok: boolean }> {
    static config = { inputTopic: "t", inputSchema: z.object({ id: z.string() }) };
    async process(input: { id: number }) {
      return { ok: input.id > 0 };
    }
  }
  // @ts-expect-error the class's input is not what its schema makes
  workerFrom(Mismatch);
  class Short extends Worker<{ id: string }, { ok: boolean }> {
    static config: ClassOptions<{ id: string }, { ok: boolean }> = { inputTopic: "t" };
    // @ts-expect-error a result without its field
    async process() {
      return { okay: true };
    }
  }
  // @ts-expect-error nor can it be registered
  expect(workerFrom(Short).name).toBe("Short");
});
