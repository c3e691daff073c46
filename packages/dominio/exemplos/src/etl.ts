import { z } from "zod";
import type { Clock } from "#core/runtime";
import { defineWorker, type WorkerDefinition } from "#core/topics";

const Cru = z.object({ id: z.string(), value: z.number() });
const Transformado = z.object({ id: z.string(), value: z.number(), transformed_at: z.iso.datetime() });
type Transformado = z.infer<typeof Transformado>;

/** Extrair, transformar, carregar: `raw.data` → `transform_data` → `transformed.data` → `load_data`. */
export function etl(clock: Clock, gravar: (dado: Transformado) => Promise<void>): WorkerDefinition[] {
  return [
    defineWorker(
      {
        name: "transform_data",
        topic: "raw.data",
        outputTopic: "transformed.data",
        inputSchema: Cru,
        outputSchema: Transformado,
      },
      async (cru) => ({ id: cru.id, value: cru.value * 2, transformed_at: clock.now().toISOString() }),
    ),
    defineWorker({ name: "load_data", topic: "transformed.data", inputSchema: Transformado }, async (dado) => {
      await gravar(dado);
    }),
  ];
}
