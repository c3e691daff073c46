import { z } from "zod";
import type { Db } from "#core/db";
import { ESTAGIOS_MENSAGEM, ESTAGIOS_VAGA } from "./estagios.ts";
import { DIAS_SEMANA, PERIODOS } from "./vaga-extraida.ts";

const texto = z.string().nullable();
const numero = z.number().nullable();

const reservado = {
  id: z.string(),
  /** Novo a cada reserva; guarda toda escrita sobre o item. */
  token: z.string(),
  tentativas: z.number(),
  max_tentativas: z.number(),
  mensagem_id: z.string(),
  grupo_nome: texto,
  grupo_regiao: texto,
};

const ItemMensagem = z.object({
  ...reservado,
  estagio: z.enum(ESTAGIOS_MENSAGEM),
  texto,
  /** Dia de São Paulo em que a mensagem foi enviada. */
  data_referencia: z.string(),
  instance_name: texto,
  grupo_id: z.string(),
  grupo_hospital: texto,
  contato_id: texto,
  remetente_nome: texto,
  remetente_telefone: texto,
});
export type ItemMensagem = z.infer<typeof ItemMensagem>;

const LinhaVaga = z.object({
  id: z.string(),
  hospital_raw: texto,
  especialidade_raw: texto,
  setor_raw: texto,
  tipo_vaga_raw: texto,
  forma_pagamento_raw: texto,
  cidade: texto,
  estado: texto,
  data: texto,
  dia_semana: z.enum(DIAS_SEMANA).nullable(),
  periodo: z.enum(PERIODOS).nullable(),
  hora_inicio: texto,
  hora_fim: texto,
  valor: numero,
  valor_tipo: z.enum(["fixo", "a_combinar", "faixa"]),
  hospital_id: texto,
  especialidade_id: texto,
  periodo_id: texto,
  hospital_match_score: numero,
  especialidade_match_score: numero,
  confianca_data: numero,
  impedimentos: z.array(z.string()),
  status: z.string(),
});
export type LinhaVaga = z.infer<typeof LinhaVaga>;

const ItemVaga = z.object({
  ...reservado,
  estagio: z.enum(ESTAGIOS_VAGA),
  vaga: LinhaVaga,
  grupo_hospital_id: texto,
});
export type ItemVaga = z.infer<typeof ItemVaga>;

const Casamento = z.object({ id: z.string(), score: z.number(), exato: z.boolean(), alias_id: texto });
export type Casamento = z.infer<typeof Casamento>;
const Casamentos = z.object({
  hospitais: z.record(z.string(), Casamento),
  especialidades: z.record(z.string(), Casamento),
  bloqueados: z.array(z.string()),
});
export type Casamentos = z.infer<typeof Casamentos>;

const Catalogos = z.object({
  aliases_hospital: z.array(z.string()),
  periodos: z.record(z.string(), z.string()),
  setores: z.record(z.string(), z.string()),
  tipos_vaga: z.record(z.string(), z.string()),
  formas_recebimento: z.record(z.string(), z.string()),
  tem_cnes: z.boolean(),
});
export type LinhasCatalogo = z.infer<typeof Catalogos>;

const Fila = z.object({
  pendente: z.int(),
  heuristica: z.int(),
  classificacao: z.int(),
  extracao: z.int(),
  normalizacao: z.int(),
  deduplicacao: z.int(),
  importacao: z.int(),
  finalizado: z.int(),
  descartado: z.int(),
  erro: z.int(),
  em_processamento: z.int(),
  aguardando_retry: z.int(),
  erros_max_tentativas: z.int(),
});
/** Quantos itens em cada estágio; os dez sempre presentes. */
export type Fila = z.infer<typeof Fila>;
export const esquemaFila = Fila;

const FimItem = z.union([
  z.literal("lease_perdido"),
  z.object({ estagio: z.string(), ultimo_estagio: texto }),
  z.string().transform((estagio) => ({ estagio, ultimo_estagio: null })),
]);
/** `lease_perdido`: o resultado foi desfeito; outro processo tem o item. */
export type FimItem = z.infer<typeof FimItem>;

