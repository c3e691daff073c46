import type { RunnableJob } from "#core/job";
import type { DepsComTarefas } from "#dominio/agendamentos";
import type { CanalSlack } from "#dominio/alertas";
import type { Contexto } from "#dominio/contexto";
import type { DepsEventos } from "#dominio/eventos";
import type { DepsGrupos } from "#dominio/grupos";
import type { OfertasComTarefas } from "#dominio/ofertas";
import { FREQUENCIAS, type Frequencia } from "./frequencias.ts";

/** Tudo o que algum job do catálogo pede. A app o monta; cada job declara só a sua parte. */
export type ContextoCompleto = Contexto & {
  eventos: DepsEventos;
  grupos: DepsGrupos;
  slack: CanalSlack;
  agendamentos: DepsComTarefas;
  ofertas: OfertasComTarefas;
};

export interface Entrada {
  /** Nome em `job_executions`, nos logs e no JSON: `processar_grupos`. */
  readonly nome: string;
  readonly schedule: string;
  /** `/jobs/processar-grupos`, sem parâmetros: a rota. */
  readonly rota: string;
  /** O que o scheduler chama, com a query string. */
  readonly endpoint: string;
  readonly job: RunnableJob<ContextoCompleto>;
  readonly frequencia: Frequencia;
  readonly periodoS: number;
  readonly slaS: number;
  readonly timeoutS: number;
  readonly critico: boolean;
  readonly funcao: string;
}

export interface OpcoesEntrada {
  /** Uma linha para a tabela dos operadores. */
  funcao: string;
  critico?: boolean;
  /** O que o scheduler manda. */
  params?: Record<string, string | number>;
  /** Quando a rota não é o nome com hífens, ou o job serve a duas entradas. */
  rota?: string;
  nome?: string;
  timeoutS?: number;
}

const TIMEOUT_S = 300;

/** Uma linha do catálogo: o job, quando roda, e o que isso significa para quem opera. */
export function entrada(
  job: RunnableJob<ContextoCompleto>,
  schedule: string,
  frequencia: Frequencia,
  opcoes: OpcoesEntrada,
): Entrada {
  const rota = opcoes.rota ?? `/jobs/${job.name.replaceAll("_", "-")}`;
  const query = new URLSearchParams(
    Object.entries(opcoes.params ?? {}).map(([k, v]): [string, string] => [k, String(v)]),
  ).toString();
  return {
    nome: opcoes.nome ?? job.name,
    schedule,
    rota,
    endpoint: query === "" ? rota : `${rota}?${query}`,
    job,
    frequencia,
    ...FREQUENCIAS[frequencia],
    timeoutS: opcoes.timeoutS ?? TIMEOUT_S,
    critico: opcoes.critico ?? false,
    funcao: opcoes.funcao,
  };
}
