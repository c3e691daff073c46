import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { createCircuitBreaker, createDispatcher, type Timer } from "#core/http";
import { fixedClock, silentLogger, TransientError } from "#core/runtime";
import { createLlmClient, type LlmClientOptions, type LlmRequest } from "./llm-client.ts";
import { type Behaviour, type FakeOpenAi, startFakeOpenAi } from "./testing/fake-openai.ts";

let fake: FakeOpenAi;
beforeAll(async () => {
  fake = await startFakeOpenAi({ apiKey: "chave" });
});
afterAll(() => fake.close());
beforeEach(() => fake.reset());

const schema = z.object({
  eh_oferta: z.boolean(),
  confianca: z.number().min(0).max(1),
  motivo: z.string().max(120).nullish(),
});
const GOOD: Behaviour = { kind: "answer", json: { eh_oferta: true, confianca: 0.9, motivo: "vaga", extra: 1 } };

function setup(overrides: Partial<LlmClientOptions> = {}) {
  const clock = fixedClock("2026-03-10T13:00:00Z");
  const waits: number[] = [];
  const circuit = createCircuitBreaker({ name: "llm", failures: 3, resetS: 60, maxResetS: 300, clock });
  const expire = new Set<() => void>();
  const timer: Timer = (_ms, fire) => {
    expire.add(fire);
    return () => void expire.delete(fire);
  };
  const llm = createLlmClient({
    apiKey: "chave",
    baseUrl: fake.baseUrl,
    circuit,
    clock,
    log: silentLogger,
    timer,
    random: () => 0,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      clock.advanceMs(ms);
    },
    ...overrides,
  });
  const ask = (more: Partial<LlmRequest<typeof schema>> = {}) =>
    llm.completeJson({
      model: "modelo-x",
      system: "sistema",
      user: "mensagem",
      schema,
      schemaName: "classificacao",
      maxTokens: 200,
      ...more,
    });
  const failure = async () => {
    const err = await ask().then(
      () => new Error("expected a failure"),
      (e: unknown) => e,
    );
    expect(err).toBeInstanceOf(TransientError);
    return err as TransientError;
  };
  const timeOut = async (n: number) => {
    await fake.arrived(n);
    for (const fire of [...expire]) fire();
  };
  return { clock, circuit, waits, ask, failure, timeOut };
}

describe("a good answer", () => {
  test("is parsed, with what it cost and who gave it; unknown keys are ignored", async () => {
    fake.script(GOOD);
    const answer = await setup().ask();
    expect(answer.data).toEqual({ eh_oferta: true, confianca: 0.9, motivo: "vaga" });
    expect(answer).toMatchObject({ usage: { input: 100, output: 20 }, model: "modelo-x" });
  });

  test("was asked for with temperature 0, a token limit and a strict schema without bounds", async () => {
    fake.script(GOOD);
    await setup().ask();
    const [request] = fake.requests;
    expect(request).toMatchObject({ model: "modelo-x", temperature: 0, max_tokens: 200 });
    expect(request?.messages).toEqual([
      { role: "system", content: "sistema" },
      { role: "user", content: "mensagem" },
    ]);
    const asked = request?.response_format?.json_schema;
    expect(asked).toMatchObject({ name: "classificacao", strict: true });
    expect(asked?.schema).toMatchObject({
      required: ["eh_oferta", "confianca", "motivo"],
      additionalProperties: false,
      properties: { confianca: { type: "number" } },
    });
    expect(JSON.stringify(asked?.schema)).not.toMatch(/maximum|maxLength/);
  });

  test("may come in a code block", async () => {
    fake.script({ kind: "text", content: '```json\n{"eh_oferta":false,"confianca":1}\n```' });
    expect((await setup().ask()).data.eh_oferta).toBe(false);
  });

  test("goes through an undici dispatcher", async () => {
    fake.script(GOOD);
    const dispatcher = createDispatcher();
    await setup({ dispatcher }).ask();
    await dispatcher.close();
  });
});

describe("an unusable answer", () => {
  test.each<[string, Behaviour]>([
    ["invalid JSON", { kind: "text", content: '{"eh_oferta": tru' }],
    ["no JSON at all", { kind: "text", content: "Claro! É uma oferta." }],
    ["wrong types", { kind: "answer", json: { eh_oferta: "sim", confianca: 0.9 } }],
    ["a value out of range", { kind: "answer", json: { eh_oferta: true, confianca: 90 } }],
    ["cut at the token limit", { kind: "length" }],
    ["a content filter", { kind: "content_filter" }],
    ["a refusal", { kind: "refusal" }],
    ["an error inside a 200", { kind: "error_in_200" }],
    ["a page instead of a completion", { kind: "html" }],
  ])("%s: transient, not repeated here, no failure of the provider", async (_name, behaviour) => {
    fake.script(behaviour);
    const { failure, circuit, waits } = setup();
    expect((await failure()).code).toBe("resposta_externa_invalida");
    expect([fake.requests.length, waits]).toEqual([1, []]);
    expect(circuit.snapshot().falhas_consecutivas).toBe(0);
  });

  test("says what it cost and which field was wrong, never its content", async () => {
    fake.script({ kind: "answer", json: { eh_oferta: "11988887777", confianca: 0.9 } });
    const err = await setup().failure();
    expect(err.details).toMatchObject({ uso: { input: 100, output: 20 } });
    expect(err.message).toContain("eh_oferta");
    expect(JSON.stringify([err.message, err.details])).not.toContain("11988887777");
  });
});

