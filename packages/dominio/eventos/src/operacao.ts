import { PermanentError } from "#core/runtime";
import { type Broker, type BrokerAdmin, toMessage } from "#core/topics";

export interface Publicacao {
  payload: unknown;
  key?: string | undefined;
  dedupe_key?: string | undefined;
}

/** Publica à mão; responde o id da mensagem. */
export async function publicar(broker: Broker, topico: string, p: Publicacao): Promise<{ message_id: string }> {
  const mensagem = toMessage(topico, p.payload, {
    ...(p.key === undefined ? {} : { key: p.key }),
    ...(p.dedupe_key === undefined ? {} : { dedupeKey: p.dedupe_key }),
  });
  const [id] = await broker.publish([mensagem]);
  return { message_id: id as string };
}

/** As entregas mortas, as mais recentes primeiro. */
export async function listarMortas(broker: Broker, filtro: { worker?: string | undefined; limit: number }) {
  const mortas = await tabelas(broker).listDead(filtro);
  return {
    status: "ok" as const,
    total: mortas.length,
    mortas: mortas.map((m) => ({
      delivery_id: m.id,
      message_id: m.messageId,
      topic: m.topic,
      group_id: m.groupId,
      worker: m.worker,
      attempts: m.attempts,
      error: m.error,
      payload: m.payload,
      published_at: m.publishedAt.toISOString(),
      died_at: m.diedAt.toISOString(),
    })),
  };
}

/** Uma entrega morta volta ao seu grupo, e só a ele, como nova. */
export async function devolverMorta(broker: Broker, deliveryId: string) {
  if (await tabelas(broker).replay(deliveryId))
    return { status: "ok" as const, processados: 1, delivery_id: deliveryId };
  throw new PermanentError("nao_encontrado", `não há entrega morta ${deliveryId}`, { campo: "delivery_id" });
}

/** Um grupo pausado recebe as suas mensagens e não entrega nenhuma. */
export async function pausarGrupo(broker: Broker, topico: string, grupo: string, pausado: boolean) {
  if (await tabelas(broker).pause(topico, grupo, pausado)) return { status: "ok" as const, processados: 1, pausado };
  throw new PermanentError("nao_encontrado", `não há grupo ${grupo} no tópico ${topico}`, { campo: "group_id" });
}

/** Um grupo sem worker deixa de receber, e o que tinha por entregar se encerra. */
export async function removerGrupo(broker: Broker, topico: string, grupo: string) {
  const encerradas = await tabelas(broker).removeGroup(topico, grupo);
  if (encerradas !== null) return { status: "ok" as const, processados: encerradas, encerradas };
  throw new PermanentError("nao_encontrado", `não há grupo ${grupo} no tópico ${topico}`, { campo: "group_id" });
}

function tabelas({ admin }: Broker): BrokerAdmin {
  if (admin) return admin;
  throw new PermanentError("conflito", "o corretor em uso não tem tabelas; veja a DLQ no próprio cluster");
}
