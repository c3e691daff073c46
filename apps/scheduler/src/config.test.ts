import { expect, test } from "vitest";
import { ConfigError, loadConfig } from "#core/runtime";
import { SchedulerConfig } from "./config.ts";

const ler = (env: Record<string, string>) =>
  loadConfig(SchedulerConfig, {
    APP_ENV: "test",
    SUPABASE_URL: "http://127.0.0.1:1",
    SUPABASE_SERVICE_KEY: "x".repeat(30),
    JULIA_API_URL: "http://127.0.0.1:1",
    ...env,
  });

test("um prazo de chamada que passaria da vida de uma execução é recusado, e o erro diz por quê", () => {
  expect(ler({ JOB_TIMEOUT_MS: "300000" }).JOB_TIMEOUT_MS).toBe(300_000);
  expect(() => ler({ JOB_TIMEOUT_MS: "300001" })).toThrow(ConfigError);
  expect(() => ler({ JOB_TIMEOUT_MS: "300001" })).toThrow(
    /JOB_TIMEOUT_MS: no máximo 300000: a API responde em até 290 s, e execução de mais de 600 s morreu/,
  );
});
