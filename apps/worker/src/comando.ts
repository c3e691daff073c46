import { formatWorkers, type WorkerDefinition, type WorkerRegistry } from "#core/topics";

/** O que a linha de comando pede: escrever algo e sair, ou trabalhar até um sinal. */
export type Comando =
  | { tipo: "escrever"; texto: string; erro: boolean; codigo: number }
  /** `filas`: também grupos e tarefas, como no RUN_MODE=worker. */
  | { tipo: "trabalhar"; workers: readonly WorkerDefinition[]; filas: boolean };

const USO = "Usage: workers | runworker <name>|all";

/**
 * `workers`, `runworker <nome>|all` (domain/filas-e-workers.md §2.7), ou nada: o RUN_MODE=worker. Os textos em inglês são os do
 * requisito.
 */
export function lerComando(args: readonly string[], registro: WorkerRegistry): Comando {
  const [nome, alvo, ...resto] = args;
  if (nome === undefined) return { tipo: "trabalhar", workers: registro.list(), filas: true };
  if (nome === "workers" && alvo === undefined) {
    return { tipo: "escrever", texto: `${formatWorkers(registro.list())}\n`, erro: false, codigo: 0 };
  }
  if (nome !== "runworker" || alvo === undefined || resto.length > 0) return falha(USO, 2);
  if (alvo === "all") return { tipo: "trabalhar", workers: registro.list(), filas: false };
  const worker = registro.get(alvo);
  if (worker) return { tipo: "trabalhar", workers: [worker], filas: false };
  const nomes = registro.list().map((w) => w.name);
  return falha(`Worker "${alvo}" not found. Available: ${nomes.join(", ")}`, 1);
}

function falha(texto: string, codigo: number): Comando {
  return { tipo: "escrever", texto: `${texto}\n`, erro: true, codigo };
}
