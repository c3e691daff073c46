import { localFields } from "#core/runtime";
import { gravidade, type Severidade } from "./alerta.ts";
import { type Entrega, quemSuprime } from "./clusters.ts";

/** What the database remembers of one alert when a run has to decide about it. */
export interface LinhaAlerta {
  chave: string;
  tipo: string;
  severidade: Severidade;
  estado: "novo" | "adiado" | "suprimido" | "enviado" | "falhou";
  /** Attempts of the notification under way; 0 after a delivery. */
  tentativas: number;
  ultima_tentativa_em: Date | null;
  ultima_deteccao_em: Date;
  /** Last confirmed delivery of this key, of this row or an earlier one. */
  notificado_em: Date | null;
  severidade_notificada: Severidade | null;
  ignora_janela: boolean;
  ignora_espera: boolean;
}

export type DecisaoAlerta =
  | { acao: "enviar"; tentativa: number }
  | { acao: "espera" }
  | { acao: "adiar" }
  | { acao: "suprimir"; por: string };

const ESPERA_MIN: Readonly<Record<Severidade, number>> = { info: 60, warning: 30, error: 30, critical: 45 };
const ESPERA_NEGOCIO_MIN = 60;
const ADIAMENTO_MAXIMO_MIN = 12 * 60;
const MAX_TENTATIVAS = 3;
const JANELA = { de: 8, ate: 20 };

/**
 * May this alert be sent now? (`domain/chips-alertas-relatorios.md` §6.2.) In order: cooldown since the last confirmed delivery of
 * its key, 08:00–20:00 BRT unless critical, at most three failed attempts in a row, what its cluster already said.
 *
 * Minutes are counted between the starts of two runs, truncated: a run that begins 2 s earlier within its minute does not stretch
 * a cooldown of 30 minutes to 45.
 */
export function decidirNotificacao(
  linha: LinhaAlerta,
  contexto: { grupo: string; agora: Date; ativo: boolean; entregues: readonly Entrega[] },
): DecisaoAlerta {
  const decorrido = (desde: Date) => minuto(contexto.agora) - minuto(desde);
  const espera = contexto.grupo === "negocio" ? ESPERA_NEGOCIO_MIN : ESPERA_MIN[linha.severidade];

  if (!contexto.ativo && linha.estado === "adiado" && decorrido(linha.ultima_deteccao_em) > ADIAMENTO_MAXIMO_MIN) {
    return { acao: "suprimir", por: "adiamento_expirado" };
  }
  if (emEspera(linha, espera, decorrido)) return { acao: "espera" };
  if (linha.severidade !== "critical" && !linha.ignora_janela && !dentroDaJanela(contexto.agora)) {
    return { acao: "adiar" };
  }
  if (linha.tentativas >= MAX_TENTATIVAS) {
    // An outage of Slack must not silence an alert for ever: a new round of attempts starts one cooldown later.
    const descansou = linha.ultima_tentativa_em === null || decorrido(linha.ultima_tentativa_em) >= espera;
    if (!descansou) return { acao: "espera" };
  }
  const por = quemSuprime(linha, contexto.entregues, decorrido);
  if (por !== null) return { acao: "suprimir", por };
  return { acao: "enviar", tentativa: linha.tentativas >= MAX_TENTATIVAS ? 1 : linha.tentativas + 1 };
}

function emEspera(linha: LinhaAlerta, esperaMin: number, decorrido: (desde: Date) => number): boolean {
  if (linha.ignora_espera || linha.notificado_em === null) return false;
  const piorou =
    linha.severidade_notificada !== null && gravidade(linha.severidade) > gravidade(linha.severidade_notificada);
  return !piorou && decorrido(linha.notificado_em) < esperaMin;
}

function dentroDaJanela(agora: Date): boolean {
  const { hour } = localFields(agora);
  return hour >= JANELA.de && hour < JANELA.ate;
}

function minuto(instante: Date): number {
  return Math.floor(instante.getTime() / 60_000);
}
