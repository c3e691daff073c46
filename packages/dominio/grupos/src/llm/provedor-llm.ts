import type { z } from "zod";
import type { LlmClient } from "#clients/llm";
import { type Clock, errorMessage, type Logger } from "#core/runtime";
import type { Classificacao, EntradaMensagem, Extracao, Provedor, Resposta, UsoProvedor } from "../provedor.ts";
import { ancorarVagas, hospitaisNoTexto } from "./ancoragem.ts";
import { type CacheLlm, chaveCache, type TipoResposta } from "./cache.ts";
import { converterVaga, motivoDoModelo } from "./converter.ts";
import { custoUsd, PRECOS_PADRAO, type PrecosLlm } from "./custo.ts";
import { respostaClassificacao, respostaExtracao } from "./esquemas.ts";
import { type Prompt, promptClassificacao, promptExtracao } from "./prompts.ts";

export interface OpcoesProvedorLlm {
  llm: LlmClient;
  /** Nome do modelo no provedor, e a parte de `llm:<modelo>` que se grava. */
  modelo: string;
  /** O veto embutido (§7.10) que vale para uma mensagem, ou null. Vale sempre, diga o modelo o que disser. */
  embutido: { guarda(entrada: EntradaMensagem): string | null };
  cache: CacheLlm;
  precos?: PrecosLlm;
  /** Segundos; 0 não guarda. Padrão: um dia. */
  ttl?: { classificacaoS: number; extracaoS: number };
  /** Nomes canônicos (§7.6). */
  especialidades: readonly string[];
  clock: Clock;
  log: Logger;
}

const UM_DIA_S = 86_400;
/** Limites de saída (§6.1, §6.2): uma resposta cortada é falha, então a extração pede folga. */
const MAX_TOKENS_CLASSIFICACAO = 200;
const MAX_TOKENS_EXTRACAO = 4096;

/**
 * Classificador e extrator por LLM (§6). Toda falha é TransientError: o estágio falha e é retentado, e na última tentativa quem
 * responde é o embutido (`comFallback`). O cache guarda a resposta do modelo, não a conclusão: as conferências são refeitas
 * contra a mensagem de cada vez. Um cache fora do ar custa uma chamada, nunca uma mensagem.
 */
export function provedorLlm(opcoes: OpcoesProvedorLlm): Provedor {
  const { llm, modelo, cache, especialidades, clock, log } = opcoes;
  const nome = `llm:${modelo}`;
  const ttl = opcoes.ttl ?? { classificacaoS: UM_DIA_S, extracaoS: UM_DIA_S };

  async function perguntar<S extends z.ZodType>(pergunta: {
    tipo: TipoResposta;
    chave: string;
    prompt: Prompt;
    esquema: S;
    maxTokens: number;
    ttlS: number;
    signal: AbortSignal;
    /** Falso: a resposta depende de algo que não está na chave. */
    guardavel(resposta: z.output<S>): boolean;
  }): Promise<{ resposta: z.output<S>; uso: UsoProvedor }> {
    const { tipo, chave, esquema, signal } = pergunta;
    const inicio = clock.monotonicMs();
    const uso = (tokens: { input: number; output: number }, do_cache: boolean): UsoProvedor => ({
      estagio: tipo,
      modelo,
      tokens_input: tokens.input,
      tokens_output: tokens.output,
      custo_usd: custoUsd(tokens, opcoes.precos ?? PRECOS_PADRAO),
      do_cache,
      duracao_ms: Math.round(clock.monotonicMs() - inicio),
    });
    const guardada = pergunta.ttlS > 0 ? await lerCache(chave, esquema, signal) : null;
    if (guardada) return { resposta: guardada.valor, uso: uso({ input: 0, output: 0 }, true) };

    const { data, usage } = await llm.completeJson({
      model: modelo,
      ...pergunta.prompt,
      schema: esquema,
      schemaName: tipo,
      maxTokens: pergunta.maxTokens,
      signal,
    });
    if (pergunta.ttlS > 0 && pergunta.guardavel(data)) {
      await gravarCache({ chave, tipo, resposta: data as object, ttlS: pergunta.ttlS });
    }
    return { resposta: data, uso: uso(usage, false) };
  }

  async function lerCache<S extends z.ZodType>(
    chave: string,
    esquema: S,
    signal: AbortSignal,
  ): Promise<{ valor: z.output<S> } | null> {
    try {
      const achada = (await cache.obter([chave], { signal })).get(chave);
      const lida = achada === undefined ? null : esquema.safeParse(achada);
      return lida?.success ? { valor: lida.data } : null;
    } catch (err) {
      signal.throwIfAborted();
      log.warn({ motivo: errorMessage(err) }, "cache do LLM não respondeu; pergunta ao modelo");
      return null;
    }
  }

  async function gravarCache(entrada: Parameters<CacheLlm["gravar"]>[0][number]): Promise<void> {
    try {
      await cache.gravar([entrada]);
    } catch (err) {
      log.warn({ motivo: errorMessage(err) }, "resposta do LLM não foi para o cache");
    }
  }

  return {
    nome,
    externo: true,

    async classificar(entrada, { signal }): Promise<Resposta<Classificacao>> {
      const { resposta, uso } = await perguntar({
        tipo: "classificacao",
        chave: chaveCache("classificacao", entrada.texto, modelo, null),
        prompt: promptClassificacao(entrada),
        esquema: respostaClassificacao,
        maxTokens: MAX_TOKENS_CLASSIFICACAO,
        ttlS: ttl.classificacaoS,
        signal,
        guardavel: () => true,
      });
      const { eh_oferta, confianca } = resposta;
      const resultado = { eh_oferta, confianca, motivo: motivoDoModelo(resposta.motivo), classificador: nome };
      return { resultado, uso: [uso] };
    },

    async extrair(entrada, { signal }): Promise<Resposta<Extracao>> {
      const veto = opcoes.embutido.guarda(entrada);
      if (veto !== null) {
        return { resultado: { eh_oferta: false, motivo: veto, vagas: [], extrator: nome }, uso: [] };
      }
      const { resposta, uso } = await perguntar({
        tipo: "extracao",
        chave: chaveCache("extracao", entrada.texto, modelo, entrada.dataReferencia),
        prompt: promptExtracao(entrada, especialidades),
        esquema: respostaExtracao,
        maxTokens: MAX_TOKENS_EXTRACAO,
        ttlS: ttl.extracaoS,
        signal,
        // Um hospital lido no nome do grupo não vale para o mesmo texto em outro grupo.
        guardavel: (r) =>
          hospitaisNoTexto(
            r.vagas.map((v) => v.hospital ?? null),
            entrada.texto,
          ),
      });
      if (!resposta.eh_vaga) {
        const motivo = motivoDoModelo(resposta.motivo_descarte) ?? "modelo";
        return { resultado: { eh_oferta: false, motivo, vagas: [], extrator: nome }, uso: [uso] };
      }
      const lidas = resposta.vagas.map((v) => converterVaga(v, { especialidades, ddd: entrada.remetente.ddd }));
      const vagas = ancorarVagas(lidas, entrada);
      return { resultado: { eh_oferta: true, motivo: null, vagas, extrator: nome }, uso: [uso] };
    },
  };
}
