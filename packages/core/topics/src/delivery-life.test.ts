import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { PermanentError } from "#core/runtime";
import { defineWorker, type WorkerDefinition } from "./define-worker.ts";
import { type TopicWorld, topicWorld } from "./testing/world.ts";

let w: TopicWorld;
afterEach(() => w.stop());
const run = async (...workers: WorkerDefinition[]) => {
  w = await topicWorld(...workers);
};

const PaymentInput = z.object({
  payment_id: z.string(),
  amount: z.number().refine((v) => v > 0, "Amount must be positive"),
  currency: z.string().default("BRL"),
});

describe("failure", () => {
  test("caso 2: a handler that always throws runs at 0, 1, 3 and 7 s, then one DLQ message of exactly four keys", async () => {
    const at: number[] = [];
    const attempts: number[] = [];
    const onError = vi.fn();
    await run(
      defineWorker(
        { name: "process_payment", topic: "payments", maxRetries: 3, dlqTopic: "payments.dlq", onError },
        async (_payment, ctx) => {
          at.push(w.seconds());
          attempts.push(ctx.attempt);
          throw new Error("Connection timeout");
        },
      ),
    );
    const id = await w.publish("payments", { payment_id: "123", amount: 100 });
    await w.time.advance(60_000);
    expect(at.map(Math.round)).toEqual([0, 1, 3, 7]);
    expect(attempts).toEqual([1, 2, 3, 4]);
    expect(w.on("payments.dlq")).toEqual([
      {
        original: { payment_id: "123", amount: 100 },
        error: "Connection timeout",
        worker: "process_payment",
        retries: 3,
      },
    ]);
    expect(onError).toHaveBeenCalledExactlyOnceWith({ payment_id: "123", amount: 100 }, expect.any(Error));
    const dead = w.broker.messages.find((m) => m.topic === "payments.dlq");
    expect(dead?.headers).toEqual({
      "x-original-topic": "payments",
      "x-original-message-id": id,
      "x-group-id": "process_payment",
      "x-failed-at": expect.stringMatching(/^2026-03-02T13:00:07/),
      "x-error-type": "Error",
    });
    expect(w.deliveriesOf("payments")).toMatchObject([{ status: "morta", attempts: 4 }]);
  });

  test("a permanent error skips the remaining retries; one that is no Error is told by its text", async () => {
    await run(
      defineWorker({ name: "p", topic: "a" }, async () => {
        throw new PermanentError("parametro_invalido", "conta encerrada");
      }),
      defineWorker({ name: "s", topic: "b", maxRetries: 0 }, async () => {
        throw "texto";
      }),
    );
    await w.publish("a", 1);
    await w.publish("b", 2);
    await w.time.advance(1000);
    expect(w.on("a.dlq")).toMatchObject([{ error: "conta encerrada", retries: 0 }]);
    expect(w.on("b.dlq")).toMatchObject([{ error: "texto", retries: 0 }]);
  });

  test("an error text is cut at 500 characters and never breaks the message", async () => {
    await run(
      defineWorker({ name: "long", topic: "a", maxRetries: 0 }, async () => {
        throw new Error(`\0${"é😀".repeat(400)}`);
      }),
    );
    await w.publish("a", 1);
    await w.time.advance(1000);
    const [{ error }] = w.on("a.dlq") as [{ error: string }];
    expect(error.length).toBeLessThanOrEqual(500);
    expect([error.isWellFormed(), error.includes("\0")]).toEqual([true, false]);
  });

  test("an execution longer than its limit failed, its signal is aborted, and what it says later counts for nothing", async () => {
    const aborted = vi.fn();
    await run(
      defineWorker({ name: "slow", topic: "a", maxRetries: 0, timeoutSeconds: 2 }, async (_m, ctx) => {
        ctx.signal.addEventListener("abort", aborted);
        await new Promise<void>((resolve) => w.time.timers.after(5000, resolve));
        await ctx.publish("late", 1);
      }),
    );
    await w.publish("a", 1);
    await w.time.advance(10_000);
    expect(aborted).toHaveBeenCalledOnce();
    expect(w.on("a.dlq")).toMatchObject([{ error: "Handler timed out after 2 s" }]);
    expect(w.on("late")).toEqual([]);
  });

  test("caso 44: a worker of a DLQ that fails leaves one dead delivery and no DLQ of the DLQ", async () => {
    const handler = vi.fn(async () => {
      throw new Error("also down");
    });
    await run(
      defineWorker({ name: "pay", topic: "payments", maxRetries: 0 }, async () => {
        throw new Error("down");
      }),
      defineWorker({ name: "handle_failed_payments", topic: "payments.dlq" }, handler),
    );
    await w.publish("payments", { payment_id: "1" });
    await w.time.advance(60_000);
    expect(handler).toHaveBeenCalledTimes(4);
    expect(w.deliveriesOf("payments.dlq")).toMatchObject([{ status: "morta" }]);
    expect(new Set(w.broker.messages.map((m) => m.topic))).toEqual(new Set(["payments", "payments.dlq"]));
  });
});

