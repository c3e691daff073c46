import { z } from "zod";
import { safeText } from "#core/runtime";
import { lerConteudo, type TipoMidia } from "./conteudo-mensagem.ts";
import {
  type ContatoRecebido,
  EMPRESAS_CONHECIDAS,
  type EmpresaConhecida,
  jidSemDispositivo,
  separarNome,
  telefoneDoJid,
} from "./remetente.ts";

/** One group message as ingestion stores it: column names of `mensagens_grupo` plus its group and contact. */
export interface MensagemRecebida {
  message_id: string;
  grupo_jid: string;
  grupo_nome: string | null;
  sender_jid: string;
  sender_nome: string | null;
  texto: string | null;
  tipo_midia: TipoMidia;
  tem_midia: boolean;
  is_forwarded: boolean;
  is_reply: boolean;
  reply_to_id: string | null;
  /** ISO instant */
  timestamp_msg: string;
  instance_name: string | null;
  /** The group's own flags (`ignorada_grupo`) are known only to the database. */
  status_inicial: "pendente" | "ignorada_propria" | "ignorada_midia" | "ignorada_curta";
  contato: ContatoRecebido | null;
}

export type MotivoIgnorada =
  | "corpo_invalido"
  | "evento_ignorado"
  | "sem_identificacao"
  | "nao_e_grupo"
  | "tipo_ignorado"
  | "sem_conteudo";

export interface WebhookInterpretado {
  mensagens: MensagemRecebida[];
  ignoradas: { motivo: MotivoIgnorada }[];
}

const MIN_LEGENDA = 15;
const MIN_TEXTO = 5;
/** WhatsApp's own limit of a message body. */
const MAX_TEXTO = 65_536;
const MAX_NOME = 200;
/** Before this a timestamp is damage, not history. */
const MAIS_ANTIGO_MS = Date.UTC(2009, 0, 1);
const UM_DIA_MS = 86_400_000;

/** Optional text: anything else counts as absent, so that one odd field never loses a message. */
const texto = z.string().nullish().catch(null);

const envelope = z.object({
  event: z.string(),
  instance: z
    .union([z.string(), z.object({ instanceName: z.string() }).transform((i) => i.instanceName)])
    .nullish()
    .catch(null),
  data: z.unknown().optional(),
});

const item = z.object({
  key: z.object({
    remoteJid: z.string().min(1),
    id: z.string().min(1),
    fromMe: z.boolean().nullish().catch(null),
    participant: texto,
    participantAlt: texto,
    participantPn: texto,
    senderPn: texto,
  }),
  participant: texto,
  participantAlt: texto,
  participantPn: texto,
  senderPn: texto,
  pushName: texto,
  groupName: texto,
  groupMetadata: z.object({ subject: texto }).nullish().catch(null),
  messageTimestamp: z.unknown().optional(),
  message: z.record(z.string(), z.unknown()).nullish().catch(null),
  contextInfo: z.record(z.string(), z.unknown()).nullish().catch(null),
});
type Item = z.output<typeof item>;

/**
 * Reads an Evolution API webhook (`messages.upsert`, also written `MESSAGES_UPSERT`; `data` one message or a list) into group
 * messages (`domain/grupos-pipeline.md` §5.1). Never throws: what is not for this pipeline is answered in `ignoradas` with
 * its motive and nothing of its content.
 */
export function interpretarWebhook(
  corpo: unknown,
  agora: Date,
  empresas: readonly EmpresaConhecida[] = EMPRESAS_CONHECIDAS,
): WebhookInterpretado {
  const lido = envelope.safeParse(corpo);
  if (!lido.success) return { mensagens: [], ignoradas: [{ motivo: "corpo_invalido" }] };
  if (lido.data.event.toLowerCase().replaceAll("_", ".") !== "messages.upsert") {
    return { mensagens: [], ignoradas: [{ motivo: "evento_ignorado" }] };
  }
  const instancia = lido.data.instance ?? null;
  const resultado: WebhookInterpretado = { mensagens: [], ignoradas: [] };
  for (const bruto of lista(lido.data.data)) {
    const mensagem = interpretarMensagem(bruto, instancia, agora, empresas);
    if (typeof mensagem === "string") resultado.ignoradas.push({ motivo: mensagem });
    else resultado.mensagens.push(mensagem);
  }
  return resultado;
}