const Conclusao = z.object({
  itens: z.record(z.string(), FimItem),
  vagas_criadas: z.int().default(0),
  /** Itens cujo efeito o banco recusou, com a mensagem; já contaram como falha. */
  erros: z.record(z.string(), z.string()).default({}),
});
export type Conclusao = z.infer<typeof Conclusao>;

export interface FalhaItem {
  id: string;
  token: string;
  erro: string;
  /** Direto para erro: tentar de novo não muda nada. */
  definitivo: boolean;
}

export interface OpcoesFila {
  db: Db;
  /** Nome deste processo em `lease_por`. */
  trabalhador: string;
  leaseSegundos: number;
  /** Esperas entre tentativas, em minutos. */
  delaysMin: readonly number[];
  janelaDedupHoras: number;
  /** Instante de cada chamada; o relógio do chamador, para que os testes o movam. */
  agora(): Date;
}

/** As funções SQL da fila, com tipos. Uma ida ao banco por lote, nunca por item. */
export type FilaGrupos = ReturnType<typeof criarFila>;

export function criarFila(opcoes: OpcoesFila) {
  const { db, trabalhador, leaseSegundos } = opcoes;
  const delays = [...opcoes.delaysMin];
  const agora = () => opcoes.agora().toISOString();
  const reserva = (estagios: readonly string[], limite: number) => ({
    p_estagios: [...estagios],
    p_limite: limite,
    p_trabalhador: trabalhador,
    p_lease_s: leaseSegundos,
    p_agora: agora(),
  });
  return {
    /** Recupera reservas vencidas e registra o ciclo; responde quantas recuperou. */
    iniciarCiclo: () =>
      db.json("fn_grupos_iniciar_ciclo", { p_trabalhador: trabalhador, p_delays: delays, p_agora: agora() }, z.int()),
    encerrarCiclo: (resumo: Record<string, unknown>) =>
      db.json(
        "fn_grupos_encerrar_ciclo",
        { p_trabalhador: trabalhador, p_resumo: resumo as never, p_agora: agora() },
        Fila,
      ),
    catalogos: () => db.json("fn_grupos_catalogos", {}, Catalogos),
    reservarMensagens: (estagios: readonly string[], limite: number) =>
      db.json("fn_grupos_reivindicar_mensagens", reserva(estagios, limite), z.array(ItemMensagem)),
    reservarVagas: (estagios: readonly string[], limite: number) =>
      db.json("fn_grupos_reivindicar_vagas", reserva(estagios, limite), z.array(ItemVaga)),
    /** Responde os tokens que já não são deste processo. */
    renovar: (tokens: string[]) =>
      db.json(
        "fn_grupos_renovar_leases",
        { p_tokens: tokens, p_lease_s: leaseSegundos, p_agora: agora() },
        z.array(z.string()),
      ),
    devolver: (tokens: string[]) => db.json("fn_grupos_devolver", { p_tokens: tokens, p_agora: agora() }, z.int()),
    casar: (hospitais: string[], especialidades: string[], limiarHospital: number, limiarEspecialidade: number) =>
      db.json(
        "fn_grupos_casar",
        {
          p_hospitais: hospitais,
          p_especialidades: especialidades,
          p_limiar_hospital: limiarHospital,
          p_limiar_especialidade: limiarEspecialidade,
        },
        Casamentos,
      ),
    concluirMensagens: (itens: readonly object[]) =>
      db.json(
        "fn_grupos_concluir_mensagens_lote",
        { p_itens: itens as never, p_delays: delays, p_agora: agora() },
        Conclusao,
      ),
    concluirVagas: (itens: readonly object[]) =>
      db.json(
        "fn_grupos_concluir_vagas_lote",
        { p_itens: itens as never, p_janela_h: opcoes.janelaDedupHoras, p_delays: delays, p_agora: agora() },
        Conclusao,
      ),
    /** Responde o estágio de cada item: o mesmo (vai repetir), `erro`, ou `lease_perdido`. */
    falhar: (falhas: readonly FalhaItem[]) =>
      db.json(
        "fn_grupos_falhar_lote",
        { p_falhas: falhas as never, p_delays: delays, p_agora: agora() },
        z.record(z.string(), z.string()),
      ),
  };
}
