import { z } from "zod";
import type { Db } from "#core/db";
import type { Clock, Logger } from "#core/runtime";
import { type Broker, createPostgresBroker } from "#core/topics";

/** `host:port`, comma separated. A name, an IPv4 address, or an IPv6 address in brackets. */
const ADDRESS = /^(?:[\w.-]+|\[[0-9a-f:.]+\]):\d{1,5}$/i;
const addresses = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .refine(
    (list) =>
      list.length > 0 && list.every((a) => ADDRESS.test(a) && Number(a.slice(a.lastIndexOf(":") + 1)) <= 65_535),
    {
      error: "um endereço não tem a forma host:porta",
    },
  );

/** The environment that chooses where topics live; every app that publishes or works spreads it into its own. */
export const brokerConfigShape = {
  BROKER: z.enum(["postgres", "kafka"]).default("postgres").describe("postgres ou kafka: onde ficam os tópicos"),
  KAFKA_BROKERS: addresses.optional().describe("host:porta, separados por vírgula"),
  KAFKA_TLS: z.stringbool().default(false).describe("true ou false"),
  KAFKA_SASL_MECHANISM: z
    .enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    .optional()
    .describe("PLAIN, SCRAM-SHA-256 ou SCRAM-SHA-512"),
  KAFKA_SASL_USERNAME: z.string().optional().describe("usuário, com KAFKA_SASL_MECHANISM"),
  KAFKA_SASL_PASSWORD: z.string().optional().describe("senha, com KAFKA_SASL_MECHANISM"),
  KAFKA_PARTITIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(6)
    .describe("partições de um tópico novo, de 1 a 1000"),
};
export type BrokerConfig = z.output<z.ZodObject<typeof brokerConfigShape>>;

/** What one of these variables asks of another; for the app's own `superRefine`. */
export function checkBroker(c: Record<string, unknown>, ctx: z.RefinementCtx): void {
  const missing = (field: string, message: string) => ctx.addIssue({ code: "custom", path: [field], message });
  if (c.BROKER === "kafka" && c.KAFKA_BROKERS === undefined) missing("KAFKA_BROKERS", "obrigatória com BROKER=kafka");
  if (c.KAFKA_SASL_MECHANISM === undefined) return;
  for (const field of ["KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"]) {
    if (c[field] === undefined) missing(field, "obrigatória com KAFKA_SASL_MECHANISM");
  }
}

export interface OpenBrokerOptions {
  db: Db;
  clock: Clock;
  log: Logger;
  /** Name of this process, as tables and the cluster's tools show it. */
  owner: string;
  /** Lease of a claim, seconds. */
  leaseSeconds: number;
}

/** The broker that the environment chose. The Kafka client is loaded only where it is used. */
export async function openBroker(config: BrokerConfig, options: OpenBrokerOptions): Promise<Broker> {
  const { db, clock, log, owner, leaseSeconds } = options;
  const { KAFKA_BROKERS: brokers, KAFKA_SASL_MECHANISM: mechanism } = config;
  if (config.BROKER !== "kafka" || brokers === undefined) return createPostgresBroker({ db, owner, leaseSeconds });
  const { createKafkaBroker } = await import("./kafka-broker.ts");
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return createKafkaBroker({
    access: {
      clientId: owner,
      brokers,
      tls: config.KAFKA_TLS,
      partitions: config.KAFKA_PARTITIONS,
      ...(mechanism && username !== undefined && password !== undefined
        ? { sasl: { mechanism, username, password } }
        : {}),
    },
    clock,
    log,
    leaseSeconds,
  });
}
