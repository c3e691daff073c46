import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errorAnswer } from "#core/job";
import { AppError, type ErrorCode, type Logger, PermanentError } from "#core/runtime";
import { corpoDeErro, ehRotaDeCliente } from "./rotas-de-cliente.ts";

/** Erros do próprio fastify, por código → o nosso, em palavras de quem opera. */
const DO_FASTIFY: Record<string, [ErrorCode, string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: ["json_invalido", "o corpo não é um JSON válido"],
  FST_ERR_CTP_BODY_TOO_LARGE: ["corpo_grande_demais", "o corpo é grande demais"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["tipo_de_conteudo", "envie o corpo como application/json"],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["json_invalido", "o corpo não tem o tamanho anunciado"],
  FST_ERR_BAD_URL: ["rota_desconhecida", "endereço malformado"],
};

export type RespondeErro = (err: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Uma forma de erro para tudo o que sai da API (`decisions.md` §2), registrada uma vez; nunca a pilha, nunca dado pessoal. É também
 * o `frameworkErrors` do fastify, que trata o que falha antes de haver rota.
 */
export function respondeErro(log: Logger): RespondeErro {
  return (err, request, reply) => {
    const traduzido = traduzir(err);
    const { httpStatus, body } = errorAnswer(traduzido);
    const campos = { rota: request.routeOptions?.url ?? "", metodo: request.method, http: httpStatus };
    if (httpStatus >= 500) log.error({ ...campos, err: traduzido }, "requisição falhou");
    else log.info({ ...campos, motivo: body.codigo, campo: body.campo }, "requisição recusada");
    if (ehRotaDeCliente(request.url)) return reply.code(httpStatus).send(corpoDeErro(httpStatus, body));
    if (httpStatus === 401) reply.header("www-authenticate", 'Basic realm="Julia Jobs", charset="UTF-8"');
    return reply.code(httpStatus).send(body);
  };
}

export function tratarErros(app: FastifyInstance, responde: RespondeErro): void {
  app.setErrorHandler(responde);
  app.setNotFoundHandler((request) => {
    const url = request.url.split("?")[0] ?? "";
    const outro = (["POST", "GET"] as const).find((method) => app.hasRoute({ method, url }));
    const dica = outro ? `; o método é ${outro}` : "; veja /docs";
    throw new PermanentError("rota_desconhecida", `não existe ${request.method} ${url}${dica}`);
  });
}

function traduzir(err: unknown): unknown {
  if (err instanceof AppError) return err;
  const { code = "", statusCode } = (err ?? {}) as { code?: string; statusCode?: number };
  const conhecido = DO_FASTIFY[code];
  if (conhecido) return new PermanentError(conhecido[0], conhecido[1], { cause: err });
  if (statusCode === 429) return new PermanentError("muitas_requisicoes", "muitas requisições; tente daqui a pouco");
  return new AppError("erro_interno", "erro interno", { cause: err });
}
