import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, loadConfig } from "./config.ts";
import { errorMessage, PermanentError, TransientError } from "./errors.ts";
import { addDays, daysBetween, instantOf, isBusinessHours, isCivilDate, localFields } from "./local-time.ts";
import { createLogger, silentLogger } from "./logger.ts";
import { installShutdown } from "./shutdown.ts";
import { maskPhones, safeErrorText, safeText } from "./text.ts";

describe("loadConfig", () => {
  const schema = z.object({
    URL_DA_API: z.url().describe("endereço http"),
    PORTA: z.coerce.number().int().min(1).default(8000).describe("inteiro a partir de 1"),
  });

  test("names every bad variable with what would be right, and never echoes a value", () => {
    const load = () => loadConfig(schema, { PORTA: "segredo-123" });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow("URL_DA_API: não definida (endereço http)");
    expect(load).toThrow(/PORTA: .*\(inteiro a partir de 1\)/);
    expect(load).not.toThrow(/segredo/);
  });

  test("a blank variable counts as unset", () => {
    expect(loadConfig(schema, { URL_DA_API: "http://x", PORTA: "  " }).PORTA).toBe(8000);
  });
});

describe("local time", () => {
  test("fields are those of São Paulo, before and after the years with daylight saving", () => {
    expect(localFields(new Date("2026-11-25T02:30:00Z"))).toMatchObject({ date: "2026-11-24", hour: 23, weekday: 2 });
    expect(localFields(new Date("2018-12-01T02:00:00Z"))).toMatchObject({ date: "2018-12-01", hour: 0 });
  });

  test("instantOf: the usual, the gap of 2018-11-04 (midnight did not exist) and the repeated hour of 2019-02-16", () => {
    expect(instantOf("2026-11-25", 7).toISOString()).toBe("2026-11-25T10:00:00.000Z");
    expect(instantOf("2018-11-04", 0, 30).toISOString()).toBe("2018-11-04T03:00:00.000Z");
    expect(instantOf("2019-02-16", 23, 30).toISOString()).toBe("2019-02-17T01:30:00.000Z");
  });

  test("civil dates", () => {
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(daysBetween("2026-12-31", "2027-01-02")).toBe(2);
    expect(["2026-02-30", "2026-2-3", "2028-02-29"].map(isCivilDate)).toEqual([false, false, true]);
  });

  test("business hours: weekdays, 08:00 inclusive to 20:00 exclusive", () => {
    const at = (text: string) => isBusinessHours(new Date(`${text}-03:00`));
    expect([at("2026-11-25T08:00:00"), at("2026-11-25T19:59:59")]).toEqual([true, true]);
    expect([at("2026-11-25T07:59:59"), at("2026-11-25T20:00:00"), at("2026-11-28T10:00:00")]).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("text and log", () => {
  test("phones keep their last four digits; ids and instants stay readable", () => {
    expect(maskPhones("fale com +55 (62) 99999-1234 ok")).toBe("fale com ***1234 ok");
    const id = "3f2c9d1e-1111-4222-8333-123456789012";
    expect(maskPhones(`${id} em 2026-11-25 10:30`)).toBe(`${id} em 2026-11-25 10:30`);
  });

  test("safeText cuts by code point and drops what JSON and PostgreSQL refuse", () => {
    expect(safeText("🩺🩺🩺", 2)).toBe("🩺🩺");
    expect(safeText("a\u0000b\ud800", 10)).toBe("ab\ufffd");
    expect([...safeErrorText("x".repeat(2000))]).toHaveLength(500);
  });

  test("no log line shows a secret or a phone, in words, fields or errors", () => {
    const lines: string[] = [];
    const log = createLogger({ destination: { write: (line: string) => void lines.push(line) } });
    log.info({ headers: { authorization: "Bearer abc123" }, token: "abc123" }, "mensagem de 5562999991234");
    log.error({ err: new TransientError("servico_externo", "recusou 5562999991234") }, "falhou");
    expect(lines.join()).not.toMatch(/abc123|99999/);
    expect(JSON.parse(lines[1] ?? "")).toMatchObject({ level: "error", err: { code: "servico_externo" } });
  });

  test("errorMessage tells the causes, once each", () => {
    const cause = new Error("ECONNREFUSED");
    expect(errorMessage(new PermanentError("banco_indisponivel", "sem banco", { cause }))).toBe(
      "sem banco: ECONNREFUSED",
    );
    expect(errorMessage(new Error("igual", { cause: new Error("igual") }))).toBe("igual");
    expect(errorMessage("texto")).toBe("texto");
  });
});

describe("shutdown", () => {
  const install = (graceMs = 1000) => {
    const proc = new EventEmitter();
    const exits: number[] = [];
    const ended = Promise.withResolvers<number>();
    const exit = (code: number) => {
      exits.push(code);
      ended.resolve(code);
    };
    const shutdown = installShutdown({ log: silentLogger, graceMs, exit, process: proc as never });
    return { proc, exits, ended: ended.promise, shutdown };
  };

  test("SIGTERM aborts, closes last registered first, and exits 0", async () => {
    const { proc, ended, shutdown } = install();
    const order: string[] = [];
    shutdown.onClose("first", () => void order.push("first"));
    shutdown.onClose("last", async () => void order.push(`last, aborted: ${shutdown.signal.aborted}`));
    proc.emit("SIGTERM");
    expect(await ended).toBe(0);
    expect(order).toEqual(["last, aborted: true", "first"]);
  });

  test("a step that fails or hangs makes it 1; the others still run", async () => {
    const failing = install();
    const order: string[] = [];
    failing.shutdown.onClose("after", () => void order.push("after"));
    failing.shutdown.onClose("fails", () => Promise.reject(new Error("x")));
    expect(await failing.shutdown.close("teste")).toBe(1);
    expect(order).toEqual(["after"]);
    const hanging = install(5);
    hanging.shutdown.onClose("hangs", () => new Promise(() => {}));
    expect(await hanging.shutdown.close("teste")).toBe(1);
  });

  test("a second signal, and an unknown failure, exit 1 at once", () => {
    const { proc, exits, shutdown } = install();
    shutdown.onClose("hangs", () => new Promise(() => {}));
    proc.emit("SIGTERM");
    proc.emit("SIGINT");
    proc.emit("uncaughtException", new Error("x"));
    expect(exits).toEqual([1, 1]);
  });
});
