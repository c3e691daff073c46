import { z } from "zod";
import { catalogo } from "#catalogo";
import { nextSlot, slotsBetween } from "#core/cron";
import {
  activePauses,
  auditAnswer,
  auditSlots,
  explainAnswer,
  explainJob,
  historyAnswer,
  jobDurations,
  jobHistory,
  jobStatuses,
  jobsAnswer,
  journalAnswer,
  nextAnswer,
  operatorJournal,
  progressAnswer,
  SLOT_LABELS,
  type SlotLabel,
  simulateAnswer,
  simulateSchedule,
} from "#core/operations";
import { MOMENT_FORMS, PermanentError } from "#core/runtime";
import { type Ferramenta, ferramenta } from "../routes/manual.ts";
import { entradaAuditada, entradaDe, entradaOuAposentada, momento, nomesDe } from "./entradas.ts";
import { emAndamentoJson, execucaoJson, linhaJson, pausaJson } from "./traduzir.ts";

const nome = z.string().min(1).max(100).describe("o nome de um job do catálogo");
const quando = z.string().min(1).max(40).describe(MOMENT_FORMS);
const limite = (max: number, padrao: number) => z.int().min(1).max(max).default(padrao);

const DIA_MS = 86_400_000;
const MAIOR_PERIODO_DIAS = 31;
/** Retenção de `job_executions`: antes disto não há registro com que comparar. */
const REGISTRO_DIAS = 90;
const LISTA = 10;

const OK = { status: "ok" } as const;

