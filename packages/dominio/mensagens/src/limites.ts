import { z } from "zod";
import type { Db } from "#core/db";
import { AppError } from "#core/runtime";
import type { ConfigMensagens } from "./config.ts";

/** Um limite a reservar. A ordem de uma lista é a de conferência: o primeiro que não deixa é o motivo. */
export interface LimiteEnvio {
  /** Vira o motivo de uma recusa: `limite_hora`, `limite_dia`, `limite_cliente_hora`, `limite_tipo_hora`. */
  escopo: string;
  /** De quem é o contador, quando não é de todos: o cliente, o tipo. */
  chave?: string;
  /** Janelas do relógio de São Paulo. */
  periodo: "hora" | "dia";
  limite: number;
  quantidade?: number;
}

const instante = z.string().transform((t) => new Date(t));
const reserva = z.object({
  itens: z.array(z.object({ escopo: z.string(), chave: z.string(), janela: z.string(), quantidade: z.int() })),
  telefone: z.string().nullable(),
  em: z.string(),
  anterior: z.string().nullable(),
});
/** O que se devolve se a mensagem não for enviada. */
export type ReservaEnvio = z.output<typeof reserva>;

const resposta = z.discriminatedUnion("permitido", [
  z.object({ permitido: z.literal(true), reserva }),
  z.object({ permitido: z.literal(false), recusado: z.string(), libera_em: instante }),
]);

export type RespostaReserva =
  | { permitido: true; reserva: ReservaEnvio }
  /** `liberaEm`: quando a janela ou o intervalo termina; null quando não se sabe. */
  | { permitido: false; motivo: string; liberaEm: Date | null };

/** Os dois limites de tudo o que é proativo, somando todos. */
export function limitesGlobais(config: Pick<ConfigMensagens, "MAX_MSGS_POR_HORA" | "MAX_MSGS_POR_DIA">): LimiteEnvio[] {
  return [
    { escopo: "limite_hora", periodo: "hora", limite: config.MAX_MSGS_POR_HORA },
    { escopo: "limite_dia", periodo: "dia", limite: config.MAX_MSGS_POR_DIA },
  ];
}

/**
 * Reserva todos os limites ou nenhum, numa ida. Se os contadores não podem ser lidos a resposta é não (`limites_indisponiveis`):
 * sem contador, um envio a mais é um número bloqueado. Um pedido malformado lança: é erro de quem chama.
 *
 * @param telefone com ele, também o intervalo mínimo desde o último envio a esse telefone (`limite_intervalo`).
 */
export async function reservarLimites(
  db: Db,
  limites: readonly LimiteEnvio[],
  agora: Date,
  telefone?: { numero: string; intervaloS: number },
): Promise<RespostaReserva> {
  try {
    const args = {
      p_limites: limites as never,
      p_agora: agora.toISOString(),
      ...(telefone ? { p_telefone: telefone.numero, p_intervalo_s: telefone.intervaloS } : {}),
    };
    const r = await db.json("reservar_limites_envio", args, resposta);
    if (r.permitido) return r;
    const motivo = r.recusado === "telefone" ? "limite_intervalo" : r.recusado;
    return { permitido: false, motivo, liberaEm: r.libera_em };
  } catch (err) {
    if (err instanceof AppError && err.code === "parametro_invalido") throw err;
    return { permitido: false, motivo: "limites_indisponiveis", liberaEm: null };
  }
}

/** Da mensagem que não foi enviada. Lança se não pôde: a reserva então vence com a sua janela. */
export async function devolverLimites(db: Db, r: ReservaEnvio): Promise<void> {
  await db.call("devolver_limites_envio", { p_reserva: r as never });
}

const janela = z.object({ usado: z.int(), janela: z.string(), termina_em: instante });
const lidos = z.object({ hora: janela, dia: janela });

/** Quanto dos limites globais já se usou na hora e no dia em curso. Lança se os contadores não podem ser lidos. */
export function lerLimites(db: Db, agora: Date, opcoes: { timeoutMs?: number } = {}): Promise<z.output<typeof lidos>> {
  return db.json("ler_limites_envio", { p_agora: agora.toISOString() }, lidos, opcoes);
}
