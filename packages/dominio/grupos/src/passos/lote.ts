import { exponential, retry } from "#core/retry";
import { errorMessage, isPermanent, type Logger, safeErrorText, TransientError } from "#core/runtime";
import type { Estatisticas } from "../estatisticas.ts";
import type { FalhaItem, FilaGrupos } from "../fila.ts";

/** O que todo lote de um ciclo tem à mão. */
export interface ContextoLote {
  fila: FilaGrupos;
  log: Logger;
  /** Abortado: não começar mais nada. */
  signal: AbortSignal;
  estatisticas: Estatisticas;
}

/**
 * Repete uma gravação de lote quando o banco some por instantes. É seguro: se a primeira chegou a ser gravada, os tokens já
 * não valem e a segunda não faz nada. Não olha o sinal do job: o que já foi feito deve ser gravado.
 */
export function gravar<T>(escrever: () => Promise<T>, log: Logger): Promise<T> {
  return retry(escrever, {
    policy: exponential(250, { maxMs: 4000 }),
    attempts: 8,
    maxTotalWaitMs: 15_000,
    retryable: (err) => err instanceof TransientError,
    onRetry: (err, attempt) => log.warn({ err, attempt }, "gravação de lote falhou; repetindo"),
  });
}

/** Uma linha por item que falhou; o texto da mensagem nunca entra. */
export async function falhar(
  falhas: readonly { item: { id: string; token: string; mensagem_id: string; estagio: string }; erro: unknown }[],
  { fila, log, estatisticas }: ContextoLote,
): Promise<void> {
  if (falhas.length === 0) return;
  const registros: FalhaItem[] = falhas.map(({ item, erro }) => ({
    id: item.id,
    token: item.token,
    erro: safeErrorText(errorMessage(erro)),
    definitivo: isPermanent(erro),
  }));
  const fins = await gravar(() => fila.falhar(registros), log);
  for (const { item, erro } of falhas) {
    const fim = fins[item.id];
    if (fim === "lease_perdido") estatisticas.perdido();
    else estatisticas.erro(item.estagio);
    log.warn(
      { item_id: item.id, mensagem_id: item.mensagem_id, estagio: item.estagio, motivo: fim, err: erro },
      "item falhou",
    );
  }
}
