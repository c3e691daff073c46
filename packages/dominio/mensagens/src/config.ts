import { z } from "zod";

const inteiro = (padrao: number) => z.coerce.number().int().min(0).max(1_000_000).default(padrao);

/** Espalhado na configuração de quem envia: quanto e a quem (domain/scheduler-and-health.md §5.2). */
export const configMensagens = {
  MAX_MSGS_POR_HORA: inteiro(20).describe("mensagens proativas por hora, somando todos; inteiro a partir de 0"),
  MAX_MSGS_POR_DIA: inteiro(100).describe("mensagens proativas por dia, somando todos; inteiro a partir de 0"),
  OUTBOUND_ALLOWLIST: z
    .string()
    .default("")
    .transform((texto) => texto.split(",").map((t) => t.replace(/\D/g, "")))
    .transform((telefones) => telefones.filter((t) => t !== ""))
    .describe("telefones que podem receber fora de produção, separados por vírgula; vazia, nenhum"),
} as const;
export type ConfigMensagens = { [K in keyof typeof configMensagens]: z.output<(typeof configMensagens)[K]> };
