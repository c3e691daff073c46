import type { LlmClient } from "#clients/llm";
import type { Db } from "#core/db";
import { type Clock, PermanentError } from "#core/runtime";
import type { RunnableTask, TaskRunner } from "#core/tasks";
import { type Agendamentos, criarAgendamentos } from "./agendamentos.ts";
import type { ConfigAgendamentos } from "./config.ts";
import { criarTarefaNormalizacao, LOTE_SEM_REDE } from "./executar.ts";
import { normalizadorLlm } from "./normalizar/normalizador-llm.ts";
import { normalizadorDeterministico } from "./normalizar/provedor.ts";

/** O que a importação e a normalização precisam; montado uma vez por processo. */
export interface DepsAgendamentos {
  config: ConfigAgendamentos;
  agendamentos: Agendamentos;
  /** A tarefa com o seu corpo, para o executor de tarefas do processo. */
  tarefa: RunnableTask;
  /** Tarefas em curso ao mesmo tempo em todos os processos: um lote sem rede ocupa o lugar de uma chamada. */
  maximoEmCurso(maxJobs: number): number;
}

export interface DepsComTarefas extends DepsAgendamentos {
  tarefas: TaskRunner;
}

export function criarDepsAgendamentos(opcoes: {
  config: ConfigAgendamentos;
  db: Db;
  clock: Clock;
  llm: { client: LlmClient; config: { LLM_MODEL: string } } | null;
}): DepsAgendamentos {
  const { config, llm } = opcoes;
  const agendamentos = criarAgendamentos(opcoes);
  const externo = config.NORMALIZER_PROVIDER === "openai";
  if (externo && !llm) {
    throw new PermanentError("configuracao_invalida", "OPENAI_API_KEY: obrigatória com NORMALIZER_PROVIDER=openai");
  }
  const normalizador =
    externo && llm ? normalizadorLlm({ llm: llm.client, modelo: llm.config.LLM_MODEL }) : normalizadorDeterministico;
  return {
    config,
    agendamentos,
    tarefa: criarTarefaNormalizacao({ agendamentos, normalizador }),
    maximoEmCurso: (maxJobs) => (normalizador.externo ? maxJobs : maxJobs * LOTE_SEM_REDE),
  };
}