describe("a failing provider", () => {
  test("429 waits its Retry-After and tries once more", async () => {
    fake.script({ kind: "status", status: 429, headers: { "retry-after": "4" } }, GOOD);
    const { ask, waits, circuit } = setup();
    await ask();
    expect(waits).toEqual([4000]);
    expect(circuit.snapshot()).toMatchObject({ estado: "closed", falhas_consecutivas: 0 });
  });

  test("a Retry-After longer than 10 s is the queue's to wait", async () => {
    fake.script({ kind: "status", status: 429, headers: { "retry-after": "90" } });
    const { failure, waits } = setup();
    expect(await failure()).toMatchObject({ code: "servico_externo", retryAfterMs: 90_000 });
    expect([fake.requests.length, waits]).toEqual([1, []]);
  });

  test("500 is tried twice, 1 s apart, and both count", async () => {
    fake.script({ kind: "status", status: 500 }, { kind: "status", status: 503 });
    const { failure, waits, circuit } = setup();
    expect(await failure()).toMatchObject({ code: "servico_externo", details: { http: 503 } });
    expect([waits, circuit.snapshot().falhas_consecutivas]).toEqual([[1000], 2]);
  });

  test.each<[string, Behaviour]>([
    ["a reset connection", { kind: "reset" }],
    ["a body cut in the middle", { kind: "cut" }],
  ])("%s is tried twice and counts", async (_name, behaviour) => {
    fake.script(behaviour, GOOD);
    const { ask, circuit } = setup();
    await ask();
    expect(fake.requests).toHaveLength(2);
    expect(circuit.snapshot()).toMatchObject({ estado: "closed", falhas_consecutivas: 0 });
  });

  test.each<[string, Behaviour]>([
    ["a hang", { kind: "hang" }],
    ["a drip", { kind: "drip", everyMs: 5 }],
  ])("%s ends at the deadline of each try and counts", async (_name, behaviour) => {
    fake.script(behaviour, behaviour);
    const { failure, timeOut, circuit } = setup();
    const end = failure();
    await timeOut(1);
    await timeOut(2);
    expect(await end).toMatchObject({ code: "servico_externo", details: { motivo: "timeout" } });
    expect(circuit.snapshot().falhas_consecutivas).toBe(2);
  });

  test.each([401, 403])("%i is transient, counts, and is not tried again", async (status) => {
    fake.script({ kind: "status", status });
    const { failure, circuit } = setup();
    expect(await failure()).toMatchObject({ details: { http: status } });
    expect([fake.requests.length, circuit.snapshot().falhas_consecutivas]).toEqual([1, 1]);
  });

  test("a wrong model is transient too: the message is not to blame", async () => {
    fake.script({ kind: "status", status: 404 });
    expect(await setup().failure()).toMatchObject({ details: { http: 404 } });
  });

  test("three failures open the circuit: then no request is made", async () => {
    const { failure } = setup();
    await failure();
    await failure();
    const before = fake.requests.length;
    const err = await failure();
    expect(err.code).toBe("circuito_aberto");
    expect(err.message).toContain("circuit open: llm");
    expect([before, fake.requests.length]).toEqual([3, 3]);
  });

  test("the caller's abort wins, with its own reason", async () => {
    fake.script({ kind: "hang" });
    const { ask, circuit } = setup();
    const controller = new AbortController();
    const end = ask({ signal: controller.signal }).catch((e: unknown) => e);
    await fake.arrived(1);
    controller.abort(new Error("encerrando"));
    expect(await end).toMatchObject({ message: "encerrando" });
    expect(circuit.snapshot().falhas_consecutivas).toBe(0);
  });
});

describe("a model that refuses parameters", () => {
  test("without strict schemas gets plain JSON mode, and that is remembered", async () => {
    const refuse: Behaviour = { kind: "status", status: 400, error: { param: "response_format" } };
    fake.script(refuse, GOOD, GOOD);
    const { ask, circuit } = setup();
    await ask();
    await ask();
    expect(fake.requests.map((r) => r.response_format?.type)).toEqual(["json_schema", "json_object", "json_object"]);
    expect(circuit.snapshot().falhas_consecutivas).toBe(0);
  });

  test("with the newer token limit and a fixed temperature is asked in its own way", async () => {
    fake.otherwise((r) => {
      if ("max_tokens" in r) return { kind: "status", status: 400, error: { param: "max_tokens" } };
      if ("temperature" in r) return { kind: "status", status: 400, error: { param: "temperature" } };
      return GOOD;
    });
    await setup().ask();
    expect(fake.requests.at(-1)).toMatchObject({
      max_completion_tokens: 200,
      response_format: { type: "json_schema" },
    });
  });

  test("a request refused in every form is transient, and the next one starts anew", async () => {
    fake.otherwise(() => ({ kind: "status", status: 400 }));
    const { failure } = setup();
    expect(await failure()).toMatchObject({ details: { http: 400 } });
    const types = fake.requests.map((r) => r.response_format?.type ?? "none");
    expect(types).toEqual(["json_schema", "json_object", "none"]);
    await failure();
    expect(fake.requests[3]?.response_format?.type).toBe("json_schema");
  });
});

test("requests are paced: no more than 60 start in a minute, and none waits long for its turn", async () => {
  fake.otherwise(() => GOOD);
  const { ask, clock, waits } = setup();
  for (let i = 0; i < 61; i++) await ask();
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(60_000);
  expect(Math.max(...waits)).toBeLessThan(1200);
});

test("a turn further away than 30 s is refused as transient, without a request", async () => {
  fake.otherwise(() => GOOD);
  const { ask, failure } = setup({ requestsPerMinute: 1 });
  await ask();
  expect(await failure()).toMatchObject({ code: "muitas_requisicoes", retryAfterMs: 60_000 });
  expect(fake.requests).toHaveLength(1);
});
