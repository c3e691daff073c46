import { expect, test } from "vitest";
import { z } from "zod";
import type { Db } from "#core/db";
import { loadConfig, silentLogger, systemClock } from "#core/runtime";
import { brokerConfigShape, openBroker } from "./open-broker.ts";

const Config = z.object(brokerConfigShape);

test("the environment chooses the broker, and opening it reaches for nothing yet", async () => {
  const options = { db: {} as Db, clock: systemClock, log: silentLogger, owner: "t", leaseSeconds: 30 };
  const postgres = await openBroker(loadConfig(Config, {}), options);
  expect(postgres.admin).not.toBeNull();
  const kafka = await openBroker(loadConfig(Config, { BROKER: "kafka", KAFKA_BROKERS: "127.0.0.1:1" }), options);
  expect(kafka).toHaveProperty("join");
  await kafka.close();
});
