import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, loadConfig } from "#core/runtime";
import { brokerConfigShape, checkBroker } from "./open-broker.ts";

const Config = z.object(brokerConfigShape).superRefine(checkBroker, { when: () => true });
const problems = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(Config, env);
    return [];
  } catch (err) {
    if (err instanceof ConfigError) return err.problems;
    throw err;
  }
};

test("without a word about it topics live in PostgreSQL", () => {
  expect(loadConfig(Config, {})).toMatchObject({ BROKER: "postgres", KAFKA_PARTITIONS: 6, KAFKA_TLS: false });
});

test("addresses are read one by one, spaces and a last comma allowed", () => {
  const env = { BROKER: "kafka", KAFKA_BROKERS: "a.example:9092, 10.0.0.1:9093,[::1]:9094," };
  expect(loadConfig(Config, env).KAFKA_BROKERS).toEqual(["a.example:9092", "10.0.0.1:9093", "[::1]:9094"]);
});

test("each mistake names its variable and says what would be right", () => {
  expect(problems({ BROKER: "rabbit" })).toEqual([expect.stringMatching(/^BROKER: .*postgres ou kafka/)]);
  expect(problems({ BROKER: "kafka" })).toEqual([
    expect.stringMatching(/^KAFKA_BROKERS: obrigatória com BROKER=kafka/),
  ]);
  for (const wrong of ["a", "a:", ":1", "a:1,b", "kafka://a:1", "a:70000", ","]) {
    expect(problems({ BROKER: "kafka", KAFKA_BROKERS: wrong })).toContainEqual(
      expect.stringMatching(/^KAFKA_BROKERS: .*host:porta/),
    );
  }
  const sasl = { BROKER: "kafka", KAFKA_BROKERS: "a:1", KAFKA_SASL_MECHANISM: "PLAIN" };
  expect(problems(sasl)).toEqual([
    expect.stringMatching(/^KAFKA_SASL_USERNAME: obrigatória/),
    expect.stringMatching(/^KAFKA_SASL_PASSWORD: obrigatória/),
  ]);
  expect(problems({ ...sasl, KAFKA_SASL_USERNAME: "u", KAFKA_SASL_PASSWORD: "p" })).toEqual([]);
});
