import { createWorkerRegistry, type WorkerDefinition, type WorkerRegistry } from "#core/topics";
import { ensaio } from "#dominio/exemplos";

/**
 * Os workers de tópicos do produto. A API e cada processo de `RUN_MODE=worker` carregam o mesmo registro e declaram os grupos antes de
 * servir, de modo que uma mensagem publicada depois da implantação chega a todos. Um worker novo é uma linha aqui.
 */
export const workers: readonly WorkerDefinition[] = [];

/** O registro de um processo; com `exemplos`, também os dos ensaios de falha. Lança se dois disputam um nome ou um grupo. */
export function registroDeWorkers({ exemplos = false }: { exemplos?: boolean } = {}): WorkerRegistry {
  return createWorkerRegistry(exemplos ? [...workers, ...ensaio()] : workers);
}
