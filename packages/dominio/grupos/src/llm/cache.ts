import { createHash } from "node:crypto";
import { z } from "zod";
import type { Db } from "#core/db";
import type { Clock } from "#core/runtime";
import { VERSAO_PROMPT } from "./prompts.ts";

export type TipoResposta = "classificacao" | "extracao";

export interface EntradaCache {
  chave: string;
  tipo: TipoResposta;
  /** A resposta do modelo já conferida pelo esquema; nunca uma inválida. */
  resposta: object;
  ttlS: number;
}

/** Respostas do modelo por chave. As duas operações aceitam lotes de até 1.000; lançam o que o banco lançar. */
export interface CacheLlm {
  /** Só as chaves achadas e ainda válidas. */
  obter(chaves: readonly string[], opcoes?: { signal?: AbortSignal }): Promise<Map<string, unknown>>;
  gravar(entradas: readonly EntradaCache[]): Promise<void>;
}

/** Tabela `cache_llm_grupos`, comum a todas as réplicas. */
export function cacheNoBanco(db: Pick<Db, "call" | "json">, clock: Clock): CacheLlm {
  return {
    async obter(chaves, opcoes) {
      const achadas = await db.json(
        "obter_cache_llm_grupos",
        { p_chaves: [...chaves], p_agora: clock.now().toISOString() },
        z.record(z.string(), z.unknown()),
        opcoes,
      );
      return new Map(Object.entries(achadas));
    },
    async gravar(entradas) {
      const p_itens = entradas.map(({ chave, tipo, resposta, ttlS }) => ({ chave, tipo, resposta, ttl_s: ttlS }));
      await db.call("gravar_cache_llm_grupos", { p_itens: p_itens as never, p_agora: clock.now().toISOString() });
    },
  };
}

/** Gêmeo em memória, para a avaliação sem banco e para testes; a mesma suíte de conformidade roda nos dois. */
export function cacheEmMemoria(clock: Clock): CacheLlm {
  const linhas = new Map<string, { resposta: string; expiraEm: number }>();
  return {
    async obter(chaves) {
      const agora = clock.now().getTime();
      const achadas = new Map<string, unknown>();
      for (const chave of chaves) {
        const linha = linhas.get(chave);
        if (linha && linha.expiraEm > agora) achadas.set(chave, JSON.parse(linha.resposta));
      }
      return achadas;
    },
    async gravar(entradas) {
      for (const { chave, resposta, ttlS } of entradas) {
        linhas.set(chave, { resposta: JSON.stringify(resposta), expiraEm: clock.now().getTime() + ttlS * 1000 });
      }
    },
  };
}

/** Tipo + md5 do texto normalizado + modelo + versão do prompt, e a data de referência quando a resposta depende dela (§6.4). */
export function chaveCache(tipo: TipoResposta, texto: string, modelo: string, dataReferencia: string | null): string {
  const md5 = createHash("md5").update(textoParaChave(texto)).digest("hex");
  return [tipo, md5, modelo, VERSAO_PROMPT, ...(dataReferencia === null ? [] : [dataReferencia])].join(":");
}

/**
 * O que muda entre repostagens do mesmo texto sai: alfabetos decorativos, marcas invisíveis, espaços a mais, linhas vazias.
 * Maiúsculas e quebras de linha ficam: mudam o que se lê ("GO", um hospital por linha).
 */
export function textoParaChave(texto: string): string {
  return texto
    .normalize("NFKC")
    .replace(/\p{Cf}|\p{Variation_Selector}|\u20E3/gu, "")
    .split(/\r?\n/)
    .map((linha) => linha.replace(/\s+/g, " ").trim())
    .filter((linha) => linha !== "")
    .join("\n");
}