/** `data` is one message, a list, or the list wrapped as `{messages}`. */
function lista(data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  const dentro = (data as { messages?: unknown } | null | undefined)?.messages;
  return Array.isArray(dentro) ? dentro : [data];
}

function interpretarMensagem(
  bruto: unknown,
  instancia: string | null,
  agora: Date,
  empresas: readonly EmpresaConhecida[],
): MensagemRecebida | MotivoIgnorada {
  const lido = item.safeParse(bruto);
  if (!lido.success) return "sem_identificacao";
  const m = lido.data;
  if (!m.key.remoteJid.endsWith("@g.us")) return "nao_e_grupo";
  const conteudo = lerConteudo(m.message ?? null, m.contextInfo ?? null);
  if (typeof conteudo === "string") return conteudo;

  const corpo = conteudo.texto === null ? null : safeText(conteudo.texto, MAX_TEXTO);
  const temMidia = conteudo.tipo_midia !== "texto" && conteudo.tipo_midia !== "outro";
  const participante = primeiro(m.key.participant, m.participant);
  return {
    message_id: safeText(m.key.id, MAX_NOME),
    grupo_jid: safeText(m.key.remoteJid, MAX_NOME),
    grupo_nome: nome(primeiro(m.groupName, m.groupMetadata?.subject)),
    sender_jid: safeText(participante === null ? m.key.remoteJid : jidSemDispositivo(participante), MAX_NOME),
    sender_nome: nome(m.pushName),
    texto: corpo,
    tipo_midia: conteudo.tipo_midia,
    tem_midia: temMidia,
    is_forwarded: conteudo.is_forwarded,
    is_reply: conteudo.is_reply,
    reply_to_id: conteudo.reply_to_id === null ? null : safeText(conteudo.reply_to_id, MAX_NOME),
    timestamp_msg: instanteDa(m.messageTimestamp, agora).toISOString(),
    instance_name: instancia === null ? null : safeText(instancia, MAX_NOME),
    status_inicial: statusInicial(m.key.fromMe === true, temMidia, corpo),
    contato: participante === null ? null : contatoDe(m, participante, empresas),
  };
}

/** First rule that applies; the length is counted in characters of the trimmed text. */
function statusInicial(propria: boolean, temMidia: boolean, corpo: string | null): MensagemRecebida["status_inicial"] {
  const tamanho = [...(corpo ?? "").trim().slice(0, 100)].length;
  if (propria) return "ignorada_propria";
  if (temMidia && tamanho < MIN_LEGENDA) return "ignorada_midia";
  if (tamanho < MIN_TEXTO) return "ignorada_curta";
  return "pendente";
}

function contatoDe(m: Item, participante: string, empresas: readonly EmpresaConhecida[]): ContatoRecebido {
  const jid = safeText(jidSemDispositivo(participante), MAX_NOME);
  const alternativos = [
    m.key.participantAlt,
    m.key.participantPn,
    m.key.senderPn,
    m.participantAlt,
    m.participantPn,
    m.senderPn,
  ];
  const candidatos = participante.endsWith("@lid") ? alternativos : [participante, ...alternativos];
  const telefone = candidatos.map(telefoneDoJid).find((t) => t !== null) ?? null;
  // Our own messages carry our own name.
  return { jid, telefone, ...separarNome(nome(m.pushName), empresas) };
}

/** Seconds as number, text or `{low, high}` (also milliseconds); absent, zero or absurd means now. */
function instanteDa(bruto: unknown, agora: Date): Date {
  const longo = bruto as { low?: unknown; high?: unknown } | null;
  const segundos =
    typeof longo === "object" && typeof longo?.low === "number"
      ? (longo.low >>> 0) + (typeof longo.high === "number" ? longo.high : 0) * 2 ** 32
      : Number(typeof bruto === "string" || typeof bruto === "number" ? bruto : Number.NaN);
  const ms = segundos > 1e11 ? segundos : segundos * 1000;
  return ms >= MAIS_ANTIGO_MS && ms <= agora.getTime() + UM_DIA_MS ? new Date(ms) : agora;
}

function primeiro(...valores: (string | null | undefined)[]): string | null {
  return valores.find((v) => typeof v === "string" && v.trim() !== "") ?? null;
}

function nome(bruto: string | null | undefined): string | null {
  const limpo = safeText(bruto ?? "", MAX_NOME).trim();
  return limpo === "" ? null : limpo;
}
