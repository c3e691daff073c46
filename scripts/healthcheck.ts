/** HEALTHCHECK da imagem, conforme o modo: a API responde; o scheduler deu sinal de vida há pouco. */
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#core/runtime";

/** O laço do scheduler renova a marca a cada volta; além disto está parado (domain/scheduler-and-health.md §6.1). */
const MARCA_VELHA_MS = 150_000;

async function saudavel(): Promise<boolean> {
  switch (process.env.RUN_MODE) {
    case "api": {
      const url = `http://127.0.0.1:${process.env.PORT || "8000"}/health`;
      return (await fetch(url, { signal: AbortSignal.timeout(4000) })).status === 200;
    }
    case "scheduler": {
      const marca = process.env.SCHEDULER_LIVENESS_FILE || join(tmpdir(), "julia-scheduler.alive");
      return systemClock.now().getTime() - statSync(marca).mtimeMs < MARCA_VELHA_MS;
    }
    default:
      return true; // o processo do worker termina quando não pode trabalhar
  }
}

saudavel().then(
  (ok) => process.exit(ok ? 0 : 1),
  () => process.exit(1),
);
