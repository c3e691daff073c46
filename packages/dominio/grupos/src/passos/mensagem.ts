import type { ConfigGrupos } from "../config.ts";
import { ESTAGIO_APOS, type EstagioFinal, type EstagioMensagem } from "../estagios.ts";
import type { ItemMensagem } from "../fila.ts";
import type { Classificacao, EntradaMensagem, Extracao, UsoProvedor } from "../provedor.ts";
import type { avaliarHeuristica } from "../regras/heuristica.ts";
import { prepararVagas, type VagaPronta } from "../regras/pos-extracao.ts";

/** As colunas de `mensagens_grupo` que um passo escreve; o que não aparece fica como está. */
export interface PatchMensagem {
  status?: string;
  passou_heuristica?: boolean;
  score_heuristica?: number;
  keywords_encontradas?: string[];
  motivo_descarte?: string | null;
  eh_oferta?: boolean;
  confianca_classificacao?: number;
  classificador?: string;
  extrator?: string;
  qtd_vagas_extraidas?: number;
  erro?: string | null;
}

export interface Passo {
  acao: "descartar" | "classificar" | "extrair" | "normalizar";
  motivo: string | null;
  patch: PatchMensagem;
  /** Só com `normalizar`: o que o fan-out grava. */
  vagas?: VagaPronta[];
}

/** As regras que respondem na hora, sem serviço externo: as embutidas, ou as vazias do benchmark. */
export interface RegrasImediatas {
  heuristica: typeof avaliarHeuristica;
  classificarAgora(entrada: EntradaMensagem): Classificacao;
  extrairAgora(entrada: EntradaMensagem): Extracao;
}

export function entradaDe(item: ItemMensagem): EntradaMensagem {
  return {
    mensagemId: item.mensagem_id,
    grupoId: item.grupo_id,
    texto: item.texto ?? "",
    dataReferencia: item.data_referencia,
    grupo: { nome: item.grupo_nome, regiao: item.grupo_regiao },
    remetente: { nome: item.remetente_nome, ddd: dddDe(item.remetente_telefone) },
  };
}

/** DDD de um telefone brasileiro com código do país. */
function dddDe(telefone: string | null): string | null {
  return /^55(\d{2})\d{8,9}$/.exec(telefone ?? "")?.[1] ?? null;
}

/** Estágio `pendente`/`heuristica` (§5.2). */
export function passoHeuristica(item: ItemMensagem, regras: RegrasImediatas, config: ConfigGrupos): Passo {
  const r = regras.heuristica(item.texto, {
    minimo: config.THRESHOLD_HEURISTICA,
    alto: config.THRESHOLD_HEURISTICA_ALTO,
    minTamanho: config.MIN_TAMANHO_MENSAGEM,
    maxTamanho: config.MAX_TAMANHO_MENSAGEM,
  });
  return {
    acao: r.acao,
    motivo: r.motivo,
    patch: {
      status: r.passou ? "heuristica_passou" : "heuristica_rejeitou",
      passou_heuristica: r.passou,
      score_heuristica: r.score,
      keywords_encontradas: r.keywords,
      motivo_descarte: r.motivo_descarte,
    },
  };
}

/** Estágio `classificacao` (§5.3): a resposta, de quem quer que seja, vira decisão. */
export function passoClassificacao(resposta: Classificacao, config: ConfigGrupos): Passo {
  const oferta = resposta.eh_oferta && resposta.confianca >= config.THRESHOLD_LLM;
  return {
    acao: oferta ? "extrair" : "descartar",
    motivo: oferta ? null : "nao_eh_oferta",
    patch: {
      status: oferta ? "classificada_oferta" : "classificada_nao_oferta",
      eh_oferta: oferta,
      confianca_classificacao: resposta.confianca,
      classificador: resposta.classificador,
      motivo_descarte: oferta ? null : (resposta.motivo ?? "nao_eh_oferta"),
    },
  };
}

