import { z } from "zod";
import type { Db } from "#core/db";
import { PermanentError } from "#core/runtime";
import { HORARIO_DO_PERIODO } from "./regras/periodo.ts";
import { PERIODOS } from "./vaga-extraida.ts";

/** As ferramentas de operador do pipeline de grupos (§5.8, §9, §11): o que a API, a linha de comando e o Slack chamam. */

const Reprocesso = z.union([
  z.object({
    sucesso: z.literal(true),
    reprocessados: z.int(),
    por_estagio: z.record(z.string(), z.int()),
    mensagem: z.string(),
  }),
  z.object({ sucesso: z.literal(false), erro: z.literal("estagio_invalido") }),
]);

/** `tool_reprocessar_fila`: itens em erro voltam ao estágio em que falharam. Um estágio que não existe não muda nada. */
export function reprocessarFila(
  db: Db,
  p: { estagio?: string | undefined; limite: number; desde_inicio: boolean },
  agora: Date,
) {
  return db.json(
    "fn_grupos_reprocessar",
    {
      ...(p.estagio === undefined ? {} : { p_estagio: p.estagio }),
      p_limite: p.limite,
      p_desde_inicio: p.desde_inicio,
      p_agora: agora.toISOString(),
    },
    Reprocesso,
  );
}

/** Enfileira mensagens guardadas que nunca entraram na fila (F18). */
export function preencherFila(db: Db, limite: number, maxTentativas: number, agora: Date): Promise<number> {
  return db.json(
    "fn_grupos_backfill",
    { p_limite: limite, p_max_tentativas: maxTentativas, p_agora: agora.toISOString() },
    z.int(),
  );
}

const linhas = z.array(z.record(z.string(), z.unknown()));
const linha = z.record(z.string(), z.unknown());

export function listarVagasRevisao(db: Db, limite: number, grupo?: string) {
  return db.json(
    "listar_vagas_revisao",
    { p_limite: limite, ...(grupo === undefined ? {} : { p_grupo: grupo }) },
    linhas,
  );
}

/** Aceita o id inteiro ou os seus 8 primeiros algarismos, quando só uma vaga casa. */
export function detalharVagaGrupo(db: Db, id: string) {
  return db.json("detalhar_vaga_grupo", { p_id: id }, linha);
}

export interface Correcoes {
  hospital_id?: string | undefined;
  especialidade_id?: string | undefined;
  data?: string | undefined;
  valor?: number | undefined;
}

/** Aprova uma vaga em revisão, com correções; uma correção de nome ensina um alias. Lança `conflito` se ela já existe. */
export async function aprovarVagaGrupo(
  db: Db,
  p: { id: string; correcoes: Correcoes; por?: string | undefined; janelaDedupHoras: number },
  agora: Date,
) {
  const atual = await detalharVagaGrupo(db, p.id);
  const periodo = z
    .enum(PERIODOS)
    .nullable()
    .catch(null)
    .parse(atual.periodo ?? null);
  const [inicio, fim] = periodo === null ? [] : HORARIO_DO_PERIODO[periodo];
  return db.json(
    "aprovar_vaga_grupo",
    {
      p_id: p.id,
      p_correcoes: { ...p.correcoes },
      ...(p.por === undefined ? {} : { p_por: p.por }),
      ...(inicio === undefined || fim === undefined ? {} : { p_hora_inicio: inicio, p_hora_fim: fim }),
      p_janela_h: p.janelaDedupHoras,
      p_agora: agora.toISOString(),
    },
    linha,
  );
}

export function rejeitarVagaGrupo(db: Db, p: { id: string; motivo: string; por?: string | undefined }, agora: Date) {
  return db.json(
    "rejeitar_vaga_grupo",
    { p_id: p.id, p_motivo: p.motivo, ...(p.por === undefined ? {} : { p_por: p.por }), p_agora: agora.toISOString() },
    linha,
  );
}

/** Recusa um alias que já é de alguém. */
export function adicionarAliasHospital(db: Db, p: { hospital_id: string; alias: string; por?: string | undefined }) {
  return db.json(
    "adicionar_alias_hospital",
    { p_hospital_id: p.hospital_id, p_alias: p.alias, ...(p.por === undefined ? {} : { p_por: p.por }) },
    linha,
  );
}

export function buscarHospitais(db: Db, texto: string, limite: number) {
  return db.json("buscar_hospitais", { p_texto: texto, p_limite: limite }, linhas);
}

export function estatisticasGrupos(db: Db, periodo: "hoje" | "semana" | "mes", agora: Date) {
  return db.json("estatisticas_grupos", { p_periodo: periodo, p_agora: agora.toISOString() }, linha);
}

const Metricas = z.object({ dias: linhas, top_grupos: linhas, custos: linhas });
export const VISOES_METRICAS = ["resumo", "hoje", "top-grupos", "fila", "custos"] as const;
export type VisaoMetricas = (typeof VISOES_METRICAS)[number];

/** `GET /metricas/grupos/{resumo,hoje,top-grupos,fila,custos}`. */
export async function metricasGrupos(db: Db, p: { visao: VisaoMetricas; dias: number; limite: number }, agora: Date) {
  const p_agora = agora.toISOString();
  if (p.visao === "hoje") return estatisticasGrupos(db, "hoje", agora);
  if (p.visao === "fila") return db.json("fn_grupos_fila", { p_agora }, linha);
  const m = await db.json("fn_grupos_metricas", { p_dias: p.dias, p_limite: p.limite, p_agora }, Metricas);
  if (p.visao === "top-grupos") return { dias: p.dias, grupos: m.top_grupos };
  if (p.visao === "custos") return { dias: p.dias, custos: m.custos };
  return { dias: p.dias, pipeline: m.dias };
}

export function visaoMetricas(texto: string): VisaoMetricas {
  const visao = VISOES_METRICAS.find((v) => v === texto);
  if (visao) return visao;
  throw new PermanentError("nao_encontrado", `a visão deve ser uma de ${VISOES_METRICAS.join(", ")}`, {
    campo: "visao",
  });
}
