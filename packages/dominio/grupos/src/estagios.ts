/**
 * Os estágios da fila e o que se segue a cada decisão (domain/grupos-pipeline.md §4.2).
 *
 *   pendente|heuristica ─► classificacao ─► extracao ─► finalizado (+ N itens de vaga em normalizacao)
 *          └────────────► extracao                       normalizacao ─► deduplicacao ─► importacao ─► finalizado
 *   qualquer um ─► descartado (decisão) ou erro (falhas esgotadas, com ultimo_estagio)
 */
export const ESTAGIOS_MENSAGEM = ["pendente", "heuristica", "classificacao", "extracao"] as const;
export type EstagioMensagem = (typeof ESTAGIOS_MENSAGEM)[number];

export const ESTAGIOS_VAGA = ["normalizacao", "deduplicacao", "importacao"] as const;
export type EstagioVaga = (typeof ESTAGIOS_VAGA)[number];

export const ESTAGIOS_FINAIS = ["finalizado", "descartado", "erro"] as const;
export type EstagioFinal = (typeof ESTAGIOS_FINAIS)[number];

/** Os sete em que um item espera trabalho, na ordem em que o ciclo os percorre. */
export const ESTAGIOS_PROCESSAVEIS = [...ESTAGIOS_MENSAGEM, ...ESTAGIOS_VAGA] as const;
export type EstagioProcessavel = EstagioMensagem | EstagioVaga;
export type Estagio = EstagioProcessavel | EstagioFinal;

export type Acao = "descartar" | "classificar" | "extrair" | "normalizar" | "deduplicar" | "importar" | "finalizar";

/** Uma ação nova sem estágio seguinte não compila. `normalizar` cria os itens de vaga e termina o da mensagem. */
export const ESTAGIO_APOS = {
  descartar: "descartado",
  classificar: "classificacao",
  extrair: "extracao",
  normalizar: "finalizado",
  deduplicar: "deduplicacao",
  importar: "importacao",
  finalizar: "finalizado",
} as const satisfies Record<Acao, Estagio>;
