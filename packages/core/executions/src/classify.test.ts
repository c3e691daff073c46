import { describe, expect, test } from "vitest";
import { type CallOutcome, classify, extractItems } from "./classify.ts";

const response = (code: number, body: unknown, more: Partial<Extract<CallOutcome, { kind: "response" }>> = {}) =>
  classify({
    kind: "response",
    code,
    body: typeof body === "string" ? body : JSON.stringify(body),
    truncated: false,
    location: null,
    ...more,
  });

describe("HTTP answer → row", () => {
  test("200 with processados is a success with its items", () => {
    expect(response(200, { status: "ok", processados: 7 })).toEqual({
      status: "success",
      responseCode: 200,
      error: null,
      itemsProcessed: 7,
    });
  });
  test("204 without body and a plain-text 200 are successes without items", () => {
    expect(response(204, "")).toMatchObject({ status: "success", responseCode: 204, itemsProcessed: null });
    expect(response(200, "OK")).toMatchObject({ status: "success", itemsProcessed: null });
    expect(response(202, "[1]")).toMatchObject({ status: "success", responseCode: 202, itemsProcessed: null });
  });
  test("2xx whose body says error is an error with the body's message", () => {
    expect(response(200, { status: "error", message: "falha simulada" })).toMatchObject({
      status: "error",
      responseCode: 200,
      error: "falha simulada",
    });
    expect(response(200, { status: "error", error: "outra" }).error).toBe("outra");
    expect(response(200, { status: "error", message: 5 }).error).toBe("status=error");
  });
  test("skipped is a success, unless the previous run still held the lock", () => {
    expect(response(200, { status: "skipped", motivo: "piloto" }).status).toBe("success");
    expect(response(200, { status: "skipped", motivo: "job_em_execucao" })).toMatchObject({
      status: "error",
      error: "job_em_execucao",
    });
    expect(response(200, { status: "skipped", reason: "job_em_execucao" }).status).toBe("error");
    expect(response(409, { status: "skipped", motivo: "job_em_execucao" })).toMatchObject({
      status: "error",
      responseCode: 409,
      error: "job_em_execucao",
    });
    expect(response(409, { codigo: "conflito" }).error).toBe('HTTP 409: {"codigo":"conflito"}');
  });
  test("redirects are not followed and say where they pointed", () => {
    expect(response(301, "", { location: "https://x/y" }).error).toBe("HTTP 301 redirect nao seguido: https://x/y");
  });
  test("500 keeps 500 code points of text, without cutting an emoji in half", () => {
    const text = response(500, "x".repeat(2000)).error ?? "";
    expect(text.startsWith("HTTP 500: xxx")).toBe(true);
    expect([...text]).toHaveLength(500);
    const emoji = response(500, "😀".repeat(600)).error ?? "";
    expect([...emoji]).toHaveLength(500);
    expect(emoji.isWellFormed()).toBe(true);
  });
  test("429 is named, an empty body adds nothing", () => {
    expect(response(429, "calma").error).toBe("HTTP 429 Too Many Requests: calma");
    expect(response(503, " ").error).toBe("HTTP 503");
  });
  test("error text is free of NUL, lone surrogates and phone numbers", () => {
    expect(response(500, "a\u0000b\ud83d +55 (11) 98765-4321").error).toBe("HTTP 500: ab\ufffd ***4321");
  });
  test("a body above the limit counts as not JSON and is classified by its code", () => {
    expect(response(200, '{"processados":3}', { truncated: true })).toMatchObject({
      status: "success",
      itemsProcessed: null,
    });
  });
});

describe("no answer → row", () => {
  test("our deadline is a timeout, with the code if headers had arrived", () => {
    expect(classify({ kind: "timeout", afterMs: 300_000, code: null })).toEqual({
      status: "timeout",
      responseCode: null,
      error: "Timeout apos 300s",
      itemsProcessed: null,
    });
    expect(classify({ kind: "timeout", afterMs: 1500, code: 200 })).toMatchObject({
      responseCode: 200,
      error: "Timeout apos 1.5s",
    });
  });
  test("a refused connection names host and port, whatever digits they have", () => {
    const refused = { kind: "network", code: "ECONNREFUSED", message: "x", host: "100.100.100.100:8000", sent: false };
    expect(classify(refused as CallOutcome).error).toBe("Connection refused: 100.100.100.100:8000");
  });
  test("other network failures carry the system's code", () => {
    const dns = { kind: "network", code: "ENOTFOUND", message: "getaddrinfo", host: "api:80", sent: false } as const;
    expect(classify(dns)).toMatchObject({
      status: "error",
      responseCode: null,
      error: "ENOTFOUND api:80: getaddrinfo",
    });
  });
  test("a stopped scheduler leaves an interrupted row", () => {
    expect(classify({ kind: "interrupted", motivo: "shutdown" }).error).toBe("interrompido: shutdown");
  });
});

test.each([
  [{ processados: null, count: 3 }, 3],
  [{ stats: { processadas: 4 } }, 4],
  [{ ciclo: { processados: 0 } }, 0],
  [{ total: [1, 2] }, null],
  [{ processados: -1, total: 1.5, count: true, result: { total_processados: "12" } }, 12],
  [{ processados: 2147483648, resultado: { items_processed: 2147483647 } }, 2147483647],
  [{ processados: "", count: "9999999999" }, null],
  [{ processados: 0, stats: { processados: 5 } }, 0],
])("items of %j are %s", (body, items) => {
  expect(extractItems(body as Record<string, unknown>)).toBe(items);
});
