import { provedorEmbutido } from "./embutido/provedor-embutido.ts";
import type { RegrasImediatas } from "./passos/mensagem.ts";
import type { EntradaMensagem } from "./provedor.ts";
import { avaliarHeuristica } from "./regras/heuristica.ts";

export interface RegrasEmbutidas extends RegrasImediatas {
  /** O veto que vale para a mensagem, diga o modelo o que disser; null = nenhum (§7.10). */
  veto(entrada: EntradaMensagem): string | null;
}

/** As regras do produto, compiladas para um catálogo: o que `criarCacheCatalogos` guarda. */
export function regrasEmbutidas(aliases: readonly string[]): RegrasEmbutidas {
  const embutido = provedorEmbutido({ aliases });
  return {
    heuristica: avaliarHeuristica,
    classificarAgora: (entrada) => embutido.classificarAgora(entrada),
    extrairAgora: (entrada) => embutido.extrairAgora(entrada),
    veto: (entrada) => embutido.guarda(entrada).motivo,
  };
}
