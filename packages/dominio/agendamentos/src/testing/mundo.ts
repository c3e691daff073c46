import type { TestDatabase } from "#core/db-testing";
import { silentLogger } from "#core/runtime";
import type { DrainReport } from "#core/tasks";
import { createTaskWorld, type TaskProcess, type TaskWorld } from "../../../../core/tasks/src/testing/task-world.ts";
import { type Agendamentos, criarAgendamentos, type LinhaAgendamento } from "../agendamentos.ts";
import { type ConfigAgendamentos, configAgendamentosPadrao } from "../config.ts";
import { criarTarefaNormalizacao, LOTE_SEM_REDE } from "../executar.ts";
import { normalizarAgendamentos } from "../jobs/normalizar-agendamentos.ts";
import { type Normalizador, normalizadorDeterministico } from "../normalizar/provedor.ts";
import { temConteudo } from "../normalizar/texto.ts";

export interface Mundo extends TaskWorld {
  agendamentos: Agendamentos;
  processo(normalizador?: Normalizador): TaskProcess;
  /** O job agendado, num processo dado; com o tempo parado. */
  job(
    processo: TaskProcess,
    params?: { limite?: number; tempo_max_s?: number; max_jobs?: number },
  ): Promise<RespostaJob>;
  drenar(processo: TaskProcess): Promise<DrainReport>;
  linha(id: string): Promise<Record<string, unknown>>;
}
type RespostaJob = Awaited<ReturnType<typeof normalizarAgendamentos.run>>;

/** Agendamentos num banco de verdade, com o tempo nas mãos do teste. */
export function criarMundo(t: TestDatabase, ajustes: Partial<ConfigAgendamentos> = {}): Mundo {
  const world = createTaskWorld(t);
  const config = configAgendamentosPadrao(ajustes);
  const { clock } = world.time;
  const agendamentos = criarAgendamentos({ db: world.db, clock, config });
  let n = 0;
  return {
    ...world,
    agendamentos,
    processo(normalizador = normalizadorDeterministico) {
      return world.process(`p${n++}`, [criarTarefaNormalizacao({ agendamentos, normalizador })]);
    },
    drenar: (p) => p.drain({ queue: "default", slots: 10 }),
    job(p, params = {}) {
      const lidos = normalizarAgendamentos.params.parse(params);
      const deps = {
        config,
        agendamentos,
        tarefas: p.runner,
        tarefa: criarTarefaNormalizacao({ agendamentos, normalizador: normalizadorDeterministico }),
        maximoEmCurso: (maximo: number) => maximo * LOTE_SEM_REDE,
      };
      const signal = new AbortController().signal;
      return normalizarAgendamentos.run(lidos, {
        db: world.db,
        clock,
        log: silentLogger,
        signal,
        agendamentos: deps,
      } as never);
    },
    async linha(id) {
      const [linha] = await t.sql("select * from appointments where id = $1", [id]);
      if (!linha) throw new Error(`agendamento ${id} não existe`);
      return linha;
    },
  };
}

export function umaLinha(campos: Partial<LinhaAgendamento> = {}): LinhaAgendamento {
  const linha = {
    linha: 2,
    nome: "Maria",
    telefone: null,
    data: null,
    hora: null,
    endereco: null,
    documento: null,
    ...campos,
  };
  return { tem_endereco: temConteudo(linha.endereco), tem_documento: temConteudo(linha.documento), ...linha };
}
