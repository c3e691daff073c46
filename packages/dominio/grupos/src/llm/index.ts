export { type CacheLlm, cacheEmMemoria, cacheNoBanco } from "./cache.ts";
export { comFallback, EMBUTIDO_FALLBACK, type OpcoesTentativa, type ProvedorComFallback } from "./com-fallback.ts";
export { PRECOS_PADRAO, type PrecosLlm } from "./custo.ts";
export { type OpcoesProvedorLlm, provedorLlm } from "./provedor-llm.ts";
