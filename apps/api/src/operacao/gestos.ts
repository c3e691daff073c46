import { z } from "zod";
import { catalogo, type Entrada } from "#catalogo";
import { activePauses, pauseAnswer, pauseJobs, resumeAnswer, resumeJobs, runAnswer } from "#core/operations";
import { MOMENT_FORMS, momentWords, PermanentError } from "#core/runtime";
import { type Ferramenta, ferramenta } from "../routes/manual.ts";
import { entradaDe, momento } from "./entradas.ts";
import { pausaJson } from "./traduzir.ts";

const motivo = z.string().trim().min(1).max(500).describe("um texto de até 500 caracteres: por quê");
const jobs = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(1000)
  .describe('uma lista de nomes de jobs, ou uma só com todos: ["*"]');
const DESCONHECIDO = "desconhecido";

const OK = { status: "ok" } as const;

/** O que muda alguma coisa. Cada gesto deixa quem, quando e por quê em `auditoria_operacional`. */
export const GESTOS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/scheduler/jobs/:nome/executar",
    resumo: "Roda um job agora, à mão; não cumpre nenhum horário e é permitido durante uma pausa",
    params: z.object({
      nome: z.string().min(1).max(100).describe("o nome de um job do catálogo"),
      parametros: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .default({})
        .describe("um objeto com os parâmetros do job; o que falta vem do catálogo"),
      motivo: motivo.optional(),
    }),
    resposta: runAnswer,
    codigo: (r) => r.http_status,
    async executar(p, { runner, contexto, db, clock }, { autor, signal }) {
      const entrada = entradaDe(p.nome);
      let execucaoId: string | null = null;
      const by = { target: entrada.nome, author: autor ?? DESCONHECIDO, reason: p.motivo ?? null };
      const parametros = { ...padroesDe(entrada), ...p.parametros };
      const { httpStatus, body } = await runner.run(
        entrada.job,
        parametros,
        {
          executionId: null,
          scheduledFor: null,
          idempotencyKey: null,
          deadline: null,
          signal,
          by,
          onStart: (id) => {
            execucaoId = id;
          },
        },
        contexto,
      );
      const pausa = execucaoId === null ? undefined : (await activePauses(db, clock.now())).get(entrada.nome);
      return {
        status: String(body.status),
        job: entrada.nome,
        execucao_id: execucaoId,
        http_status: httpStatus,
        aviso: pausa
          ? `${entrada.nome} está pausado por ${pausa.autor} ${fimDe(pausa.ate)} (${pausa.motivo}); a execução manual foi feita assim mesmo`
          : null,
        ...doErro(body),
        resultado: body,
      };
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/scheduler/pausas",
    resumo: "Pausa jobs: seus horários são pulados, com o motivo, até expirar ou serem retomados",
    params: z.object({
      jobs,
      motivo,
      ate: z.string().min(1).max(40).optional().describe(`${MOMENT_FORMS}; sem ele, até ser retomado`),
    }),
    resposta: pauseAnswer,
    async executar(p, { db, clock, log }, { autor }) {
      const agora = clock.now();
      const ate = p.ate === undefined ? null : momento(p.ate, "ate", agora);
      const nomes = nomesDos(p.jobs);
      const feitas = await pauseJobs(db, { jobs: nomes, motivo: p.motivo, autor: autor ?? DESCONHECIDO, ate }, agora);
      log.warn({ jobs: nomes, autor, motivo: p.motivo }, `pausados por ${autor ?? DESCONHECIDO} ${fimDe(ate)}`);
      const pausas = feitas.map((f) => ({
        job: f.job,
        antes: f.before && pausaJson(f.before),
        depois: pausaJson(f.after),
      }));
      const aviso = "os horários da pausa não serão recuperados depois; execuções manuais continuam permitidas";
      return { ...OK, pausas, aviso };
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/scheduler/retomadas",
    resumo: "Encerra pausas: os jobs voltam no seu próximo horário",
    params: z.object({ jobs, motivo: motivo.optional() }),
    resposta: resumeAnswer,
    async executar(p, { db, clock, log }, { autor }) {
      const nomes = nomesDos(p.jobs);
      const quem = autor ?? DESCONHECIDO;
      const feitas = await resumeJobs(db, { jobs: nomes, motivo: p.motivo ?? null, autor: quem }, clock.now());
      log.info({ jobs: nomes, autor, motivo: p.motivo }, `retomados por ${quem}`);
      return { ...OK, retomados: feitas.map((f) => ({ job: f.job, antes: f.before && pausaJson(f.before) })) };
    },
  }),
];

function nomesDos(pedidos: readonly string[]): string[] {
  if (pedidos.length === 1 && pedidos[0] === "*") return catalogo.map((e) => e.nome);
  if (pedidos.includes("*")) {
    throw new PermanentError("parametro_invalido", 'jobs deve ser uma lista de nomes ou ["*"], não os dois', {
      campo: "jobs",
    });
  }
  return [...new Set(pedidos.map((nome) => entradaDe(nome, "jobs").nome))];
}

/** O que uma recusa diz de si, também no nível de cima, como em toda resposta de erro. */
function doErro(body: Record<string, unknown>): { codigo?: string; campo?: string; message?: string } {
  const nomes = ["codigo", "campo", "message"] as const;
  return Object.fromEntries(nomes.flatMap((n) => (typeof body[n] === "string" ? [[n, body[n]]] : [])));
}

/** O que o scheduler manda a esta entrada: `report_manha` é `?tipo=manha`. */
function padroesDe(entrada: Entrada): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(entrada.endpoint.split("?")[1] ?? ""));
}

function fimDe(ate: Date | null): string {
  return ate === null ? "até ser retomado" : `até ${momentWords(ate)}`;
}
