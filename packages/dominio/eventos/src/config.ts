import { z } from "zod";
import { LEASE_SEGUNDOS } from "./deps.ts";

/** Espalhado na configuração dos processos que publicam ou trabalham. */
export const configEventos = {
  EVENTOS_LEASE_SEGUNDOS: z.coerce
    .number()
    .min(0.5)
    .max(300)
    .default(LEASE_SEGUNDOS)
    .describe("duração da reserva de uma entrega, de 0.5 a 300 s; em produção ao menos 10"),
  EVENTOS_EXEMPLOS: z.stringbool().default(false).describe("true ou false; registra os workers de exemplo"),
};
export type ConfigEventos = z.output<z.ZodObject<typeof configEventos>>;

const MENOR_LEASE_EM_PRODUCAO_S = 10;

/** O que é de teste não vai para produção: reservas de frações de segundo e workers de exemplo. */
export function conferirEventos(c: Record<string, unknown>, ctx: z.RefinementCtx): void {
  if (c.APP_ENV !== "production") return;
  const erro = (campo: string, message: string) => ctx.addIssue({ code: "custom", path: [campo], message });
  if (typeof c.EVENTOS_LEASE_SEGUNDOS === "number" && c.EVENTOS_LEASE_SEGUNDOS < MENOR_LEASE_EM_PRODUCAO_S) {
    erro("EVENTOS_LEASE_SEGUNDOS", "curta demais para produção");
  }
  if (c.EVENTOS_EXEMPLOS === true) erro("EVENTOS_EXEMPLOS", "os workers de exemplo não existem em produção");
}
