import type { Clock } from "#core/runtime";
import type { ConfigGrupos } from "./config.ts";
import type { FilaGrupos, LinhasCatalogo } from "./fila.ts";
import type { RegrasImediatas } from "./passos/mensagem.ts";
import type { Provedor } from "./provedor.ts";

/** O que as peças do pipeline de grupos precisam além de banco, relógio e log. Montado uma vez por processo. */
export interface DepsGrupos {
  config: ConfigGrupos;
  /** Nome do processo nas reservas, único por réplica. */
  instancia: string;
  /** Catálogos e regras compiladas, relidos de tempos em tempos. */
  catalogos: CacheCatalogos;
  /** Provedor externo; null = embutido em tudo. */
  provedorExterno: Provedor | null;
  /** Busca de hospital fora do catálogo (lugares, conhecimento do modelo); null = só o cadastro nacional. */
  buscaHospital: BuscaHospital | null;
}

export interface HospitalExterno {
  nome: string;
  /** 0..1 */
  score: number;
  origem: string;
  logradouro?: string;
  numero?: string;
  bairro?: string;
  cidade?: string;
  estado?: string;
  cep?: string;
  latitude?: number;
  longitude?: number;
  google_place_id?: string;
}

/** Passos 6 e 7 da cascata (§5.5). Null: não achou com confiança bastante. Lança TransientError se não respondeu. */
export type BuscaHospital = (
  nome: string,
  dica: { cidade: string | null; estado: string | null },
  signal: AbortSignal,
) => Promise<HospitalExterno | null>;

export interface CatalogosProntos extends LinhasCatalogo {
  regras: RegrasImediatas;
}

export interface CacheCatalogos {
  obter(fila: FilaGrupos): Promise<CatalogosProntos>;
  /** A próxima leitura vai ao banco: um alias acaba de ser ensinado. */
  esquecer(): void;
}

const VALIDADE_MS = 60_000;

/**
 * Catálogos em memória por um minuto. As regras só são recompiladas quando a lista de aliases muda; compilar milhares de
 * aliases a cada ciclo custaria mais do que usá-los.
 */
export function criarCacheCatalogos(
  compilar: (aliases: readonly string[]) => RegrasImediatas,
  clock: Clock,
): CacheCatalogos {
  let atual: { catalogos: CatalogosProntos; chave: string; lidoEmMs: number } | null = null;
  let valido = false;
  return {
    async obter(fila) {
      if (atual && valido && clock.monotonicMs() - atual.lidoEmMs < VALIDADE_MS) return atual.catalogos;
      const linhas = await fila.catalogos();
      const chave = linhas.aliases_hospital.join("\n");
      const regras = atual?.chave === chave ? atual.catalogos.regras : compilar(linhas.aliases_hospital);
      atual = { catalogos: { ...linhas, regras }, chave, lidoEmMs: clock.monotonicMs() };
      valido = true;
      return atual.catalogos;
    },
    esquecer: () => {
      valido = false;
    },
  };
}
