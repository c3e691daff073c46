import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import { atClock } from "#core/tasks";
import { type Alerta, type CanalSlack, horaLocal, notificarAlertas } from "#dominio/alertas";
import { EstadoBloqueio } from "./respostas.ts";

export const TIPO_ALERTA = "enriquecimento_bloqueado";

export function estadoBloqueio(db: Db, fila: string, clock: Clock): Promise<EstadoBloqueio> {
  return db.json("estado_bloqueio_ofertas", { p_fila: fila, ...atClock(clock) }, EstadoBloqueio);
}

/**
 * Alerta `enriquecimento_bloqueado` uma vez por sequência de bloqueios, e o encerra quando uma página volta a ser lida. O que não pôde ser
 * entregue (Slack fora, fora da janela) sai numa rodada seguinte.
 */
export async function alertarBloqueio(
  fila: string,
  ctx: { db: Db; clock: Clock; log: Logger; slack: CanalSlack; signal: AbortSignal },
): Promise<EstadoBloqueio> {
  const { db, clock, slack, log, signal } = ctx;
  const estado = await estadoBloqueio(db, fila, clock);
  const novo = estado.bloqueada && !estado.alertada;
  await notificarAlertas(
    {
      grupo: "ofertas",
      agora: clock.now(),
      alertas: novo ? [alertaDe(fila, estado)] : [],
      // Avaliar sem achar encerra o alerta aberto: só quando a sequência acabou.
      tiposAvaliados: estado.bloqueada && !novo ? [] : [TIPO_ALERTA],
      signal,
    },
    { db, slack, log },
  );
  if (novo) await db.call("marcar_bloqueio_alertado", { p_fila: fila, ...atClock(clock) });
  return estado;
}

function alertaDe(fila: string, { seguidos, motivo, pausada_ate }: EstadoBloqueio): Alerta {
  const ate = pausada_ate === null ? "" : `, pausada até ${horaLocal(new Date(pausada_ate))}`;
  return {
    chave: TIPO_ALERTA,
    tipo: TIPO_ALERTA,
    severidade: "warning",
    titulo: "Enriquecimento de ofertas bloqueado pela loja",
    mensagem: `A loja recusou ${seguidos} leitura(s) seguida(s) (${motivo ?? "sem motivo"}); fila ${fila}${ate}`,
    valor: seguidos,
    acao_sugerida: "Aumente ENRICHMENT_REQUEST_DELAY_S ou espere; a fila volta sozinha",
  };
}
