/** Preço do modelo em US$ por milhão de tokens (§6.4). */
export interface PrecosLlm {
  entradaUsdPorMilhao: number;
  saidaUsdPorMilhao: number;
}

export const PRECOS_PADRAO: PrecosLlm = { entradaUsdPorMilhao: 0.25, saidaUsdPorMilhao: 1.25 };

export function precosDe(config: { LLM_PRECO_ENTRADA_USD: number; LLM_PRECO_SAIDA_USD: number }): PrecosLlm {
  return { entradaUsdPorMilhao: config.LLM_PRECO_ENTRADA_USD, saidaUsdPorMilhao: config.LLM_PRECO_SAIDA_USD };
}

/** US$ com seis casas, como a coluna `uso_llm_grupos.custo_usd`. */
export function custoUsd(tokens: { input: number; output: number }, precos: PrecosLlm): number {
  const usd = (tokens.input * precos.entradaUsdPorMilhao + tokens.output * precos.saidaUsdPorMilhao) / 1_000_000;
  return Math.round(usd * 1_000_000) / 1_000_000;
}
