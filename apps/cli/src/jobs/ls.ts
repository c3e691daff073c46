import type { z } from "zod";
import { jobsAnswer } from "#core/operations";
import type { Comando } from "../comando.ts";
import { comoJson, pintar } from "../saida.ts";
import { type Celula, tabela } from "../tabela.ts";
import { duracao, numero, quando, relativo } from "../tempos.ts";
import { situacao } from "./situacao.ts";

type Job = z.output<typeof jobsAnswer>["jobs"][number];

/** `julia jobs ls` */
export const ls: Comando = {
  nome: "ls",
  aridade: [0, 0],
  resumo: "Cada job: próxima execução, a última e como ela terminou, o que está em andamento ou pausado",
  opcoes: {},
  async executar(_pedido, { api, saida, agora }) {
    const { corpo } = await api.pedir("GET", "/jobs", { esquema: jobsAnswer });
    if (comoJson(saida, corpo)) return 0;
    const hoje = agora();
    tabela(
      saida,
      ["JOB", "AGENDA", "PRÓXIMA", "ÚLTIMA", "DURAÇÃO", "ITENS", "SITUAÇÃO"],
      corpo.jobs.map((j) => [
        j.critico ? `${j.nome} *` : j.nome,
        j.schedule,
        relativo(j.proxima_execucao, hoje),
        quando(j.ultima?.inicio ?? null),
        duracao(j.ultima?.duracao_ms ?? null),
        numero(j.ultima?.itens ?? null),
        comoEsta(j, hoje),
      ]),
      { numeros: ["DURAÇÃO", "ITENS"] },
    );
    saida.escrever(pintar(saida, "cinza", `\n${corpo.total} jobs; * crítico; horários de Brasília\n`));
    return 0;
  },
};

function comoEsta(j: Job, agora: Date): Celula {
  const partes: string[] = [];
  if (j.pausa) {
    const fim = j.pausa.ate === null ? "até ser retomado" : `até ${quando(j.pausa.ate, false)}`;
    partes.push(`pausado por ${j.pausa.autor} ${fim} (${j.pausa.motivo})`);
  }
  if (j.em_andamento) partes.push(`em andamento ${relativo(j.em_andamento.inicio, agora)}`);
  if (partes.length > 0) return { texto: partes.join("; "), cor: "amarelo" };
  if (j.ultima) return situacao(j.ultima);
  return { texto: j.registrado_em === null ? "nenhum agendador o conhece" : "ainda não rodou", cor: "cinza" };
}
