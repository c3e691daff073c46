import { isPermanent, type Logger } from "#core/runtime";
import type { Classificacao, EntradaMensagem, Extracao, Provedor, Resposta } from "../provedor.ts";

/** As respostas imediatas do provedor embutido. */
export interface RespostasEmbutidas {
  classificarAgora(entrada: EntradaMensagem): Classificacao;
  extrairAgora(entrada: EntradaMensagem): Extracao;
}

export interface OpcoesTentativa {
  signal: AbortSignal;
  /** `tentativas = max_tentativas − 1`: depois desta não há outra. */
  ultimaTentativa: boolean;
}

export const EMBUTIDO_FALLBACK = "embutido_fallback";

export interface ProvedorComFallback {
  classificar(entrada: EntradaMensagem, opcoes: OpcoesTentativa): Promise<Resposta<Classificacao>>;
  extrair(entrada: EntradaMensagem, opcoes: OpcoesTentativa): Promise<Resposta<Extracao>>;
}

/**
 * Na última tentativa, a falha do provedor externo é respondida pelo embutido e marcada `embutido_fallback` (§6.4, B-19). Antes
 * dela, e quando foi quem chama que desistiu, a falha segue: o item é retentado.
 */
export function comFallback(provedor: Provedor, embutido: RespostasEmbutidas, log: Logger): ProvedorComFallback {
  async function tentar<T>(
    entrada: EntradaMensagem,
    opcoes: OpcoesTentativa,
    externo: () => Promise<Resposta<T>>,
    substituto: () => T,
  ): Promise<Resposta<T>> {
    try {
      return await externo();
    } catch (err) {
      if (!opcoes.ultimaTentativa || opcoes.signal.aborted || isPermanent(err)) throw err;
      log.warn({ err, mensagem_id: entrada.mensagemId }, "provedor falhou na última tentativa; respondeu o embutido");
      return { resultado: substituto(), uso: [] };
    }
  }
  return {
    classificar: (entrada, opcoes) =>
      tentar(
        entrada,
        opcoes,
        () => provedor.classificar(entrada, opcoes),
        () => ({ ...embutido.classificarAgora(entrada), classificador: EMBUTIDO_FALLBACK }),
      ),
    extrair: (entrada, opcoes) =>
      tentar(
        entrada,
        opcoes,
        () => provedor.extrair(entrada, opcoes),
        () => ({ ...embutido.extrairAgora(entrada), extrator: EMBUTIDO_FALLBACK }),
      ),
  };
}
