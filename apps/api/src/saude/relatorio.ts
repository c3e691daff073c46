import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { parseParams } from "#core/job";
import { AppError, type Clock, PermanentError } from "#core/runtime";
import type { SaudeDeps } from "./deps.ts";
import { comPrazo } from "./prazo.ts";

/** De cada sonda externa e de cada leitura. */
export const PRAZO_MS = 5000;
/** De uma resposta inteira, com o que ela esperou por leituras de outros: nenhuma passa de 8 s (§4.0). */
export const TETO_MS = 7500;

/** Um relatório de `/health`: a rota, o que diz, quem o calcula. Acrescentar um é acrescentá-lo a `RELATORIOS`. */
export interface Relatorio<P extends z.ZodObject = z.ZodObject> {
  readonly rota: string;
  /** Uma linha para o OpenAPI. */
  readonly resumo: string;
  /** Além de `strict`, que todo relatório aceita. */
  readonly params: P;
  /** Lança se o dado não pôde ser lido. */
  calcular(deps: SaudeDeps, params: z.output<P>): Promise<object>;
  /** Por quanto tempo a resposta serve outra vez; ela então diz `cached: true` e guarda o `timestamp` de quando foi feita. */
  cacheMs?: number;
  /** Com `?strict=true` responde 503; sem isto, conforme o `status` do corpo. */
  ruim?(corpo: object): boolean;
}

const VEREDITOS_RUINS: ReadonlySet<unknown> = new Set(["critical", "unhealthy", "unknown"]);
const statusRuim = (corpo: object) => "status" in corpo && VEREDITOS_RUINS.has(corpo.status);

export const SEM_PARAMETROS = z.object({});
const Strict = z.object({ strict: z.boolean().default(false) });

/** Confere os tipos de um relatório; a lista guarda todos como `Relatorio`. */
export function relatorio<P extends z.ZodObject = typeof SEM_PARAMETROS>(
  r: Omit<Relatorio<P>, "params"> & { params?: P },
): Relatorio {
  return { params: SEM_PARAMETROS, ...r } as unknown as Relatorio;
}

/**
 * Responde 200 com o veredito no corpo; 503 se o dado não pôde ser lido, e com `?strict=true` também se o veredito é ruim
 * (`decisions.md` §7). Um parâmetro errado é 422, na forma de domain/scheduler-and-health.md §4.0.
 */
export function rotaDoRelatorio(app: FastifyInstance, deps: SaudeDeps, r: Relatorio): void {
  const calcular = r.cacheMs === undefined ? r.calcular : comCache(deps.clock, r.cacheMs, r.calcular);
  const esquema = z.strictObject({ ...r.params.shape, ...Strict.shape });
  const ruim = r.ruim ?? statusRuim;
  app.get(r.rota, async (request, reply) => {
    const lidos = lerParametros(esquema, request.query);
    if (lidos instanceof PermanentError) {
      const { message, campo } = lidos;
      deps.log.info({ rota: r.rota, campo }, "relatório de saúde pedido com parâmetro inválido");
      return reply.code(422).send({ status: "error", message, campo });
    }
    const { strict, ...params } = lidos;
    try {
      const corpo = await comPrazo(r.rota, TETO_MS, () => calcular(deps, params));
      return reply.code(strict && ruim(corpo) ? 503 : 200).send(corpo);
    } catch (err) {
      deps.log.error({ rota: r.rota, err }, "relatório de saúde não pôde ser calculado");
      return naoLido(reply, deps, err);
    }
  });
}

/** Os parâmetros, ou o que há de errado com eles. */
function lerParametros<S extends z.ZodObject>(esquema: S, query: unknown): z.output<S> | PermanentError {
  try {
    return parseParams(esquema, query);
  } catch (err) {
    if (err instanceof PermanentError) return err;
    throw err;
  }
}

/** Uma resposta por conjunto de parâmetros; o que falhou não é guardado. */
function comCache(clock: Clock, ms: number, calcular: Relatorio["calcular"]): Relatorio["calcular"] {
  const guardadas = new Map<string, { corpo: object; ateMs: number }>();
  return async (deps, params) => {
    const chave = JSON.stringify(params);
    const guardada = guardadas.get(chave);
    if (guardada && clock.monotonicMs() < guardada.ateMs) return { ...guardada.corpo, cached: true };
    const corpo = await calcular(deps, params);
    guardadas.clear(); // hoje nenhum relatório com cache tem parâmetros; com eles, o mapa não cresce sem fim
    guardadas.set(chave, { corpo, ateMs: clock.monotonicMs() + ms });
    return corpo;
  };
}

export function naoLido(reply: FastifyReply, { clock }: Pick<SaudeDeps, "clock">, err: unknown): FastifyReply {
  return reply.code(503).send({ status: "error", error: genericamente(err), timestamp: clock.now().toISOString() });
}

/** Sem o texto do banco: a resposta é aberta. */
export function genericamente(err: unknown): string {
  const fora = err instanceof AppError && (err.code === "banco_indisponivel" || err.code === "circuito_aberto");
  if (err instanceof AppError && err.code === "tempo_esgotado") return "os dados não puderam ser lidos a tempo";
  return fora ? "o banco de dados não respondeu" : "os dados não puderam ser lidos";
}
