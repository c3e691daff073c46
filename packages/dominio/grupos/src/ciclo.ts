import type { Db } from "#core/db";
import { createLeaseKeeper, type DrainEnd, drain, type Leased } from "#core/queue";
import type { Clock, Logger } from "#core/runtime";
import type { DepsGrupos } from "./deps.ts";
import { ESTAGIOS_MENSAGEM, ESTAGIOS_VAGA } from "./estagios.ts";
import { Estatisticas, type ResumoCiclo } from "./estatisticas.ts";
import { criarFila, type Fila } from "./fila.ts";
import { processarMensagens } from "./passos/lote-mensagens.ts";
import { processarVagas } from "./passos/lote-vagas.ts";

export interface OpcoesCiclo {
  db: Db;
  clock: Clock;
  log: Logger;
  /** Abortado: nada mais é reservado; o que está em curso termina ou é devolvido. */
  signal: AbortSignal;
  deps: DepsGrupos;
  /** Itens por estágio e ciclo, 1..1000. */
  batchSize: number;
  /** Teto de itens simultâneos, 1..50; cada estágio tem ainda o seu orçamento. */
  maxWorkers: number;
  /** Avisado a cada lote: itens terminados, e vagas lidas até aqui (cada uma é mais um item). */
  aoAvancar?: ((terminados: number, vagasCriadas: number) => void) | undefined;
}

/** Uma reserva não leva mais do que isto: o lote cabe folgado no tempo de um comando e na memória. */
const MAIOR_LOTE = 200;
/** Lotes em voo: um é decidido enquanto outro é gravado. Mais do que isto só faria os lotes disputarem o banco. */
const FAIXAS_DE_BANCO = 2;
/** Nos estágios externos, quantas rodadas de itens simultâneos uma reserva leva. */
const RODADAS_EXTERNAS = 4;

/**
 * Um ciclo (domain/grupos-pipeline.md §4.9): recupera reservas vencidas, percorre os estágios na ordem do pipeline, responde o
 * que fez e como ficou a fila. A ordem deixa uma mensagem nova chegar à importação no mesmo ciclo.
 *
 * Sem provedor externo os estágios de mensagem são um só percurso em memória, e os de vaga outro: três idas ao banco por lote.
 * Com provedor externo, classificação e extração são reservadas à parte, com concorrência própria.
 */
export async function processarCiclo(opcoes: OpcoesCiclo): Promise<{ ciclo: ResumoCiclo; fila: Fila }> {
  const { db, clock, log, signal, deps, batchSize } = opcoes;
  const { config } = deps;
  const inicioMs = clock.monotonicMs();
  const fila = criarFila({
    db,
    trabalhador: deps.instancia,
    leaseSegundos: config.GRUPOS_LEASE_SEGUNDOS,
    delaysMin: config.RETRY_DELAYS_MIN,
    janelaDedupHoras: config.JANELA_DEDUP_HORAS,
    agora: () => clock.now(),
  });
  const estatisticas = new Estatisticas();
  const keeper = createLeaseKeeper({
    renew: (tokens) => fila.renovar(tokens),
    everyMs: (config.GRUPOS_LEASE_SEGUNDOS * 1000) / 3,
    log,
  });
  const temTempo = () => clock.monotonicMs() - inicioMs < config.ORCAMENTO_CICLO_MS;
  const comum = {
    mayClaim: temTempo,
    signal,
    keeper,
    handBack: async (itens: readonly Leased[]) => void (await fila.devolver(itens.map((i) => i.token))),
  };
  const contexto = { fila, log, signal, estatisticas, deps, db, clock };
  const avancar = () => opcoes.aoAvancar?.(estatisticas.terminados, estatisticas.vagasCriadas);

  try {
    const leasesRecuperados = await fila.iniciarCiclo();
    const catalogos = await deps.catalogos.obter(fila);
    const fins: DrainEnd[] = [];

    const faixas = Math.min(FAIXAS_DE_BANCO, opcoes.maxWorkers);
    const lote = Math.min(MAIOR_LOTE, Math.ceil(batchSize / faixas));
    const concorrenciaExterna = Math.min(opcoes.maxWorkers, config.GRUPOS_ORCAMENTO_LLM);
    for (const grupo of gruposDeMensagem(deps)) {
      fins.push(
        await drain({
          ...comum,
          limit: batchSize,
          chunk: grupo.externo ? concorrenciaExterna * RODADAS_EXTERNAS : lote,
          lanes: grupo.externo ? 1 : faixas,
          claim: (n) => fila.reservarMensagens(grupo.estagios, n),
          process: (itens) =>
            processarMensagens(itens, { ...contexto, regras: catalogos.regras, concorrenciaExterna }).finally(avancar),
        }),
      );
    }
    fins.push(
      await drain({
        ...comum,
        // Ao menos o que este ciclo criou: o fan-out não pode deixar uma cauda que cresce.
        limit: Math.max(batchSize, estatisticas.vagasCriadas),
        chunk: lote,
        lanes: faixas,
        claim: (n) => fila.reservarVagas(ESTAGIOS_VAGA, n),
        process: (itens) => processarVagas(itens, { ...contexto, catalogos }).finally(avancar),
      }),
    );

    const ciclo = estatisticas.resumo({
      leasesRecuperados,
      duracaoMs: clock.monotonicMs() - inicioMs,
      interrompidoPorTempo: fins.some((f) => f.end === "budget" || f.end === "aborted"),
    });
    return { ciclo, fila: await fila.encerrarCiclo({ ...ciclo }) };
  } finally {
    keeper.stop();
  }
}

/** Estágios reservados juntos. Sem serviço externo no meio, todos os de mensagem são um só. */
function gruposDeMensagem(deps: DepsGrupos): { estagios: readonly string[]; externo: boolean }[] {
  if (!deps.provedorExterno) return [{ estagios: ESTAGIOS_MENSAGEM, externo: false }];
  return [
    { estagios: ["pendente", "heuristica"], externo: false },
    { estagios: ["classificacao"], externo: true },
    { estagios: ["extracao"], externo: true },
  ];
}
