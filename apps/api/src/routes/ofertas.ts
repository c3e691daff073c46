import { z } from "zod";
import { detalharOferta, enqueueEnrichmentJob, OfertaColetada, salvarOfertas } from "#dominio/ofertas";
import { type Ferramenta, ferramenta } from "./manual.ts";

const id = z.uuid().describe("o UUID da oferta");
/** Um lote cabe com folga no corpo que a API aceita. */
const MAX_OFERTAS = 500;

/** As ofertas para quem as coleta e para quem opera o enriquecimento (requisito 004). */
export const FERRAMENTAS_OFERTAS: readonly Ferramenta[] = [
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/offers",
    resumo: "Guarda um lote de ofertas coletadas, por URL; as novas vão para a fila de enriquecimento",
    params: z.object({
      offers: z.array(OfertaColetada).min(1).max(MAX_OFERTAS).describe(`uma lista de 1 a ${MAX_OFERTAS} ofertas`),
    }),
    executar: async ({ offers }, { db, clock, log, ofertas }) => {
      const salvas = await salvarOfertas({ db, clock, log, tarefa: ofertas.tarefa }, offers);
      const novas = salvas.filter((s) => s.nova).length;
      return {
        success: true,
        saved: salvas.length,
        created: novas,
        jobs_enqueued: novas,
        offers: salvas.map((s) => ({ id: s.id, url: s.url, created: s.nova, job_id: s.job_id })),
      };
    },
  }),
  ferramenta({
    metodo: "GET",
    rota: "/api/v1/offers/:id",
    resumo: "Uma oferta, com o estado do enriquecimento",
    params: z.object({ id }),
    executar: async (p, { db }) => ({ success: true, offer: await detalharOferta(db, p.id) }),
  }),
  ferramenta({
    metodo: "POST",
    rota: "/api/v1/offers/:id/enrich",
    resumo: "Põe uma oferta na fila de enriquecimento; com uma tarefa ativa, responde a dela",
    codigo: () => 202,
    params: z.object({ id }),
    executar: async (p, { db, clock, log, ofertas }) => ({
      success: true,
      job_id: await enqueueEnrichmentJob({ db, clock, log, tarefa: ofertas.tarefa }, { offerId: p.id }),
    }),
  }),
];
