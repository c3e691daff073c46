import nock from "nock";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixedClock, silentLogger } from "#core/runtime";
import { createSlackClient } from "./slack-client.ts";

const HOST = "https://hooks.slack.test";
const PATH = "/services/T0/B0/segredo";

function setup(webhookUrl: string | undefined = `${HOST}${PATH}`) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const waits: number[] = [];
  const client = createSlackClient({
    webhookUrl,
    clock,
    log: silentLogger,
    sleep: async (ms) => {
      waits.push(ms);
      clock.advanceMs(ms);
    },
  });
  return { client, waits };
}

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

test("text and attachment are posted to the webhook", async () => {
  const message = {
    text: ":x: Pipeline Grupos: Fila de grupos com erros",
    attachments: [{ color: "#F44336", fields: [{ title: "Severidade", value: "ERROR", short: true }] }],
  };
  nock(HOST).post(PATH, message).reply(200, "ok");
  expect(await setup().client.enviar(message)).toEqual({ enviado: true });
});

test("without a webhook nothing is sent, and the answer says why", async () => {
  const client = createSlackClient({ webhookUrl: undefined, clock: fixedClock("2026-03-02"), log: silentLogger });
  expect(await client.enviar({ text: "x" })).toEqual({ enviado: false, motivo: "slack_nao_configurado" });
});

test("a passing fault is tried once more, after Retry-After when there is one", async () => {
  nock(HOST).post(PATH).reply(429, "", { "retry-after": "3" }).post(PATH).reply(200, "ok");
  const { client, waits } = setup();
  expect(await client.enviar({ text: "x" })).toEqual({ enviado: true });
  expect(waits).toEqual([3000]);
});

test("two failures in a row are an error that does not name the webhook", async () => {
  nock(HOST).post(PATH).twice().reply(500, "erro");
  const err = await setup()
    .client.enviar({ text: "x" })
    .catch((e: unknown) => e);
  expect(err).toMatchObject({ code: "servico_externo", details: { http: 500 } });
  expect(String(err)).not.toContain("segredo");
});

test("a message Slack refuses is not repeated", async () => {
  const scope = nock(HOST).post(PATH).twice().reply(400, "invalid_payload");
  await expect(setup().client.enviar({ text: "x" })).rejects.toMatchObject({ details: { http: 400 } });
  expect(scope.pendingMocks()).toHaveLength(1);
});

test("200 without `ok` is not a delivery", async () => {
  nock(HOST).post(PATH).reply(200, "<html>login</html>");
  await expect(setup().client.enviar({ text: "x" })).rejects.toMatchObject({ code: "resposta_externa_invalida" });
});
