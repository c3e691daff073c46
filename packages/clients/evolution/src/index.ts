export {
  createEvolutionClient,
  type EstadoConexao,
  type EvolutionClient,
  type EvolutionClientOptions,
  type GrupoEvolution,
} from "./evolution-client.ts";