/** Estágio `extracao` (§5.4): a guarda, as regras comuns aos dois extratores, e o que se grava. */
export function passoExtracao(item: ItemMensagem, resposta: Extracao, config: ConfigGrupos): Passo {
  if (!resposta.eh_oferta) {
    const motivo = resposta.motivo ? `nao_eh_oferta:${resposta.motivo}` : "nao_eh_oferta";
    return {
      acao: "descartar",
      motivo,
      patch: {
        status: "classificada_nao_oferta",
        eh_oferta: false,
        extrator: resposta.extrator,
        motivo_descarte: motivo,
      },
    };
  }
  const r = prepararVagas(resposta.vagas, {
    dataReferencia: item.data_referencia,
    hospitalDoGrupo: item.grupo_hospital,
    maxVagas: config.MAX_VAGAS_POR_MENSAGEM,
    janelaFuturaDias: config.JANELA_DATA_FUTURA_DIAS,
  });
  if (r.vagas.length === 0) {
    return {
      acao: "descartar",
      motivo: r.motivo,
      patch: {
        status: "extracao_falhou",
        eh_oferta: true,
        extrator: resposta.extrator,
        motivo_descarte: r.motivo,
      },
    };
  }
  return {
    acao: "normalizar",
    motivo: `vagas:${r.vagas.length}`,
    vagas: r.vagas,
    patch: {
      status: "extraida",
      eh_oferta: true,
      extrator: resposta.extrator,
      qtd_vagas_extraidas: r.vagas.length,
      motivo_descarte: null,
      erro: r.truncadas > 0 ? `fan_out_truncado:${r.truncadas}` : null,
    },
  };
}

/** Até onde um item foi numa reserva só, e o que se grava dele. */
export interface Percurso {
  /** Os estágios executados, em ordem; pelo menos um. */
  executados: EstagioMensagem[];
  estagio: EstagioMensagem | EstagioFinal;
  motivo: string | null;
  patch: PatchMensagem;
  vagas?: VagaPronta[];
  uso: UsoProvedor[];
}

/** Um passo só, para os estágios em que um serviço externo está no meio. */
export function percursoDe(estagio: EstagioMensagem, passo: Passo, uso: UsoProvedor[] = []): Percurso {
  const { acao, motivo, patch, vagas } = passo;
  return { executados: [estagio], estagio: ESTAGIO_APOS[acao], motivo, patch, uso, ...(vagas ? { vagas } : {}) };
}

/**
 * Leva o item por estágios seguidos enquanto `segue` disser que o próximo não depende de serviço externo. Pura: o que ela
 * decide só existe quando o lote é gravado.
 */
export function percorrer(
  item: ItemMensagem,
  regras: RegrasImediatas,
  config: ConfigGrupos,
  segue: (estagio: EstagioMensagem) => boolean,
): Percurso {
  let percurso = percursoDe(item.estagio, executar(item.estagio, item, regras, config));
  // No máximo três voltas: cada passo só anda para a frente.
  for (let proximo = percurso.estagio; ehDeMensagem(proximo) && segue(proximo); proximo = percurso.estagio) {
    const passo = percursoDe(proximo, executar(proximo, item, regras, config));
    percurso = {
      ...passo,
      executados: [...percurso.executados, ...passo.executados],
      patch: { ...percurso.patch, ...passo.patch },
    };
  }
  return percurso;
}

function executar(estagio: EstagioMensagem, item: ItemMensagem, regras: RegrasImediatas, config: ConfigGrupos): Passo {
  if (estagio === "classificacao") return passoClassificacao(regras.classificarAgora(entradaDe(item)), config);
  if (estagio === "extracao") return passoExtracao(item, regras.extrairAgora(entradaDe(item)), config);
  return passoHeuristica(item, regras, config);
}

function ehDeMensagem(estagio: Percurso["estagio"]): estagio is EstagioMensagem {
  return estagio === "classificacao" || estagio === "extracao";
}

/** O elemento de `fn_grupos_concluir_mensagens_lote`. */
export function conclusaoMensagem(item: ItemMensagem, percurso: Percurso): object {
  return {
    id: item.id,
    token: item.token,
    mensagem_id: item.mensagem_id,
    grupo_id: item.grupo_id,
    contato_id: item.contato_id,
    instance_name: item.instance_name,
    max_tentativas: item.max_tentativas,
    estagio: percurso.estagio,
    ultimo_estagio: percurso.executados.at(-1),
    motivo: percurso.motivo,
    mensagem: percurso.patch,
    ...(percurso.vagas ? { vagas: percurso.vagas.map(linhaVaga) } : {}),
    ...(percurso.uso.length > 0 ? { uso: percurso.uso } : {}),
  };
}

/** Colunas de `vagas_grupo`. */
function linhaVaga({ confianca, ordem, ...vaga }: VagaPronta): object {
  return {
    ...vaga,
    ordem_na_mensagem: ordem,
    periodo_raw: vaga.periodo,
    confianca_hospital: confianca.hospital,
    confianca_especialidade: confianca.especialidade,
    confianca_data: confianca.data,
    confianca_horario: confianca.horario,
    confianca_valor: confianca.valor,
  };
}
