import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { catalogo, type Entrada } from "#catalogo";
import { nextSlot } from "#core/cron";
import { PermanentError } from "#core/runtime";
import type { ApiDeps } from "../deps.ts";
import { exigirToken } from "../plugins/auth.ts";
import { cabecalhosDaChamada } from "../plugins/call-headers.ts";
import { parametros } from "../plugins/params.ts";

/** Um POST por rota distinta do catálogo, e o catálogo mesmo em `GET /jobs`. */
export function rotasDeJobs(app: FastifyInstance, deps: ApiDeps): void {
  const preHandler = exigirToken(deps.config.JOBS_API_TOKEN);
  for (const entrada of porRota(catalogo).values()) {
    app.post(entrada.rota, { preHandler }, async (request, reply) => {
      const r = await executar(entrada, request, reply, deps);
      return reply
        .code(r.httpStatus)
        .headers(r.headers ?? {})
        .send(r.body);
    });
  }
  app.get("/jobs", { preHandler }, async () => listarJobs(catalogo, deps.clock.now()));
}

/** As rotas distintas: duas entradas podem dividir uma, e então o job é o mesmo. */
export function porRota(entradas: readonly Entrada[]): Map<string, Entrada> {
  const rotas = new Map<string, Entrada>();
  for (const e of entradas) {
    const outra = rotas.get(e.rota);
    if (outra && outra.job !== e.job) {
      throw new PermanentError("configuracao_invalida", `${outra.nome} e ${e.nome} disputam a rota ${e.rota}`);
    }
    rotas.set(e.rota, e);
  }
  return rotas;
}

async function executar(entrada: Entrada, request: FastifyRequest, reply: FastifyReply, deps: ApiDeps) {
  // Quem chamou foi embora antes da resposta: o trabalho para de começar coisas novas.
  const cliente = new AbortController();
  const aoFechar = () => {
    if (!reply.raw.writableFinished) cliente.abort(new Error("cliente desconectou"));
  };
  reply.raw.once("close", aoFechar);
  try {
    const chamada = cabecalhosDaChamada(request, cliente.signal);
    return await deps.runner.run(entrada.job, parametros(request), chamada, deps.contexto);
  } finally {
    reply.raw.off("close", aoFechar);
  }
}

/** O corpo de `GET /jobs` (`decisions.md` §1). */
export function listarJobs(entradas: readonly Entrada[], agora: Date) {
  return {
    total: entradas.length,
    jobs: entradas.map((e) => ({
      nome: e.nome,
      schedule: e.schedule,
      endpoint: e.endpoint,
      timeout_s: e.timeoutS,
      sla_s: e.slaS,
      critico: e.critico,
      frequencia: e.frequencia,
      descricao: e.funcao,
      proxima_execucao: nextSlot(e.schedule, agora).toISOString(),
    })),
  };
}
