import nock from "nock";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { fixedClock, PermanentError, silentLogger, TransientError } from "#core/runtime";
import { createCircuitBreaker } from "./circuit-breaker.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createHttpClient, type HttpClientOptions } from "./http-client.ts";
import { closeLoopbacks, loopback, manualTimer } from "./testing/loopback.ts";
import { httpStatusOf } from "./upstream-error.ts";

const HOST = "http://upstream.test";

function setup(overrides: Partial<HttpClientOptions> = {}) {
  const clock = fixedClock("2026-03-02T13:00:00Z");
  const waits: number[] = [];
  const circuit = createCircuitBreaker({ name: "upstream", failures: 3, resetS: 60, maxResetS: 300, clock });
  const client = createHttpClient({
    name: "upstream",
    baseUrl: `${HOST}/`,
    headers: { apikey: "segredo" },
    timeoutMs: 30_000,
    circuit,
    clock,
    log: silentLogger,
    random: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
      clock.advanceMs(ms);
    },
    ...overrides,
  });
  return { clock, circuit, client, waits };
}

const failure = async (call: Promise<unknown>) =>
  call.then(
    () => Promise.reject(new Error("expected a failure")),
    (err: unknown) => err,
  );

describe("answers", () => {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });

  test("it sends base URL, path, query, headers and JSON, and answers the parsed body", async () => {
    nock(HOST, { reqheaders: { apikey: "segredo", "content-type": "application/json" } })
      .post("/v1/itens", { nome: "a" })
      .query({ pagina: "2" })
      .reply(201, { id: 7, outro: true });
    const { client } = setup();
    const answer = await client.request({
      method: "POST",
      path: "/v1/itens",
      query: { pagina: 2, vazio: undefined },
      json: { nome: "a" },
      schema: z.object({ id: z.int() }),
    });
    expect([answer.status, answer.data]).toEqual([201, { id: 7 }]);
  });

  test("without a schema the body is text", async () => {
    nock(HOST).get("/ok").reply(200, "ok");
    expect((await setup().client.request({ path: "ok" })).data).toBe("ok");
  });

  test("a body that is not JSON or has another shape is a transient unusable answer, without its content", async () => {
    const schema = z.object({ id: z.int() });
    for (const body of ["<html>manutenção</html>", '{"id":"11988887777"}', "", '{"id":']) {
      nock(HOST).get("/x").twice().reply(200, body);
      const err = await failure(setup().client.request({ path: "/x", schema }));
      expect(err).toBeInstanceOf(TransientError);
      expect(err).toMatchObject({ code: "resposta_externa_invalida", details: { http: 200 } });
      expect(String(err)).not.toContain("11988887777");
      nock.cleanAll();
    }
  });

  test("a body above the limit is cut off", async () => {
    nock(HOST).get("/x").twice().reply(200, "x".repeat(2000));
    const err = await failure(setup({ maxBodyBytes: 1000 }).client.request({ path: "/x" }));
    expect(err).toMatchObject({ code: "resposta_externa_invalida" });
  });

  test("a redirect is not followed", async () => {
    nock(HOST)
      .post("/x")
      .reply(301, "", { location: `${HOST}/y` });
    const err = await failure(setup().client.request({ method: "POST", path: "/x" }));
    expect(err).toBeInstanceOf(PermanentError);
    expect(httpStatusOf(err)).toBe(301);
  });
});

describe("errors, retries and the circuit", () => {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });

  test.each([
    [400, PermanentError, 0],
    [404, PermanentError, 0],
    [422, PermanentError, 0],
    [401, TransientError, 1],
    [403, TransientError, 1],
    [429, TransientError, 0],
    [500, TransientError, 1],
    [503, TransientError, 1],
  ])("status %i: kind of error and failures counted", async (status, kind, counted) => {
    nock(HOST).get("/x").reply(status, { error: "x" });
    const { client, circuit } = setup({ attempts: 1 });
    const err = await failure(client.request({ path: "/x" }));
    expect(err).toBeInstanceOf(kind);
    expect(httpStatusOf(err)).toBe(status);
    expect(circuit.snapshot().falhas_consecutivas).toBe(counted);
  });

  test("a GET is repeated after a 500 and waits what the policy says", async () => {
    nock(HOST).get("/x").reply(500).get("/x").reply(200, "ok");
    const { client, waits } = setup();
    expect((await client.request({ path: "/x" })).data).toBe("ok");
    expect(waits).toEqual([1000]);
  });

  test("a POST is not repeated after a 500: the first one may have been done", async () => {
    const scope = nock(HOST).post("/x").reply(500).post("/x").reply(200, "ok");
    await failure(setup().client.request({ method: "POST", path: "/x" }));
    expect(scope.pendingMocks()).toHaveLength(1);
  });

  test("a POST refused with 429 is repeated after its Retry-After", async () => {
    nock(HOST).post("/x").reply(429, "", { "retry-after": "7" }).post("/x").reply(200, "ok");
    const { client, waits } = setup();
    expect((await client.request({ method: "POST", path: "/x" })).data).toBe("ok");
    expect(waits).toEqual([7000]);
  });

  test("Retry-After as a date is understood, and one beyond the deadline is handed to the caller", async () => {
    nock(HOST).get("/x").reply(429, "", { "retry-after": "Mon, 02 Mar 2026 13:02:00 GMT" });
    const { client, waits } = setup();
    const err = await failure(client.request({ path: "/x" }));
    expect(err).toMatchObject({ retryAfterMs: 120_000 });
    expect(waits).toEqual([]);
  });

  test("three failures in a row open the circuit; the next call makes no request", async () => {
    const scope = nock(HOST).get("/x").times(4).reply(500);
    const { client, circuit } = setup({ attempts: 1 });
    for (let i = 0; i < 3; i++) await failure(client.request({ path: "/x" }));
    const err = await failure(client.request({ path: "/x" }));
    expect(err).toMatchObject({ code: "circuito_aberto" });
    expect(String(err)).toContain("circuit open: upstream");
    expect(scope.pendingMocks()).toHaveLength(1);
    expect(circuit.snapshot().ultimo_erro_tipo).toBe("HTTP 500");
  });

  test("a refused credential is not tried again in the same call", async () => {
    const scope = nock(HOST).get("/x").times(2).reply(401);
    await failure(setup().client.request({ path: "/x" }));
    expect(scope.pendingMocks()).toHaveLength(1);
  });
});

