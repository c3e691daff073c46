import { provedorEmbutido } from "./embutido/provedor-embutido.ts";
import type { RegrasImediatas } from "./passos/mensagem.ts";
import { avaliarHeuristica } from "./regras/heuristica.ts";

/** As regras do produto, compiladas para um catálogo: o que `criarCacheCatalogos` guarda. */
export function regrasEmbutidas(aliases: readonly string[]): RegrasImediatas {
  const embutido = provedorEmbutido({ aliases });
  return {
    heuristica: avaliarHeuristica,
    classificarAgora: (entrada) => embutido.classificarAgora(entrada),
    extrairAgora: (entrada) => embutido.extrairAgora(entrada),
  };
}
