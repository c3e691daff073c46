import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseParams } from "#core/job";
import { atClock } from "#core/tasks";
import { FILA_AGENDAMENTOS } from "#dominio/agendamentos";
import type { ApiDeps } from "../deps.ts";
import { POLITICA, paginaFilas } from "../filas/pagina.ts";
import { ESTADOS, fila, filas, repor, reporFalhas, retomar, tarefa, tarefas } from "../filas/visao.ts";
import { exigirToken } from "../plugins/auth.ts";
import { parametros } from "../plugins/params.ts";
import { type Ferramenta, ferramenta } from "./manual.ts";

const queue = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/)
  .describe("o nome de uma fila: letras minúsculas, algarismos, hífen e sublinhado");
const job_id = z.uuid().describe("o UUID da tarefa");
const status = z
  .enum(ESTADOS)
  .optional()
  .describe(`um de ${ESTADOS.join(", ")}`);
const NA_PAGINA = 20;
const FILAS_NA_PAGINA = 10;

/** As filas de tarefas para quem opera: números, tarefas com log, e o que falhou de volta à fila (§4.6). */
export const FERRAMENTAS_FILAS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/queues",
    resumo: "As filas de tarefas, com os seus números",
    params: z.object({}),
    executar: async (_p, deps) => ({ success: true, queues: await filas(deps) }),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/queues/:queue/stats",
    resumo: "Os números de uma fila e os processos que a drenam",
    params: z.object({ queue }),
    executar: async (p, deps) => ({ success: true, queue: p.queue, ...(await fila(deps, p.queue, doProduto(deps))) }),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/queues/:queue/jobs",
    resumo: "As tarefas de uma fila, as mais novas primeiro",
    params: z.object({
      queue,
      status,
      limit: z.int().min(1).max(500).default(50).describe("um inteiro de 1 a 500"),
      offset: z.int().min(0).max(1_000_000).default(0).describe("um inteiro de 0 a 1000000"),
    }),
    executar: async ({ queue: nome, ...pagina }, deps) => ({ success: true, jobs: await tarefas(deps, nome, pagina) }),
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/queues/:queue/jobs/:job_id",
    resumo: "Uma tarefa, com resultado, erro e linhas de log",
    params: z.object({ queue, job_id }),
    executar: async (p, deps) => ({ success: true, job: await tarefa(deps, p.queue, p.job_id) }),
  }),
  ferramenta({
    metodo: "POST",
    soOperador: true,
    rota: "/api/v1/queues/:queue/resume",
    resumo: "A pausa de uma fila acaba já, e os bloqueios seguidos que a causaram são esquecidos",
    params: z.object({ queue }),
    executar: async (p, deps) => ({ success: true, resumed: await retomar(deps, p.queue, doProduto(deps)) }),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/queues/:queue/jobs/:job_id/requeue",
    resumo: "Uma tarefa que falhou volta à fila",
    params: z.object({ queue, job_id }),
    executar: async (p, deps) => {
      await repor(deps, p.queue, p.job_id);
      await acompanhar(deps);
      return { success: true, job_id: p.job_id, status: "queued" };
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/queues/:queue/requeue-failed",
    resumo: "As tarefas que falharam voltam à fila, as mais antigas primeiro",
    params: z.object({ queue, limit: z.int().min(1).max(1000).default(100).describe("um inteiro de 1 a 1000") }),
    executar: async (p, deps) => {
      const ids = await reporFalhas(deps, p.queue, p.limit);
      await acompanhar(deps);
      return { success: true, requeued: ids.length, job_ids: ids };
    },
  }),
];

const doProduto = ({ ofertas }: ApiDeps) => [FILA_AGENDAMENTOS, ofertas.tarefa.queue];

/** O que cada domínio guarda do estado das suas tarefas segue o que acaba de mudar. */
async function acompanhar({ db, clock }: ApiDeps): Promise<void> {
  await db.call("sincronizar_ofertas", atClock(clock));
}

/** O que `/filas` aceita. */
export const ParametrosDaPagina = z.strictObject({ fila: queue.optional(), status, tarefa: job_id.optional() });

/** `/filas`: o mesmo para um navegador, que se identifica por HTTP Basic com o token como senha. */
export function rotaDaPaginaFilas(app: FastifyInstance, deps: ApiDeps): void {
  app.get("/filas", { onRequest: exigirToken(deps.config.JOBS_API_TOKEN) }, async (request, reply) => {
    const p = parseParams(ParametrosDaPagina, parametros(request));
    const todas = await filas(deps);
    const mostradas = p.fila === undefined ? Object.keys(todas).slice(0, FILAS_NA_PAGINA) : [p.fila];
    const paginas = await Promise.all(
      mostradas.map(async (nome) => [
        nome,
        await tarefas(deps, nome, { status: p.status, limit: NA_PAGINA, offset: 0 }),
      ]),
    );
    const html = paginaFilas({
      agora: deps.clock.now(),
      filas: todas,
      tarefas: Object.fromEntries(paginas),
      filtro: p.status ?? null,
      aberta: p.tarefa === undefined ? null : await tarefa(deps, null, p.tarefa),
    });
    return reply
      .header("content-security-policy", POLITICA)
      .header("cache-control", "no-store")
      .header("x-content-type-options", "nosniff")
      .header("referrer-policy", "no-referrer")
      .type("text/html; charset=utf-8")
      .send(html);
  });
}
