import type { JobsReport } from "#core/executions";
import { queueStats } from "#core/tasks";
import { vereditoFila } from "#dominio/agendamentos";
import { gravidade, type Severidade } from "#dominio/alertas";
import { saudeEventos } from "#dominio/eventos";
import { saudeGrupos } from "#dominio/grupos";
import type { SaudeDeps } from "./deps.ts";
import { comPrazo } from "./prazo.ts";
import { PRAZO_MS } from "./relatorio.ts";

export interface AlertaDeSaude {
  severity: Severidade;
  source: string;
  message: string;
  /** De quem se fala, quando é de um só: o job, o circuito. */
  subject?: string;
}

/** De onde vêm alertas. Acrescentar uma fonte é acrescentá-la a `COLETORES`. */
export interface Coletor {
  readonly source: string;
  /** Lança se a fonte não pôde ser lida; isso também é um alerta. */
  coletar(deps: SaudeDeps): Promise<Omit<AlertaDeSaude, "source">[]>;
}

export const COLETORES: readonly Coletor[] = [
  { source: "jobs", coletar: async ({ jobs }) => alertasDeJobs(await jobs()) },
  {
    source: "grupos",
    async coletar({ db, clock }) {
      const { status, travados } = await saudeGrupos(db, clock.now(), { timeoutMs: PRAZO_MS });
      if (status === "healthy") return [];
      const severity = status === "unhealthy" ? "critical" : "warning";
      return [{ severity, message: `${travados.count} itens da fila de grupos parados há mais de uma hora` }];
    },
  },
  {
    source: "eventos",
    async coletar({ eventos, clock }) {
      const { status } = await saudeEventos(eventos.broker, clock.now());
      // `unknown`: um corretor que não conta as suas entregas; quem o opera tem as suas próprias medidas.
      if (status === "healthy" || status === "unknown") return [];
      const severity = status === "critical" ? "critical" : "warning";
      return [{ severity, message: "entregas de tópicos atrasadas ou mortas; veja /health/eventos" }];
    },
  },
  {
    source: "filas",
    async coletar({ db, clock }) {
      return Object.entries(await queueStats(db, null, clock)).flatMap(([nome, fila]) => {
        const status = vereditoFila(nome, fila);
        if (status === "healthy") return [];
        const severity = status === "critical" ? "critical" : "warning";
        return [{ severity, subject: nome, message: `fila ${nome} atrasada ou falhando; veja /health/filas` } as const];
      });
    },
  },
  {
    source: "circuit_breaker",
    async coletar({ circuits }) {
      return Object.values(circuits.snapshot()).flatMap((c) => {
        if (c.estado === "closed") return [];
        const aberto = c.estado === "open";
        const espera = aberto ? `aberto; nova tentativa em ${c.proxima_tentativa_em_s} s` : "meio aberto, sondando";
        return [
          {
            severity: aberto ? "critical" : "warning",
            message: `circuito ${c.nome} ${espera}`,
            subject: c.nome,
          } as const,
        ];
      });
    },
  },
];

/** O corpo de `/health/alerts` (§4.8): tudo o que está errado agora, o pior primeiro. */
export async function saudeAlertas(deps: SaudeDeps, coletores: readonly Coletor[] = COLETORES) {
  const alerts = (await Promise.all(coletores.map((c) => coletar(deps, c)))).flat();
  alerts.sort((a, b) => gravidade(b.severity) - gravidade(a.severity));
  const pior = alerts[0]?.severity;
  const status = pior === "critical" ? "critical" : pior === "error" || pior === "warning" ? "warning" : "ok";
  return { status, total_alerts: alerts.length, alerts, timestamp: deps.clock.now().toISOString() };
}

async function coletar(deps: SaudeDeps, { source, coletar }: Coletor): Promise<AlertaDeSaude[]> {
  try {
    const achados = await comPrazo(source, PRAZO_MS, () => coletar(deps));
    return achados.map((a) => ({ ...a, source }));
  } catch (err) {
    deps.log.error({ err, source }, "fonte de alertas não pôde ser lida");
    return [{ severity: "error", source, message: `${source}: não pôde ser lido` }];
  }
}

function alertasDeJobs({ alerts, jobs, scheduler, status }: JobsReport): Omit<AlertaDeSaude, "source">[] {
  const criticos = new Set([...alerts.critical_stale, ...alerts.missing_critical, ...alerts.critical_failing]);
  const aviso = (nomes: readonly string[], texto: (nome: string) => string) =>
    nomes.map((subject) => ({ severity: "warning" as const, subject, message: texto(subject) }));
  const critico = (nomes: readonly string[], texto: (nome: string) => string) =>
    nomes.map((subject) => ({ severity: "critical" as const, subject, message: texto(subject) }));
  const parado =
    scheduler.last_tick_at === null
      ? "nenhum agendador deu sinal"
      : `último sinal do agendador há ${scheduler.seconds_since_last_tick} s`;
  const atraso = (nome: string) => `${nome} sem execução há ${jobs[nome]?.seconds_since_last_run ?? "?"} s`;
  return [
    ...(status === "unknown" ? [{ severity: "critical" as const, subject: "scheduler", message: parado }] : []),
    ...critico(alerts.critical_stale, atraso),
    ...critico(alerts.missing_critical, (n) => `${n} nunca rodou`),
    ...critico(alerts.critical_failing, (n) => `${n} falhou ${jobs[n]?.consecutive_failures} vezes seguidas`),
    ...aviso(
      alerts.stale_jobs.filter((n) => !criticos.has(n)),
      atraso,
    ),
    ...aviso(alerts.jobs_with_errors, (n) => `${n}: ${jobs[n]?.errors_24h} erros em 24 h`),
    ...aviso(alerts.jobs_with_timeouts, (n) => `${n}: ${jobs[n]?.timeouts_24h} execuções com tempo esgotado em 24 h`),
    ...aviso(alerts.stuck_running, (n) => `${n}: execução aberta que ninguém mais segura`),
    ...aviso(alerts.no_progress, (n) => `${n}: dez execuções sem processar nada, com trabalho vencido`),
  ];
}
