import { z } from "zod";
import type { Db } from "#core/db";
import { errorMessage, type Logger, safeErrorText } from "#core/runtime";
import { type Alerta, alerta, gravidade, SEVERIDADES } from "./alerta.ts";
import { type Entrega, prioridadeNoCluster } from "./clusters.ts";
import { decidirNotificacao, type LinhaAlerta } from "./decisao.ts";
import { type MensagemSlack, mensagemDoAlerta } from "./mensagem-slack.ts";

/** What the notifier needs of a Slack client; a failure is an answer, not an exception. */
export interface CanalSlack {
  enviar(mensagem: MensagemSlack): Promise<{ enviado: boolean; motivo?: string }>;
}

export interface RodadaAlertas {
  /** `grupos`, `operacional`, `negocio`, `chips` … */
  grupo: string;
  agora: Date;
  /** Everything that is wrong now. */
  alertas: readonly Alerta[];
  /** Rules that ran to the end: their open alerts that did not come back are resolved. A rule that failed closes nothing. */
  tiposAvaliados: readonly string[];
  signal?: AbortSignal;
}

export type DestinoAlerta = "enviado" | "em_espera" | "adiado" | "suprimido" | "falhou" | "outro_processo";

export interface ResultadoRodada {
  /** One entry per active alert, in the order given. */
  alertas: { chave: string; enviado: boolean; destino: DestinoAlerta }[];
  /** Messages delivered by this run, deferred ones of earlier runs included. */
  enviados: number;
  em_cooldown: number;
  adiados: number;
  suprimidos: number;
  falhas_envio: number;
}

const instante = z.iso.datetime({ offset: true }).transform((t) => new Date(t));
const linha = z.object({
  id: z.uuid(),
  chave: z.string(),
  tipo: z.string(),
  severidade: z.enum(SEVERIDADES),
  estado: z.enum(["novo", "adiado", "suprimido", "enviado", "falhou"]),
  tentativas: z.int(),
  ultima_tentativa_em: instante.nullable(),
  versao: z.int(),
  ultima_deteccao_em: instante,
  notificado_em: instante.nullable(),
  severidade_notificada: z.enum(SEVERIDADES).nullable(),
  conteudo: alerta,
});
type Linha = z.output<typeof linha>;
const registro = z.object({
  ativos: z.array(linha),
  pendentes: z.array(linha),
  entregues: z.array(z.object({ chave: z.string(), tipo: z.string(), notificado_em: instante })),
});

/** Not failures: nobody asked for messages. */
const SEM_CANAL = new Set(["slack_nao_configurado", "slack_desligado"]);

/**
 * The way out of every alert of the product (`domain/chips-alertas-relatorios.md` §6.2): persist, decide, send, confirm. Only a
 * confirmed delivery starts the cooldown. Throws what the database throws; a failing Slack never throws.
 */
export async function notificarAlertas(
  rodada: RodadaAlertas,
  { db, slack, log }: { db: Db; slack: CanalSlack; log: Logger },
): Promise<ResultadoRodada> {
  const p_agora = rodada.agora.toISOString();
  const { ativos, pendentes, entregues } = await db.json(
    "fn_alertas_registrar",
    { p_grupo: rodada.grupo, p_alertas: [...rodada.alertas], p_tipos_avaliados: [...rodada.tiposAvaliados], p_agora },
    registro,
  );
  const destinos = new Map<string, DestinoAlerta>();
  const anotacoes: { id: string; decisao: "adiar" | "suprimir"; suprimido_por: string | null }[] = [];
  let enviados = 0;
  let falhas = 0;

  const ordem = [...ativos.map((l) => ({ l, ativo: true })), ...pendentes.map((l) => ({ l, ativo: false }))].sort(
    (a, b) =>
      gravidade(b.l.severidade) - gravidade(a.l.severidade) ||
      prioridadeNoCluster(a.l.tipo) - prioridadeNoCluster(b.l.tipo) ||
      (a.l.chave < b.l.chave ? -1 : 1),
  );
  for (const { l, ativo } of ordem) {
    if (rodada.signal?.aborted) break;
    const decisao = decidirNotificacao(paraDecidir(l), {
      grupo: rodada.grupo,
      agora: rodada.agora,
      ativo,
      entregues: entregues as Entrega[],
    });
    if (decisao.acao === "enviar") {
      const destino = await enviar(l, decisao.tentativa);
      destinos.set(l.chave, destino);
      if (destino === "enviado") {
        enviados++;
        entregues.push({ chave: l.chave, tipo: l.tipo, notificado_em: rodada.agora });
      } else if (destino === "falhou") falhas++;
      continue;
    }
    const destino = { espera: "em_espera", adiar: "adiado", suprimir: "suprimido" } as const;
    destinos.set(l.chave, destino[decisao.acao]);
    if (decisao.acao === "adiar") anotacoes.push({ id: l.id, decisao: "adiar", suprimido_por: null });
    if (decisao.acao === "suprimir") anotacoes.push({ id: l.id, decisao: "suprimir", suprimido_por: decisao.por });
    // A row that only waits is not pending: it is said again only if it is seen again.
    if (decisao.acao === "espera" && l.estado === "novo" && l.tentativas === 0) {
      anotacoes.push({ id: l.id, decisao: "suprimir", suprimido_por: "espera" });
    }
  }
  if (anotacoes.length > 0) await db.call("fn_alertas_decidir", { p_decisoes: anotacoes, p_agora });

  const contar = (d: DestinoAlerta) => [...destinos.values()].filter((x) => x === d).length;
  return {
    alertas: rodada.alertas.map((a) => {
      const destino = destinos.get(a.chave) ?? "em_espera";
      return { chave: a.chave, enviado: destino === "enviado", destino };
    }),
    enviados,
    em_cooldown: contar("em_espera"),
    adiados: contar("adiado"),
    suprimidos: contar("suprimido"),
    falhas_envio: falhas,
  };

  async function enviar(l: Linha, tentativa: number): Promise<DestinoAlerta> {
    const reservados = await db.json(
      "fn_alertas_decidir",
      { p_decisoes: [{ id: l.id, decisao: "enviar", tentativa, versao: l.versao }], p_agora },
      z.array(z.uuid()),
    );
    if (reservados.length === 0) return "outro_processo";
    const { enviado, motivo } = await tentar(slack, mensagemDoAlerta(l.conteudo, l.ultima_deteccao_em));
    await db.call("fn_alertas_confirmar", {
      p_id: l.id,
      p_enviado: enviado,
      ...(motivo === undefined ? {} : { p_erro: motivo }),
      p_agora,
    });
    if (enviado) return "enviado";
    if (motivo !== undefined && SEM_CANAL.has(motivo)) {
      log.info({ motivo, tipo: l.tipo, severidade: l.severidade }, `Alerta sem canal de entrega: ${l.conteudo.titulo}`);
      return "em_espera";
    }
    log.error({ motivo, tipo: l.tipo, attempt: tentativa }, "Alerta não entregue");
    return "falhou";
  }
}

async function tentar(slack: CanalSlack, mensagem: MensagemSlack): Promise<{ enviado: boolean; motivo?: string }> {
  try {
    return await slack.enviar(mensagem);
  } catch (err) {
    return { enviado: false, motivo: safeErrorText(errorMessage(err)) };
  }
}

function paraDecidir(l: Linha): LinhaAlerta {
  return {
    ...l,
    ignora_janela: l.conteudo.ignora_janela === true,
    ignora_espera: l.conteudo.ignora_espera === true,
  };
}
