import { saudeFilas } from "#dominio/agendamentos";
import { saudeEventos } from "#dominio/eventos";
import { saudeGrupos } from "#dominio/grupos";
import { saudeAlertas } from "./alertas.ts";
import { historicoCircuitos, ParametrosHistorico, saudeCircuitos } from "./circuitos.ts";
import { saudeEsquema } from "./esquema.ts";
import { saudeLimites } from "./limites.ts";
import { saudeNota } from "./nota.ts";
import { PRAZO_MS, type Relatorio, relatorio } from "./relatorio.ts";

const grupos: Relatorio["calcular"] = ({ db, clock }) => saudeGrupos(db, clock.now(), { timeoutMs: PRAZO_MS });

/** Todos os relatórios de `/health`; as rotas e o OpenAPI são laços sobre esta lista. */
export const RELATORIOS: readonly Relatorio[] = [
  relatorio({
    rota: "/health/jobs",
    resumo: "Cada job do catálogo: última execução, 24 h, atraso, e o que está errado",
    calcular: ({ jobs }) => jobs(),
  }),
  relatorio({ rota: "/health/grupos", resumo: "Fila de grupos por estágio e itens travados", calcular: grupos }),
  relatorio({ rota: "/health/grupos-worker", resumo: "O mesmo, para painéis", calcular: grupos }),
  relatorio({
    rota: "/health/eventos",
    resumo: "Entregas de tópicos, por worker",
    calcular: ({ eventos, clock }) => saudeEventos(eventos.broker, clock.now()),
  }),
  relatorio({ rota: "/health/circuits", resumo: "Os circuitos deste processo", calcular: saudeCircuitos }),
  relatorio({
    rota: "/health/circuits/history",
    resumo: "O que os circuitos passaram, os mais recentes primeiro",
    params: ParametrosHistorico,
    calcular: historicoCircuitos,
  }),
  relatorio({ rota: "/health/schema", resumo: "Versão e impressão digital do banco", calcular: saudeEsquema }),
  relatorio({ rota: "/health/rate-limit", resumo: "Quanto dos limites de envio já se usou", calcular: saudeLimites }),
  relatorio({
    rota: "/health/alerts",
    resumo: "Tudo o que está errado agora, o pior primeiro",
    cacheMs: 15_000,
    calcular: (deps) => saudeAlertas(deps),
  }),
  relatorio({
    rota: "/health/score",
    resumo: "Uma nota de 0 a 100 e de onde ela vem",
    cacheMs: 15_000,
    ruim: (corpo) => "level" in corpo && corpo.level === "critical",
    calcular: (deps) => saudeNota(deps),
  }),
  relatorio({
    rota: "/health/filas",
    resumo: "Filas de tarefas: espera, ritmo, erros, processos; agendamentos por estado",
    calcular: ({ db, clock }) => saudeFilas(db, clock),
  }),
];
