import { z } from "zod";
import { type Db, rpc } from "#core/db";
import { instant } from "#core/executions";

const line = z.object({
  id: z.int(),
  em: instant,
  autor: z.string(),
  acao: z.string(),
  alvo: z.string(),
  motivo: z.string().nullable(),
  antes: z.record(z.string(), z.unknown()).nullable(),
  depois: z.record(z.string(), z.unknown()).nullable(),
});
/** What somebody did: a line of `auditoria_operacional`, which only grows. */
export type JournalLine = z.output<typeof line>;

/** What operators did, newest first, at most 200. `beforeId` continues a list. */
export function operatorJournal(
  db: Db,
  options: { target?: string | undefined; beforeId?: number | undefined; limit: number },
): Promise<JournalLine[]> {
  const args = { p_alvo: options.target ?? null, p_antes_de: options.beforeId ?? null, p_limite: options.limit };
  return rpc(db, "listar_auditoria_operacional", args, z.array(line));
}
