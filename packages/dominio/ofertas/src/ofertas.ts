import { z } from "zod";
import type { Db } from "#core/db";
import { type Clock, type Logger, PermanentError, safeText } from "#core/runtime";
import { atClock, taskTemplate } from "#core/tasks";
import { produtoId } from "./produto-id.ts";
import { OfertaEnfileirada, OfertaPendente, OfertaSalva } from "./respostas.ts";
import type { TarefaOfertas } from "./tarefa.ts";

export interface DepsFilaOfertas {
  db: Db;
  clock: Clock;
  log: Logger;
  tarefa: TarefaOfertas;
}

const centavos = (o: string) =>
  z.int().positive().max(2_147_483_647).describe(`${o} em centavos, um inteiro maior que zero`);
/** Sem o que JSON e Postgres não guardam (NUL, metades de um par). */
const texto = (max: number, o: string) =>
  z
    .string()
    .max(max)
    .overwrite((t) => safeText(t, max).trim())
    .min(1)
    .describe(`${o}, até ${max} caracteres`);

/** Uma oferta como o scraping a coleta. */
export const OfertaColetada = z.strictObject({
  url: z
    .string()
    .max(2048)
    .refine(
      (u) => /^[\x21-\x7e]+$/.test(u) && /^https?:$/.test(URL.parse(u)?.protocol ?? ""),
      "url deve ser um endereço http ou https, em ASCII",
    )
    .describe("um endereço http ou https de até 2048 caracteres ASCII"),
  title: texto(1000, "o título").nullish(),
  current_price_cents: centavos("o preço atual"),
  old_fraction: texto(20, "a parte inteira do preço anterior").nullish(),
  old_cents: texto(5, "os centavos do preço anterior").nullish(),
  old_price_cents: centavos("o preço anterior").nullish(),
  discount_pct: z.int().min(0).max(99).describe("um inteiro de 0 a 99").nullish(),
  affiliate_link: texto(2048, "o link de afiliado").nullish(),
  affiliation_id: texto(200, "o id de afiliação").nullish(),
});
export type OfertaColetada = z.input<typeof OfertaColetada>;

/**
 * Guarda um lote do scraping, por URL, e põe na fila as ofertas novas, numa transação (§4.1). De uma URL repetida no lote vale a última.
 * Até 1000. Responde na ordem das URLs distintas.
 */
export async function salvarOfertas(
  { db, clock, log, tarefa }: DepsFilaOfertas,
  ofertas: readonly z.output<typeof OfertaColetada>[],
): Promise<OfertaSalva[]> {
  const distintas = new Map(ofertas.map((o) => [o.url, { ...o, product_id: produtoId(o.url) }]));
  const salvas = await db.json(
    "salvar_ofertas",
    { p_ofertas: [...distintas.values()] as never, p_tarefa: taskTemplate(tarefa), ...atClock(clock) },
    z.array(OfertaSalva),
  );
  const novas = salvas.filter((s) => s.nova).length;
  log.info(
    { fila: tarefa.queue, novas, salvas: salvas.length },
    `[queue] ${novas} ofertas novas na fila ${tarefa.queue}`,
  );
  return salvas;
}

/**
 * Põe uma oferta na fila à mão; responde o id da tarefa. Enquanto houver uma ativa, é o dela. Sem `url` ou preço valem os guardados.
 * Lança PermanentError `nao_encontrado` se a oferta não existe.
 */
export async function enqueueEnrichmentJob(
  { db, clock, log, tarefa }: DepsFilaOfertas,
  oferta: { offerId: string; url?: string; currentPriceCents?: number },
): Promise<string> {
  const r = await db.json(
    "enfileirar_oferta",
    {
      p_id: oferta.offerId,
      p_tarefa: taskTemplate(tarefa),
      ...(oferta.url === undefined ? {} : { p_url: oferta.url }),
      ...(oferta.currentPriceCents === undefined ? {} : { p_preco: oferta.currentPriceCents }),
      ...atClock(clock),
    },
    OfertaEnfileirada,
  );
  if (r.created)
    log.info({ item_id: r.job_id, fila: tarefa.queue }, `[queue] oferta ${r.offer_id} na fila ${tarefa.queue}`);
  return r.job_id;
}

export interface CamposQueFaltam {
  missingOldPrice?: boolean;
  missingDiscount?: boolean;
  missingAffiliateLink?: boolean;
}

/** As flags como as funções SQL as pedem; a falta do link não conta enquanto a afiliação não está configurada. */
export function camposPedidos(c: CamposQueFaltam, afiliacaoConfigurada: boolean) {
  return {
    p_preco: c.missingOldPrice ?? true,
    p_desconto: c.missingDiscount ?? true,
    p_link: (c.missingAffiliateLink ?? true) && afiliacaoConfigurada,
  };
}

/**
 * As ofertas a que falta algum dos campos pedidos (§4.3), da mais antiga para a mais nova. Fora: as que têm tarefa ativa, as que falharam
 * e as lidas há menos de `recheckH` horas. Sem campo pedido, nenhuma.
 */
export function getOffersNeedingEnrichment(
  { db, clock }: Pick<DepsFilaOfertas, "db" | "clock">,
  opcoes: CamposQueFaltam & { limit?: number; recheckH: number; afiliacaoConfigurada: boolean },
): Promise<OfertaPendente[]> {
  const { limit = 100, recheckH, afiliacaoConfigurada } = opcoes;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new PermanentError("parametro_invalido", "limit deve ser um inteiro de 1 a 1000", { campo: "limit" });
  }
  return db.json(
    "ofertas_a_enriquecer",
    { p_limite: limit, ...camposPedidos(opcoes, afiliacaoConfigurada), p_recheck_h: recheckH, ...atClock(clock) },
    z.array(OfertaPendente),
  );
}

/** Uma oferta, com o estado do enriquecimento. Lança `nao_encontrado`. */
export async function detalharOferta(db: Db, id: string): Promise<object> {
  const oferta = await db.json("detalhar_oferta", { p_id: id }, z.record(z.string(), z.unknown()).nullable());
  if (oferta === null) throw new PermanentError("nao_encontrado", "Oferta não encontrada", { campo: "id" });
  return oferta;
}
