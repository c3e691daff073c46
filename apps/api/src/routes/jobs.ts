import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { catalogo, type Entrada } from "#catalogo";
import { nextSlot } from "#core/cron";
import { PermanentError } from "#core/runtime";
import type { ApiDeps } from "../deps.ts";
import { exigirToken } from "../plugins/auth.ts";
import { cabecalhosDaChamada } from "../plugins/call-headers.ts";
import { parametros } from "../plugins/params.ts";

/** Uma rota do catálogo, o job que ela roda, e as entradas que a dividem. */
export interface RotaDeJob {
  rota: string;
  job: Entrada["job"];
  entradas: readonly Entrada[];
}

/** Um POST por rota distinta do catálogo, e o catálogo mesmo em `GET /jobs`. */
export function rotasDeJobs(app: FastifyInstance, deps: ApiDeps): void {
  const onRequest = exigirToken(deps.config.JOBS_API_TOKEN);
  for (const rota of porRota(catalogo)) {
    app.post(rota.rota, { onRequest }, async (request, reply) => {
      const r = await executar(rota, request, reply, deps);
      return reply
        .code(r.httpStatus)
        .headers(r.headers ?? {})
        .send(r.body);
    });
  }
  app.get("/jobs", { onRequest }, async () => listarJobs(catalogo, deps.clock.now()));
}

/** As rotas distintas: duas entradas podem dividir uma, e então o job é o mesmo. */
export function porRota(entradas: readonly Entrada[]): RotaDeJob[] {
  return [...Map.groupBy(entradas, (e) => e.rota)].map(([rota, donas]) => {
    const [primeira, ...outras] = donas as [Entrada, ...Entrada[]];
    const intrusa = outras.find((e) => e.job !== primeira.job);
    if (intrusa) {
      throw new PermanentError(
        "configuracao_invalida",
        `${primeira.nome} e ${intrusa.nome} disputam a rota ${rota} com jobs diferentes`,
      );
    }
    return { rota, job: primeira.job, entradas: donas };
  });
}

async function executar({ job, entradas }: RotaDeJob, request: FastifyRequest, reply: FastifyReply, deps: ApiDeps) {
  // Quem chamou foi embora antes da resposta: o trabalho para de começar coisas novas.
  const cliente = new AbortController();
  const aoFechar = () => {
    if (!reply.raw.writableFinished) cliente.abort(new Error("cliente desconectou"));
  };
  reply.raw.once("close", aoFechar);
  try {
    const nomes = entradas.map((e) => e.nome);
    const chamada = cabecalhosDaChamada(request, nomes, cliente.signal);
    return await deps.runner.run(job, parametros(request), chamada, deps.contexto);
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
