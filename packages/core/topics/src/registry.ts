import { type WorkerClass, type WorkerDefinition, workerFrom } from "./define-worker.ts";

/** The workers of a process. Two of them never share a name, nor a group of a topic. */
export interface WorkerRegistry {
  register(worker: WorkerDefinition): WorkerDefinition;
  register<I, O>(worker: WorkerClass<I, O>): WorkerDefinition;
  get(name: string): WorkerDefinition | undefined;
  /** By name, in code-unit order. */
  list(): WorkerDefinition[];
}

export function createWorkerRegistry(workers: readonly WorkerDefinition[] = []): WorkerRegistry {
  const byName = new Map<string, WorkerDefinition>();

  function register<I, O>(given: WorkerDefinition | WorkerClass<I, O>): WorkerDefinition {
    const worker = typeof given === "function" ? workerFrom(given) : given;
    const { name, topic, groupId } = worker;
    if (byName.has(name)) throw new RangeError(`worker "${name}": já há um com este nome`);
    for (const other of byName.values()) {
      if (other.topic === topic && other.groupId === groupId) {
        throw new RangeError(
          `worker "${name}": o grupo "${groupId}" do tópico "${topic}" já é de "${other.name}"; os dois repartiriam as mensagens ao acaso`,
        );
      }
    }
    byName.set(name, worker);
    return worker;
  }

  for (const worker of workers) register(worker);
  return {
    register,
    get: (name) => byName.get(name),
    list: () => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** What `julia workers` prints (domain/filas-e-workers.md §2.7), without the last line end. */
export function formatWorkers(workers: readonly WorkerDefinition[]): string {
  if (workers.length === 0) return "No workers registered.";
  return workers
    .map(({ name, topic, outputTopic, concurrency, retry }) =>
      [
        `  ${name}`,
        `    Input:  ${topic}`,
        `    Output: ${outputTopic ?? "-"}`,
        `    Concurrency: ${concurrency}`,
        `    Retries: ${retry.maxRetries}`,
      ].join("\n"),
    )
    .join("\n\n");
}
