import type { ConfiguredLlm } from "#clients/llm";
import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import type { ConfigGrupos } from "./config.ts";
import { criarCacheCatalogos, type DepsGrupos } from "./deps.ts";
import { ESPECIALIDADES } from "./embutido/lista-especialidades.ts";
import { cacheNoBanco, provedorLlm } from "./llm/index.ts";
import { type RegrasEmbutidas, regrasEmbutidas } from "./regras-embutidas.ts";

export interface OpcoesGrupos {
  config: ConfigGrupos;
  /** Nome do processo nas reservas, único por réplica. */
  instancia: string;
  db: Db;
  clock: Clock;
  log: Logger;
  /** Usado com `GRUPOS_PROVEDOR=llm`; sem ele o provedor embutido responde a tudo. */
  llm: ConfiguredLlm | null;
}

/** Monta as dependências do pipeline para um processo. */
export function criarGrupos(opcoes: OpcoesGrupos): DepsGrupos {
  const { config, clock, log, llm } = opcoes;
  // A guarda do provedor externo é a do catálogo mais recente; antes do primeiro, uma sem aliases veta o mesmo.
  let regras: RegrasEmbutidas = regrasEmbutidas([]);
  const catalogos = criarCacheCatalogos((aliases) => {
    regras = regrasEmbutidas(aliases);
    return regras;
  }, clock);
  return {
    config,
    instancia: opcoes.instancia,
    catalogos,
    buscaHospital: null,
    provedorExterno:
      config.GRUPOS_PROVEDOR === "llm" && llm
        ? provedorLlm({
            llm: llm.client,
            modelo: llm.config.LLM_MODEL,
            precos: {
              entradaUsdPorMilhao: llm.config.LLM_PRECO_ENTRADA_USD,
              saidaUsdPorMilhao: llm.config.LLM_PRECO_SAIDA_USD,
            },
            embutido: { guarda: (entrada) => regras.veto(entrada) },
            cache: cacheNoBanco(opcoes.db, clock),
            ttl: { classificacaoS: config.CACHE_TTL_CLASSIFICACAO, extracaoS: config.CACHE_TTL_EXTRACAO },
            especialidades: ESPECIALIDADES,
            clock,
            log,
          })
        : null,
  };
}
