import { expect, test } from "vitest";
import { createWorkerRegistry, defineWorker } from "#core/topics";
import { lerComando } from "./comando.ts";

const nada = async () => null;
const registro = createWorkerRegistry([
  defineWorker({ name: "process_event", topic: "events.raw", outputTopic: "events.enriched", concurrency: 5 }, nada),
  defineWorker(
    { name: "OrderProcessor", topic: "orders.created", outputTopic: "orders.processed", concurrency: 10 },
    nada,
  ),
]);

test("caso 12: `workers` escreve o bloco do texto, byte por byte, e termina com 0", () => {
  expect(lerComando(["workers"], registro)).toEqual({
    tipo: "escrever",
    erro: false,
    codigo: 0,
    texto: `  OrderProcessor
    Input:  orders.created
    Output: orders.processed
    Concurrency: 10
    Retries: 3

  process_event
    Input:  events.raw
    Output: events.enriched
    Concurrency: 5
    Retries: 3
`,
  });
  expect(lerComando(["workers"], createWorkerRegistry())).toMatchObject({
    texto: "No workers registered.\n",
    codigo: 0,
  });
});

test("caso 13: `runworker nope` termina com 1 e diz em stderr os nomes que há", () => {
  expect(lerComando(["runworker", "nope"], registro)).toEqual({
    tipo: "escrever",
    erro: true,
    codigo: 1,
    texto: 'Worker "nope" not found. Available: OrderProcessor, process_event\n',
  });
});

test("sem o nome, ou com outro comando, o uso vai para stderr e o código é 2", () => {
  for (const args of [["runworker"], ["runworker", "a", "b"], ["worker"], ["workers", "x"]]) {
    expect(lerComando(args, registro)).toMatchObject({ erro: true, codigo: 2, texto: expect.stringMatching(/^Usage/) });
  }
});

test("`runworker` roda um, ou todos; sem comando rodam todos e as outras filas", () => {
  const nomes = (args: string[]) => {
    const c = lerComando(args, registro);
    return c.tipo === "trabalhar" ? [c.workers.map((w) => w.name), c.filas] : null;
  };
  expect(nomes(["runworker", "process_event"])).toEqual([["process_event"], false]);
  expect(nomes(["runworker", "all"])).toEqual([["OrderProcessor", "process_event"], false]);
  expect(nomes([])).toEqual([["OrderProcessor", "process_event"], true]);
});
