import { randomUUID } from "node:crypto";
import type { Sql } from "#core/db-testing";
import { createJobLocks, createVirtualTime } from "#core/executions";
import { type AuditReport, auditSlots } from "#core/operations";
import type { ScheduleEntry } from "#core/scheduler";
import { criarApi } from "./api.ts";
import { contarFins, type Fins } from "./auditoria.ts";
import { abrirBanco } from "./banco.ts";
import { type Perturbacao, planejar } from "./plano.ts";
import { type Corrida, semJustificativa } from "./relogio-real.ts";
import { criarReplica, RESERVA_MS, type Replica } from "./replica.ts";
import { sorteio } from "./sorteio.ts";

export interface OpcoesSimulacao {
  /** Um banco migrado e vazio. */
  databaseUrl: string;
  sql: Sql;
  entradas: readonly ScheduleEntry[];
  semente: number;
  inicio: Date;
  horas: number;
  replicas: number;
  /** De quanto em quanto o scheduler olha o relógio entre dois minutos, ms; em produção 500. */
  stepMs: number;
  /** Chamado a cada hora simulada. */
  aoAndar?(horas: number): void;
}

export interface ResultadoSimulacao extends Fins {
  auditoria: AuditReport;
  perturbacoes: Record<string, number>;
  /** Horários que a API recebeu mais de uma vez. */
  recebidosDuasVezes: string[];
  /** Perdidos embora houvesse quem os executasse. */
  semJustificativa: string[];
  errosDoBanco: readonly string[];
  chamadasAoBanco: number;
  idasAoBanco: number;
  idasPerdidas: number;
  processos: number;
}

/** Demora do banco: um terço da reserva. */
const JUNTAR_MS = RESERVA_MS / 3;
const MINUTO_MS = 60_000;
const HORA_MS = 60 * MINUTO_MS;
/** Depois do fim, com tudo são: recuperar, terminar, fechar as linhas dos mortos. */
const SOSSEGO_MS = 15 * MINUTO_MS;
/** Um tempo do banco que volta não pode fazer esquecer o que já foi contado. */
const ANTES_MS = 30_000;

/**
 * O código verdadeiro (createScheduler, ledger, funções SQL) num relógio virtual, com tudo o que dá errado; no fim a auditoria de
 * cada horário.
 */