describe("schemas", () => {
  test("caso 3: an input that its schema refuses goes to the DLQ at once: no execution, no retry", async () => {
    const handler = vi.fn(async () => null);
    const onError = vi.fn();
    await run(
      defineWorker({ name: "process_payment", topic: "payments", inputSchema: PaymentInput, onError }, handler),
    );
    const payload = { payment_id: "1", amount: -5 };
    await w.publish("payments", payload);
    await w.time.advance(1000);
    expect(handler).not.toHaveBeenCalled();
    expect(w.on("payments.dlq")).toEqual([
      {
        original: payload,
        error: "Input validation failed: amount: Amount must be positive",
        worker: "process_payment",
        retries: 0,
      },
    ]);
    expect(onError).toHaveBeenCalledExactlyOnceWith(payload, expect.objectContaining({ name: "InputValidationError" }));
  });

  test("caso 45: without a declared DLQ the invalid message appears in <topic>.dlq; several issues are joined", async () => {
    await run(defineWorker({ name: "p", topic: "payments", inputSchema: PaymentInput }, async () => null));
    await w.publish("payments", { amount: -5 });
    await w.time.advance(1000);
    const [{ error }] = w.on("payments.dlq") as [{ error: string }];
    expect(error).toMatch(/^Input validation failed: payment_id: .+; amount: Amount must be positive$/);
  });

  test("caso 4: the handler sees the schema's defaults, the DLQ the message as it was received", async () => {
    const seen: unknown[] = [];
    await run(
      defineWorker({ name: "p", topic: "payments", maxRetries: 0, inputSchema: PaymentInput }, async (payment) => {
        seen.push(payment.currency);
        throw new Error("down");
      }),
    );
    await w.publish("payments", { payment_id: "1", amount: 10 });
    await w.time.advance(1000);
    expect(seen).toEqual(["BRL"]);
    expect(w.on("payments.dlq")).toMatchObject([{ original: { payment_id: "1", amount: 10 } }]);
    expect(w.on("payments.dlq")[0]).not.toHaveProperty("original.currency");
  });

  test("caso 6: a result that its schema refuses kills the delivery at once, and nothing is published", async () => {
    const handler = vi.fn(async () => ({ payment_id: "1" }) as { payment_id: string; status: string });
    await run(
      defineWorker(
        {
          name: "p",
          topic: "payments",
          outputTopic: "payments.processed",
          outputSchema: z.object({ payment_id: z.string(), status: z.string() }),
        },
        handler,
      ),
    );
    await w.publish("payments", {});
    await w.time.advance(60_000);
    expect(handler).toHaveBeenCalledOnce();
    expect(w.on("payments.processed")).toEqual([]);
    expect(w.on("payments.dlq")).toMatchObject([
      { error: expect.stringMatching(/^Output validation failed: status: /), retries: 0 },
    ]);
  });

  test("what is published is what the schema made of the result: no unknown keys, a Date as ISO text", async () => {
    const onSuccess = vi.fn();
    const outputSchema = z.object({ payment_id: z.string(), processed_at: z.date() });
    await run(
      defineWorker({ name: "p", topic: "a", outputTopic: "b", outputSchema, onSuccess }, async () => {
        const result = { payment_id: "1", processed_at: w.time.clock.now(), secret: "x" };
        return result as z.input<typeof outputSchema>;
      }),
    );
    await w.publish("a", {});
    await w.time.advance(1000);
    expect(w.on("b")).toEqual([{ payment_id: "1", processed_at: expect.stringMatching(/^2026-03-02T13:00/) }]);
    expect(onSuccess).toHaveBeenCalledExactlyOnceWith({}, { payment_id: "1", processed_at: expect.any(Date) });
  });

  test("a result that is no JSON kills the delivery at once, like one that its schema refuses", async () => {
    await run(
      defineWorker({ name: "p", topic: "a", outputTopic: "b", maxRetries: 1 }, async () => ({ n: 1n }) as never),
    );
    await w.publish("a", {});
    await w.time.advance(5000);
    expect(w.on("a.dlq")).toMatchObject([{ retries: 0, error: expect.stringContaining("BigInt") }]);
  });
});

