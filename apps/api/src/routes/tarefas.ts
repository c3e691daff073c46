import { z } from "zod";
import { PermanentError } from "#core/runtime";
import { taskStatus } from "#core/tasks";
import { type Ferramenta, ferramenta } from "./manual.ts";

/** Segundos inteiros e `Z`, como no requisito 003. */
const emSegundos = (em: Date | null) => em && `${em.toISOString().slice(0, 19)}Z`;

/** Uma tarefa em segundo plano, por quem a pediu. */
export const FERRAMENTAS_TAREFAS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/jobs/:job_id/status",
    resumo: "Estado e resultado de uma tarefa, até vencer",
    params: z.object({ job_id: z.string() }),
    executar: async ({ job_id }, { db, clock }) => {
      if (!z.guid().safeParse(job_id).success) {
        throw new PermanentError("dados_ilegiveis", "job_id deve ser um UUID", { campo: "job_id" });
      }
      const t = await taskStatus(db, job_id, clock);
      if (!t) throw new PermanentError("nao_encontrado", "Job não encontrado");
      const { status, enqueue_time, start_time, finish_time, result } = t;
      return {
        success: true,
        message: "Status do job obtido com sucesso",
        job: {
          job_id: t.job_id,
          status,
          enqueue_time: emSegundos(enqueue_time),
          start_time: emSegundos(start_time),
          finish_time: emSegundos(finish_time),
          result: result ?? null,
        },
      };
    },
  }),
];
