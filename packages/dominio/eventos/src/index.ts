export { type ConfigEventos, conferirEventos, configEventos } from "./config.ts";
export { declararGrupos } from "./declarar-grupos.ts";
export { criarEventos, type DepsEventos, LEASE_SEGUNDOS, type OpcoesEventos } from "./deps.ts";
export { processarEventos } from "./jobs/processar-eventos.ts";
export { devolverMorta, listarMortas, type Publicacao, pausarGrupo, publicar, removerGrupo } from "./operacao.ts";
export { saudeEventos } from "./saude.ts";
