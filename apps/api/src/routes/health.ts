import type { FastifyInstance } from "fastify";
import type { ApiDeps } from "../deps.ts";
import { saudeDeps } from "../saude/deps.ts";
import { saudeProfunda } from "../saude/profunda.ts";
import { rotaDoRelatorio } from "../saude/relatorio.ts";
import { RELATORIOS } from "../saude/relatorios.ts";
import { sondarBanco, sondarEvolution } from "../saude/sondas.ts";

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
  app.get("/health", async () => ({ status: "healthy", timestamp: agora(), service: "julia-api" }));

  app.get("/health/ready", async (_request, reply) => {
    const [banco, evolution] = await Promise.all([sondarBanco(deps), sondarEvolution(deps)]);
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
