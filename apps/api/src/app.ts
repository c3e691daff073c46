import rateLimit from "@fastify/rate-limit";
import fastify, { type FastifyInstance } from "fastify";
import { catalogo, validarCatalogo } from "#catalogo";
import { TransientError } from "#core/runtime";
import type { ApiDeps } from "./deps.ts";
import { GESTOS } from "./operacao/gestos.ts";
import { PERGUNTAS } from "./operacao/perguntas.ts";
import { respondeErro, tratarErros } from "./plugins/errors.ts";
import { FERRAMENTAS_DE_EVENTOS } from "./routes/eventos.ts";
import { FERRAMENTAS } from "./routes/ferramentas.ts";
import { rotaDaPaginaFilas } from "./routes/filas.ts";
import { rotasDeSaude } from "./routes/health.ts";
import { rotaDeImportacao } from "./routes/importacao.ts";
import { rotasDeJobs } from "./routes/jobs.ts";
import { rotasManuais } from "./routes/manual.ts";
import { rotasDeDocumentacao } from "./routes/openapi.ts";
import { rotasDeWebhooks } from "./routes/webhooks.ts";

const MAIOR_CORPO = 256 * 1024;
const PRAZO_DO_PEDIDO_MS = 30_000;

/** Tudo o que um operador pode pedir e que não é um job. */
const DE_OPERADOR = [...PERGUNTAS, ...GESTOS, ...FERRAMENTAS, ...FERRAMENTAS_DE_EVENTOS];

/** Monta a aplicação sem escutar, para que os testes injetem pedidos. */
export async function buildApp(deps: ApiDeps): Promise<FastifyInstance> {
  validarCatalogo(catalogo);
  const responde = respondeErro(deps.log);
  const app = fastify({
    logger: false, // a linha canônica de cada execução é do runner; a de cada erro, de `tratarErros`
    bodyLimit: MAIOR_CORPO,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (err, request, reply) => void responde(err, request, reply),
    // De receber o pedido inteiro; a resposta de um job leva até 290 s e quem a corta é o prazo dele.
    requestTimeout: PRAZO_DO_PEDIDO_MS,
    trustProxy: proxiesConfiaveis(deps.config.PROXIES_CONFIAVEIS),
  });
  tratarErros(app, responde);
  aceitarCorpoVazio(app);
  app.addHook("onRequest", async (request) => {
    // Um webhook é uma transação curta, e quem o manda pode não repetir: é aceito enquanto a porta estiver aberta.
    const novo = request.method !== "GET" && !request.url.startsWith("/webhooks/");
    if (deps.shutdown.aborted && novo) {
      throw new TransientError("encerrando", "a API está encerrando; tente outra vez em instantes");
    }
  });
  await app.register(async (saude) => {
    await saude.register(rateLimit, { max: deps.config.SAUDE_PEDIDOS_POR_MINUTO, timeWindow: "1 minute" });
    rotasDeSaude(saude, deps);
  });
  rotasDeJobs(app, deps);
  rotasManuais(app, deps, DE_OPERADOR);
  rotaDaPaginaFilas(app, deps);
  rotasDeWebhooks(app, deps);
  await rotaDeImportacao(app, deps);
  await rotasDeDocumentacao(app, DE_OPERADOR);
  return app;
}

/**
 * De quem é um pedido: o endereço do socket, ou, com proxies à frente, o que o mais externo deles viu. Contado do fim de
 * X-Forwarded-For, pois o que vem antes foi quem chamou que escreveu. Uma função, porque o fastify ignora um número: a contagem não
 * prova que o vizinho é o proxy. Quem põe aqui mais do que 0 garante que só se chega à API passando por eles.
 */
function proxiesConfiaveis(quantos: number): false | ((endereco: string, salto: number) => boolean) {
  return quantos === 0 ? false : (_endereco, salto) => salto < quantos;
}

/** `curl -X POST` manda content-type sem corpo; isso é uma chamada sem parâmetros. */
function aceitarCorpoVazio(app: FastifyInstance): void {
  app.removeContentTypeParser("application/json");
  const padrao = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<string>("application/json", { parseAs: "string" }, (request, corpo, done) => {
    if (corpo.trim() === "") done(null, undefined);
    else padrao(request, corpo, done);
  });
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, corpo, done) => {
    // `curl -X POST -d ''` diz que é um formulário; vazio, também é uma chamada sem parâmetros.
    if (corpo === "") done(null, undefined);
    else done(Object.assign(new Error("formulário"), { code: "FST_ERR_CTP_INVALID_MEDIA_TYPE" }), undefined);
  });
}
