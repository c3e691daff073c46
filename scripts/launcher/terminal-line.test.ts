import { expect, test } from "vitest";
import { terminalLine } from "./terminal-line.ts";

const line = (fields: object) => terminalLine("api", JSON.stringify({ level: "info", ...fields }));

test("o terminal mostra o que rodou, como terminou e o que preocupa", () => {
  expect(line({ msg: "OK processar_grupos" })).toBe("api       OK processar_grupos");
  expect(line({ msg: "SKIP heartbeat", motivo: "job_em_execucao" })).toBe("api       SKIP heartbeat (job_em_execucao)");
  expect(line({ level: "error", msg: "falha", err: { message: "banco fora" } })).toBe(
    "api       ERROR falha (banco fora)",
  );
});

test("o resto fica só no arquivo", () => {
  expect(line({ msg: "escutando" })).toBeUndefined();
  expect(line({ level: "debug", msg: "detalhe" })).toBeUndefined();
  expect(terminalLine("api", "")).toBeUndefined();
});

test("o que não é linha de log aparece como veio", () => {
  expect(terminalLine("scheduler", "TypeError: x")).toBe("scheduler TypeError: x");
});
