export { type AffiliateLinkProvider, afiliadoPorParametros } from "./afiliado.ts";
export { type ConfigOfertas, conferirOfertas, configOfertas, configOfertasPadrao } from "./config.ts";
export { criarOfertas, type DepsOfertas, type OfertasComTarefas, type OpcoesOfertas } from "./criar-ofertas.ts";
export type { FonteOferta, LeituraOferta } from "./fonte.ts";
export { enriquecerOfertas } from "./jobs/enriquecer-ofertas.ts";
export {
  detalharOferta,
  enqueueEnrichmentJob,
  getOffersNeedingEnrichment,
  OfertaColetada,
  salvarOfertas,
} from "./ofertas.ts";
export { tarefaEnriquecer } from "./tarefa.ts";
export type { Vez } from "./vez.ts";
