import type { ConfiguredLlm } from "#clients/llm";
import type { PlacesClient } from "#clients/places";
import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import { criarBuscaHospital } from "./busca-hospital.ts";
import type { ConfigGrupos } from "./config.ts";
import { criarCacheCatalogos, type DepsGrupos } from "./deps.ts";
import { ESPECIALIDADES } from "./embutido/lista-especialidades.ts";
import { precosDe } from "./llm/custo.ts";
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
  /** Procura os hospitais que nem o catálogo nem o cadastro nacional conhecem. */
  places: PlacesClient | null;
}

/** Monta as dependências do pipeline para um processo. */
export function criarGrupos(opcoes: OpcoesGrupos): DepsGrupos {
  const { config, clock, log, db } = opcoes;
  const llm = config.GRUPOS_PROVEDOR === "llm" ? opcoes.llm : null;
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
    buscaHospital: criarBuscaHospital({ places: opcoes.places, llm, db, clock, log }),
    provedorExterno: llm
      ? provedorLlm({
          llm: llm.client,
          modelo: llm.config.LLM_MODEL,
          precos: precosDe(llm.config),
          embutido: { guarda: (entrada) => regras.veto(entrada) },
          cache: cacheNoBanco(db, clock),
          ttl: { classificacaoS: config.CACHE_TTL_CLASSIFICACAO, extracaoS: config.CACHE_TTL_EXTRACAO },
          especialidades: ESPECIALIDADES,
          clock,
          log,
        })
      : null,
  };
}
