import { z } from "zod";

/** O que as funções SQL das ofertas respondem. */
export const EstadoDepoisDeBloquear = z.object({
  seguidos: z.int(),
  da_oferta: z.int(),
  pausada_ate: z.string().nullable(),
});

export const EstadoBloqueio = z.object({
  bloqueada: z.boolean(),
  alertada: z.boolean(),
  seguidos: z.int(),
  motivo: z.string().nullable(),
  pausada_ate: z.string().nullable(),
});
export type EstadoBloqueio = z.output<typeof EstadoBloqueio>;

export const OfertaPendente = z.object({ offer_id: z.uuid(), url: z.string(), current_price_cents: z.int() });
export type OfertaPendente = z.output<typeof OfertaPendente>;

export const OfertaEnfileirada = z.object({ offer_id: z.uuid(), job_id: z.uuid(), created: z.boolean() });

export const OfertaSalva = z.object({
  url: z.string(),
  id: z.uuid(),
  /** Falso: já havia uma oferta com esta URL, que foi atualizada. */
  nova: z.boolean(),
  /** Da última tarefa; null: nunca teve uma. */
  job_id: z.uuid().nullable(),
});
export type OfertaSalva = z.output<typeof OfertaSalva>;
