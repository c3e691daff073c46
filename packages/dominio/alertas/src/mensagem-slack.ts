import { localFields } from "#core/runtime";
import type { Alerta, Severidade } from "./alerta.ts";

/** Payload of an incoming webhook with one attachment. */
export interface MensagemSlack {
  text: string;
  attachments: {
    color: string;
    title: string;
    fields: { title: string; value: string; short: boolean }[];
    footer: string;
    /** Epoch seconds. */
    ts: number;
  }[];
}

const COR: Readonly<Record<Severidade, string>> = {
  info: "#2196F3",
  warning: "#FF9800",
  error: "#F44336",
  critical: "#9C27B0",
};
const EMOJI: Readonly<Record<Severidade, string>> = {
  info: ":information_source:",
  warning: ":warning:",
  error: ":x:",
  critical: ":rotating_light:",
};

/** The message of one alert. Values come from data: Slack's markup in them is escaped. */
export function mensagemDoAlerta(alerta: Alerta, detectadoEm: Date): MensagemSlack {
  const campos = alerta.campos ?? camposPadrao(alerta);
  return {
    text: `${EMOJI[alerta.severidade]} ${escapar(alerta.texto ?? alerta.titulo)}`,
    attachments: [
      {
        color: COR[alerta.severidade],
        title: escapar(alerta.titulo),
        fields: campos.map((c) => ({ title: c.title, value: escapar(c.value), short: c.short ?? true })),
        footer: `Detectado às ${horaLocal(detectadoEm)} (BRT)`,
        ts: Math.floor(detectadoEm.getTime() / 1000),
      },
    ],
  };
}

/** `HH:MM` in São Paulo. */
export function horaLocal(instante: Date): string {
  const { hour, minute } = localFields(instante);
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

function camposPadrao(alerta: Alerta): { title: string; value: string; short?: boolean }[] {
  return [
    { title: "Descrição", value: alerta.mensagem, short: false },
    { title: "Severidade", value: alerta.severidade.toUpperCase() },
    { title: "Tipo", value: alerta.tipo },
    ...(alerta.alvo ? [{ title: "Alvo", value: alerta.alvo }] : []),
    ...(alerta.acao_sugerida ? [{ title: "Ação sugerida", value: alerta.acao_sugerida, short: false }] : []),
  ];
}

function escapar(texto: string): string {
  return texto.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
