import { z } from "zod";
import { SLOT_LABELS } from "./compare-slots.ts";

/**
 * What the operator endpoints answer: the API builds these shapes, the OpenAPI document prints them, the CLI reads them.
 * Instants are ISO 8601 in UTC, durations are ms.
 */
const instante = z.iso.datetime();

const execucao = z.object({
  execucao_id: z.string(),
  horario: instante.nullable().describe("o horário que cumpre; nulo quando manual"),
  inicio: instante,
  fim: instante.nullable(),
  status: z.enum(["running", "success", "error", "timeout"]),
  gatilho: z.enum(["schedule", "catchup", "manual"]),
  duracao_ms: z.int().nullable(),
  http: z.int().nullable(),
  itens: z.int().nullable(),
  erro: z.string().nullable(),
});

const pausa = z.object({
  motivo: z.string(),
  autor: z.string(),
  desde: instante,
  ate: instante.nullable().describe("quando expira sozinha; nulo: até ser retomado"),
});

const progresso = z.object({
  feitos: z.int(),
  total: z.int().nullable().describe("nulo: o job não sabe"),
  texto: z.string().nullable(),
  em: instante,
});

const emAndamento = execucao.extend({ progresso: progresso.nullable() });

export const jobsAnswer = z.object({
  status: z.literal("ok"),
  total: z.int(),
  jobs: z.array(
    z.object({
      nome: z.string(),
      schedule: z.string(),
      descricao: z.string(),
      frequencia: z.string(),
      critico: z.boolean(),
      proxima_execucao: instante,
      registrado_em: instante.nullable().describe("desde quando seus horários são esperados"),
      ultima: execucao.nullable(),
      em_andamento: emAndamento.nullable(),
      pausa: pausa.nullable(),
    }),
  ),
});

export const progressAnswer = z.object({
  status: z.literal("ok"),
  job: z.string(),
  em_andamento: emAndamento.nullable(),
});

export const historyAnswer = z.object({
  status: z.literal("ok"),
  job: z.string(),
  linhas: z.array(
    z.object({
      execucao_id: z.string().nullable(),
      horario: instante.nullable(),
      inicio: instante.nullable(),
      status: z.enum(["running", "success", "error", "timeout", "pulado"]),
      gatilho: z.string().nullable(),
      duracao_ms: z.int().nullable(),
      http: z.int().nullable(),
      itens: z.int().nullable(),
      erro: z.string().nullable(),
      motivo: z.string().nullable().describe("por que o horário foi pulado"),
      detalhe: z.string().nullable(),
    }),
  ),
});

export const nextAnswer = z.object({
  status: z.literal("ok"),
  desde: instante,
  ate: instante,
  total: z.int().describe("horários no período"),
  jobs: z.array(
    z.object({
      nome: z.string(),
      schedule: z.string(),
      proximo: instante,
      horarios: z.int().describe("quantos no período"),
      lista: z.array(instante).describe("os primeiros"),
      pausa: pausa.nullable(),
    }),
  ),
});

export const explainAnswer = z.object({
  status: z.literal("ok"),
  job: z.string(),
  horario: instante.nullable(),
  causa: z.string(),
  frase: z.string(),
  execucao_id: z.string().nullable(),
});

const contagem = z.record(z.enum(SLOT_LABELS), z.int());
export const auditAnswer = z.object({
  status: z.literal("ok"),
  desde: instante,
  ate: instante,
  esperados: z.int(),
  limpa: z.boolean().describe("nada inexplicado, duplicado nem fora da agenda"),
  contagem,
  por_job: z.record(z.string(), contagem),
  horarios: z.array(
    z.object({
      job: z.string(),
      horario: instante,
      rotulo: z.enum(SLOT_LABELS),
      atraso_ms: z.int().nullable(),
      motivo: z.string().nullable(),
      detalhe: z.string().nullable(),
      execucao_id: z.string().nullable(),
      status: z.string().nullable(),
    }),
  ),
  omitidos: z.int().describe("horários destes rótulos além do limite"),
});

export const pauseAnswer = z.object({
  status: z.literal("ok"),
  pausas: z.array(z.object({ job: z.string(), antes: pausa.nullable(), depois: pausa })),
  aviso: z.string(),
});

export const resumeAnswer = z.object({
  status: z.literal("ok"),
  retomados: z.array(
    z.object({ job: z.string(), antes: pausa.nullable().describe("nulo: não estava pausado, nada foi feito") }),
  ),
});

export const runAnswer = z.object({
  status: z.string().describe("ok, skipped ou error, como em POST /jobs/*"),
  job: z.string(),
  execucao_id: z.string().nullable().describe("nulo: não chegou a começar"),
  http_status: z.int(),
  aviso: z.string().nullable(),
  codigo: z.string().optional(),
  campo: z.string().optional(),
  message: z.string().optional().describe("de um erro ou de algo pulado: por quê"),
  resultado: z.record(z.string(), z.unknown()).describe("a resposta do job"),
});

export const simulateAnswer = z.object({
  status: z.literal("ok"),
  desde: instante,
  ate: instante,
  horarios: z.int(),
  sobreposicoes: z.int().describe("horários que seriam pulados se cada execução levasse o p95"),
  jobs: z.array(
    z.object({
      nome: z.string(),
      horarios: z.int(),
      p95_ms: z.number().nullable(),
      execucoes_medidas: z.int(),
      sobreposicoes: z.int(),
      primeira_sobreposicao: instante.nullable(),
    }),
  ),
  minutos_mais_cheios: z.array(z.object({ minuto: instante, inicios: z.int(), jobs: z.array(z.string()) })),
  mais_ao_mesmo_tempo: z.object({ em: instante, execucoes: z.int() }).nullable(),
  mudancas_de_relogio: z.array(z.string()),
});

export const journalAnswer = z.object({
  status: z.literal("ok"),
  linhas: z.array(
    z.object({
      id: z.int(),
      em: instante,
      autor: z.string(),
      acao: z.string(),
      alvo: z.string(),
      motivo: z.string().nullable(),
      antes: z.record(z.string(), z.unknown()).nullable(),
      depois: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});