describe("on a real socket", () => {
  afterEach(closeLoopbacks);

  test("a hang ends at the deadline, counts as a failure and names no URL", async () => {
    const server = await loopback(() => {});
    const { timer, expire } = manualTimer();
    const { client, circuit } = setup({ baseUrl: `${server.url}/segredo`, attempts: 1, timer });
    const call = failure(client.request({ path: "/x" }));
    await server.arrived(1);
    expire();
    const err = await call;
    expect(err).toBeInstanceOf(TransientError);
    expect(err).toMatchObject({ code: "servico_externo", details: { motivo: "timeout" } });
    expect(String(err)).not.toContain("segredo");
    expect(circuit.snapshot()).toMatchObject({ falhas_consecutivas: 1, ultimo_erro_tipo: "timeout" });
  });

  test("a body that drips is cut at the deadline too", async () => {
    const server = await loopback((_req, res) => {
      res.writeHead(200, { "content-type": "application/json" });
      res.write('{"a":');
    });
    const { timer, expire } = manualTimer();
    const { client } = setup({ baseUrl: server.url, attempts: 1, timer });
    const call = failure(client.request({ path: "/x" }));
    await server.arrived(1);
    setImmediate(expire);
    expect(await call).toMatchObject({ details: { motivo: "timeout" } });
  });

  test("a connection reset is a transient failure, and a POST is not repeated after it", async () => {
    const server = await loopback((req) => req.socket.destroy());
    const { client, circuit } = setup({ baseUrl: server.url });
    const err = await failure(client.request({ method: "POST", path: "/x", json: {} }));
    expect(err).toBeInstanceOf(TransientError);
    expect(circuit.snapshot().falhas_consecutivas).toBe(1);
    expect(server.requests).toHaveLength(1);
  });

  test("a refused connection is repeated even for a POST: nothing was sent", async () => {
    const server = await loopback(() => {});
    await server.close();
    const { client, waits } = setup({ baseUrl: server.url });
    const err = await failure(client.request({ method: "POST", path: "/x" }));
    expect(err).toMatchObject({ details: { motivo: "ECONNREFUSED" } });
    expect(String(err)).toContain("Connection refused");
    expect(waits).toHaveLength(1);
  });

  test("the caller's abort ends the call with the caller's reason and says nothing about the upstream", async () => {
    const server = await loopback(() => {});
    const { client, circuit } = setup({ baseUrl: server.url });
    const controller = new AbortController();
    const call = failure(client.request({ path: "/x", signal: controller.signal }));
    await server.arrived(1);
    controller.abort(new Error("encerrando"));
    expect(await call).toMatchObject({ message: "encerrando" });
    expect(circuit.snapshot().falhas_consecutivas).toBe(0);
  });

  test("the global fetch accepts the undici dispatcher, keeps its sockets alive, and the timer is disarmed", async () => {
    const server = await loopback((_req, res) => void res.end("ok"));
    const dispatcher = createDispatcher({ connections: 1 });
    const { timer, armed } = manualTimer();
    const { client } = setup({ baseUrl: server.url, dispatcher, timer });
    for (let i = 0; i < 5; i++) expect((await client.request({ path: "/x" })).data).toBe("ok");
    await dispatcher.close();
    expect([server.requests.length, server.sockets(), armed()]).toEqual([5, 1, 0]);
  });

  test("nock sees calls made through a dispatcher", async () => {
    nock.disableNetConnect();
    nock(HOST).get("/x").reply(200, "mocked");
    const dispatcher = createDispatcher();
    try {
      expect((await setup({ dispatcher }).client.request({ path: "/x" })).data).toBe("mocked");
    } finally {
      nock.cleanAll();
      nock.enableNetConnect();
      await dispatcher.close();
    }
  });
});
