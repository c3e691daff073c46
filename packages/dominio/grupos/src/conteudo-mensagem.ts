/** What a WhatsApp message body holds: text, kind of media, reply and forward marks (`domain/grupos-pipeline.md` §5.1). */

export type TipoMidia = "texto" | "imagem" | "audio" | "video" | "documento" | "sticker" | "outro";

export interface ConteudoMensagem {
  /** Body or media caption. */
  texto: string | null;
  tipo_midia: TipoMidia;
  is_forwarded: boolean;
  is_reply: boolean;
  reply_to_id: string | null;
}

type Corpo = Record<string, unknown>;

const INVOLUCROS = [
  "ephemeralMessage",
  "viewOnceMessage",
  "viewOnceMessageV2",
  "viewOnceMessageV2Extension",
  "documentWithCaptionMessage",
  "groupMentionedMessage",
  "deviceSentMessage",
] as const;
/** Wrappers nest (an ephemeral view-once document): deeper than this is not WhatsApp. */
const MAX_INVOLUCROS = 6;

/** Only the original text counts: corrections, deletions and reactions add nothing. */
const IGNORADOS = ["editedMessage", "protocolMessage", "reactionMessage", "encReactionMessage"] as const;
/** Key exchange that travels beside, or instead of, a message. */
const SEM_CONTEUDO = new Set(["senderKeyDistributionMessage", "messageContextInfo"]);

const MIDIAS: readonly (readonly [chave: string, tipo: TipoMidia])[] = [
  ["imageMessage", "imagem"],
  ["audioMessage", "audio"],
  ["videoMessage", "video"],
  ["ptvMessage", "video"],
  ["documentMessage", "documento"],
  ["stickerMessage", "sticker"],
];

/**
 * Reads a message body. A body without content is not stored: it is often a message that could not be decrypted yet and comes
 * again whole under the same id, which a stored stub would turn into a repeat.
 */
export function lerConteudo(
  bruto: Corpo | null,
  contextoExterno: Corpo | null,
): ConteudoMensagem | "tipo_ignorado" | "sem_conteudo" {
  let corpo = bruto;
  for (let i = 0; corpo !== null && i < MAX_INVOLUCROS; i++) {
    if (temAlgum(corpo, IGNORADOS)) return "tipo_ignorado";
    const chave: string | undefined = INVOLUCROS.find((k) => objeto(corpo?.[k]) !== null);
    if (chave === undefined) break;
    corpo = objeto(objeto(corpo[chave])?.message);
  }
  if (corpo === null || Object.keys(corpo).every((k) => SEM_CONTEUDO.has(k) || corpo?.[k] == null))
    return "sem_conteudo";

  const texto =
    cadeia(corpo.conversation) ??
    cadeia(objeto(corpo.extendedTextMessage)?.text) ??
    MIDIAS.map(([chave]) => cadeia(objeto(corpo?.[chave])?.caption)).find((t) => t !== null) ??
    null;
  const midia = MIDIAS.find(([chave]) => objeto(corpo?.[chave]) !== null)?.[1];
  const contexto = contextoDe(corpo) ?? contextoExterno;
  const replyTo = cadeia(contexto?.stanzaId);
  return {
    texto,
    tipo_midia: midia ?? (texto === null ? "outro" : "texto"),
    is_forwarded: contexto?.isForwarded === true || Number(contexto?.forwardingScore ?? 0) > 0,
    is_reply: replyTo !== null || objeto(contexto?.quotedMessage) !== null,
    reply_to_id: replyTo,
  };
}

function contextoDe(corpo: Corpo): Corpo | null {
  for (const chave of ["extendedTextMessage", ...MIDIAS.map(([k]) => k)]) {
    const contexto = objeto(objeto(corpo[chave])?.contextInfo);
    if (contexto !== null) return contexto;
  }
  return null;
}

function temAlgum(corpo: Corpo, chaves: readonly string[]): boolean {
  return chaves.some((k) => corpo[k] != null);
}

function objeto(valor: unknown): Corpo | null {
  return typeof valor === "object" && valor !== null && !Array.isArray(valor) ? (valor as Corpo) : null;
}

function cadeia(valor: unknown): string | null {
  return typeof valor === "string" && valor.trim() !== "" ? valor : null;
}