describe("success", () => {
  test("caso 5: null is success without a result: one execution, nothing in the output topic, staged messages go out", async () => {
    const handler = vi.fn(async (_m: unknown, ctx: { publish(t: string, p: number): Promise<void> }) => {
      await ctx.publish("side", 1);
      return null;
    });
    await run(defineWorker({ name: "p", topic: "a", outputTopic: "b" }, handler));
    await w.publish("a", {});
    await w.time.advance(60_000);
    expect(handler).toHaveBeenCalledOnce();
    expect([w.on("b"), w.on("side")]).toEqual([[], [1]]);
    expect(w.deliveriesOf("a")).toMatchObject([{ status: "concluida" }]);
  });

  test("caso 7: sends of an attempt that throws are discarded; each topic of the fan-out gets exactly one message", async () => {
    await run(
      defineWorker({ name: "fan_out", topic: "user.created" }, async (_user, ctx) => {
        await ctx.publish("t1", 1);
        await ctx.publish("t2", 1);
        if (ctx.attempt === 1) throw new Error("third send failed");
        await ctx.publish("t3", 1);
      }),
    );
    await w.publish("user.created", {});
    await w.time.advance(10_000);
    expect([w.on("t1"), w.on("t2"), w.on("t3")]).toEqual([[1], [1], [1]]);
  });

  test("caso 14: hooks run after the commit, and one that throws changes nothing", async () => {
    const onSuccess = vi.fn(async () => {
      throw new Error("metrics down");
    });
    const onError = vi.fn(async () => {
      throw new Error("alerts down");
    });
    await run(
      defineWorker({ name: "ok", topic: "a", outputTopic: "b", onSuccess }, async () => ({ done: true })),
      defineWorker({ name: "bad", topic: "c", maxRetries: 0, onError }, async () => {
        throw new Error("x");
      }),
    );
    await w.publish("a", {});
    await w.publish("c", {});
    await w.time.advance(10_000);
    expect([onSuccess, onError].map((f) => f.mock.calls.length)).toEqual([1, 1]);
    expect(w.deliveriesOf("a")).toMatchObject([{ status: "concluida" }]);
    expect(w.on("b")).toEqual([{ done: true }]);
    expect(w.on("c.dlq")).toHaveLength(1);
  });

  test("what an execution publishes carries its correlation id and names the message it came from", async () => {
    await run(
      defineWorker({ name: "p", topic: "a", outputTopic: "b" }, async (_m, ctx) => {
        await ctx.publish("c", {}, { correlationId: "11111111-1111-4111-8111-111111111111", headers: { h: "1" } });
        return { ok: ctx.correlationId };
      }),
    );
    const correlationId = "22222222-2222-4222-8222-222222222222";
    const id = await w.publish("a", {}, { correlationId });
    await w.time.advance(1000);
    const of = (topic: string) => w.broker.messages.find((m) => m.topic === topic);
    expect(of("b")).toMatchObject({ correlationId, causationId: id, payload: { ok: correlationId } });
    expect(of("c")).toMatchObject({
      correlationId: "11111111-1111-4111-8111-111111111111",
      causationId: id,
      headers: { h: "1" },
    });
  });
});

test.each([
  ["Topic", { n: 1 }, {}, "topic"],
  ["a", 1n, {}, "payload"],
  ["a", () => 1, {}, "payload"],
  ["a", { f() {} }, {}, "payload"],
  ["a", undefined, {}, "payload"],
  ["a", "x".repeat(262_145), {}, "payload"],
  ["a", "nul \0", {}, "payload"],
  ["a", "\ud800", {}, "payload"],
  ["a", 1, { key: "" }, "key"],
  ["a", 1, { dedupeKey: "x".repeat(501) }, "dedupeKey"],
  ["a", 1, { delaySeconds: -1 }, "delaySeconds"],
  ["a", 1, { correlationId: "abc" }, "correlationId"],
])("publishing to %s of %o with %o is refused, naming %s", async (topic, payload, options, campo) => {
  await run();
  await expect(w.publish(topic, payload, options)).rejects.toMatchObject({ campo });
});

test("a cycle is refused, and so is a payload that passes 256 KB in bytes only", async () => {
  await run();
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  await expect(w.publish("a", cycle)).rejects.toMatchObject({ campo: "payload" });
  await expect(w.publish("a", "é".repeat(140_000))).rejects.toMatchObject({ campo: "payload" });
  expect(await w.publish("a", "é".repeat(130_000))).toBe("1");
  expect(await w.publish("a", { texto: "\\u0000 e \\ud800, escritos assim" })).toBe("2");
});