/** O que se pergunta sobre os jobs; nenhuma muda nada. */
export const PERGUNTAS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/jobs",
    resumo: "Cada job: a última execução, a que está em andamento, a próxima, a pausa",
    params: z.object({}),
    resposta: jobsAnswer,
    async executar(_p, { db, clock }) {
      const agora = clock.now();
      const nomes = catalogo.map((e) => e.nome);
      const situacao = new Map((await jobStatuses(db, nomes, agora)).map((s) => [s.job, s]));
      const jobs = catalogo.map((e) => {
        const s = situacao.get(e.nome);
        return {
          nome: e.nome,
          schedule: e.schedule,
          descricao: e.funcao,
          frequencia: e.frequencia,
          critico: e.critico,
          proxima_execucao: nextSlot(e.schedule, agora).toISOString(),
          registrado_em: s?.registeredAt?.toISOString() ?? null,
          ultima: s?.last ? execucaoJson(s.last) : null,
          em_andamento: emAndamentoJson(s?.running ?? null),
          pausa: s?.pause ? pausaJson(s.pause) : null,
        };
      });
      return { ...OK, total: jobs.length, jobs };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/jobs/:nome/progresso",
    resumo: "A execução em andamento de um job e até onde chegou",
    params: z.object({ nome }),
    resposta: progressAnswer,
    async executar(p, { db, clock }) {
      const entrada = entradaDe(p.nome);
      const situacoes = await jobStatuses(db, nomesDe(entrada), clock.now());
      const viva = situacoes.find((s) => s.running !== null);
      return { ...OK, job: entrada.nome, em_andamento: emAndamentoJson(viva?.running ?? null) };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/jobs/:nome/historico",
    resumo: "O que aconteceu a um job: execuções e horários pulados, do mais novo ao mais antigo",
    params: z.object({ nome, limite: limite(200, 20), antes: quando.optional() }),
    resposta: historyAnswer,
    async executar(p, deps) {
      const entrada = await entradaOuAposentada(deps, p.nome);
      const before = p.antes === undefined ? undefined : momento(p.antes, "antes", deps.clock.now());
      const linhas = await jobHistory(deps.db, entrada.nome, { before, limit: p.limite });
      return { ...OK, job: entrada.nome, linhas: linhas.map(linhaJson) };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/jobs/:nome/explicacao",
    resumo: "Uma frase que diz por que um job rodou ou não num momento (sem ele, no último horário)",
    params: z.object({ nome, em: quando.optional() }),
    resposta: explainAnswer,
    async executar(p, deps) {
      const agora = deps.clock.now();
      const entrada = await entradaOuAposentada(deps, p.nome);
      const em = p.em === undefined ? undefined : momento(p.em, "em", agora);
      const e = await explainJob(deps.db, entradaAuditada(entrada), em, agora);
      return {
        ...OK,
        job: e.job,
        horario: e.slot?.toISOString() ?? null,
        causa: e.causa,
        frase: e.frase,
        execucao_id: e.executionId,
      };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/proximos",
    resumo: "Os próximos horários de cada job",
    params: z.object({
      horas: z
        .int()
        .min(1)
        .max(24 * 31)
        .default(24),
      job: nome.optional(),
    }),
    resposta: nextAnswer,
    async executar(p, { db, clock }) {
      const agora = clock.now();
      const ate = new Date(agora.getTime() + p.horas * 3_600_000);
      const pausas = await activePauses(db, agora);
      const entradas = p.job === undefined ? catalogo : [entradaDe(p.job, "job")];
      const jobs = entradas.map((e) => {
        const horarios = slotsBetween(e.schedule, agora, ate);
        const pausa = pausas.get(e.nome);
        return {
          nome: e.nome,
          schedule: e.schedule,
          proximo: (horarios[0] ?? nextSlot(e.schedule, agora)).toISOString(),
          horarios: horarios.length,
          lista: horarios.slice(0, LISTA).map((h) => h.toISOString()),
          pausa: pausa ? pausaJson(pausa) : null,
        };
      });
      jobs.sort((a, b) => a.proximo.localeCompare(b.proximo) || a.nome.localeCompare(b.nome));
      const total = jobs.reduce((n, j) => n + j.horarios, 0);
      return { ...OK, desde: agora.toISOString(), ate: ate.toISOString(), total, jobs };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/auditoria",
    resumo: "Horários esperados contra registrados: cada um no horário, atrasado, pulado, perdido ou inexplicado",
    params: z.object({
      desde: quando.default("-24h"),
      ate: quando.default("agora"),
      job: nome.optional(),
      rotulo: z
        .enum(SLOT_LABELS)
        .optional()
        .describe(`só os horários deste rótulo: ${SLOT_LABELS.join(", ")}`),
      limite: limite(1000, 200),
    }),
    resposta: auditAnswer,
    async executar(p, { db, clock }, { signal }) {
      const agora = clock.now();
      const span = periodo(p.desde, p.ate, agora);
      const r = await auditSlots({
        db,
        entries: catalogo.map(entradaAuditada),
        span,
        agora,
        maxFindings: p.limite,
        signal,
        ...(p.job === undefined ? {} : { jobs: [entradaDe(p.job, "job").nome] }),
        ...(p.rotulo === undefined ? {} : { list: [p.rotulo] }),
      });
      const listados = p.rotulo ? [p.rotulo] : SLOT_LABELS.filter((l) => l !== "no_horario");
      const quantos = listados.reduce((n: number, l: SlotLabel) => n + r.counts[l], 0);
      return {
        ...OK,
        desde: span.from.toISOString(),
        ate: span.until.toISOString(),
        esperados: r.expected,
        limpa: r.clean,
        contagem: r.counts,
        por_job: r.perJob,
        horarios: r.findings.map((f) => ({
          job: f.job,
          horario: f.slot.toISOString(),
          rotulo: f.label,
          atraso_ms: f.lateMs,
          motivo: f.motivo,
          detalhe: f.detalhe,
          execucao_id: f.executionId,
          status: f.status,
        })),
        omitidos: quantos - r.findings.length,
      };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/simulacao",
    resumo: "Os próximos dias no papel: horários, minutos mais cheios, sobreposições previstas pela duração p95",
    params: z.object({ dias: z.int().min(1).max(MAIOR_PERIODO_DIAS).default(30) }),
    resposta: simulateAnswer,
    async executar({ dias }, { db, clock }) {
      const agora = clock.now();
      const nomes = catalogo.map((e) => e.nome);
      const duracoes = await jobDurations(db, nomes, new Date(agora.getTime() - 7 * DIA_MS));
      const s = simulateSchedule(
        catalogo.map((e) => ({ name: e.nome, cron: e.schedule, p95Ms: duracoes.get(e.nome)?.p95Ms ?? null })),
        agora,
        new Date(agora.getTime() + dias * DIA_MS),
      );
      return {
        ...OK,
        desde: s.from.toISOString(),
        ate: s.until.toISOString(),
        horarios: s.slots,
        sobreposicoes: s.overlaps,
        jobs: s.perJob.map((j) => ({
          nome: j.job,
          horarios: j.slots,
          p95_ms: j.p95Ms,
          execucoes_medidas: duracoes.get(j.job)?.runs ?? 0,
          sobreposicoes: j.overlaps,
          primeira_sobreposicao: j.firstOverlap?.toISOString() ?? null,
        })),
        minutos_mais_cheios: s.busiest.map((b) => ({
          minuto: b.minute.toISOString(),
          inicios: b.starts,
          jobs: b.jobs,
        })),
        mais_ao_mesmo_tempo: s.mostAtOnce && { em: s.mostAtOnce.at.toISOString(), execucoes: s.mostAtOnce.runs },
        mudancas_de_relogio: s.clockChanges,
      };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/scheduler/diario",
    resumo: "O que operadores fizeram: quem, quando, o quê, por quê, antes e depois",
    params: z.object({
      alvo: z.string().min(1).max(200).optional().describe("um texto: o job de que se trata"),
      antes_de: z.int().min(1).optional().describe("um inteiro: continua a lista antes deste id"),
      limite: limite(200, 50),
    }),
    resposta: journalAnswer,
    async executar(p, { db }) {
      const linhas = await operatorJournal(db, { target: p.alvo, beforeId: p.antes_de, limit: p.limite });
      return { ...OK, linhas: linhas.map((l) => ({ ...l, em: l.em.toISOString() })) };
    },
  }),
];

function periodo(desde: string, ate: string, agora: Date): { from: Date; until: Date } {
  const from = momento(desde, "desde", agora);
  const until = momento(ate, "ate", agora);
  const recusar = (campo: string, message: string) => {
    throw new PermanentError("parametro_invalido", message, { campo });
  };
  if (until <= from) recusar("ate", "ate deve ser depois de desde");
  if (until.getTime() - from.getTime() > MAIOR_PERIODO_DIAS * DIA_MS) {
    recusar("desde", `desde e ate devem ter no máximo ${MAIOR_PERIODO_DIAS} dias entre si`);
  }
  if (agora.getTime() - from.getTime() > REGISTRO_DIAS * DIA_MS) {
    recusar("desde", `desde deve estar nos últimos ${REGISTRO_DIAS} dias: o registro não vai além`);
  }
  return { from, until };
}
