import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import { parseParams } from "#core/job";
import { AppError, type Clock } from "#core/runtime";
import { saudeGrupos } from "#dominio/grupos";
import type { ApiDeps } from "../deps.ts";

/** De cada sonda externa; com o banco e a Evolution em paralelo, nenhuma resposta passa de 8 s. */
const PRAZO_MS = 5000;
const Opcoes = z.object({ strict: z.boolean().default(false) });

/** Um relatório de `/health`: a rota, o que diz, e quem o calcula. */
interface Relatorio {
  rota: string;
  calcular(deps: ApiDeps): Promise<{ status: string }>;
}

const grupos = ({ db, clock }: ApiDeps) => saudeGrupos(db, clock.now());
const RELATORIOS: readonly Relatorio[] = [
  { rota: "/health/grupos", calcular: grupos },
  { rota: "/health/grupos-worker", calcular: grupos },
];

/**
 * `/health*`: abertas, sem dado pessoal nem segredo, nunca guardadas por um intermediário. `/health` e `/health/ready` dizem o
 * veredito no código HTTP; os relatórios respondem 200 com ele em `status`, 503 se o dado não pôde ser lido, e com `?strict=true`
 * também se o veredito é ruim (`decisions.md` §7).
 */
export function rotasDeSaude(app: FastifyInstance, deps: ApiDeps): void {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });

  // Sem ler nada: responde enquanto o processo puder responder.
  app.get("/health", async () => ({ status: "healthy", timestamp: agora(deps.clock), service: "julia-api" }));

  app.get("/health/ready", async (_request, reply) => {
    const [database, evolution] = await Promise.all([sondarBanco(deps), sondarEvolution(deps)]);
    const pronto = database.database === "ok" && !deps.shutdown.aborted;
    return reply.code(pronto ? 200 : 503).send({
      status: pronto ? "ready" : "not_ready",
      checks: { ...database, redis: "skipped", ...evolution },
      ...(deps.shutdown.aborted ? { motivo: "encerrando" } : {}),
      timestamp: agora(deps.clock),
    });
  });

  for (const { rota, calcular } of RELATORIOS) {
    app.get(rota, async (request, reply) => {
      const strict = lerStrict(request);
      try {
        const corpo = await calcular(deps);
        const ruim = corpo.status === "critical" || corpo.status === "unhealthy";
        return reply.code(strict && ruim ? 503 : 200).send(corpo);
      } catch (err) {
        deps.log.error({ rota, err }, "relatório de saúde não pôde ser calculado");
        return reply.code(503).send({ status: "error", error: genericamente(err), timestamp: agora(deps.clock) });
      }
    });
  }
}

function lerStrict(request: FastifyRequest): boolean {
  const { strict } = request.query as Record<string, unknown>;
  return parseParams(Opcoes, strict === undefined ? {} : { strict }).strict;
}

/** Sem o texto do banco: a resposta é aberta. */
function genericamente(err: unknown): string {
  const fora = err instanceof AppError && (err.code === "banco_indisponivel" || err.code === "circuito_aberto");
  return fora ? "o banco de dados não respondeu" : "os dados não puderam ser lidos";
}

async function sondarBanco({ db, log }: ApiDeps): Promise<{ database: "ok" | "error"; database_error?: string }> {
  try {
    await db.call("dobra", { p_texto: "a" }, { timeoutMs: PRAZO_MS });
    return { database: "ok" };
  } catch (err) {
    log.warn({ err }, "banco não respondeu à sonda de /health/ready");
    return { database: "error", database_error: genericamente(err) };
  }
}

/** Nunca muda o veredito: sem WhatsApp os jobs continuam úteis. */
async function sondarEvolution({
  evolution,
  config,
  log,
}: ApiDeps): Promise<{ evolution: "skipped" | "ok" | "degraded" | "unknown"; evolution_error?: string }> {
  if (!evolution || !config.EVOLUTION_INSTANCE) return { evolution: "skipped" };
  try {
    const conexao = await evolution.estadoConexao(config.EVOLUTION_INSTANCE, { signal: AbortSignal.timeout(PRAZO_MS) });
    const estado = conexao?.estado ?? "inexistente";
    if (estado === "open") return { evolution: "ok" };
    return { evolution: "degraded", evolution_error: `a instância está ${estado}` };
  } catch (err) {
    log.warn({ err }, "Evolution não respondeu à sonda de /health/ready");
    return { evolution: "unknown", evolution_error: "a Evolution não respondeu" };
  }
}

function agora(clock: Clock): string {
  return clock.now().toISOString();
}
