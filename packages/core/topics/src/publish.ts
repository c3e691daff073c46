import { PermanentError } from "#core/runtime";
import type { Broker, OutgoingMessage } from "./broker.ts";
import { type Jsonable, toJson } from "./json.ts";
import { checkTopic } from "./topic-name.ts";
import type { PublishOptions } from "./worker.ts";

const MAX_KEY_LENGTH = 500;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A message as the broker takes it. Throws PermanentError `parametro_invalido`, naming the field, for what is none. */
export function toMessage(topic: string, payload: unknown, options: PublishOptions = {}): OutgoingMessage {
  const { key, headers, dedupeKey, delaySeconds, correlationId } = options;
  checkTopic(topic, (why) => refuse("topic", why));
  for (const [campo, text] of [
    ["key", key],
    ["dedupeKey", dedupeKey],
  ] as const) {
    const sound = text === undefined || (text.length > 0 && text.length <= MAX_KEY_LENGTH && !text.includes("\0"));
    if (!sound) refuse(campo, `deve ter de 1 a ${MAX_KEY_LENGTH} caracteres`);
  }
  if (delaySeconds !== undefined && !(delaySeconds >= 0 && delaySeconds <= 365 * 86_400)) {
    refuse("delaySeconds", "deve ser de 0 a um ano, em segundos");
  }
  if (correlationId !== undefined && !UUID.test(correlationId)) refuse("correlationId", "deve ser um UUID");
  return {
    topic,
    payload: toJson(payload),
    ...(key === undefined ? {} : { key: key.toWellFormed() }),
    ...(headers === undefined ? {} : { headers: toJson(headers, "headers") as Record<string, string> }),
    ...(dedupeKey === undefined ? {} : { dedupeKey: dedupeKey.toWellFormed() }),
    ...(delaySeconds === undefined ? {} : { delayMs: delaySeconds * 1000 }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}

/** Publishes one message; answers its id. To publish with rows of one's own, call `publish_messages` in that SQL function. */
export async function publish(
  broker: Broker,
  topic: string,
  payload: Jsonable,
  options?: PublishOptions,
): Promise<string> {
  const [id] = await broker.publish([toMessage(topic, payload, options)]);
  return id as string;
}

function refuse(campo: string, why: string): never {
  throw new PermanentError("parametro_invalido", `${campo} ${why}`, { campo });
}
