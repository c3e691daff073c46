const TOPIC = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
export const MAX_TOPIC_LENGTH = 200;

export function isTopic(topic: unknown): topic is string {
  return typeof topic === "string" && topic.length <= MAX_TOPIC_LENGTH && TOPIC.test(topic);
}

/** Calls `wrong` with what a topic name must be, when this is none. */
export function checkTopic(topic: unknown, wrong: (why: string) => never): asserts topic is string {
  if (isTopic(topic)) return;
  wrong(
    `"${String(topic).slice(0, 60)}" não é um nome de tópico: minúsculas e algarismos, separados por ponto, - ou _, até 200`,
  );
}
