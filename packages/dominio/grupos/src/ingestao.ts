import { z } from "zod";
import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import { interpretarWebhook } from "./webhook.ts";

const Ingestao = z.object({
  novas: z.int(),
  duplicadas: z.int(),
  enfileiradas: z.int(),
  ignoradas: z.record(z.string(), z.int()),
  grupos_sem_nome: z.array(z.object({ jid: z.string(), instance_name: z.string().nullable() })),
});

export interface RespostaWebhook {
  status: "ok";
  /** Mensagens de grupo no corpo. */
  recebidas: number;
  novas: number;
  duplicadas: number;
  enfileiradas: number;
  /** Guardadas sem ir para a fila, mais o que não é mensagem de grupo. */
  ignoradas: number;
}

/** Nome de um grupo no provedor; null se ele não sabe. */
export type BuscaNomeGrupo = (jid: string, instancia: string | null) => Promise<string | null>;

export interface DepsIngestao {
  db: Db;
  clock: Clock;
  log: Logger;
  maxTentativas: number;
  /** Sem provedor configurado: o nome vem numa mensagem futura, ou nunca. */
  buscarNomeGrupo: BuscaNomeGrupo | null;
}

/**
 * Um webhook da Evolution vira mensagens, itens de fila e contadores, numa transação (E02). Repetir é inofensivo. O nome que
 * falta a um grupo é buscado depois, sem prender a resposta: uma falha ali só deixa o grupo sem nome.
 */
export async function ingerirWebhook(corpo: unknown, deps: DepsIngestao): Promise<RespostaWebhook> {
  const agora = deps.clock.now();
  const { mensagens, ignoradas } = interpretarWebhook(corpo, agora);
  if (mensagens.length === 0) {
    return { status: "ok", recebidas: 0, novas: 0, duplicadas: 0, enfileiradas: 0, ignoradas: ignoradas.length };
  }
  const r = await deps.db.json(
    "fn_grupos_ingerir",
    { p_mensagens: mensagens as never, p_max_tentativas: deps.maxTentativas, p_agora: agora.toISOString() },
    Ingestao,
  );
  if (deps.buscarNomeGrupo && r.grupos_sem_nome.length > 0) void nomearGrupos(r.grupos_sem_nome, deps);
  return {
    status: "ok",
    recebidas: mensagens.length,
    novas: r.novas,
    duplicadas: r.duplicadas,
    enfileiradas: r.enfileiradas,
    ignoradas: ignoradas.length + Object.values(r.ignoradas).reduce((a, b) => a + b, 0),
  };
}

async function nomearGrupos(grupos: z.infer<typeof Ingestao>["grupos_sem_nome"], deps: DepsIngestao): Promise<void> {
  for (const { jid, instance_name } of grupos) {
    try {
      const nome = await deps.buscarNomeGrupo?.(jid, instance_name);
      if (nome) await deps.db.call("fn_grupos_nomear", { p_jid: jid, p_nome: nome });
    } catch (err) {
      deps.log.warn({ err }, "nome do grupo não encontrado no provedor");
    }
  }
}
