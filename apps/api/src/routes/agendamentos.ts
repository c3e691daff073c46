import { z } from "zod";
import { PermanentError, safeText } from "#core/runtime";
import { estatisticasNormalizacao, linhaDoPedido } from "#dominio/agendamentos";
import { type Ferramenta, ferramenta } from "./manual.ts";

/** Sem o que o banco não guarda (NUL, metade de um par), como as células de uma planilha. */
const texto = (max: number, o: string) =>
  z
    .string()
    .max(max)
    .overwrite((t) => safeText(t, max).trim())
    .min(1)
    .describe(`${o}, até ${max} caracteres`);
const uuid = z.uuid().describe("o UUID do agendamento");

/** O que se pede da normalização de agendamentos (requisito 003). */
export const FERRAMENTAS_AGENDAMENTOS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/appointments",
    resumo: "Cria um agendamento; a normalização vem depois, numa tarefa",
    codigo: () => 201,
    params: z.object({
      nome: texto(200, "o nome"),
      telefone: texto(60, "o telefone").optional(),
      data: z.iso.date().optional().describe("uma data AAAA-MM-DD"),
      hora: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/)
        .optional()
        .describe("uma hora HH:MM ou HH:MM:SS"),
      endereco_completo: texto(1000, "o endereço").optional(),
      documento_completo: texto(1000, "os documentos").optional(),
    }),
    executar: async (p, { agendamentos }) => {
      const criado = await agendamentos.agendamentos.criar(linhaDoPedido(p));
      return {
        success: true,
        message: "Agendamento criado",
        appointment: {
          id: criado.id,
          normalization_status: criado.normalization_status,
          normalization_job_id: criado.job_id,
        },
      };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/appointments/normalization/stats",
    resumo: "Métricas da normalização: fila, ritmo, erros, latência, processos",
    params: z.object({}),
    executar: (_p, { db, clock, agendamentos }) => estatisticasNormalizacao(db, clock, agendamentos.agendamentos),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/appointments/normalization/retry-failed",
    resumo: "Agendamentos que falharam ganham uma tarefa nova, os mais antigos primeiro",
    params: z.object({ limit: z.int().min(1).max(1000).default(100).describe("um inteiro de 1 a 1000") }),
    executar: async ({ limit }, { agendamentos }) => {
      const feitos = await agendamentos.agendamentos.renormalizar({ ids: null, limite: limit });
      return {
        success: true,
        retried: feitos.length,
        jobs: feitos.map((f) => ({ appointment_id: f.id, job_id: f.job_id })),
      };
    },
  }),
  ferramenta({
    metodo: "POST",
    soOperador: true,
    rota: "/api/v1/appointments/normalization/flags",
    resumo: "Liga ou desliga a normalização de endereços e de documentos; sem valor, vale o ambiente",
    params: z.object({ address: z.boolean().optional(), document: z.boolean().optional() }),
    executar: async (p, { agendamentos }) => {
      const valores = { endereco: p.address ?? null, documento: p.document ?? null };
      const { endereco, documento } = await agendamentos.agendamentos.sinalizar(valores);
      return { success: true, address: endereco, document: documento };
    },
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/appointments/:id/normalize",
    resumo: "Normaliza um agendamento outra vez; com uma tarefa ativa, responde a dela",
    codigo: () => 202,
    params: z.object({ id: uuid }),
    executar: async ({ id }, { agendamentos }) => {
      const [feito] = await agendamentos.agendamentos.renormalizar({ ids: [id], limite: 1 });
      if (!feito) throw new PermanentError("nao_encontrado", "Agendamento não encontrado");
      return { success: true, appointment_id: id, job_id: feito.job_id };
    },
  }),
];
