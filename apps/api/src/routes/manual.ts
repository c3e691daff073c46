import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { parseParams } from "#core/job";
import type { ApiDeps } from "../deps.ts";
import { exigirToken } from "../plugins/auth.ts";
import { parametros } from "../plugins/params.ts";

/** Uma ferramenta de operador: como se chama, o que aceita, o que faz. O OpenAPI é um laço sobre elas. */
export interface Ferramenta {
  metodo: "GET" | "POST";
  rota: string;
  resumo: string;
  params: z.ZodObject;
  executar(params: never, deps: ApiDeps): Promise<object>;
}

export function ferramenta<P extends z.ZodRawShape>(f: {
  metodo: "GET" | "POST";
  rota: string;
  resumo: string;
  params: z.ZodObject<P>;
  executar(params: z.output<z.ZodObject<P>>, deps: ApiDeps): Promise<object>;
}): Ferramenta {
  return { ...f, params: f.params.strict() };
}

/** As ferramentas que não são jobs: reprocessar, revisar, ensinar um alias. Pedem o mesmo token dos jobs. */
export function rotasManuais(app: FastifyInstance, deps: ApiDeps, ferramentas: readonly Ferramenta[]): void {
  const onRequest = exigirToken(deps.config.JOBS_API_TOKEN);
  for (const f of ferramentas) {
    app.route({
      method: f.metodo,
      url: f.rota,
      onRequest,
      handler: async (request) => {
        const brutos = { ...parametros(request), ...(request.params as Record<string, unknown>) };
        return f.executar(parseParams(f.params, brutos) as never, deps);
      },
    });
  }
}
