export { type OpcoesCiclo, processarCiclo } from "./ciclo.ts";
export { type ConfigGrupos, configGrupos, configGruposPadrao } from "./config.ts";
export { type BuscaHospital, type CacheCatalogos, criarCacheCatalogos, type DepsGrupos } from "./deps.ts";
export { criarGrupos, type OpcoesGrupos } from "./grupos.ts";
export { type BuscaNomeGrupo, type DepsIngestao, ingerirWebhook, type RespostaWebhook } from "./ingestao.ts";
export { processarGrupos } from "./jobs/processar-grupos.ts";
export type { Provedor } from "./provedor.ts";
export { type RegrasEmbutidas, regrasEmbutidas } from "./regras-embutidas.ts";
