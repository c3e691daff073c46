import type { Db } from "#core/db";
import type { Clock } from "#core/runtime";
import { type QueueStats, queueStats, taskWorkers } from "#core/tasks";
import { type Agendamentos, criarAgendamentos } from "./agendamentos.ts";
import { configAgendamentosPadrao } from "./config.ts";
import { FILA } from "./tarefa.ts";

type Veredito = "healthy" | "degraded" | "critical";

/** O SLA dos jobs que drenam: 3 min o das normalizações, 15 min os das outras filas. */
const SLA_S = { [FILA]: 180 } as Record<string, number>;
const OUTRAS_S = 900;
/** Acima disto na última hora, alguma coisa está errada com o provedor. */
const ERROS_DEMAIS = 50;

/** Degradada quando a tarefa vencida mais antiga passou do SLA, ou metade falha; crítica em cinco vezes o SLA. */
export function vereditoFila(fila: string, s: QueueStats): Veredito {
  const sla = SLA_S[fila] ?? OUTRAS_S;
  const idade = s.paused_until === null ? (s.oldest_queued_age_s ?? 0) : 0;
  if (idade > 5 * sla) return "critical";
  return idade > sla || (s.error_rate_1h ?? 0) > ERROS_DEMAIS ? "degraded" : "healthy";
}

/** O corpo de `/health/filas`: cada fila de tarefas com o seu veredito, os processos que drenam, os agendamentos por estado. */
export async function saudeFilas(db: Db, clock: Clock) {
  const agendamentos = criarAgendamentos({ db, clock, config: configAgendamentosPadrao() });
  const [filas, processos, estados] = await Promise.all([
    queueStats(db, null, clock),
    taskWorkers(db, null, clock),
    agendamentos.contar(),
  ]);
  const comVeredito = Object.entries(filas).map(
    ([nome, s]) => [nome, { status: vereditoFila(nome, s), ...s }] as const,
  );
  const piores = comVeredito.map(([, f]) => f.status);
  const status: Veredito = piores.includes("critical")
    ? "critical"
    : piores.includes("degraded")
      ? "degraded"
      : "healthy";
  return {
    status,
    filas: Object.fromEntries(comVeredito),
    normalization_status: estados,
    workers: processos,
    timestamp: clock.now().toISOString(),
  };
}

/** As métricas do requisito 003, de `GET /api/v1/appointments/normalization/stats`. */
export async function estatisticasNormalizacao(db: Db, clock: Clock, agendamentos: Agendamentos) {
  const [filas, processos, estados] = await Promise.all([
    queueStats(db, FILA, clock),
    taskWorkers(db, FILA, clock),
    agendamentos.contar(),
  ]);
  const f = filas[FILA];
  return {
    success: true,
    queue_size: f?.queued ?? 0,
    in_progress: f?.in_progress ?? 0,
    waiting_retry: f?.waiting_retry ?? 0,
    processing_rate_per_minute: f?.ended_per_minute_15m ?? 0,
    error_rate_percent: f?.error_rate_1h ?? null,
    latency_ms: f?.latency_ms ?? { avg: null, p95: null },
    duration_ms: f?.duration_ms ?? { avg: null, p95: null },
    normalization_status: estados,
    workers: processos,
  };
}
