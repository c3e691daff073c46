import type { Broker, WorkerHealth } from "#core/topics";

/** Segundos que a entrega devida mais antiga pode esperar. */
const IDADE_DEGRADADA_S = 180;
const IDADE_CRITICA_S = 900;
/** Mortas numa hora, de todos os workers. */
const MORTAS_TOLERADAS = 10;

/** O corpo de `/health/eventos` (domain/filas-e-workers.md §2.8). */
export async function saudeEventos(broker: Broker, agora: Date) {
  const workers = (await broker.admin?.health()) ?? null;
  return {
    status: workers === null ? ("unknown" as const) : veredito(workers),
    ...(workers === null ? { motivo: "o corretor em uso não tem tabelas para contar" } : {}),
    workers: (workers ?? []).map((w) => ({
      worker: w.worker,
      topico: w.topic,
      grupo: w.groupId,
      pausado: w.paused,
      pendentes: w.pending,
      pendente_mais_antiga_s: w.oldestDueS,
      em_andamento: w.running,
      aguardando_retry: w.waitingRetry,
      mortas_24h: w.dead24h,
      taxa_sucesso_1h: w.successRate1h,
    })),
    timestamp: agora.toISOString(),
  };
}

export function veredito(workers: readonly WorkerHealth[]): "healthy" | "degraded" | "critical" {
  const ativos = workers.filter((w) => !w.paused); // numa pausa a fila cresce de propósito
  const idade = Math.max(0, ...ativos.map((w) => w.oldestDueS ?? 0));
  if (idade > IDADE_CRITICA_S) return "critical";
  const mortas = workers.reduce((soma, w) => soma + w.dead1h, 0);
  return idade > IDADE_DEGRADADA_S || mortas > MORTAS_TOLERADAS ? "degraded" : "healthy";
}
