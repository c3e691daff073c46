import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { parseParams } from "#core/job";
import type { ApiDeps } from "../deps.ts";
import { autorDe, type ChamadaOperador, enquantoEspera } from "../operacao/chamada.ts";
import { exigirToken } from "../plugins/auth.ts";
import { parametros } from "../plugins/params.ts";
import { ehRotaDeCliente } from "../plugins/rotas-de-cliente.ts";

/** Uma ferramenta de operador: como se chama, o que aceita, o que faz e responde. O OpenAPI é um laço sobre elas. */
export interface Ferramenta {
  metodo: "GET" | "POST" | "DELETE";
  rota: string;
  /** Numa rota de cliente: muda algo para todos, e pede o token de quem opera. */
  soOperador?: boolean;
  resumo: string;
  params: z.ZodObject;
  /** A forma da resposta, para a documentação. */
  resposta?: z.ZodType;
  /** O código HTTP de uma resposta; sem isto, 200. */
  codigo?(resposta: object): number;
  executar(params: never, deps: ApiDeps, chamada: ChamadaOperador): Promise<object>;
}

export function ferramenta<
  P extends z.ZodRawShape,
  R extends z.ZodType<unknown, object> = z.ZodType<unknown, object>,
>(f: {
  metodo: "GET" | "POST" | "DELETE";
  rota: string;
  soOperador?: boolean;
  resumo: string;
  params: z.ZodObject<P>;
  resposta?: R;
  codigo?(resposta: z.input<R>): number;
  executar(params: z.output<z.ZodObject<P>>, deps: ApiDeps, chamada: ChamadaOperador): Promise<z.input<R>>;
}): Ferramenta {
  return { ...f, params: f.params.strict() } as Ferramenta;
}

/**
 * As ferramentas que não são jobs: reprocessar, revisar, pausar, explicar. Pedem o mesmo token dos jobs; as rotas de cliente aceitam
 * também os de `API_TOKENS`, salvo as que mudam algo para todos (`soOperador`).
 */
export function rotasManuais(app: FastifyInstance, deps: ApiDeps, ferramentas: readonly Ferramenta[]): void {
  const { JOBS_API_TOKEN, API_TOKENS } = deps.config;
  const doOperador = exigirToken(JOBS_API_TOKEN);
  const doCliente = exigirToken(JOBS_API_TOKEN, ...API_TOKENS);
  for (const f of ferramentas) {
    app.route({
      method: f.metodo,
      url: f.rota,
      onRequest: ehRotaDeCliente(f.rota) && !f.soOperador ? doCliente : doOperador,
      handler: async (request, reply) => {
        const brutos = { ...parametros(request), ...(request.params as Record<string, unknown>) };
        const params = parseParams(f.params, brutos);
        const autor = autorDe(request);
        const r = await enquantoEspera(reply, (signal) => f.executar(params as never, deps, { autor, signal }));
        return reply.code(f.codigo?.(r) ?? 200).send(r);
      },
    });
  }
}
