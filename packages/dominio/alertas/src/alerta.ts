import { z } from "zod";

export const SEVERIDADES = ["info", "warning", "error", "critical"] as const;
export type Severidade = (typeof SEVERIDADES)[number];

/** Position in `SEVERIDADES`: comparing two says whether an alert got worse. */
export function gravidade(severidade: Severidade): number {
  return SEVERIDADES.indexOf(severidade);
}

export const campoSlack = z.object({ title: z.string(), value: z.string(), short: z.boolean().default(true) });

/**
 * What a rule found. `chave` is `tipo` or `tipo:alvo`: two slow operations, or two hospitals, do not hide each other. It holds no
 * phone, no message text and no document: it leaves the system.
 */
export const alerta = z.object({
  chave: z.string().min(1),
  tipo: z.string().min(1),
  severidade: z.enum(SEVERIDADES),
  titulo: z.string(),
  mensagem: z.string(),
  valor: z.number().nullish(),
  limiar: z.number().nullish(),
  alvo: z.string().nullish(),
  acao_sugerida: z.string().nullish(),
  /** Replaces the title line, e.g. `Pipeline Grupos: Pipeline parado`. */
  texto: z.string().nullish(),
  /** Replaces the standard fields of the message. */
  campos: z.array(campoSlack).nullish(),
  /** Sent at any hour, whatever its severity. */
  ignora_janela: z.boolean().nullish(),
  /** Sent even right after another of the same key; its caller decides how often. */
  ignora_espera: z.boolean().nullish(),
});
export type Alerta = z.input<typeof alerta>;
