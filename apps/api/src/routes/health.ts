import type { FastifyInstance, FastifyReply } from "fastify";
import { AppError, type Clock, errorMessage } from "#core/runtime";
import { saudeGrupos } from "#dominio/grupos";
import type { ApiDeps } from "../deps.ts";

const PRAZO_MS = 5000;

/** `/health*`: abertas, sem dado pessoal nem segredo. As de relatório respondem 503 quando o dado não pôde ser lido. */
export function rotasDeSaude(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  // Sem ler nada: responde enquanto o processo puder responder.
  app.get("/health", async () => ({ status: "healthy", timestamp: agora(deps.clock), service: "julia-api" }));

  app.get("/health/ready", async (_request, reply) => {
    const [database, evolution] = await Promise.all([sondarBanco(deps), sondarEvolution(deps)]);
    const pronto = database.estado === "ok" && !deps.shutdown.aborted;
    return reply.code(pronto ? 200 : 503).send({
      status: pronto ? "ready" : "not_ready",
      checks: { database: database.estado, redis: "skipped", evolution },
      ...(database.erro ? { database_error: database.erro } : {}),
      ...(deps.shutdown.aborted ? { motivo: "encerrando" } : {}),
      timestamp: agora(deps.clock),
    });
  });

  for (const rota of ["/health/grupos", "/health/grupos-worker"]) {
    app.get<{ Querystring: { strict?: string } }>(rota, async (request, reply) =>
      relatorio(reply, request.query.strict, deps.clock, () => saudeGrupos(deps.db, deps.clock.now())),
    );
  }
}

async function relatorio(
  reply: FastifyReply,
  strict: string | undefined,
  clock: Clock,
  calcular: () => Promise<{ status: string }>,
): Promise<FastifyReply> {
  try {
    const corpo = await calcular();
    const ruim = corpo.status === "critical" || corpo.status === "unhealthy";
    return reply.code(strict === "true" && ruim ? 503 : 200).send(corpo);
  } catch (err) {
    const error = err instanceof AppError ? err.message : "não foi possível ler os dados";
    return reply.code(503).send({ status: "error", error, timestamp: agora(clock) });
  }
}

async function sondarBanco({ db }: ApiDeps): Promise<{ estado: "ok" | "error"; erro?: string }> {
  try {
    await db.call("dobra", { p_texto: "a" }, { timeoutMs: PRAZO_MS });
    return { estado: "ok" };
  } catch (err) {
    return { estado: "error", erro: errorMessage(err).slice(0, 200) };
  }
}

/** Nunca muda o veredito: sem WhatsApp os jobs continuam úteis. */
async function sondarEvolution({ evolution, config }: ApiDeps): Promise<"skipped" | "ok" | "degraded" | "unknown"> {
  if (!evolution || !config.EVOLUTION_INSTANCE) return "skipped";
  try {
    const conexao = await evolution.estadoConexao(config.EVOLUTION_INSTANCE, { signal: AbortSignal.timeout(PRAZO_MS) });
    return conexao?.estado === "open" ? "ok" : "degraded";
  } catch {
    return "unknown"; // não respondeu: é o que a palavra diz
  }
}

function agora(clock: Clock): string {
  return clock.now().toISOString();
}