export async function simular(opcoes: OpcoesSimulacao): Promise<ResultadoSimulacao> {
  const { entradas, semente, inicio, horas, replicas: quantas, stepMs } = opcoes;
  const duracaoMs = horas * HORA_MS;
  const tempo = createVirtualTime(new Date(inicio.getTime() - ANTES_MS), { quietTurns: 1 });
  const s = sorteio(semente ^ 0x5eed);
  const banco = await abrirBanco({ databaseUrl: opcoes.databaseUrl, tempo, sorteio: s, juntarMs: JUNTAR_MS });
  const api = criarApi(tempo, s, (pedido) => banco.registrar(pedido));
  const travas = createJobLocks({ db: banco.direto, instanceId: "api", leaseMs: 300_000, clock: tempo.clock });

  const todas: Replica[] = [];
  const lugares: (Replica | null)[] = Array.from({ length: quantas }, () => null);
  const corridas: Corrida[] = [];
  const perturbacoes: Record<string, number> = {};
  let quedasDoBanco = 0;
  let quedasDaApi = 0;

  const mono = () => tempo.clock.monotonicMs();
  const parede = () => tempo.clock.now().getTime();
  function correr(): void {
    const ultima = corridas.at(-1);
    if (ultima) ultima.duraMs = mono() - ultima.monoMs;
    corridas.push({ paredeMs: parede(), monoMs: mono(), duraMs: Number.POSITIVE_INFINITY });
  }
  function comecar(lugar: number): void {
    if (lugares[lugar]?.viva) return;
    const nova = criarReplica({
      id: `replica-${todas.length}`,
      tempo,
      entradas,
      stepMs,
      db: (porta) => banco.db(porta),
      api: (porta) => api.envio(porta),
    });
    if (banco.fora !== null) nova.banco(true);
    lugares[lugar] = nova;
    todas.push(nova);
  }
  const vivas = () => todas.filter((r) => r.viva);
  const depois = (ms: number, fazer: () => void) => void tempo.timers.after(ms, fazer);

  async function manual(p: Extract<Perturbacao, { tipo: "execução manual" }>): Promise<void> {
    const job = entradas[p.qual % entradas.length]?.name ?? "";
    const token = randomUUID();
    const pedido = { job, token, executionId: null, newExecutionId: randomUUID(), idempotencyKey: null };
    const resposta = await travas.start(pedido);
    if (resposta.resultado !== "iniciado") return;
    const fim = { status: "success", httpStatus: 200, body: {}, error: null, itemsProcessed: 1 } as const;
    depois(p.duraMs, () => {
      const escrito = travas.end({
        job,
        token,
        idempotencyKey: null,
        executionId: resposta.execution_id,
        durationMs: p.duraMs,
        ...fim,
      });
      escrito.catch((err: unknown) => banco.erros.push(String(err)));
    });
  }

  function perturbar(p: Perturbacao): void {
    perturbacoes[p.tipo] = (perturbacoes[p.tipo] ?? 0) + 1;
    switch (p.tipo) {
      case "morte":
        lugares[p.lugar]?.matar();
        depois(p.voltaMs, () => comecar(p.lugar));
        break;
      case "morte de todos":
        for (const r of vivas()) r.matar();
        for (const lugar of lugares.keys()) depois(p.voltaMs + lugar * 3_000, () => comecar(lugar));
        break;
      case "troca de versão": {
        const velha = lugares[p.lugar];
        lugares[p.lugar] = null;
        comecar(p.lugar);
        void velha?.parar();
        break;
      }
      case "congelamento":
        lugares[p.lugar]?.congelar(p.duraMs);
        break;
      case "congelamento de todos":
        for (const r of vivas()) r.congelar(p.duraMs);
        break;
      case "relógio de uma réplica": {
        const errada = lugares[p.lugar];
        errada?.desviar(p.saltoMs);
        depois(p.duraMs, () => errada?.desviar(0));
        break;
      }
      case "relógio de tudo":
        tempo.jump(p.saltoMs);
        correr();
        for (const r of vivas()) r.desviar(0);
        break;
      case "banco fora":
        banco.fora = p.mudo ? "mudo" : "recusa";
        quedasDoBanco++;
        for (const r of vivas()) r.banco(true);
        depois(p.duraMs, () => {
          if (--quedasDoBanco > 0) return;
          banco.fora = null;
          for (const r of vivas()) r.banco(false);
        });
        break;
      case "API fora":
        quedasDaApi++;
        api.fora = true;
        depois(p.duraMs, () => {
          if (--quedasDaApi === 0) api.fora = false;
        });
        break;
      case "execução manual":
        void manual(p).catch((err: unknown) => banco.erros.push(String(err)));
        break;
    }
  }

  let proximaAnaliseMs = HORA_MS / 6;
  const avancarAte = async (alvoMs: number) => {
    while (mono() < alvoMs) {
      await tempo.advance(Math.min(alvoMs, proximaAnaliseMs) - mono());
      opcoes.aoAndar?.(Math.floor(mono() / HORA_MS));
      if (mono() < proximaAnaliseMs) continue;
      // O autovacuum, que conta o tempo de verdade, chegaria tarde: os planos seriam os de tabelas vazias.
      await opcoes.sql("analyze job_executions, job_slots_pulados, job_requests, scheduler_instances");
      proximaAnaliseMs *= 3;
    }
  };

  try {
    correr();
    for (const lugar of lugares.keys()) comecar(lugar);
    for (const p of planejar(semente, duracaoMs, quantas)) {
      await avancarAte(ANTES_MS + p.emMs);
      perturbar(p);
    }
    await avancarAte(ANTES_MS + duracaoMs);
    const ate = new Date(inicio.getTime() + duracaoMs);
    // Um relógio que andou para trás ainda deve os seus horários.
    await tempo.advance(Math.max(0, ate.getTime() - parede()));
    banco.fora = null;
    api.fora = false;
    for (const lugar of lugares.keys()) comecar(lugar);
    for (const r of vivas()) r.desviar(0);
    await tempo.advance(SOSSEGO_MS);
    const fim = Promise.all(vivas().map((r) => r.parar()));
    await tempo.advance(MINUTO_MS);
    await fim;

    const auditoria = await auditSlots({
      db: banco.imediato,
      entries: entradas.map((e) => ({ name: e.name, cron: e.cron, graceS: e.misfire.graceS })),
      span: { from: inicio, until: ate },
      agora: tempo.clock.now(),
      maxFindings: 1_000_000,
    });
    const perdidos = auditoria.findings.filter((f) => f.motivo === "perdido" || f.motivo === "coalescido");
    return {
      ...(await contarFins(opcoes.sql, inicio, ate)),
      auditoria,
      perturbacoes,
      recebidosDuasVezes: [...api.chegadas].filter(([, n]) => n > 1).map(([chave]) => chave),
      semJustificativa: perdidos
        .filter((f) => semJustificativa(f.slot, corridas, todas))
        .map((f) => `${f.job} ${f.slot.toISOString()} ${f.motivo}`),
      errosDoBanco: banco.erros,
      chamadasAoBanco: banco.chamadas,
      idasAoBanco: banco.idas,
      idasPerdidas: banco.perdidas,
      processos: todas.length,
    };
  } finally {
    await banco.fechar();
  }
}
