import type { Casamento, Casamentos, ItemVaga } from "../fila.ts";
import { candidatoEspecialidade, candidatosHospital } from "../regras/candidatos.ts";
import { hashDedup } from "../regras/hash-dedup.ts";
import { decidirImportacao, type LimiaresImportacao } from "../regras/importacao.ts";
import { type CatalogosNormalizacao, normalizarVaga, type VagaNormalizada } from "../regras/normalizacao.ts";

/** Hospital que não estava no catálogo e foi encontrado fora dele. */
export interface HospitalEncontrado {
  id: string;
  score: number;
  criado: boolean;
}

export interface ContextoVagas {
  casamentos: Casamentos;
  catalogos: CatalogosNormalizacao;
  /** Por `hospital_raw`, para o que o catálogo não conhecia. */
  encontrados: ReadonlyMap<string, HospitalEncontrado>;
  limiares: LimiaresImportacao;
  /** Dia de São Paulo de agora. */
  hoje: string;
}

/** Os textos que um lote pergunta ao catálogo, sem repetição. */
export function textosACasar(itens: readonly ItemVaga[]): { hospitais: string[]; especialidades: string[] } {
  const hospitais = new Set<string>();
  const especialidades = new Set<string>();
  for (const { estagio, vaga } of itens) {
    if (estagio !== "normalizacao") continue;
    for (const texto of candidatosHospital(vaga.hospital_raw)) hospitais.add(texto);
    const especialidade = candidatoEspecialidade(vaga.especialidade_raw);
    if (especialidade !== null) especialidades.add(especialidade);
  }
  return { hospitais: [...hospitais], especialidades: [...especialidades] };
}

/** Cascata do hospital, passos 1–3 (§5.5): o primeiro texto que casa, exato ou parecido. */
export function casarHospital(bruto: string | null, casamentos: Casamentos): Casamento | null {
  for (const texto of candidatosHospital(bruto)) {
    const casamento = casamentos.hospitais[texto];
    if (casamento) return casamento;
  }
  return null;
}

/**
 * Decide de uma vez os estágios que o item ainda deve: o score da importação não depende da deduplicação, que é do banco.
 * Responde o elemento de `fn_grupos_concluir_vagas_lote`.
 */
export function conclusaoVaga(item: ItemVaga, contexto: ContextoVagas): object {
  const base = { id: item.id, token: item.token, mensagem_id: item.mensagem_id, vaga_id: item.vaga.id };
  const normalizacao = item.estagio === "normalizacao" ? normalizar(item, contexto) : null;
  if (normalizacao?.colunas.acao === "finalizar") {
    return {
      ...base,
      estagio: "finalizado",
      motivo: normalizacao.colunas.motivo,
      ultimo_estagio: "normalizacao",
      normalizacao: normalizacao.colunas,
      ...normalizacao.aliases,
    };
  }
  const vaga = { ...item.vaga, ...(normalizacao?.colunas ?? {}) };
  const { hospital_id, especialidade_id, data, periodo_id } = vaga;
  const importacao = decidirImportacao(vaga, {
    hoje: contexto.hoje,
    bloqueado: hospital_id !== null && contexto.casamentos.bloqueados.includes(hospital_id),
    limiares: contexto.limiares,
  });
  const hash =
    item.estagio !== "importacao" && hospital_id !== null && especialidade_id !== null && data !== null
      ? hashDedup({ hospital_id, especialidade_id, data, periodo_id })
      : null;
  return {
    ...base,
    estagio: "finalizado",
    motivo: importacao.resultado,
    ultimo_estagio: "importacao",
    hash,
    importacao,
    ...(normalizacao ? { normalizacao: normalizacao.colunas, ...normalizacao.aliases } : {}),
  };
}

interface Normalizada {
  colunas: VagaNormalizada;
  /** Só o que casou exatamente conta uso. */
  aliases: { alias_hospital_id: string | null; alias_especialidade_id: string | null };
}

function normalizar({ vaga }: ItemVaga, contexto: ContextoVagas): Normalizada {
  const casado = casarHospital(vaga.hospital_raw, contexto.casamentos);
  const textoEspecialidade = candidatoEspecialidade(vaga.especialidade_raw);
  const especialidade =
    textoEspecialidade === null ? null : (contexto.casamentos.especialidades[textoEspecialidade] ?? null);
  const colunas = normalizarVaga(vaga, {
    hospital: casado ?? contexto.encontrados.get(vaga.hospital_raw ?? "") ?? null,
    especialidade,
    catalogos: contexto.catalogos,
  });
  return {
    colunas,
    aliases: { alias_hospital_id: casado?.alias_id ?? null, alias_especialidade_id: especialidade?.alias_id ?? null },
  };
}
