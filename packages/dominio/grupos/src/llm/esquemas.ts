import { z } from "zod";
import { isCivilDate } from "#core/runtime";
import { PERIODOS } from "../vaga-extraida.ts";

/**
 * As respostas do modelo (`domain/grupos-pipeline.md` §6.1, §6.2). Chaves a mais são ignoradas, tipos errados são recusados; uma
 * chave ausente vale null, porque modelos sem esquema estrito as omitem.
 */
const fracao = z.number().min(0).max(1);
const texto = z.string().nullish();
const reais = z.int().min(0).max(1_000_000).nullish();
const hora = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .nullish();

export const respostaClassificacao = z.object({
  eh_oferta: z.boolean(),
  confianca: fracao,
  /** Pede-se até 120 caracteres; o excesso é cortado depois, não vale perder a resposta por ele. */
  motivo: texto,
});
export type RespostaClassificacao = z.output<typeof respostaClassificacao>;

export const vagaDoModelo = z.object({
  hospital: texto,
  setor: texto,
  especialidade: texto,
  data: z.string().refine(isCivilDate, "data civil AAAA-MM-DD").nullish(),
  periodo: z.enum(PERIODOS).nullish(),
  hora_inicio: hora,
  hora_fim: hora,
  valor_tipo: z.enum(["fixo", "a_combinar", "faixa"]).nullish(),
  valor: reais,
  valor_minimo: reais,
  valor_maximo: reais,
  forma_pagamento: z.enum(["pj", "pf", "clt", "scp"]).nullish(),
  tipo_vaga: z.enum(["plantao", "cobertura", "fixo", "mensal", "ambulatorial"]).nullish(),
  numero_vagas: z.int().min(1).max(10).nullish(),
  contato_nome: texto,
  contato_whatsapp: texto,
  observacoes: texto,
  confianca: z
    .object({
      hospital: fracao.nullish(),
      especialidade: fracao.nullish(),
      data: fracao.nullish(),
      horario: fracao.nullish(),
      valor: fracao.nullish(),
    })
    .nullish(),
});
export type VagaDoModelo = z.output<typeof vagaDoModelo>;

/** Mais do que isto numa mensagem de 2.000 caracteres não é leitura, é invenção. */
const MAX_VAGAS = 100;

export const respostaExtracao = z
  .object({
    eh_vaga: z.boolean(),
    confianca: fracao,
    motivo_descarte: texto,
    vagas: z.array(vagaDoModelo).max(MAX_VAGAS),
  })
  .refine((r) => r.eh_vaga || r.vagas.length === 0, { path: ["vagas"], message: "eh_vaga=false exige vagas=[]" });
export type RespostaExtracao = z.output<typeof respostaExtracao>;
