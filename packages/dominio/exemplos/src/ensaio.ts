import { setTimeout as esperar } from "node:timers/promises";
import { z } from "zod";
import { defineWorker, type WorkerDefinition } from "#core/topics";

const Ensaio = z.object({
  n: z.int(),
  /** Quanto a execução demora. */
  ms: z.number().min(0).max(60_000).default(0),
  /** Falha em todas as execuções. */
  veneno: z.boolean().default(false),
});

/** O que os ensaios de falha entre processos mandam: `ensaio.entrada` → `ensaio.saida`, e uma segunda leitura da mesma entrada. */
export function ensaio(): WorkerDefinition[] {
  return [
    defineWorker(
      {
        name: "ensaio",
        topic: "ensaio.entrada",
        outputTopic: "ensaio.saida",
        inputSchema: Ensaio,
        concurrency: 20,
        maxRetries: 8,
        retryBackoff: "fixed",
        initialDelay: 0.05,
      },
      async ({ n, ms, veneno }, ctx) => {
        if (ms > 0) await esperar(ms, undefined, { signal: ctx.signal });
        if (veneno) throw new Error(`mensagem ${n} é veneno`);
        return { n, attempt: ctx.attempt };
      },
    ),
    defineWorker(
      { name: "ensaio_copia", topic: "ensaio.entrada", inputSchema: Ensaio, concurrency: 20, dlqTopic: false },
      async () => {},
    ),
  ];
}
