import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { catalogo, type Entrada } from "#catalogo";
import { nextSlot } from "#core/cron";
import { PermanentError } from "#core/runtime";
import type { ApiDeps } from "../deps.ts";
import { autorDe, enquantoEspera, motivoDe } from "../operacao/chamada.ts";
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

function executar({ job, entradas }: RotaDeJob, request: FastifyRequest, reply: FastifyReply, deps: ApiDeps) {
  const nomes = entradas.map((e) => e.nome);
  const [unica, ...outras] = nomes;
  // Duas entradas na mesma rota: à mão, ninguém sabe de qual se trata.
  const target = outras.length === 0 ? (unica ?? null) : null;
  return enquantoEspera(reply, (signal) => {
    const by = { target, author: autorDe(request), reason: motivoDe(request) };
    const chamada = { ...cabecalhosDaChamada(request, nomes, signal), by };
    return deps.runner.run(job, parametros(request), chamada, deps.contexto);
  });
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
