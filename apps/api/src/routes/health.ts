import type { FastifyInstance } from "fastify";
import type { ApiDeps } from "../deps.ts";
import { compartilhar } from "../saude/compartilhar.ts";
import { saudeDeps } from "../saude/deps.ts";
import { comPrazo } from "../saude/prazo.ts";
import { saudeProfunda } from "../saude/profunda.ts";
import { rotaDoRelatorio, TETO_MS } from "../saude/relatorio.ts";
import { RELATORIOS } from "../saude/relatorios.ts";
import { type SondaBanco, type SondaEvolution, sondarBanco, sondarEvolution } from "../saude/sondas.ts";

/**
 * O que monitores e o deploy perguntam tem resposta enquanto o processo viver: nenhum estranho pode gastar a sua vez
 * (domain/scheduler-and-health.md §4.1).
 */
const SEM_LIMITE = { config: { rateLimit: false } } as const;

/**
 * `/health*`: abertas, sem dado pessoal nem segredo, nunca guardadas por um intermediário. `/health`, `/health/ready` e
 * `/health/deep` dizem o veredito no código HTTP; os relatórios o dizem no corpo (`rotaDoRelatorio`).
 */
export function rotasDeSaude(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  const agora = () => deps.clock.now().toISOString();
  // Sem ler nada: responde enquanto o processo puder responder.
  app.get("/health", SEM_LIMITE, async () => ({ status: "healthy", timestamp: agora(), service: "julia-api" }));

  const sondar = compartilhar(() => Promise.all([sondarBanco(deps), sondarEvolution(deps)]));
  const semResposta = [{ estado: "error", erro: "o banco de dados não respondeu" }, { estado: "unknown" }] as const;
  app.get("/health/ready", SEM_LIMITE, async (_request, reply) => {
    // Sem limite de pedidos: por mais que se pergunte, é uma sonda de cada vez, e a que espera também tem prazo.
    const [banco, evolution]: readonly [SondaBanco, SondaEvolution] = await comPrazo(
      "/health/ready",
      TETO_MS,
      sondar,
    ).catch((err: unknown) => {
      deps.log.warn({ err }, "as sondas de /health/ready não responderam a tempo");
      return semResposta;
    });
    const pronto = banco.estado === "ok" && !deps.shutdown.aborted;
    return reply.code(pronto ? 200 : 503).send({
      status: pronto ? "ready" : "not_ready",
      checks: {
        database: banco.estado,
        ...(banco.erro ? { database_error: banco.erro } : {}),
        redis: "skipped",
        evolution: evolution.estado,
        ...(evolution.erro ? { evolution_error: evolution.erro } : {}),
      },
      ...(deps.shutdown.aborted ? { motivo: "encerrando" } : {}),
      timestamp: agora(),
    });
  });

  app.get("/health/deep", async (_request, reply) => {
    const { seguro, corpo } = await saudeProfunda(deps);
    return reply.code(seguro ? 200 : 503).send(corpo);
  });

  const saude = saudeDeps(deps);
  for (const r of RELATORIOS) rotaDoRelatorio(app, saude, r);
}
